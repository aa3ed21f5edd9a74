/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up kernel image: real ELF headers, real relocation lists, a real kallsyms table of each
 * layout that there has been, a banner, and no code. 100 KiB instead of 60 MiB, and as wrong as a
 * test wants it.
 */
#ifndef TESTS_WORLD_FAKE_H
#define TESTS_WORLD_FAKE_H

#include "suites.h"

enum fake_layout {
	FAKE_6_1, /* offsets, base, number, names, markers, tokens */
	FAKE_6_2, /* the same with the order by name before the tokens */
	FAKE_6_4, /* number, names, markers, tokens, offsets, base, order by name */
};

#define FAKE_TEXT    0xffffffff81000000ULL
#define FAKE_RODATA  0xffffffff82000000ULL
#define FAKE_SYMBOLS 1500
#define FAKE_VERSION "7.7.0-fake"

struct fake {
	enum fake_layout layout;
	bool plain_offsets; /* without CONFIG_KALLSYMS_ABSOLUTE_PERCPU */
	bool two_lists;	    /* relocations as since 6.15 */
	bool no_relocs;
	bool no_symbols;
	bool no_banner;
	bool rela; /* a vmlinux: .rela sections instead of lists */
};

/* The ELF file and what follows it. */
struct blob fake_kernel(const struct fake *fake);
/* Compressed, and put behind a setup header. */
struct blob fake_boot_image(const struct blob *kernel, enum compression compression);
struct blob fake_compress(const struct blob *plain, enum compression compression);

/* Symbol i, as the table should give it. */
uint64_t fake_symbol_address(const struct fake *fake, unsigned i);
void fake_symbol_name(unsigned i, char name[64]);
/* How many of each kind of relocation there are. */
#define FAKE_RELOC32	     5
#define FAKE_RELOC_INVERSE32 3
#define FAKE_RELOC64	     7

#endif
