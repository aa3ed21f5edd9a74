// SPDX-License-Identifier: GPL-2.0-only
/* Names for addresses in the program, from its own debug information: only when it has crashed. */
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void describe(Dwfl_Module *module, uint64_t pc, char *text, size_t size)
{
	const char *function = dwfl_module_addrname(module, pc), *file = NULL, *slash;
	Dwfl_Line *source = dwfl_module_getsrc(module, pc);
	int line = 0;

	if (source)
		file = dwfl_lineinfo(source, NULL, &line, NULL, NULL, NULL);
	slash = file ? strrchr(file, '/') : NULL;
	if (file)
		snprintf(text, size, "%s() at %s:%d", function ? function : "?",
			 slash ? slash + 1 : file, line);
	else
		snprintf(text, size, "%s()", function ? function : "?");
}

void program_describe(uint64_t pc, char *text, size_t size)
{
	uint64_t base;
	const char *object = program_object(&base);
	Dwfl *dwfl = dwfl_begin(&callbacks);
	Dwfl_Module *module = NULL;

	snprintf(text, size, "%#lx", (unsigned long)pc);
	if (!dwfl)
		return;
	dwfl_report_begin(dwfl);
	dwfl_report_elf(dwfl, "scenario", object, -1, base, false);
	dwfl_report_end(dwfl, NULL, NULL);
	module = dwfl_addrmodule(dwfl, pc);
	if (module)
		describe(module, pc, text, size);
	dwfl_end(dwfl);
}
