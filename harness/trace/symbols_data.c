// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of variables: of the kernel from its own table, of modules and of the native driver from their ELF symbols. Asked a
 * few times in a report, so nothing is kept.
 */
#include <string.h>
#include "symbols_internal.h"

struct search {
	uint64_t addr, offset;
	const char *name, *module;
};

static void look_at(const struct code_view *view, int i, struct search *s)
{
	GElf_Addr addr;
	GElf_Sym sym;
	const char *name = dwfl_module_getsym_info(view->mod, i, &sym, &addr, NULL, NULL, NULL);

	if (!name || !*name || GELF_ST_TYPE(sym.st_info) != STT_OBJECT ||
	    sym.st_shndx == SHN_UNDEF || s->addr - addr >= sym.st_size)
		return;
	s->name = symbols_intern(name);
	s->offset = s->addr - addr;
	s->module = view->module;
}

static void look_in(const struct code_view *view, void *arg)
{
	struct search *s = arg;
	int count = s->name || !view->mod ? 0 : dwfl_module_getsymtab(view->mod);

	for (int i = 1; i < count && !s->name; i++)
		look_at(view, i, s);
}

const char *symbols_variable(uint64_t addr, uint64_t *offset, const char **module)
{
	struct search s = {.addr = addr};

	*module = NULL;
	s.name = symbols_kernel_name(addr, offset);
	if (s.name)
		return s.name;
	symbols_each_module(look_in, &s);
	if (!s.name)
		symbols_each_object(look_in, &s);
	*offset = s.offset;
	*module = s.module;
	return s.name;
}
