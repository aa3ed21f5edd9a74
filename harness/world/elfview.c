// SPDX-License-Identifier: GPL-2.0-only
/*
 * ELF files that nobody vouches for: one check at the door, plain reading afterwards.
 *
 * elf_view_open() walks the section headers once. When it succeeds, every section that has bytes
 * has them inside of the file, the table of section names ends with a NUL, and each name begins
 * inside of it. What sections contain (strings, symbols, relocations) is still only bytes: readers
 * check indexes and offsets where they use them, and take strings through elf_string().
 *
 * Deliberately not libelf: it opens many malformed files and gives partial answers, where kfail
 * wants to say what is wrong with the file. Constants from <elf.h>, rules as in
 * kernel/module/main.c, elf_validity_check().
 */
#include <stdio.h>

#include "image.h"

static const char *machine_name(unsigned machine)
{
	switch (machine) {
	case EM_386:
		return "32-bit x86";
	case EM_AARCH64:
		return "AArch64";
	case EM_ARM:
		return "32-bit Arm";
	case EM_PPC:
	case EM_PPC64:
		return "PowerPC";
	case EM_RISCV:
		return "RISC-V";
	case EM_S390:
		return "S/390";
	case EM_MIPS:
		return "MIPS";
	case EM_LOONGARCH:
		return "LoongArch";
	default:
		return "another processor";
	}
}

static int check_header(const char *path, const struct elf_view *v, char *err)
{
	const Elf64_Ehdr *h = &v->header;

	if (h->e_ident[EI_CLASS] == ELFCLASS32)
		return kf_fail(err, "%s: built for %s, 32 bits wide; kfail judges x86-64 only",
			       path, machine_name(h->e_machine));
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return kf_fail(err,
			       "%s: not a 64-bit little-endian ELF file; kfail judges x86-64 only",
			       path);
	if (h->e_machine != EM_X86_64)
		return kf_fail(err, "%s: built for %s; kfail judges x86-64 only", path,
			       machine_name(h->e_machine));
	if (!h->e_shoff || !h->e_shnum)
		return kf_fail(err, "%s: has no section headers (stripped too far?)", path);
	if (h->e_shentsize != sizeof(Elf64_Shdr))
		return kf_fail(err, "%s: section headers of %u bytes, where ELF has %zu", path,
			       h->e_shentsize, sizeof(Elf64_Shdr));
	if (!in_bounds(h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr), v->size))
		return kf_fail(
			err,
			"%s: truncated: %u section headers need %zu bytes at offset %llu and "
			"the file has %zu",
			path, h->e_shnum, h->e_shnum * sizeof(Elf64_Shdr),
			(unsigned long long)h->e_shoff, v->size);
	return 0;
}

/* The section name table; afterwards names are either inside of it or refused. */
static int check_names(const char *path, struct elf_view *v, char *err)
{
	Elf64_Shdr s;

	if (v->header.e_shstrndx >= v->section_count)
		return kf_fail(err,
			       "%s: section %u, said to hold the section names, does not exist",
			       path, v->header.e_shstrndx);
	s = elf_section(v, v->header.e_shstrndx);
	if (s.sh_type != SHT_STRTAB || !s.sh_size || !in_bounds(s.sh_offset, s.sh_size, v->size))
		return kf_fail(
			err,
			"%s: truncated or damaged: the section names need %llu bytes at offset "
			"%llu and the file has %zu",
			path, (unsigned long long)s.sh_size, (unsigned long long)s.sh_offset,
			v->size);
	v->names = (const char *)v->data + s.sh_offset;
	v->names_size = s.sh_size;
	if (v->names[v->names_size - 1])
		return kf_fail(err, "%s: the section names do not end with a NUL", path);
	return 0;
}

static int check_sections(const char *path, const struct elf_view *v, char *err)
{
	Elf64_Shdr s;
	unsigned i;

	for (i = 1; i < v->section_count; i++) {
		s = elf_section(v, i);
		if (s.sh_name >= v->names_size)
			return kf_fail(err, "%s: section %u has no name inside of the name table",
				       path, i);
		if (s.sh_type == SHT_NOBITS || s.sh_type == SHT_NULL)
			continue;
		if (!in_bounds(s.sh_offset, s.sh_size, v->size))
			return kf_fail(
				err,
				"%s: truncated: section %s needs %llu bytes at offset %llu and "
				"the file has %zu",
				path, elf_section_name(v, &s), (unsigned long long)s.sh_size,
				(unsigned long long)s.sh_offset, v->size);
	}
	return 0;
}

int elf_view_open(const char *path, const uint8_t *data, size_t size, struct elf_view *view,
		  char *err)
{
	memset(view, 0, sizeof(*view));
	if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG))
		return kf_fail(err, size ? "%s: not an ELF file" : "%s: the file is empty", path);
	if (size < sizeof(Elf64_Ehdr))
		return kf_fail(err,
			       "%s: truncated: the ELF header needs %zu bytes and the file has %zu",
			       path, sizeof(Elf64_Ehdr), size);
	view->data = data;
	view->size = size;
	memcpy(&view->header, data, sizeof(view->header));
	if (check_header(path, view, err))
		return -1;
	view->section_count = view->header.e_shnum;
	if (check_names(path, view, err))
		return -1;
	return check_sections(path, view, err);
}

Elf64_Shdr elf_section(const struct elf_view *view, unsigned i)
{
	Elf64_Shdr s;

	memcpy(&s, view->data + view->header.e_shoff + (size_t)i * sizeof(s), sizeof(s));
	return s;
}

const char *elf_section_name(const struct elf_view *view, const Elf64_Shdr *section)
{
	return section->sh_name < view->names_size ? view->names + section->sh_name : "";
}

/* An inactive header (SHT_NULL) has no name, and bounds that nobody has looked at. */
unsigned elf_find_section(const struct elf_view *view, const char *name)
{
	Elf64_Shdr s;
	unsigned i;

	for (i = 1; i < view->section_count; i++) {
		s = elf_section(view, i);
		if (s.sh_type != SHT_NULL && !strcmp(elf_section_name(view, &s), name))
			return i;
	}
	return 0;
}

const char *elf_string(const struct elf_view *view, const Elf64_Shdr *table, uint64_t offset)
{
	const char *strings;

	if (table->sh_type == SHT_NOBITS || offset >= table->sh_size)
		return NULL;
	strings = (const char *)view->data + table->sh_offset;
	if (!memchr(strings + offset, 0, table->sh_size - offset))
		return NULL;
	return strings + offset;
}
