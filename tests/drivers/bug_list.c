// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path takes an entry off its list twice. CONFIG_DEBUG_LIST makes a BUG() of it.
 * Finding: bug, refusal 2, in drop_slot().
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	struct list_head node;
	int id;
};

static LIST_HEAD(slots);
static void *ring;

static noinline void drop_slot(struct slot *slot)
{
	list_del(&slot->node);
	if (BUGGY)
		list_del(&slot->node);
	kfree(slot);
}

static int __init bug_list_init(void)
{
	struct slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return -ENOMEM;
	list_add(&slot->node, &slots);
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_slot(slot);
	return -ENOMEM;
}

static void __exit bug_list_exit(void)
{
	struct slot *slot, *next;

	list_for_each_entry_safe(slot, next, &slots, node)
		kfree(slot);
	kfree(ring);
}

module_init(bug_list_init);
module_exit(bug_list_exit);
MODULE_LICENSE("GPL");
