// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an error path returns with a mutex held.
 * Seen: lock imbalance.
 */
#include <linux/mutex.h>
#include "catalogue.h"

static DEFINE_MUTEX(lock);
static void *table;

static int __init start(void)
{
	mutex_lock(&lock); /* @bug */
	table = kmalloc(64, GFP_KERNEL);
	if (!table && !fixed)
		return -ENOMEM;
	mutex_unlock(&lock);
	return table ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	kfree(table);
}

module_init(start);
module_exit(stop);
