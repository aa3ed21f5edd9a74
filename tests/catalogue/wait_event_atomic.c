// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: wait_event() under a spin lock; the condition is true already.
 * Seen: sleep in atomic.
 */
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "catalogue.h"

static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static int ready = 1;

static int __init start(void)
{
	spin_lock(&lock);
	if (fixed)
		spin_unlock(&lock);
	wait_event(queue, READ_ONCE(ready)); /* @bug */
	if (!fixed)
		spin_unlock(&lock);
	return 0;
}

only_init(start);
