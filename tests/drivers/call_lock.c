// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: nobody asks whether the semaphore was taken, and it is given back in any case: from then on two may enter.
 * Finding: bug, the driver's own check in leave().
 */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/semaphore.h>

static DEFINE_SEMAPHORE(port);

static noinline void leave(void)
{
	up(&port);
	BUG_ON(port.count > 1);
}

static int __init call_lock_init(void)
{
	int err = down_interruptible(&port);

	if (err && !BUGGY)
		return err;
	leave();
	return 0;
}

static void __exit call_lock_exit(void)
{
}

module_init(call_lock_init);
module_exit(call_lock_exit);
MODULE_LICENSE("GPL");
