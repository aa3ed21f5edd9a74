// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a table of 20 KiB, in a block of 32 KiB, is read beyond its end.
 * Finding: out-of-bounds, without a refusal, in last_entry(), at the very read; only with --guard.
 */
#include <linux/module.h>
#include <linux/slab.h>

#define ENTRIES 5120

static u32 *table;

static noinline u32 last_entry(const u32 *from, unsigned int count)
{
	return READ_ONCE(from[BUGGY ? count : count - 1]);
}

static int __init guard_read_large_init(void)
{
	table = kcalloc(ENTRIES, sizeof(*table), GFP_KERNEL);
	return table ? 0 : -ENOMEM;
}

static void __exit guard_read_large_exit(void)
{
	table[0] = last_entry(table, ENTRIES);
	kfree(table);
}

module_init(guard_read_large_init);
module_exit(guard_read_large_exit);
MODULE_LICENSE("GPL");
