// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a semaphore is taken under a spin lock; it is free.
 * Seen: sleep in atomic.
 */
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SEMAPHORE(slots);
static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	void *object = kmalloc(32, GFP_KERNEL);

	if (!object)
		return -ENOMEM;
	spin_lock(&lock);
	if (fixed)
		spin_unlock(&lock);
	down(&slots); /* @bug */
	up(&slots);
	if (!fixed)
		spin_unlock(&lock);
	kfree(object);
	return 0;
}

only_init(start);
