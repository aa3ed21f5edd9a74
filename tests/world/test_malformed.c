// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules that are wrong in every way that can be made: cut at each section's start and end, every
 * field of every header set to extreme values, bytes flipped. Expect: never a crash (the sanitizers
 * see to that), and where the damage has a name, the sentence with that name.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"
#include "sample_module.h"

static const struct sample sample = {.name = "victim",
				     .depends = "a",
				     .exports = "victim_open",
				     .imports = "printk",
				     .info = "parm=p:q\\0"};

/* The good module: the sample, or one of the real kernel. */
static bool load_victim(struct blob *b)
{
	char err[KF_ERR];

	return sample_module("malformed/victim.ko", &sample) &&
	       !kf_read_file(scratch("malformed/victim.ko"), b, err);
}

static bool load_real(struct blob *b)
{
	char *path;
	bool good;

	if (!real_kernel() || !real_kernel()->modules) {
		skip("no modules at hand");
		return false;
	}
	path = kf_format("%s/kernel/drivers/media/mc/mc.ko", real_kernel()->modules);
	good = !kf_read_file(path, b, NULL);
	free(path);
	if (!good)
		skip("no mc.ko at hand");
	return good;
}

/* Open a copy of just that size, so that reading behind its end is seen. */
static int open_copy(const uint8_t *data, size_t size, char *err)
{
	uint8_t *copy = kf_array(NULL, size, 1);
	struct modfile m;
	int ret;

	memcpy(copy, data, size);
	*err = '\0';
	ret = modfile_from_bytes("bad.ko", copy, size, &m, err);
	if (!ret)
		modfile_close(&m);
	return ret;
}

static void expect_failure(const uint8_t *data, size_t size, const char *text)
{
	char err[KF_ERR];

	CU_ASSERT_EQUAL(open_copy(data, size, err), -1);
	ASSERT_SAYS(err, text);
	ASSERT_SAYS(err, "bad.ko");
}

/* ---- cut ---- */

static void cut(const struct blob *b)
{
	Elf64_Ehdr h;
	Elf64_Shdr s;
	unsigned i;

	memcpy(&h, b->data, sizeof(h));
	for (i = 1; i < h.e_shnum; i++) {
		memcpy(&s, b->data + h.e_shoff + i * sizeof(s), sizeof(s));
		expect_failure(b->data, s.sh_offset, "");
		if (s.sh_type != SHT_NOBITS && s.sh_size)
			expect_failure(b->data, s.sh_offset + s.sh_size - 1, "");
	}
	for (i = 0; i <= h.e_shnum; i++)
		expect_failure(b->data, h.e_shoff + i * sizeof(s) - 1, "truncated: ");
	for (i = 1; i < sizeof(h); i++)
		expect_failure(b->data, i,
			       i < SELFMAG ? "not an ELF file"
					   : "truncated: the ELF header needs 64");
}

static void cut_everywhere(void)
{
	struct blob b;

	if (!load_victim(&b))
		return;
	cut(&b);
	free(b.data);
}

static void cut_real(void)
{
	struct blob b;

	if (!load_real(&b))
		return;
	cut(&b);
	free(b.data);
}

/* ---- fields ---- */

static const uint64_t extremes[] = {
	0, 1, 7, 0x7f, 0xffff, 0x7fffffff, 0xffffffff, 0x7fffffffffffffff, UINT64_MAX};

static void set_field(uint8_t *p, unsigned size, uint64_t value)
{
	memcpy(p, &value, size);
}

/* Every field of `size` bytes in [from, to) to every extreme value, one at a time. */
static unsigned extreme_fields(const struct blob *b, size_t from, size_t to, unsigned size)
{
	uint8_t saved[8];
	char err[KF_ERR];
	unsigned refused = 0;
	size_t at, i;

	for (at = from; at + size <= to; at += size) {
		memcpy(saved, b->data + at, size);
		for (i = 0; i < sizeof(extremes) / sizeof(*extremes); i++) {
			set_field(b->data + at, size, extremes[i]);
			if (open_copy(b->data, b->size, err))
				refused += says(err, "bad.ko");
		}
		memcpy(b->data + at, saved, size);
	}
	return refused;
}

static void fields_of_headers(void)
{
	struct blob b;
	Elf64_Ehdr h;
	size_t end;

	if (!load_victim(&b))
		return;
	memcpy(&h, b.data, sizeof(h));
	end = h.e_shoff + h.e_shnum * sizeof(Elf64_Shdr);
	CU_ASSERT(extreme_fields(&b, 0, sizeof(h), 2) > 20);
	CU_ASSERT(extreme_fields(&b, 0, sizeof(h), 8) > 10);
	CU_ASSERT(extreme_fields(&b, h.e_shoff, end, 4) > 100);
	CU_ASSERT(extreme_fields(&b, h.e_shoff, end, 8) > 100);
	free(b.data);
}

/* Symbols and relocations, of which every field is an index or an offset. */
static void fields_of_tables(void)
{
	struct blob b;
	Elf64_Ehdr h;
	Elf64_Shdr s;
	unsigned i;

	if (!load_victim(&b))
		return;
	memcpy(&h, b.data, sizeof(h));
	for (i = 1; i < h.e_shnum; i++) {
		memcpy(&s, b.data + h.e_shoff + i * sizeof(s), sizeof(s));
		if (s.sh_type != SHT_SYMTAB && s.sh_type != SHT_RELA)
			continue;
		CU_ASSERT(extreme_fields(&b, s.sh_offset, s.sh_offset + s.sh_size, 4) > 5);
		extreme_fields(&b, s.sh_offset, s.sh_offset + s.sh_size, 2);
	}
	free(b.data);
}

/* ---- bytes ---- */

static void flipped_bytes(void)
{
	struct blob b;
	char err[KF_ERR];
	size_t at;
	int bit;

	if (!load_victim(&b))
		return;
	for (at = 0; at < b.size; at++) {
		for (bit = 0; bit < 8; bit += 1 + at % 3) {
			b.data[at] ^= (uint8_t)(1 << bit);
			open_copy(b.data, b.size, err);
			b.data[at] ^= (uint8_t)(1 << bit);
		}
	}
	free(b.data);
}

/* Many wrong bytes at once, in the second half more and more. */
static void noise(void)
{
	struct blob b, copy;
	char err[KF_ERR];
	uint32_t x = 1;
	unsigned i, k;

	if (!load_victim(&b))
		return;
	copy.data = kf_array(NULL, b.size, 1);
	for (i = 0; i < 2000; i++) {
		memcpy(copy.data, b.data, b.size);
		for (k = 0; k < 1 + i / 100; k++) {
			x = x * 1103515245 + 12345;
			copy.data[64 + (x >> 8) % (b.size - 64)] = (uint8_t)(x >> 3);
		}
		open_copy(copy.data, b.size, err);
	}
	free(copy.data);
	free(b.data);
}

/* ---- damage that has a name ---- */

static Elf64_Shdr section_of(const struct blob *b, const char *name, size_t *header_at)
{
	struct elf_header {
		Elf64_Ehdr h;
	} e;
	Elf64_Shdr s, names;
	unsigned i;

	memcpy(&e, b->data, sizeof(e));
	memcpy(&names, b->data + e.h.e_shoff + e.h.e_shstrndx * sizeof(s), sizeof(s));
	for (i = 1; i < e.h.e_shnum; i++) {
		*header_at = e.h.e_shoff + i * sizeof(s);
		memcpy(&s, b->data + *header_at, sizeof(s));
		if (!strcmp((char *)b->data + names.sh_offset + s.sh_name, name))
			return s;
	}
	CU_FAIL_FATAL("no such section");
	return s;
}

/* A field of a section's header gets another value. */
static void expect_section(const char *name, size_t field, unsigned size, uint64_t value,
			   const char *text)
{
	struct blob b;
	size_t at;

	if (!load_victim(&b))
		return;
	section_of(&b, name, &at);
	set_field(b.data + at + field, size, value);
	expect_failure(b.data, b.size, text);
	free(b.data);
}

#define SHDR(field) offsetof(Elf64_Shdr, field), sizeof(((Elf64_Shdr *)0)->field)

static void named_sections(void)
{
	expect_section(".text", SHDR(sh_size), 1 << 24,
		       "truncated: section .text needs 16777216 bytes at offset");
	expect_section(".text", SHDR(sh_offset), UINT64_MAX, "truncated: section .text needs");
	expect_section(".text", SHDR(sh_name), 1 << 20, "has no name inside of the name table");
	expect_section(".text", SHDR(sh_addralign), 24, "section .text is aligned to 24 bytes");
	expect_section(".modinfo", SHDR(sh_type), SHT_NOBITS, "no .modinfo section");
	expect_section(".modinfo", SHDR(sh_size), 20, ".modinfo does not end with a NUL");
	expect_section(".gnu.linkonce.this_module", SHDR(sh_size), 8,
		       "no .gnu.linkonce.this_module section");
	expect_section(".symtab", SHDR(sh_type), SHT_PROGBITS, "has no symbol table (stripped?)");
	expect_section(".rela.text", SHDR(sh_type), SHT_REL, "are not of x86-64's kind");
	expect_section(".symtab", SHDR(sh_link), 99,
		       "the header of its symbol table makes no sense");
	expect_section(".symtab", SHDR(sh_entsize), 16,
		       "the header of its symbol table makes no sense");
	expect_section(".strtab", SHDR(sh_size), 4, "has no name inside of the string table");
	expect_section(".strtab", SHDR(sh_type), SHT_SYMTAB, "two symbol tables");
	expect_section(".shstrtab", SHDR(sh_size), 0, "the section names need 0 bytes");
	expect_section(".rela.text", SHDR(sh_info), 99,
		       "section .rela.text relocates a section that does not exist");
	expect_section(".rela.text", SHDR(sh_link), 99,
		       "section .rela.text relocates a section that does not exist");
}

/* A field of the first entry of a table. */
static void expect_entry(const char *name, size_t at, unsigned size, uint64_t value,
			 const char *text)
{
	struct blob b;
	Elf64_Shdr s;
	size_t header;

	if (!load_victim(&b))
		return;
	s = section_of(&b, name, &header);
	set_field(b.data + s.sh_offset + at, size, value);
	expect_failure(b.data, b.size, text);
	free(b.data);
}

static void named_entries(void)
{
	size_t second = sizeof(Elf64_Sym);

	expect_entry(".rela.text", offsetof(Elf64_Rela, r_offset), 8, 1 << 20,
		     "relocation 0 of section .text is at offset 1048576, and the section has");
	expect_entry(".rela.text", offsetof(Elf64_Rela, r_info) + 4, 4, 5000,
		     "relocation 0 of section .text names symbol 5000 of");
	expect_entry(".symtab", second + offsetof(Elf64_Sym, st_name), 4, 1 << 20,
		     "symbol 1 has no name inside of the string table");
	expect_entry(".symtab", second + offsetof(Elf64_Sym, st_shndx), 2, 400,
		     "is in section 400, which does not");
	expect_entry(".symtab", second + offsetof(Elf64_Sym, st_shndx), 2, SHN_COMMON, "is common");
}

static void expect_header(size_t at, unsigned size, uint64_t value, const char *text)
{
	struct blob b;

	if (!load_victim(&b))
		return;
	set_field(b.data + at, size, value);
	expect_failure(b.data, b.size, text);
	free(b.data);
}

#define EHDR(field) offsetof(Elf64_Ehdr, field), sizeof(((Elf64_Ehdr *)0)->field)

static void named_headers(void)
{
	expect_header(EHDR(e_machine), EM_AARCH64, "built for AArch64; kfail judges x86-64 only");
	expect_header(EHDR(e_machine), EM_386, "built for 32-bit x86");
	expect_header(EI_CLASS, 1, ELFCLASS32, "32 bits wide");
	expect_header(EI_DATA, 1, ELFDATA2MSB, "not a 64-bit little-endian ELF file");
	expect_header(EHDR(e_type), ET_DYN,
		      "not a kernel module but a program or a shared library");
	expect_header(EHDR(e_type), ET_CORE, "not a kernel module but another kind of ELF file");
	expect_header(EHDR(e_shnum), 0, "no section headers");
	expect_header(EHDR(e_shstrndx), 500, "section 500, said to hold the section names");
	expect_header(EHDR(e_shoff), UINT64_MAX - 64, "truncated: ");
	expect_failure((const uint8_t *)"", 0, "the file is empty");
	expect_failure((const uint8_t *)"#!/bin/sh\n", 10, "not an ELF file");
}

/* Without vermagic nothing says which kernel it is for. */
static void no_vermagic(void)
{
	struct blob b;
	uint8_t *p;

	if (!load_victim(&b))
		return;
	p = memmem(b.data, b.size, "vermagic=", 9);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	p[0] = 'V';
	expect_failure(b.data, b.size, "does not say which kernel it was built for");
	free(b.data);
}

CU_TestInfo malformed_tests[] = {
	{"cut everywhere", cut_everywhere},
	{"a real module cut everywhere", cut_real},
	{"fields of headers", fields_of_headers},
	{"fields of symbols and relocations", fields_of_tables},
	{"flipped bytes", flipped_bytes},
	{"noise", noise},
	{"sections, by name", named_sections},
	{"entries, by name", named_entries},
	{"headers, by name", named_headers},
	{"no vermagic", no_vermagic},
	CU_TEST_INFO_NULL,
};
