// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: init waits, busily and without a limit, for a flag that is only set when the allocation
 * succeeded.
 * Finding: hang (endless loop), refusal 1, in wait_ready().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

static int ready;
static void *ring;

static noinline void wait_ready(void)
{
	while (!READ_ONCE(ready))
		barrier();
}

static int __init hang_poll_init(void)
{
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		WRITE_ONCE(ready, 1);
	else if (!BUGGY)
		return -ENOMEM;
	wait_ready();
	return 0;
}

static void __exit hang_poll_exit(void)
{
	kfree(ring);
}

module_init(hang_poll_init);
module_exit(hang_poll_exit);
MODULE_LICENSE("GPL");
