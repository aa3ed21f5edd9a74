// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path writes into the object that it has just freed.
 * Finding: use-after-free (write), refusal 2; the object is freed in drop_slot().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	char name[40];
	int state;
};

static struct slot *slot;
static void *ring;

static noinline void drop_slot(struct slot *s)
{
	if (!BUGGY)
		WRITE_ONCE(s->state, -1);
	kfree(s);
	if (BUGGY)
		WRITE_ONCE(s->state, -1);
}

static int __init use_after_free_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_slot(slot);
	return -ENOMEM;
}

static void __exit use_after_free_exit(void)
{
	kfree(ring);
	kfree(slot);
}

module_init(use_after_free_init);
module_exit(use_after_free_exit);
MODULE_LICENSE("GPL");
