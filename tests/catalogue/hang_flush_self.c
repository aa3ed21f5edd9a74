// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a work waits until it has itself come to its end.
 * Seen: a hang; lockdep's possible recursive locking.
 */
#include <linux/workqueue.h>
#include "catalogue.h"

static void run(struct work_struct *work)
{
	if (!fixed)
		flush_work(work); /* @bug */
}

static DECLARE_WORK(work, run);

static int __init start(void)
{
	schedule_work(&work);
	flush_work(&work);
	return 0;
}

only_init(start);
