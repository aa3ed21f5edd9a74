// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: cancel_work_sync() under a spin lock.
 * Seen: sleep in atomic.
 */
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);

static void run(struct work_struct *work)
{
}

static DECLARE_WORK(work, run);

static int __init start(void)
{
	spin_lock(&lock);
	if (fixed)
		spin_unlock(&lock);
	cancel_work_sync(&work); /* @bug */
	if (!fixed)
		spin_unlock(&lock);
	return 0;
}

only_init(start);
