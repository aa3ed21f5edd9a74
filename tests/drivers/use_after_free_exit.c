// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit writes into an object that it has freed; no failure is needed.
 * Finding: use-after-free (write), without a refusal; the object is freed in drop_slot().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	char name[40];
	int state;
};

static struct slot *slot;

static noinline void drop_slot(struct slot *s)
{
	kfree(s);
}

static int __init use_after_free_exit_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	return slot ? 0 : -ENOMEM;
}

static void __exit use_after_free_exit_exit(void)
{
	if (!BUGGY)
		WRITE_ONCE(slot->state, -1);
	drop_slot(slot);
	if (BUGGY)
		WRITE_ONCE(slot->state, -1);
}

module_init(use_after_free_exit_init);
module_exit(use_after_free_exit_exit);
MODULE_LICENSE("GPL");
