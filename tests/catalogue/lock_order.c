// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: two mutexes are taken in one order here, and in the other there.
 * Seen: lock order, without any deadlock; lockdep's possible circular locking dependency.
 */
#include <linux/mutex.h>
#include "catalogue.h"

static DEFINE_MUTEX(ports);
static DEFINE_MUTEX(names);

static noinline void add(void)
{
	mutex_lock(&ports);
	mutex_lock(&names); /* @first */
	mutex_unlock(&names);
	mutex_unlock(&ports);
}

static noinline void rename(void)
{
	struct mutex *outer = fixed ? &ports : &names, *inner = fixed ? &names : &ports;

	mutex_lock(outer);
	mutex_lock(inner); /* @bug */
	mutex_unlock(inner);
	mutex_unlock(outer);
}

static int __init start(void)
{
	add();
	rename();
	return 0;
}

only_init(start);
