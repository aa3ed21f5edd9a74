// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path does not destroy a per-CPU counter.
 * Finding: resource-leak (per-CPU counter), made in make_counter().
 */
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/slab.h>

static struct percpu_counter counter;
static void *ring;

static noinline int make_counter(void)
{
	return percpu_counter_init(&counter, 0, GFP_KERNEL);
}

static int __init left_percpu_counter_init(void)
{
	int err = make_counter();

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		percpu_counter_destroy(&counter);
	return -ENOMEM;
}

static void __exit left_percpu_counter_exit(void)
{
	kfree(ring);
	percpu_counter_destroy(&counter);
}

module_init(left_percpu_counter_init);
module_exit(left_percpu_counter_exit);
MODULE_LICENSE("GPL");
