// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linking the override layer into the image. The object that kbuild made is a relocatable ELF file;
 * its sections go to OVERLAY_BASE, its undefined symbols become the kernel's (static functions too,
 * by kallsyms) or, for the names of imports.def, the host's thunks, which lie too far away for a
 * 32-bit reference and are reached through trampolines here.
 *
 * Every global function of the layer that bears the name of a kernel function takes its place: the
 * first five bytes of the original become a jump. Two tables in the image know about the original's
 * body and must not change it any more: jump labels and static calls, whose sites are checked
 * before they are patched. Sites inside replaced functions are led to a scratch place.
 *
 * With `poison`, the rest of every replaced body is filled with ud2, and the internals that only
 * replaced code uses (data: poison.def) too. A world that boots and runs so proves that the cut is
 * complete.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "exports.h"
#include "file.h"
#include "image.h"
#include "world_internal.h"

struct import {
	const char *name;
	void (*thunk)(void);
};

#define IMPORT_AGENT IMPORT
#define IMPORT(name) void thunk_##name(void);
#include "imports.def"
#undef IMPORT
static const struct import imports[] = {
#define IMPORT(name) {#name, thunk_##name},
#include "imports.def"
#undef IMPORT
};
#define IMPORT_COUNT	(sizeof(imports) / sizeof(imports[0]))
#define TRAMPOLINE_SIZE 16
#define SCRATCH_SIZE	32 /* sites that nobody runs: jump label, call, tail call */

static const char *const poisoned_internals[] = {
#define POISON(name) name,
#include "poison.def"
#undef POISON
};

struct overlay {
	const char *path;
	struct blob file;
	struct elf_view view;
	uint64_t *section_addr; /* 0: not loaded */
	const Elf64_Sym *symbols;
	const char *names;
	unsigned symbol_count;
	uint64_t *values;
	uint64_t end; /* next free address */
	uint64_t scratch;
};

static int fail(char *err, const struct overlay *o, const char *what, const char *name)
{
	snprintf(err, KF_ERR, "%s: %s%s", o->path, what, name);
	return -1;
}

/* Trampolines first: `jmp *0(%rip)` and the address. */
static void make_trampolines(struct overlay *o)
{
	uint8_t *p = (uint8_t *)OVERLAY_BASE;
	unsigned i;

	for (i = 0; i < IMPORT_COUNT; i++, p += TRAMPOLINE_SIZE) {
		memcpy(p, "\xff\x25\x00\x00\x00\x00", 6);
		memcpy(p + 6, &imports[i].thunk, sizeof(imports[i].thunk));
	}
	o->scratch = (uint64_t)p;
	o->end = (uint64_t)p + SCRATCH_SIZE;
}

/* In another process the host lies elsewhere: lead the trampolines of a loaded world to its thunks.
 */
void overlay_reconnect(void)
{
	struct overlay none;

	make_trampolines(&none);
}

static int place_sections(struct overlay *o, char *err)
{
	unsigned i;

	for (i = 1; i < o->view.section_count; i++) {
		Elf64_Shdr section = elf_section(&o->view, i);
		uint64_t align = section.sh_addralign ?: 1;

		if (!(section.sh_flags & SHF_ALLOC))
			continue;
		o->section_addr[i] = (o->end + align - 1) / align * align;
		o->end = o->section_addr[i] + section.sh_size;
		if (o->end > OVERLAY_END)
			return fail(err, o, "the override layer is too large", "");
		if (section.sh_type != SHT_NOBITS)
			memcpy((void *)o->section_addr[i], o->view.data + section.sh_offset,
			       section.sh_size);
	}
	return 0;
}

static int find_symbols(struct overlay *o, char *err)
{
	unsigned i;

	for (i = 1; i < o->view.section_count; i++) {
		Elf64_Shdr section = elf_section(&o->view, i), strings;

		if (section.sh_type != SHT_SYMTAB)
			continue;
		strings = elf_section(&o->view, section.sh_link);
		o->symbols = (const Elf64_Sym *)(o->view.data + section.sh_offset);
		o->symbol_count = section.sh_size / sizeof(Elf64_Sym);
		o->names = (const char *)o->view.data + strings.sh_offset;
		o->values = calloc(o->symbol_count, sizeof(*o->values));
		return o->values ? 0 : fail(err, o, "out of memory", "");
	}
	return fail(err, o, "no symbol table", "");
}

static uint64_t import_address(const char *name)
{
	unsigned i;

	for (i = 0; i < IMPORT_COUNT; i++)
		if (!strcmp(imports[i].name, name))
			return OVERLAY_BASE + i * TRAMPOLINE_SIZE;
	return 0;
}

uint64_t overlay_import(const char *name)
{
	return import_address(name);
}

/* orig_NAME is the replaced function itself, behind the five bytes of its entry: those were a call of the tracer, or a no-op,
 * in every kernel with ftrace. */
static uint64_t original_address(const char *name)
{
	uint64_t entry = strncmp(name, "orig_", 5) ? 0 : image_symbol(name + 5);
	const uint8_t *code = (const uint8_t *)entry;

	return entry && (code[0] == 0xe8 || code[0] == 0x0f) ? entry + 5 : 0;
}

static int resolve_symbols(struct overlay *o, char *err)
{
	const Elf64_Sym *symbol;
	const char *name;
	unsigned i;

	for (i = 1; i < o->symbol_count; i++) {
		symbol = &o->symbols[i];
		name = o->names + symbol->st_name;
		if (symbol->st_shndx == SHN_UNDEF) {
			o->values[i] = import_address(name) ?: image_symbol(name) ?:
				       original_address(name);
			if (!o->values[i])
				return fail(err, o, "the kernel has no symbol ", name);
		} else if (symbol->st_shndx < o->view.section_count) {
			o->values[i] = o->section_addr[symbol->st_shndx] + symbol->st_value;
		} else if (symbol->st_shndx == SHN_ABS) {
			o->values[i] = symbol->st_value;
		}
	}
	return 0;
}

static int apply_relocation(struct overlay *o, uint64_t place, const Elf64_Rela *rela, char *err)
{
	uint64_t value = o->values[ELF64_R_SYM(rela->r_info)] + rela->r_addend;

	switch (ELF64_R_TYPE(rela->r_info)) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
		*(uint64_t *)place = value;
		return 0;
	case R_X86_64_32:
	case R_X86_64_32S:
		*(uint32_t *)place = value;
		return 0;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		*(uint32_t *)place = value - place;
		return 0;
	case R_X86_64_PC64:
		*(uint64_t *)place = value - place;
		return 0;
	}
	return fail(err, o, "unknown relocation type", "");
}

static int relocate_sections(struct overlay *o, char *err)
{
	unsigned i;
	size_t k;

	for (i = 1; i < o->view.section_count; i++) {
		Elf64_Shdr section = elf_section(&o->view, i);
		const Elf64_Rela *rela = (const Elf64_Rela *)(o->view.data + section.sh_offset);

		if (section.sh_type != SHT_RELA || section.sh_info >= o->view.section_count ||
		    !o->section_addr[section.sh_info])
			continue;
		for (k = 0; k < section.sh_size / sizeof(*rela); k++)
			if (apply_relocation(o, o->section_addr[section.sh_info] + rela[k].r_offset,
					     &rela[k], err))
				return -1;
	}
	return 0;
}

struct orc_sortable {
	uint64_t ip;
	uint8_t entry[6];
};

/* The end of a section, behind which there may be a gap: no register, no type. */
static bool ends_section(const struct orc_sortable *entry)
{
	return !entry->entry[4] && !entry->entry[5];
}

/* Where a section begins at the very end of another one, its first entry counts: it comes behind (orc_sort_cmp()). */
static int by_ip(const void *a, const void *b)
{
	const struct orc_sortable *x = a, *y = b;

	if (x->ip == y->ip)
		return (int)ends_section(y) - (int)ends_section(x);
	return x->ip < y->ip ? -1 : 1;
}

/* The ORC tables of an object are in the order of its sections: sort them, as the module loader
 * does.
 */
static void sort_orc(int32_t *ip, uint8_t (*entries)[6], uint64_t count)
{
	struct orc_sortable *sorted = malloc(count * sizeof(*sorted));
	uint64_t i;

	for (i = 0; i < count; i++) {
		sorted[i].ip = (uint64_t)&ip[i] + (int64_t)ip[i];
		memcpy(sorted[i].entry, entries[i], 6);
	}
	qsort(sorted, count, sizeof(*sorted), by_ip);
	for (i = 0; i < count; i++) {
		ip[i] = (int32_t)(sorted[i].ip - (uint64_t)&ip[i]);
		memcpy(entries[i], sorted[i].entry, 6);
	}
	free(sorted);
}

static void take_orc(struct overlay *o)
{
	unsigned ip = elf_find_section(&o->view, ".orc_unwind_ip");
	unsigned orc = elf_find_section(&o->view, ".orc_unwind");

	if (!ip || !orc)
		return;
	world.info.overlay_orc_ip = o->section_addr[ip];
	world.info.overlay_orc = o->section_addr[orc];
	world.info.overlay_orc_count = elf_section(&o->view, ip).sh_size / 4;
	sort_orc((int32_t *)world.info.overlay_orc_ip, (void *)world.info.overlay_orc,
		 world.info.overlay_orc_count);
}

static bool is_override(const struct overlay *o, unsigned i)
{
	const Elf64_Sym *symbol = &o->symbols[i];
	const char *name = o->names + symbol->st_name;

	return symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
	       ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL && strncmp(name, "__pfx_", 6) &&
	       image_symbol(name);
}

static void write_jump(uint64_t from, uint64_t to)
{
	*(uint8_t *)from = 0xe9;
	*(int32_t *)(from + 1) = (int32_t)(to - (from + 5));
}

/* First address after the function that starts at addr. */
static uint64_t function_end(uint64_t addr)
{
	const struct ksym_table *table = &world.kernel;
	uint32_t low = 0, high = table->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (table->syms[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->count ? table->syms[low].addr : addr + 5;
}

static bool starts_with_override(uint64_t addr)
{
	uint64_t target = addr + 5 + (int64_t) * (int32_t *)(addr + 1);

	return *(uint8_t *)addr == 0xe9 && in_overlay(target);
}

static void poison_range(uint64_t start, uint64_t end)
{
	for (; start + 2 <= end; start += 2)
		memcpy((void *)start, "\x0f\x0b", 2);
}

/* A function and the parts that the compiler split off: NAME, NAME.cold, NAME.isra.0, ... */
static void poison_by_name(const char *name)
{
	size_t length = strlen(name);
	const struct ksym *symbol;
	const char *other;
	uint32_t i;

	for (i = 0; i < world.kernel.count; i++) {
		symbol = &world.kernel.syms[i];
		other = world.kernel.strings + symbol->name;
		if ((symbol->type | 0x20) != 't' || !in_image(symbol->addr) ||
		    strncmp(other, name, length) || (other[length] && other[length] != '.'))
			continue;
		if (starts_with_override(symbol->addr))
			continue;
		poison_range(symbol->addr, function_end(symbol->addr));
	}
}

/* The layer itself still runs what lies behind the entry. */
static bool original_is_used(const struct overlay *o, const char *name)
{
	const char *other;
	unsigned i;

	for (i = 1; i < o->symbol_count; i++) {
		other = o->names + o->symbols[i].st_name;
		if (o->symbols[i].st_shndx == SHN_UNDEF && !strncmp(other, "orig_", 5) &&
		    !strcmp(other + 5, name))
			return true;
	}
	return false;
}

static void replace_functions(struct overlay *o, bool poison)
{
	const char *name;
	uint64_t entry;
	unsigned i;

	for (i = 1; i < o->symbol_count; i++) {
		if (!is_override(o, i))
			continue;
		name = o->names + o->symbols[i].st_name;
		entry = image_symbol(name);
		if (poison && !original_is_used(o, name))
			poison_range(entry, function_end(entry));
		write_jump(entry, o->values[i]);
		world.info.override_count++;
	}
	for (i = 0; poison && i < sizeof(poisoned_internals) / sizeof(poisoned_internals[0]); i++)
		poison_by_name(poisoned_internals[i]);
}

struct jump_entry {
	int32_t code, target;
	int64_t key;
};

/* The start of the function that contains addr. */
static uint64_t function_start(uint64_t addr)
{
	uint64_t offset = 0;

	return symbols_kernel_name(addr, &offset) ? addr - offset : addr;
}

/* In the five bytes that a jump took, or poisoned (in either phase of the two-byte pattern). */
static bool site_is_gone(uint64_t site)
{
	uint64_t start = function_start(site);

	return (site < start + 5 && starts_with_override(start)) ||
	       !memcmp((void *)site, "\x0f\x0b\x0f", 3) || !memcmp((void *)site, "\x0b\x0f\x0b", 3);
}

/* Jump labels whose site was overwritten: let them patch a no-op that nobody runs. */
static void retarget_jump_labels(struct overlay *o)
{
	struct jump_entry *entry = (void *)image_symbol("__start___jump_table");
	struct jump_entry *end = (void *)image_symbol("__stop___jump_table");

	memcpy((void *)o->scratch, "\x0f\x1f\x44\0\0", 5);
	for (; entry < end; entry++) {
		if (!site_is_gone((uint64_t)&entry->code + (int64_t)entry->code))
			continue;
		entry->code = (int32_t)(o->scratch - (uint64_t)&entry->code);
		entry->target = (int32_t)(o->scratch + 5 - (uint64_t)&entry->target);
	}
}

struct static_call_site {
	int32_t addr, key; /* key: relative too, with flags in the low bits */
};
#define SITE_TAIL 1 /* the site is a jump, not a call */

/* The same for static calls: a site is checked to be a call (or a no-op), a tail site a jump. */
static void retarget_static_calls(struct overlay *o)
{
	struct static_call_site *site = (void *)image_symbol("__start_static_call_sites");
	struct static_call_site *end = (void *)image_symbol("__stop_static_call_sites");
	uint64_t call = o->scratch + 8, tail = o->scratch + 16;

	memcpy((void *)call, "\x0f\x1f\x44\0\0", 5);
	memcpy((void *)tail, "\xe9\0\0\0\0", 5);
	for (; site < end; site++)
		if (site_is_gone((uint64_t)&site->addr + (int64_t)site->addr))
			site->addr = (int32_t)((site->key & SITE_TAIL ? tail : call) -
					       (uint64_t)&site->addr);
}

static int compare_ksym(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* The layer's own symbols, for stacks and for overlay_symbol(). */
static void take_symbols(struct overlay *o)
{
	struct ksym *syms = calloc(o->symbol_count, sizeof(*syms));
	char *strings = calloc(1, o->file.size);
	uint32_t i, count = 0, used = 1;

	for (i = 1; i < o->symbol_count; i++) {
		const char *name = o->names + o->symbols[i].st_name;
		unsigned type = ELF64_ST_TYPE(o->symbols[i].st_info);

		if (o->symbols[i].st_shndx == SHN_UNDEF || type == STT_SECTION ||
		    type == STT_FILE || !in_overlay(o->values[i]) || !strncmp(name, "__pfx_", 6))
			continue;
		syms[count++] = (struct ksym){o->values[i], used, type == STT_FUNC ? 'T' : 'D'};
		used += stpcpy(strings + used, name) - (strings + used) + 1;
	}
	qsort(syms, count, sizeof(*syms), compare_ksym);
	world.overlay = (struct ksym_table){syms, count, strings, OVERLAY_BASE, o->end};
}

static int link_object(struct overlay *o, bool poison, char *err)
{
	if (elf_view_open(o->path, o->file.data, o->file.size, &o->view, err))
		return -1;
	o->section_addr = calloc(o->view.section_count, sizeof(*o->section_addr));
	make_trampolines(o);
	if (place_sections(o, err) || find_symbols(o, err) || resolve_symbols(o, err) ||
	    relocate_sections(o, err))
		return -1;
	take_orc(o);
	take_symbols(o);
	if (exports_missing())
		return fail(err, o, "exports.def lists what the layer does not define: ",
			    exports_missing());
	replace_functions(o, poison);
	retarget_jump_labels(o);
	retarget_static_calls(o);
	world.info.overlay_end = o->end;
	return 0;
}

int overlay_link(const char *object, bool poison, char *err)
{
	struct overlay o = {.path = object};
	int result;

	if (kf_read_file(object, &o.file, err))
		return -1;
	result = link_object(&o, poison, err);
	free(o.section_addr);
	free(o.values);
	free(o.file.data);
	return result;
}

void overlay_for_each_override(void (*fn)(const char *name, void *arg), void *arg)
{
	const char *name;
	uint64_t entry;
	uint32_t i;

	for (i = 0; i < world.overlay.count; i++) {
		name = world.overlay.strings + world.overlay.syms[i].name;
		entry = world.overlay.syms[i].type == 'T' ? image_symbol(name) : 0;
		if (entry && starts_with_override(entry) &&
		    entry + 5 + (int64_t) * (int32_t *)(entry + 1) == world.overlay.syms[i].addr)
			fn(name, arg);
	}
}

uint64_t overlay_find(const char *name)
{
	uint32_t i;

	for (i = 0; i < world.overlay.count; i++)
		if (!strcmp(world.overlay.strings + world.overlay.syms[i].name, name))
			return world.overlay.syms[i].addr;
	return 0;
}

uint64_t overlay_symbol(const char *name)
{
	uint64_t addr = overlay_find(name);

	if (addr)
		return addr;
	fprintf(stderr, "kfail: the override layer has no symbol %s\n", name);
	exit(4);
}

/* A global text symbol before a static one, text before data. */
uint64_t image_symbol(const char *name)
{
	const struct ksym *symbol, *best = NULL;
	uint32_t i;

	for (i = 0; i < world.kernel.count; i++) {
		symbol = &world.kernel.syms[i];
		if (strcmp(world.kernel.strings + symbol->name, name))
			continue;
		if (!best || symbol->type == 'T' || (symbol->type == 't' && best->type != 'T'))
			best = symbol;
	}
	return best ? best->addr : 0;
}
