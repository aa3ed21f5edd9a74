// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a per-CPU area.
 * After: kmemleak-test.
 * Seen: leak.
 */
#include <linux/percpu.h>
#include "catalogue.h"

static void __percpu *counters;

static int __init start(void)
{
	counters = __alloc_percpu(48, 8); /* @made */
	return counters ? 0 : -ENOMEM;
}

static void __exit stop(void)
{
	if (fixed)
		free_percpu(counters);
}

module_init(start);
module_exit(stop);
