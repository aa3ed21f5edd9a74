// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: GFP_KERNEL in a tasklet.
 * Seen: sleep in atomic.
 */
#include <linux/interrupt.h>
#include "catalogue.h"

static void serve(struct tasklet_struct *tasklet)
{
	kfree(kmalloc(64, fixed ? GFP_ATOMIC : GFP_KERNEL)); /* @bug */
}

static DECLARE_TASKLET(tasklet, serve);

static int __init start(void)
{
	tasklet_schedule(&tasklet);
	schedule_timeout_uninterruptible(5);
	tasklet_kill(&tasklet);
	return 0;
}

only_init(start);
