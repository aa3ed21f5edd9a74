// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: free_percpu() of an area twice.
 * Seen: double free; the kernel's map of the chunk is damaged.
 */
#include <linux/percpu.h>
#include "catalogue.h"

static int __init start(void)
{
	void __percpu *counters = __alloc_percpu(32, 8); /* @made */

	if (!counters)
		return -ENOMEM;
	free_percpu(counters); /* @freed */
	if (!fixed)
		free_percpu(hide(counters)); /* @bug */
	return 0;
}

only_init(start);
