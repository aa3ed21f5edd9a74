// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is given to kfree_rcu() twice before the grace period ends.
 * Finding: warning, without a refusal; the kernel's words are "Double-freed call".
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct entry {
	long value;
	struct rcu_head rcu;
};

static noinline void drop_entry(struct entry *entry)
{
	kfree_rcu(entry, rcu);
	if (BUGGY)
		kfree_rcu(entry, rcu);
}

static int __init double_free_rcu_init(void)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return -ENOMEM;
	drop_entry(entry);
	return 0;
}

static void __exit double_free_rcu_exit(void)
{
	rcu_barrier();
}

module_init(double_free_rcu_init);
module_exit(double_free_rcu_exit);
MODULE_LICENSE("GPL");
