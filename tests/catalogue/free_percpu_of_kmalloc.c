// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: kfree() of a per-CPU area.
 * Seen: invalid free.
 */
#include <linux/percpu.h>
#include "catalogue.h"

static int __init start(void)
{
	void __percpu *counters = __alloc_percpu(32, 8); /* @made */

	if (!counters)
		return -ENOMEM;
	if (!fixed)
		kfree((void __force *)hide(counters)); /* @bug */
	free_percpu(counters);
	return 0;
}

only_init(start);
