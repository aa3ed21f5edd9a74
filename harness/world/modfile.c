// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module file, read and checked.
 *
 * What modfile_open() lets through is a relocatable x86-64 ELF file in which
 *   - all sections lie inside of the file, and what they would take in memory is below the module
 *     area's size;
 *   - there is one symbol table; every symbol has a name inside of its string table, and a section
 *     that exists;
 *   - every relocation of a section that is loaded names a symbol that exists and a field inside of
 *     that section;
 *   - .modinfo is made of strings and names the kernel version it was built for;
 *     .gnu.linkonce.this_module is there.
 * The kernel's own loader (elf_validity_check() and simplify_symbols() in kernel/module/main.c,
 * apply_relocate_add() in arch/x86/kernel/module.c) checks the first of these and trusts the file
 * in the others, because only root loads modules. kfail gives it files from anywhere, so it is
 * checked here.
 *
 * .ko.xz, .ko.zst and .ko.gz are unpacked; mod->bytes is always the plain ELF file.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
#include "image.h"
#include "modfile.h"

#define MODULE_AREA_MAX (1ULL << 30)

/* The file while it is checked. */
struct reader {
	const char *path;
	struct elf_view elf;
	struct modfile *mod;
	Elf64_Shdr symtab, strtab, modinfo;
	unsigned symbol_count;
	char *err;
};

/* ---- lists of strings ---- */

static bool list_has(char **list, unsigned count, const char *s, size_t n)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if (strlen(list[i]) == n && !memcmp(list[i], s, n))
			return true;
	}
	return false;
}

/* Grows in powers of two: the size is known from the count. */
static void list_add(char ***list, unsigned *count, const char *s, size_t n)
{
	if (!(*count & (*count - 1)))
		*list = kf_array(*list, *count ? 2 * (size_t)*count : 1, sizeof(**list));
	(*list)[(*count)++] = kf_format("%.*s", (int)n, s);
}

static void list_free(char **list, unsigned count)
{
	while (count--)
		free(list[count]);
	free(list);
}

/* ---- sections ---- */

static int check_sections(struct reader *r)
{
	uint64_t total = 0;
	Elf64_Shdr s;
	unsigned i;

	for (i = 1; i < r->elf.section_count; i++) {
		s = elf_section(&r->elf, i);
		if (s.sh_addralign & (s.sh_addralign - 1) || s.sh_addralign > 1 << 20)
			return kf_fail(r->err, "%s: damaged: section %s is aligned to %llu bytes",
				       r->path, elf_section_name(&r->elf, &s),
				       (unsigned long long)s.sh_addralign);
		if (!(s.sh_flags & SHF_ALLOC))
			continue;
		if (s.sh_size > MODULE_AREA_MAX || (total += s.sh_size) > MODULE_AREA_MAX)
			return kf_fail(
				r->err,
				"%s: section %s needs %llu bytes: the module does not fit into "
				"the kernel's module area",
				r->path, elf_section_name(&r->elf, &s),
				(unsigned long long)s.sh_size);
	}
	return 0;
}

static int find_symtab(struct reader *r)
{
	unsigned i, found = 0;
	Elf64_Shdr s;

	for (i = 1; i < r->elf.section_count; i++) {
		s = elf_section(&r->elf, i);
		if (s.sh_type != SHT_SYMTAB)
			continue;
		if (found++)
			return kf_fail(r->err, "%s: damaged: it has two symbol tables", r->path);
		r->symtab = s;
	}
	if (!found)
		return kf_fail(r->err,
			       "%s: has no symbol table (stripped?), so it cannot be loaded",
			       r->path);
	if (r->symtab.sh_link >= r->elf.section_count || r->symtab.sh_entsize != sizeof(Elf64_Sym))
		return kf_fail(r->err, "%s: damaged: the header of its symbol table makes no sense",
			       r->path);
	r->strtab = elf_section(&r->elf, r->symtab.sh_link);
	if (r->strtab.sh_type != SHT_STRTAB)
		return kf_fail(r->err, "%s: damaged: the symbol table has no string table",
			       r->path);
	r->symbol_count = (unsigned)(r->symtab.sh_size / sizeof(Elf64_Sym));
	return 0;
}

/* ---- symbols ---- */

static Elf64_Sym symbol(const struct reader *r, unsigned i)
{
	Elf64_Sym sym;

	memcpy(&sym, r->elf.data + r->symtab.sh_offset + (size_t)i * sizeof(sym), sizeof(sym));
	return sym;
}

/* A symbol's name says whether it belongs to an export. Weak ones may stay unresolved, so they need
 * nobody. */
static void take_symbol(struct reader *r, const Elf64_Sym *sym, const char *name)
{
	static const char ksymtab[] = "__ksymtab_";
	struct modfile *m = r->mod;

	if (sym->st_shndx == SHN_UNDEF) {
		if (*name && ELF64_ST_BIND(sym->st_info) != STB_WEAK)
			list_add(&m->undefined, &m->undefined_count, name, strlen(name));
	} else if (starts_with(name, ksymtab)) {
		name += sizeof(ksymtab) - 1;
		list_add(&m->exports, &m->export_count, name, strlen(name));
	}
}

static int read_symbols(struct reader *r)
{
	const char *name;
	Elf64_Sym sym;
	unsigned i;

	for (i = 1; i < r->symbol_count; i++) {
		sym = symbol(r, i);
		name = elf_string(&r->elf, &r->strtab, sym.st_name);
		if (!name)
			return kf_fail(
				r->err,
				"%s: damaged: symbol %u has no name inside of the string table",
				r->path, i);
		if (sym.st_shndx >= r->elf.section_count && sym.st_shndx != SHN_ABS &&
		    sym.st_shndx != SHN_COMMON)
			return kf_fail(
				r->err,
				"%s: damaged: symbol %s is in section %u, which does not exist",
				r->path, name, sym.st_shndx);
		if (sym.st_shndx == SHN_COMMON)
			return kf_fail(
				r->err,
				"%s: symbol %s is common, which the kernel does not load: compile "
				"with -fno-common",
				r->path, name);
		take_symbol(r, &sym, name);
	}
	return 0;
}

/* Exports of a module whose local symbols were stripped: the strings are the names and their
 * namespaces. */
static void exports_from_strings(struct reader *r)
{
	struct modfile *m = r->mod;
	unsigned i = elf_find_section(&r->elf, "__ksymtab_strings");
	uint64_t at = 0;
	const char *s;
	Elf64_Shdr section;

	if (m->export_count || !i)
		return;
	section = elf_section(&r->elf, i);
	while ((s = elf_string(&r->elf, &section, at))) {
		if (*s)
			list_add(&m->exports, &m->export_count, s, strlen(s));
		at += strlen(s) + 1;
	}
}

/* ---- relocations ---- */

static unsigned field_size(unsigned type)
{
	switch (type) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	default:
		return 4;
	}
}

static int check_relocs(struct reader *r, const Elf64_Shdr *s, const Elf64_Shdr *target)
{
	const char *name = elf_section_name(&r->elf, target);
	Elf64_Rela rela;
	uint64_t i;

	if (s->sh_type == SHT_REL || elf_section(&r->elf, s->sh_link).sh_type != SHT_SYMTAB)
		return kf_fail(
			r->err,
			"%s: damaged: the relocations of section %s are not of x86-64's kind",
			r->path, name);
	for (i = 0; i < s->sh_size / sizeof(rela); i++) {
		memcpy(&rela, r->elf.data + s->sh_offset + i * sizeof(rela), sizeof(rela));
		if (ELF64_R_SYM(rela.r_info) >= r->symbol_count)
			return kf_fail(r->err,
				       "%s: damaged: relocation %llu of section %s names symbol "
				       "%llu of %u",
				       r->path, (unsigned long long)i, name,
				       (unsigned long long)ELF64_R_SYM(rela.r_info),
				       r->symbol_count);
		if (!in_bounds(rela.r_offset, field_size((unsigned)ELF64_R_TYPE(rela.r_info)),
			       target->sh_size))
			return kf_fail(
				r->err,
				"%s: damaged: relocation %llu of section %s is at offset %llu, and "
				"the section has %llu bytes",
				r->path, (unsigned long long)i, name,
				(unsigned long long)rela.r_offset,
				(unsigned long long)target->sh_size);
	}
	return 0;
}

static int check_all_relocs(struct reader *r)
{
	Elf64_Shdr s, target;
	unsigned i;

	for (i = 1; i < r->elf.section_count; i++) {
		s = elf_section(&r->elf, i);
		if (s.sh_type != SHT_RELA && s.sh_type != SHT_REL)
			continue;
		if (s.sh_info >= r->elf.section_count || s.sh_link >= r->elf.section_count)
			return kf_fail(
				r->err,
				"%s: damaged: section %s relocates a section that does not exist",
				r->path, elf_section_name(&r->elf, &s));
		target = elf_section(&r->elf, s.sh_info);
		if (!(target.sh_flags & SHF_ALLOC))
			continue;
		if (target.sh_type == SHT_NOBITS && s.sh_size)
			return kf_fail(
				r->err,
				"%s: damaged: relocations for section %s, which has no bytes",
				r->path, elf_section_name(&r->elf, &target));
		if (check_relocs(r, &s, &target))
			return -1;
	}
	return 0;
}

/* ---- .modinfo ---- */

static void take_depends(struct modfile *m, const char *s)
{
	size_t n;

	while (*s) {
		n = strcspn(s, ",");
		if (n && !list_has(m->depends, m->depend_count, s, n))
			list_add(&m->depends, &m->depend_count, s, n);
		s += n + (s[n] == ',');
	}
}

static void take_param(struct modfile *m, const char *s)
{
	size_t n = strcspn(s, ":");

	if (n && !list_has(m->params, m->param_count, s, n))
		list_add(&m->params, &m->param_count, s, n);
}

static void take_string(char **out, const char *s)
{
	if (*out)
		return;
	*out = kf_strdup(s);
}

/* One "key=value" of .modinfo. The first of each kind counts, as in the kernel's get_modinfo(). */
static void take_info(struct modfile *m, const char *s)
{
	if (starts_with(s, "vermagic="))
		take_string(&m->vermagic, s + 9);
	else if (starts_with(s, "name="))
		take_string(&m->name, s + 5);
	else if (starts_with(s, "depends="))
		take_depends(m, s + 8);
	else if (starts_with(s, "parm="))
		take_param(m, s + 5);
	else if (starts_with(s, "parmtype="))
		take_param(m, s + 9);
}

static int read_modinfo(struct reader *r)
{
	unsigned i = elf_find_section(&r->elf, ".modinfo");
	uint64_t at = 0;
	const char *s;

	if (i)
		r->modinfo = elf_section(&r->elf, i);
	if (!i || r->modinfo.sh_type == SHT_NOBITS || !r->modinfo.sh_size)
		return kf_fail(
			r->err,
			"%s: not a kernel module: it has no .modinfo section (an object file that "
			"modpost has not finished?)",
			r->path);
	while (at < r->modinfo.sh_size) {
		s = elf_string(&r->elf, &r->modinfo, at);
		if (!s)
			return kf_fail(r->err, "%s: damaged: .modinfo does not end with a NUL",
				       r->path);
		take_info(r->mod, s);
		at += strlen(s) + 1;
	}
	if (!r->mod->vermagic || !*r->mod->vermagic)
		return kf_fail(
			r->err,
			"%s: does not say which kernel it was built for (no vermagic in .modinfo)",
			r->path);
	r->mod->kernel_version =
		kf_format("%.*s", (int)strcspn(r->mod->vermagic, " "), r->mod->vermagic);
	return 0;
}

static int check_this_module(struct reader *r)
{
	unsigned i = elf_find_section(&r->elf, ".gnu.linkonce.this_module");
	Elf64_Shdr s;

	if (i)
		s = elf_section(&r->elf, i);
	if (!i || s.sh_type == SHT_NOBITS || !(s.sh_flags & SHF_ALLOC) || s.sh_size < 64)
		return kf_fail(
			r->err,
			"%s: not a finished kernel module: it has no .gnu.linkonce.this_module "
			"section (give the .ko, not the .o)",
			r->path);
	return 0;
}

/* ---- the whole ---- */

/* Before name= came into .modinfo, the file's name was the module's. */
static void name_module(struct modfile *m)
{
	const char *base = strrchr(m->path, '/');
	char *p;

	base = base ? base + 1 : m->path;
	if (!m->name || !*m->name) {
		free(m->name);
		m->name = kf_format("%.*s", (int)strcspn(base, "."), base);
	}
	for (p = m->name; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
}

static int check_all(struct reader *r)
{
	if (elf_view_open(r->path, r->mod->bytes, r->mod->size, &r->elf, r->err))
		return -1;
	if (r->elf.header.e_type != ET_REL)
		return kf_fail(r->err, "%s: not a kernel module but %s", r->path,
			       r->elf.header.e_type == ET_EXEC || r->elf.header.e_type == ET_DYN
				       ? "a program or a shared library"
				       : "another kind of ELF file");
	if (check_sections(r) || read_modinfo(r) || check_this_module(r) || find_symtab(r) ||
	    read_symbols(r) || check_all_relocs(r))
		return -1;
	exports_from_strings(r);
	r->mod->has_debug = elf_find_section(&r->elf, ".debug_line") ||
			    elf_find_section(&r->elf, ".zdebug_line");
	name_module(r->mod);
	return 0;
}

/* Replace compressed bytes by plain ones. */
static int unpack(const char *path, struct blob *file, char *err)
{
	enum compression c = compression_of(file->data, file->size);
	struct blob plain;
	const char *why;

	if (c == COMPRESSION_NONE || c == COMPRESSION_LZMA)
		return 0;
	if (kf_decompress(c, file->data, file->size, 0, &plain, &why))
		return kf_fail(err, "%s: compressed with %s, and cannot be unpacked: %s", path,
			       compression_name(c), why);
	free(file->data);
	*file = plain;
	return 0;
}

int modfile_from_bytes(const char *path, uint8_t *bytes, size_t size, struct modfile *out,
		       char *err)
{
	struct blob file = {bytes, size};
	struct reader r = {.path = path, .mod = out, .err = err};
	char *real;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = unpack(path, &file, err);
	out->bytes = file.data;
	out->size = file.size;
	real = realpath(path, NULL);
	out->path = real ? real : kf_strdup(path);
	if (!ret)
		ret = check_all(&r);
	if (ret)
		modfile_close(out);
	return ret;
}

int modfile_open(const char *path, struct modfile *out, char *err)
{
	struct blob file;

	memset(out, 0, sizeof(*out));
	if (kf_read_file(path, &file, err))
		return -1;
	return modfile_from_bytes(path, file.data, file.size, out, err);
}

void modfile_close(struct modfile *mod)
{
	free(mod->path);
	free(mod->name);
	free(mod->bytes);
	free(mod->vermagic);
	free(mod->kernel_version);
	list_free(mod->depends, mod->depend_count);
	list_free(mod->params, mod->param_count);
	list_free(mod->undefined, mod->undefined_count);
	list_free(mod->exports, mod->export_count);
	memset(mod, 0, sizeof(*mod));
}

const char *modfile_base(const struct modfile *mod)
{
	const char *slash = strrchr(mod->path, '/');

	return slash ? slash + 1 : mod->path;
}

/* ---- parameters ---- */

/* The kernel takes '-' for '_' in parameter names, and these for every module
 * (kernel/module/main.c). */
static bool param_known(const struct modfile *mod, const char *name, size_t n)
{
	char *s = kf_format("%.*s", (int)n, name), *p;
	bool known;

	for (p = s; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	known = list_has(mod->params, mod->param_count, s, n) || !strcmp(s, "async_probe") ||
		!strcmp(s, "dyndbg");
	free(s);
	return known;
}

/* "a, b, c", cut off where an error text would. */
static void join(char *out, size_t max, char **list, unsigned count)
{
	size_t used = 0;
	unsigned i;

	*out = '\0';
	for (i = 0; i < count && used < max; i++)
		used += (size_t)snprintf(out + used, max - used, "%s%s", i ? ", " : "", list[i]);
	if (used >= max)
		strcpy(out + max - 4, "...");
}

int modfile_check_params(const struct modfile *mod, char *const *params, unsigned count, char *err)
{
	char known[KF_ERR / 2];
	unsigned i;
	size_t n;

	for (i = 0; i < count; i++) {
		n = strcspn(params[i], "=");
		if (!n)
			return kf_fail(err, "%s: '%s' is not a parameter: write name=value",
				       modfile_base(mod), params[i]);
		if (param_known(mod, params[i], n))
			continue;
		join(known, sizeof(known), mod->params, mod->param_count);
		return kf_fail(err, "%s has no parameter '%.*s'; it has%s %s", modfile_base(mod),
			       (int)n, params[i], mod->param_count ? ":" : "",
			       mod->param_count ? known : "none");
	}
	return 0;
}
