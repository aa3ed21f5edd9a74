// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the result of kzalloc() is used unchecked.
 * Finding: null-dereference, refusal 1, in make_slot().
 */
#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	char name[24];
	int users;
};

static struct slot *slot;

static noinline struct slot *make_slot(void)
{
	struct slot *new = kzalloc(sizeof(*new), GFP_KERNEL);

	if (!new && !BUGGY)
		return NULL;
	new->users = 1;
	return new;
}

static int __init null_deref_init(void)
{
	slot = make_slot();
	return slot ? 0 : -ENOMEM;
}

static void __exit null_deref_exit(void)
{
	kfree(slot);
}

module_init(null_deref_init);
module_exit(null_deref_exit);
MODULE_LICENSE("GPL");
