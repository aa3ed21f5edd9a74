// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: msleep() under a spin lock.
 * After: LKDTM.
 * Seen: sleep in atomic.
 */
#include <linux/delay.h>
#include <linux/spinlock.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	spin_lock(&lock);
	if (fixed)
		udelay(10);
	else
		msleep(10); /* @bug */
	spin_unlock(&lock);
	return 0;
}

only_init(start);
