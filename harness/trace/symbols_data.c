// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of variables, for reports that speak of one: from the symbol tables of modules, of the native driver and
 * of the kernel. Slow (it reads whole tables), and asked for a handful of addresses in a report.
 */
#include <string.h>
#include "symbols_internal.h"

struct search {
	uint64_t addr;
	struct frame *frame;
	bool found;
};

static void look_in(const struct code_view *view, void *arg)
{
	struct search *s = arg;
	int count = view->mod && !s->found ? dwfl_module_getsymtab(view->mod) : 0;

	for (int i = 1; i < count; i++) {
		GElf_Addr addr;
		GElf_Sym sym;
		const char *name =
			dwfl_module_getsym_info(view->mod, i, &sym, &addr, NULL, NULL, NULL);

		if (!name || GELF_ST_TYPE(sym.st_info) != STT_OBJECT ||
		    s->addr - addr >= (sym.st_size ?: 1))
			continue;
		*s->frame = (struct frame){
			.pc = s->addr,
			.function = symbols_intern(name),
			.offset = s->addr - addr,
			.size = sym.st_size,
			.module = view->module,
		};
		s->found = true;
		return;
	}
}

bool symbols_resolve_data(uint64_t addr, struct frame *frame)
{
	struct search s = {.addr = addr, .frame = frame};

	*frame = (struct frame){.pc = addr, .function = ""};
	symbols_each_module(look_in, &s);
	if (!s.found)
		symbols_each_object(look_in, &s);
	return s.found || kernel_resolve(addr, addr, frame) > 0;
}
