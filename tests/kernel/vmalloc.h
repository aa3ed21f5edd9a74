/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by lib/test_vmalloc.c. The kernel exports __vmalloc_node() to that test only, and only when it is built
 * with the kernel (CONFIG_TEST_VMALLOC). Here it is found by its name, among the neighbours of vmalloc(),
 * which is in the same file of the kernel.
 */
#ifndef KFAIL_TESTS_VMALLOC_H
#define KFAIL_TESTS_VMALLOC_H

#include <linux/kallsyms.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

/* Functions start at multiples of 16. */
static inline unsigned long kfail_find_near(const char *name, unsigned long near)
{
	const unsigned long reach = 64 << 10;
	char found[KSYM_SYMBOL_LEN];
	unsigned long addr;

	near &= ~15ul;
	for (addr = near - reach; addr < near + reach; addr += 16) {
		sprint_symbol_no_offset(found, addr);
		if (!strcmp(found, name))
			return addr;
	}
	panic("%s is not near %ps", name, (void *)near);
}

static inline void *kfail_vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp, int node,
				       const void *caller)
{
	static typeof(__vmalloc_node) *function;

	if (!function)
		function = (void *)kfail_find_near("__vmalloc_node", (unsigned long)vmalloc);
	return function(size, align, gfp, node, caller);
}
#define __vmalloc_node kfail_vmalloc_node

#endif
