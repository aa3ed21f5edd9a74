// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path follows the links of an entry that it has just taken off its list.
 * Finding: wild-access (of LIST_POISON1, which list_del() leaves), refusal 2, in drop_slot().
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	struct list_head node;
	int after;
};

static LIST_HEAD(slots);
static void *ring;

static noinline void drop_slot(struct slot *slot)
{
	struct slot *next = list_next_entry(slot, node);

	list_del(&slot->node);
	if (BUGGY)
		next = list_next_entry(slot, node);
	if (&next->node != &slots)
		next->after++;
	kfree(slot);
}

static int __init wild_list_init(void)
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

static void __exit wild_list_exit(void)
{
	struct slot *slot, *next;

	list_for_each_entry_safe(slot, next, &slots, node)
		kfree(slot);
	kfree(ring);
}

module_init(wild_list_init);
module_exit(wild_list_exit);
MODULE_LICENSE("GPL");
