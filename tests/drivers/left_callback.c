// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path does not wait for its RCU callback, which will run when the module's code is gone.
 * Finding: resource-leak (the callback), refusal 2.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct slot {
	struct rcu_head rcu;
	int id;
};

static void *ring;

static void drop(struct rcu_head *head)
{
	kfree(container_of(head, struct slot, rcu));
}

static int __init left_callback_init(void)
{
	struct slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	call_rcu(&slot->rcu, drop);
	if (ring)
		return 0;
	if (!BUGGY)
		rcu_barrier();
	return -ENOMEM;
}

static void __exit left_callback_exit(void)
{
	rcu_barrier();
	kfree(ring);
}

module_init(left_callback_init);
module_exit(left_callback_exit);
MODULE_LICENSE("GPL");
