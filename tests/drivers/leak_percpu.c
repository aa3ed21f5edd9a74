// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets a per-CPU area.
 * Finding: leak of per-CPU memory, refusal 2, allocated in make_counters().
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

struct counters {
	u64 packets, bytes;
};

static struct counters __percpu *counters;
static void *ring;

static noinline struct counters __percpu *make_counters(void)
{
	return alloc_percpu(struct counters);
}

static int __init leak_percpu_init(void)
{
	counters = make_counters();
	if (!counters)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring)
		goto free_counters;
	return 0;

free_counters:
	if (!BUGGY)
		free_percpu(counters);
	return -ENOMEM;
}

static void __exit leak_percpu_exit(void)
{
	kfree(ring);
	free_percpu(counters);
}

module_init(leak_percpu_init);
module_exit(leak_percpu_exit);
MODULE_LICENSE("GPL");
