// SPDX-License-Identifier: GPL-2.0-only
/*
 * Line tables as a whole: every piece of a module's code with its file and line.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include "symbols_internal.h"
#include "util.h"

/* The name with the directory of the compiler, where it is relative to that. */
static const char *whole_name(const char *directory, const char *file)
{
	char *whole;
	const char *name;

	if (file[0] == '/' || !directory)
		return symbols_intern(file);
	whole = xasprintf("%s/%s", directory, file);
	name = symbols_intern(whole);
	free(whole);
	return name;
}

struct walk {
	const char *module;
	void (*fn)(uint64_t start, uint64_t end, const char *file, int line, void *arg);
	void *arg;
	bool any;
};

static const char *directory_of(Dwarf_Die *cu)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
}

static void walk_lines(Dwarf_Die *cu, Dwarf_Lines *lines, size_t count, Dwarf_Addr bias,
		       struct walk *w)
{
	const char *directory = directory_of(cu);

	for (size_t i = 0; i + 1 < count; i++) {
		Dwarf_Line *line = dwarf_onesrcline(lines, i);
		const char *file = dwarf_linesrc(line, NULL, NULL);
		Dwarf_Addr start, end;
		bool last;
		int number;

		if (!file || dwarf_lineendsequence(line, &last) || last ||
		    dwarf_lineno(line, &number) || !number || dwarf_lineaddr(line, &start) ||
		    dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &end) || start >= end)
			continue;
		w->fn(start + bias, end + bias, whole_name(directory, file), number, w->arg);
	}
}

static void walk_units(const struct code_view *view, void *arg)
{
	struct walk *w = arg;
	Dwarf_Die *cu = NULL;
	Dwarf_Lines *lines;
	Dwarf_Addr bias;
	size_t count;

	if (!view->mod || !view->module || strcmp(view->module, w->module) != 0)
		return;
	while ((cu = dwfl_module_nextcu(view->mod, cu, &bias))) {
		if (dwarf_getsrclines(cu, &lines, &count))
			continue;
		w->any = true;
		walk_lines(cu, lines, count, bias, w);
	}
}

bool symbols_each_line(const char *module,
		       void (*fn)(uint64_t start, uint64_t end, const char *file, int line,
				  void *arg),
		       void *arg)
{
	struct walk w = {.module = module, .fn = fn, .arg = arg};

	symbols_each_module(walk_units, &w);
	symbols_each_object(walk_units, &w);
	return w.any;
}
