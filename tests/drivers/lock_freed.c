// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path frees an object while the mutex in it is held.
 * Finding: context (held lock freed), refusal 2, in drop_slot().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct slot {
	struct mutex lock;
	void *ring;
};

static struct slot *slot;

static noinline void drop_slot(void)
{
	kfree(slot);
	slot = NULL;
}

static int __init lock_freed_init(void)
{
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	mutex_init(&slot->lock);
	mutex_lock(&slot->lock);
	slot->ring = kmalloc(512, GFP_KERNEL);
	if (!slot->ring) {
		if (!BUGGY)
			mutex_unlock(&slot->lock);
		drop_slot();
		return -ENOMEM;
	}
	mutex_unlock(&slot->lock);
	return 0;
}

static void __exit lock_freed_exit(void)
{
	kfree(slot->ring);
	drop_slot();
}

module_init(lock_freed_init);
module_exit(lock_freed_exit);
MODULE_LICENSE("GPL");
