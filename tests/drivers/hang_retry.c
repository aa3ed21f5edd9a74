// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an allocation is retried until it succeeds. One refusal is absorbed; a machine that stays
 * full hangs.
 * Finding: hang (endless loop), refusals 1+, in make_ring().
 */
#include <linux/module.h>
#include <linux/slab.h>

static void *ring;

static noinline void *make_ring(void)
{
	void *new;
	int tries = 0;

	do {
		new = kmalloc(512, GFP_KERNEL);
	} while (!new && (BUGGY || ++tries < 3));
	return new;
}

static int __init hang_retry_init(void)
{
	ring = make_ring();
	return ring ? 0 : -ENOMEM;
}

static void __exit hang_retry_exit(void)
{
	kfree(ring);
}

module_init(hang_retry_init);
module_exit(hang_retry_exit);
MODULE_LICENSE("GPL");
