// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way back: from names to addresses. Functions come from symbol tables; their inlined copies, source files and lines from
 * the debug information of modules and of the native driver (the kernel's image and the host program are asked for
 * symbols only).
 *
 * A source file's code is every function whose declaration lies in it, inlined copies too; a line's code is what the line
 * table has for it, and every inlined copy that is called on that line. So an allocation through an inline function of a header
 * (kzalloc(), say) belongs to the line in the driver that calls it, as in a report.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include "symbols_internal.h"
#include "util.h"

typedef void range_fn(uint64_t start, uint64_t end, void *arg);

struct search {
	enum { FUNCTIONS, COPIES, FILES, LINES } of; /* what is looked for in debug information */
	const char *name;			     /* of a function or a file */
	int line;
	range_fn *fn;
	void *arg;
	int count;
	bool debug_information; /* somebody had some */
};

static void tell(struct search *s, uint64_t start, uint64_t end)
{
	s->fn(start, end, s->arg);
	s->count++;
}

/* ---- symbol tables ---- */

static void find_in_table(const struct code_view *view, struct search *s)
{
	const struct ksym_table *table = view->symbols;

	for (uint32_t i = 0; i < table->count; i++) {
		uint64_t addr = table->syms[i].addr;

		if (!strcmp(table->strings + table->syms[i].name, s->name))
			tell(s, addr, addr + view->sizes[i]);
	}
}

static void find_in_elf(const struct code_view *view, struct search *s)
{
	int count = view->mod ? dwfl_module_getsymtab(view->mod) : 0;

	for (int i = 1; i < count; i++) {
		GElf_Addr addr;
		GElf_Sym sym;
		const char *name =
			dwfl_module_getsym_info(view->mod, i, &sym, &addr, NULL, NULL, NULL);

		if (name && GELF_ST_TYPE(sym.st_info) == STT_FUNC && sym.st_shndx != SHN_UNDEF &&
		    !strcmp(name, s->name))
			tell(s, addr, addr + sym.st_size);
	}
}

static void find_symbol(const struct code_view *view, void *arg)
{
	if (view->symbols)
		find_in_table(view, arg);
	else
		find_in_elf(view, arg);
}

/* ---- debug information ---- */

static void tell_ranges(struct search *s, Dwarf_Die *die, Dwarf_Addr bias)
{
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0)
		tell(s, start + bias, end + bias);
}

/* The same file, or the end of its path. */
static bool same_file(const char *path, const char *name)
{
	size_t n = path ? strlen(path) : 0, m = strlen(name);

	return n >= m && !strcmp(path + n - m, name) && (n == m || path[n - m - 1] == '/');
}

static bool called_on_line(Dwarf_Die *cu, Dwarf_Die *inlined, const struct search *s)
{
	Dwarf_Attribute attr;
	Dwarf_Files *files;
	Dwarf_Word file, line;

	return !dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attr), &line) &&
	       (int)line == s->line &&
	       !dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attr), &file) &&
	       !dwarf_getsrcfiles(cu, &files, NULL) &&
	       same_file(dwarf_filesrc(files, file, NULL, NULL), s->name);
}

static bool is_called(Dwarf_Die *die, const char *name)
{
	const char *own = dwarf_diename(die);

	return own && !strcmp(own, name);
}

static bool is_wanted(Dwarf_Die *cu, Dwarf_Die *die, int tag, const struct search *s)
{
	switch (s->of) {
	case FUNCTIONS:
		return tag == DW_TAG_subprogram && is_called(die, s->name);
	case COPIES:
		return tag == DW_TAG_inlined_subroutine && is_called(die, s->name);
	case FILES:
		return same_file(dwarf_decl_file(die), s->name);
	case LINES:
		break;
	}
	return tag == DW_TAG_inlined_subroutine && called_on_line(cu, die, s);
}

/* Functions, and below them blocks and inlined functions. */
static void search_entry(Dwarf_Die *cu, Dwarf_Die *die, Dwarf_Addr bias, struct search *s)
{
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return;
	do {
		int tag = dwarf_tag(&child);

		if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine &&
		    tag != DW_TAG_lexical_block)
			continue;
		if (tag != DW_TAG_lexical_block && is_wanted(cu, &child, tag, s))
			tell_ranges(s, &child, bias);
		search_entry(cu, &child, bias, s);
	} while (!dwarf_siblingof(&child, &child));
}

static void search_lines(Dwarf_Die *cu, Dwarf_Addr bias, struct search *s)
{
	Dwarf_Lines *lines;
	size_t count;

	if (dwarf_getsrclines(cu, &lines, &count))
		return;
	for (size_t i = 0; i + 1 < count; i++) {
		Dwarf_Line *line = dwarf_onesrcline(lines, i);
		Dwarf_Addr start, end;
		bool last;
		int number;

		if (dwarf_lineendsequence(line, &last) || last || dwarf_lineno(line, &number) ||
		    number != s->line || !same_file(dwarf_linesrc(line, NULL, NULL), s->name))
			continue;
		if (!dwarf_lineaddr(line, &start) &&
		    !dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &end) && start < end)
			tell(s, start + bias, end + bias);
	}
}

static void find_in_dwarf(const struct code_view *view, void *arg)
{
	struct search *s = arg;
	Dwarf_Addr bias;
	Dwarf_Die *cu = NULL;

	if (!view->mod || !view->module)
		return;
	while ((cu = dwfl_module_nextcu(view->mod, cu, &bias))) {
		s->debug_information = true;
		if (s->of == LINES)
			search_lines(cu, bias, s);
		search_entry(cu, cu, bias, s);
	}
}

/* ---- the questions ---- */

static void ask_debug_information(struct search *s, int of)
{
	s->of = of;
	symbols_each_module(find_in_dwarf, s);
	symbols_each_object(find_in_dwarf, s);
}

/* A compiler may drop the symbol of an init function and keep its alias init_module: then only debug information has
 * the name. */
int symbols_find_function(const char *name, bool copies, range_fn *fn, void *arg)
{
	struct search s = {.name = name, .fn = fn, .arg = arg};

	s.count = (int)symbols_in_tables(name, fn, arg);
	symbols_each_module(find_symbol, &s);
	s.count += (int)symbols_in_kernel(name, fn, arg);
	symbols_each_object(find_symbol, &s);
	if (!s.count)
		ask_debug_information(&s, FUNCTIONS);
	if (copies)
		ask_debug_information(&s, COPIES);
	return s.count;
}

int symbols_find_file(const char *file, int line, range_fn *fn, void *arg)
{
	struct search s = {.name = file, .line = line, .fn = fn, .arg = arg};

	ask_debug_information(&s, line ? LINES : FILES);
	return s.debug_information ? s.count : -1;
}

static void find_module(const struct code_view *view, void *arg)
{
	struct search *s = arg;

	if (!view->module || strcmp(view->module, s->name) != 0)
		return;
	view->extent(view, s->fn, s->arg);
	s->count++;
}

int symbols_find_module(const char *name, range_fn *fn, void *arg)
{
	struct search s = {.name = name, .fn = fn, .arg = arg};

	symbols_each_module(find_module, &s);
	symbols_each_object(find_module, &s);
	return s.count;
}
