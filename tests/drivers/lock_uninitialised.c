// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the mutex of an object is used, but was never initialised: zeroed memory is none.
 * Finding: context, without a refusal, in use_slot().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct slot {
	struct mutex lock;
	int uses;
};

static struct slot *slot;

static noinline void use_slot(void)
{
	mutex_lock(&slot->lock);
	slot->uses++;
	mutex_unlock(&slot->lock);
}

static int __init lock_uninitialised_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	if (!BUGGY)
		mutex_init(&slot->lock);
	use_slot();
	return 0;
}

static void __exit lock_uninitialised_exit(void)
{
	kfree(slot);
}

module_init(lock_uninitialised_init);
module_exit(lock_uninitialised_exit);
MODULE_LICENSE("GPL");
