// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: vfree() under a spin lock.
 * Seen: sleep in atomic, or context.
 */
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	void *area = vmalloc(5000);

	if (!area)
		return -ENOMEM;
	spin_lock(&lock);
	if (!fixed)
		vfree(area); /* @bug */
	spin_unlock(&lock);
	if (fixed)
		vfree(area);
	return 0;
}

only_init(start);
