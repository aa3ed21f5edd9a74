/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What image.c is made of: the container (bzimage.c), the relocation lists (relocs.c), the symbol
 * table (kallsyms.c). Each takes bytes and gives facts; none trusts an offset that it has not
 * checked.
 */
#ifndef KFAIL_WORLD_IMAGE_H
#define KFAIL_WORLD_IMAGE_H

#include "file.h"
#include "kernel.h"

/* The kernel half of the address space that images are linked into: the top 2 GiB. */
#define KERNEL_LINK_START 0xffffffff80000000ULL

/* Is it an x86 boot image ("HdrS" in the right place)? */
bool bzimage_detect(const uint8_t *data, size_t size);
/* The version in the setup header, which needs no unpacking: "6.1.0-56-amd64". */
bool bzimage_version(const uint8_t *data, size_t size, char *version, size_t max);
/* Unpack the payload: the vmlinux ELF and what is appended to it. */
int bzimage_unpack(const char *path, const struct blob *file, struct blob *out, char *err);

/* A view of a section header table that was checked to lie within the file. */
struct elf_view {
	const uint8_t *data;
	size_t size; /* of all bytes that sections may use */
	Elf64_Ehdr header;
	unsigned section_count;
	const char *names; /* section names, NUL-terminated as a whole; NULL: none */
	size_t names_size;
};

/*
 * Check the ELF header and the section headers: every section that has bytes has them inside of the
 * file, every name is a string. 0 or -1 (err; `path` begins the sentence).
 */
int elf_view_open(const char *path, const uint8_t *data, size_t size, struct elf_view *view,
		  char *err);
/* Section header i < section_count, and its name (never NULL). */
Elf64_Shdr elf_section(const struct elf_view *view, unsigned i);
const char *elf_section_name(const struct elf_view *view, const Elf64_Shdr *section);
/* The index of a section by name; 0: there is none. */
unsigned elf_find_section(const struct elf_view *view, const char *name);
/* The string at `offset` of string table section `table`; NULL when it is not inside, or has no
 * end. */
const char *elf_string(const struct elf_view *view, const Elf64_Shdr *table, uint64_t offset);

/* The three lists, from what follows the ELF file, or from its .rela sections. 0 or -1. */
int relocs_from_trailer(const char *path, const uint8_t *trailer, size_t size,
			struct kernel_image *image, char *err);
int relocs_from_elf(const char *path, const struct elf_view *view, struct kernel_image *image,
		    char *err);

/* All symbols, from .rodata. image->symbols.start and end are set already. 0 or -1. */
int kallsyms_read(const char *path, const struct elf_view *view, struct kernel_image *image,
		  char *err);

#endif
