// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees the entries of a list while it walks along them, and so reads the
 * next link from freed memory.
 * Finding: use-after-free (the poison of a free object is followed as a pointer), refusal 3, in
 * drop_slot(), called by drop_slots().
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	struct list_head node;
	int users;
};

static LIST_HEAD(slots);
static void *ring;
static int users;

static noinline void drop_slot(struct slot *slot)
{
	users -= slot->users;
	kfree(slot);
}

static noinline void drop_slots(void)
{
	struct slot *slot, *next;

	if (BUGGY)
		list_for_each_entry(slot, &slots, node)
			drop_slot(slot);
	else
		list_for_each_entry_safe(slot, next, &slots, node)
			drop_slot(slot);
	INIT_LIST_HEAD(&slots);
}

static int __init use_after_free_list_init(void)
{
	struct slot *slot;
	int i;

	for (i = 0; i < 2; i++) {
		slot = kzalloc(sizeof(*slot), GFP_KERNEL);
		if (!slot)
			goto free_slots;
		list_add_tail(&slot->node, &slots);
	}
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
free_slots:
	drop_slots();
	return -ENOMEM;
}

static void __exit use_after_free_list_exit(void)
{
	struct slot *slot, *next;

	list_for_each_entry_safe(slot, next, &slots, node)
		kfree(slot);
	kfree(ring);
}

module_init(use_after_free_list_init);
module_exit(use_after_free_list_exit);
MODULE_LICENSE("GPL");
