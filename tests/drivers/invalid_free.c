// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees a member of an object instead of the object.
 * Finding: invalid-free, refusal 2, in drop_slot(). (And the object is lost: leak.)
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	int id;
	struct list_head node;
};

static struct slot *slot;
static void *ring;

static noinline void drop_slot(struct list_head *node)
{
	if (BUGGY)
		kfree(node);
	else
		kfree(list_entry(node, struct slot, node));
}

static int __init invalid_free_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_slot(&slot->node);
	return -ENOMEM;
}

static void __exit invalid_free_exit(void)
{
	kfree(ring);
	kfree(slot);
}

module_init(invalid_free_init);
module_exit(invalid_free_exit);
MODULE_LICENSE("GPL");
