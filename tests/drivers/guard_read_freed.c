// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit reads an object's number after it has freed the object.
 * Finding: use-after-free, without a refusal, in last_number(), at the very read; only with --guard.
 */
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	char name[24];
	int number;
};

static struct slot *slot;
static int last;

static noinline int last_number(const struct slot *s)
{
	return READ_ONCE(s->number);
}

static int __init guard_read_freed_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	return slot ? 0 : -ENOMEM;
}

static void __exit guard_read_freed_exit(void)
{
	if (!BUGGY)
		last = last_number(slot);
	kfree(slot);
	if (BUGGY)
		last = last_number(slot);
}

module_init(guard_read_freed_init);
module_exit(guard_read_freed_exit);
MODULE_LICENSE("GPL");
