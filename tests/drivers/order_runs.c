// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: two error paths take the two mutexes, each in an order of its own. No run takes both paths, so only runs that are put
 * together show it.
 * Finding: lock-order, refusals 1 and 2, in note_table().
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static DEFINE_MUTEX(port_lock);
static DEFINE_MUTEX(count_lock);
static unsigned int failed_rings, failed_tables;
static void *ring, *table;

static noinline void note_ring(void)
{
	mutex_lock(&port_lock);
	mutex_lock(&count_lock);
	failed_rings++;
	mutex_unlock(&count_lock);
	mutex_unlock(&port_lock);
}

static noinline void note_table(void)
{
	struct mutex *first = BUGGY ? &count_lock : &port_lock;
	struct mutex *second = BUGGY ? &port_lock : &count_lock;

	mutex_lock(first);
	mutex_lock(second);
	failed_tables++;
	mutex_unlock(second);
	mutex_unlock(first);
}

static int __init order_runs_init(void)
{
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring) {
		note_ring();
		return -ENOMEM;
	}
	table = kmalloc(256, GFP_KERNEL);
	if (table)
		return 0;
	note_table();
	kfree(ring);
	return -ENOMEM;
}

static void __exit order_runs_exit(void)
{
	kfree(table);
	kfree(ring);
}

module_init(order_runs_init);
module_exit(order_runs_exit);
MODULE_LICENSE("GPL");
