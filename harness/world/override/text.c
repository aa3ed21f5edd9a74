// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing code and its protection: arch/x86/kernel/alternative.c, arch/x86/mm/pat/set_memory.c,
 * kernel/trace/ftrace.c. All memory of the world is writable and executable where it needs to be,
 * so patching is memcpy. Alternatives stay as compiled: the variants for the oldest CPU.
 */
#include <linux/module.h>
#include <linux/set_memory.h>
#include <linux/string.h>
#include <asm/text-patching.h>
#include "host.h"

void *text_poke(void *addr, const void *opcode, size_t len)
{
	return memcpy(addr, opcode, len);
}

void *text_poke_kgdb(void *addr, const void *opcode, size_t len)
{
	return memcpy(addr, opcode, len);
}

void *text_poke_copy(void *addr, const void *opcode, size_t len)
{
	return memcpy(addr, opcode, len);
}

void *text_poke_set(void *addr, int c, size_t len)
{
	return memset(addr, c, len);
}

void text_poke_early(void *addr, const void *opcode, size_t len)
{
	memcpy(addr, opcode, len);
}

void text_poke_bp(void *addr, const void *opcode, size_t len, const void *emulate)
{
	memcpy(addr, opcode, len);
}

void text_poke_queue(void *addr, const void *opcode, size_t len, const void *emulate)
{
	memcpy(addr, opcode, len);
}

void text_poke_finish(void)
{
}

void apply_paravirt(struct paravirt_patch_site *start, struct paravirt_patch_site *end)
{
}

void apply_alternatives(struct alt_instr *start, struct alt_instr *end)
{
}

void apply_retpolines(s32 *start, s32 *end)
{
}

void apply_returns(s32 *start, s32 *end)
{
}

void apply_ibt_endbr(s32 *start, s32 *end)
{
}

void alternatives_smp_module_add(struct module *mod, char *name, void *locks, void *locks_end,
				 void *text, void *text_end)
{
}

void alternatives_smp_module_del(struct module *mod)
{
}

void alternatives_enable_smp(void)
{
}

void ftrace_module_init(struct module *mod)
{
}

void ftrace_module_enable(struct module *mod)
{
}

void ftrace_release_mod(struct module *mod)
{
}

void ftrace_free_mem(struct module *mod, void *start, void *end)
{
}

int set_memory_ro(unsigned long addr, int pages)
{
	return 0;
}

int set_memory_rw(unsigned long addr, int pages)
{
	return 0;
}

int set_memory_x(unsigned long addr, int pages)
{
	return 0;
}

int set_memory_nx(unsigned long addr, int pages)
{
	return 0;
}

int change_page_attr_set_clr(unsigned long *addr, int pages, pgprot_t set, pgprot_t clear,
			     int force_split, int in_flag, struct page **array)
{
	return 0;
}

void module_enable_ro(const struct module *mod, bool after_init)
{
}

void module_enable_nx(const struct module *mod)
{
}

void module_enable_x(const struct module *mod)
{
}
