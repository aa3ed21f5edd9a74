// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbols that modules find though their kernel does not export them: functions of this layer, listed in exports.def. For
 * the loader they look like exports of vmlinux without a checksum, for modules of any licence.
 *
 * What the kernel or a loaded module exports comes first, and a module that defines such a name itself never asks. Only who
 * wants to use a symbol (fsa->warn) is answered: verify_exported_symbols() asks too, whether a name that a module exports
 * is taken, and it is not.
 */
#include <linux/export.h>
#include <linux/module.h>
#include "host.h"

/* kernel/module/internal.h */
struct find_symbol_arg {
	const char *name;
	bool gplok, warn;
	struct module *owner;
	const s32 *crc;
	const struct kernel_symbol *sym;
	int license;
};

extern bool orig_find_symbol(struct find_symbol_arg *fsa);

/* Of the newest answer: the loader takes its value before it asks again. */
static struct kernel_symbol answer;

static void set_value(u64 address)
{
#ifdef CONFIG_HAVE_ARCH_PREL32_RELOCATIONS
	answer.value_offset = (int)(address - (u64)&answer.value_offset);
#else
	answer.value = address;
#endif
}

/* kernel/module/main.c */
bool find_symbol(struct find_symbol_arg *fsa)
{
	u64 address;

	if (orig_find_symbol(fsa))
		return true;
	address = fsa->warn ? host_export(fsa->name) : 0;
	if (!address)
		return false;
	set_value(address);
	fsa->owner = NULL;
	fsa->crc = NULL;
	fsa->sym = &answer;
	fsa->license = 0; /* NOT_GPL_ONLY */
	return true;
}
