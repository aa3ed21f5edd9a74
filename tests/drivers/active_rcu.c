// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object that kfree_rcu() will free is freed at once as well.
 * Findings: use-after-free (rcu_head active), refusal 2, in drop_entry(); and what the queue makes of the freed head.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct entry {
	long value;
	struct rcu_head rcu;
};

static struct entry *entry;
static void *ring;

static void free_entry(struct rcu_head *head)
{
	kfree(container_of(head, struct entry, rcu));
}

static noinline void drop_entry(struct entry *e)
{
	call_rcu(&e->rcu, free_entry);
	if (BUGGY)
		kfree(e);
}

static int __init active_rcu_init(void)
{
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	drop_entry(entry);
	rcu_barrier();
	return -ENOMEM;
}

static void __exit active_rcu_exit(void)
{
	kfree(ring);
	call_rcu(&entry->rcu, free_entry);
	rcu_barrier();
}

module_init(active_rcu_init);
module_exit(active_rcu_exit);
MODULE_LICENSE("GPL");
