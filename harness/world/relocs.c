// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a kernel image has to be changed when it is put at another address than the one it was
 * linked for.
 *
 * A kernel built with CONFIG_RANDOMIZE_BASE carries this knowledge, because its own boot code moves
 * it. In a bzImage it stands behind the ELF file, as arch/x86/tools/relocs.c writes it and
 * handle_relocations() of arch/x86/boot/compressed/misc.c reads it, from the last word backwards:
 *
 *	end of ELF ->| 0 | 64-bit ... | 0 | inverse 32-bit ... | 0 | 32-bit ... |<- end of payload
 *
 * Each word is the low half of a link address, sign-extended. "Inverse" places hold pc-relative
 * references to per-CPU symbols: these symbols do not move, the instructions do. Since 6.15 per-CPU
 * symbols are ordinary ones and the middle list is gone; which of the two layouts it is shows in
 * where the last list ends: it has to be at the end of the ELF file, to the byte.
 *
 * A vmlinux from a build tree has the linker's own .rela sections instead (--emit-relocs), and the
 * same lists are made from them by the rules of relocs.c: absolute references to anything that
 * moves, relative ones to per-CPU symbols.
 *
 * Every address that leaves here lies inside of the image, with room for the field. Overlaps are
 * not looked for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "image.h"

#define LISTS_MAX 3

/* ---- behind a bzImage's ELF file ---- */

struct list {
	size_t first, count; /* words of the trailer */
};

/* Split the words into lists from the end; their number, or 0 when it does not come out even. */
static unsigned split_lists(const uint8_t *trailer, size_t words, struct list lists[LISTS_MAX])
{
	size_t i = words, end;
	unsigned n = 0;

	while (i && n < LISTS_MAX) {
		end = i;
		while (i && get32(trailer + 4 * (i - 1)))
			i--;
		if (!i)
			return 0;
		lists[n++] = (struct list){i, end - i};
		i--;
	}
	return i ? 0 : n;
}

/* Copy a list, in the order of the file, and check each place. */
static uint64_t *take_list(const uint8_t *trailer, const struct list *list, unsigned field,
			   const struct kernel_image *image)
{
	uint64_t *places = malloc((list->count + 1) * sizeof(*places)), end = image->symbols.end;
	size_t i;

	for (i = 0; places && i < list->count; i++) {
		places[i] = (uint64_t)(int32_t)get32(trailer + 4 * (list->first + i));
		if (places[i] >= image->text_start && places[i] + field <= end)
			continue;
		free(places);
		return NULL;
	}
	return places;
}

int relocs_from_trailer(const char *path, const uint8_t *trailer, size_t size,
			struct kernel_image *image, char *err)
{
	struct list lists[LISTS_MAX] = {0}, none = {0};
	unsigned n = size % 4 ? 0 : split_lists(trailer, size / 4, lists);
	const struct list *inverse = n == 3 ? &lists[1] : &none;

	if (!size)
		return kf_fail(err,
			       "%s: this kernel has no relocations (built without "
			       "CONFIG_RANDOMIZE_BASE), so it cannot be moved into a process",
			       path);
	if (n < 2)
		return kf_fail(err, "%s: the relocation lists behind the kernel are damaged", path);
	image->reloc32 = take_list(trailer, &lists[0], 4, image);
	image->reloc_inverse32 = take_list(trailer, inverse, 4, image);
	image->reloc64 = take_list(trailer, &lists[n - 1], 8, image);
	if (!image->reloc32 || !image->reloc_inverse32 || !image->reloc64)
		return kf_fail(err, "%s: a relocation points outside of the kernel", path);
	image->reloc32_count = lists[0].count;
	image->reloc_inverse32_count = inverse->count;
	image->reloc64_count = lists[n - 1].count;
	return 0;
}

/* ---- from .rela sections ---- */

struct places {
	uint64_t *at;
	size_t count, room;
};

struct collector {
	const struct elf_view *view;
	const struct kernel_image *image;
	unsigned percpu; /* index of .data..percpu, 0: none, or linked like any other section */
	uint64_t percpu_load; /* where its bytes are, which is where relocations apply */
	struct places abs32, inverse32, abs64;
};

static bool add_place(struct places *p, uint64_t at, unsigned field,
		      const struct kernel_image *image)
{
	if (at < image->text_start || at + field > image->symbols.end)
		return false;
	if (p->count == p->room) {
		p->room = p->room ? 2 * p->room : 1 << 16;
		p->at = kf_array(p->at, p->room, sizeof(*p->at));
	}
	p->at[p->count++] = at;
	return true;
}

/* Symbols in the per-CPU section are offsets, except for a few that the linker script makes. */
static bool is_percpu(const struct collector *c, const Elf64_Sym *sym, const char *name)
{
	return c->percpu && sym->st_shndx == c->percpu && strcmp(name, "__init_begin") &&
	       strcmp(name, "__per_cpu_load") && !starts_with(name, "init_per_cpu_");
}

/* Does the value move with the image? Absolute symbols do when they are addresses of it. */
static bool moves(const struct collector *c, const Elf64_Sym *sym)
{
	if (sym->st_shndx != SHN_ABS)
		return true;
	return sym->st_value >= c->image->text_start && sym->st_value <= c->image->symbols.end;
}

static bool collect_one(struct collector *c, const Elf64_Rela *rela, const Elf64_Sym *sym,
			const char *name, uint64_t offset)
{
	switch (ELF64_R_TYPE(rela->r_info)) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return !is_percpu(c, sym, name) || add_place(&c->inverse32, offset, 4, c->image);
	case R_X86_64_32:
	case R_X86_64_32S:
		return is_percpu(c, sym, name) || !moves(c, sym) ||
		       add_place(&c->abs32, offset, 4, c->image);
	case R_X86_64_64:
		return is_percpu(c, sym, name) || !moves(c, sym) ||
		       add_place(&c->abs64, offset, 8, c->image);
	default:
		return true;
	}
}

/* One .rela section against an allocated section. false: damaged. */
static bool collect_section(struct collector *c, const Elf64_Shdr *s)
{
	const struct elf_view *v = c->view;
	Elf64_Shdr symtab = elf_section(v, s->sh_link), strtab;
	uint64_t i, offset;
	const char *name;
	Elf64_Rela rela;
	Elf64_Sym sym;

	if (symtab.sh_type != SHT_SYMTAB || symtab.sh_link >= v->section_count)
		return false;
	strtab = elf_section(v, symtab.sh_link);
	for (i = 0; i < s->sh_size / sizeof(rela); i++) {
		memcpy(&rela, v->data + s->sh_offset + i * sizeof(rela), sizeof(rela));
		if (ELF64_R_SYM(rela.r_info) >= symtab.sh_size / sizeof(sym))
			return false;
		memcpy(&sym, v->data + symtab.sh_offset + ELF64_R_SYM(rela.r_info) * sizeof(sym),
		       sizeof(sym));
		name = elf_string(v, &strtab, sym.st_name);
		if (!name)
			return false;
		if (sym.st_shndx == SHN_UNDEF)
			continue;
		offset =
			rela.r_offset + (s->sh_info == c->percpu && c->percpu ? c->percpu_load : 0);
		if (!collect_one(c, &rela, &sym, name, offset))
			return false;
	}
	return true;
}

/* The address that the program headers give to the bytes of a section. */
static uint64_t load_address(const struct elf_view *v, const Elf64_Shdr *s, uint64_t text_start)
{
	const Elf64_Ehdr *h = &v->header;
	uint64_t text_phys = 0, phys = 0;
	Elf64_Phdr p;
	unsigned i;

	for (i = 0; i < h->e_phnum; i++) {
		memcpy(&p, v->data + h->e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type != PT_LOAD)
			continue;
		if (p.p_vaddr == text_start)
			text_phys = p.p_paddr;
		if (s->sh_offset >= p.p_offset && s->sh_offset - p.p_offset < p.p_filesz)
			phys = p.p_paddr + (s->sh_offset - p.p_offset);
	}
	return text_start + (phys - text_phys);
}

static void find_percpu(struct collector *c)
{
	unsigned i = elf_find_section(c->view, ".data..percpu");
	Elf64_Shdr s;

	if (!i)
		return;
	s = elf_section(c->view, i);
	if (s.sh_addr >= KERNEL_LINK_START)
		return;
	c->percpu = i;
	c->percpu_load = load_address(c->view, &s, c->image->text_start);
}

static bool collect(struct collector *c)
{
	Elf64_Shdr s, target;
	unsigned i;

	find_percpu(c);
	for (i = 1; i < c->view->section_count; i++) {
		s = elf_section(c->view, i);
		if (s.sh_type != SHT_RELA || !s.sh_info || s.sh_info >= c->view->section_count ||
		    s.sh_link >= c->view->section_count)
			continue;
		target = elf_section(c->view, s.sh_info);
		/* Notes are for boot loaders, which read them before anything moves. */
		if (!(target.sh_flags & SHF_ALLOC) || target.sh_type == SHT_NOTE)
			continue;
		if (!collect_section(c, &s))
			return false;
	}
	return true;
}

int relocs_from_elf(const char *path, const struct elf_view *view, struct kernel_image *image,
		    char *err)
{
	struct collector c = {.view = view, .image = image};
	bool good = collect(&c);

	image->reloc32 = c.abs32.at;
	image->reloc32_count = c.abs32.count;
	image->reloc_inverse32 = c.inverse32.at;
	image->reloc_inverse32_count = c.inverse32.count;
	image->reloc64 = c.abs64.at;
	image->reloc64_count = c.abs64.count;
	if (!good)
		return kf_fail(err, "%s: the relocation sections are damaged", path);
	if (!c.abs64.count)
		return kf_fail(
			err,
			"%s: this vmlinux has no relocations: give the bzImage (vmlinuz), or link "
			"it with --emit-relocs (CONFIG_RANDOMIZE_BASE=y)",
			path);
	return 0;
}
