// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a semaphore taken, and the next one waits for it.
 * Seen: hang.
 */
#include <linux/semaphore.h>
#include "catalogue.h"

static DEFINE_SEMAPHORE(slots);

static int use(size_t size)
{
	void *object;

	down(&slots); /* @made */
	object = kmalloc(size, GFP_KERNEL);
	if (!object) {
		if (fixed)
			up(&slots);
		return -ENOMEM;
	}
	kfree(object);
	up(&slots);
	return 0;
}

static int __init start(void)
{
	if (use(32)) /* @bug */
		return use(16);
	return 0;
}

only_init(start);
