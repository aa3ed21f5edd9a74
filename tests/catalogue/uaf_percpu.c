// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a per-CPU area is written after free_percpu().
 * Seen: use after free; the kernel has no poison there.
 */
#include <linux/percpu.h>
#include "catalogue.h"

static int __init start(void)
{
	long __percpu *counters = __alloc_percpu(64, 8); /* @made */
	long *mine;

	if (!counters)
		return -ENOMEM;
	mine = per_cpu_ptr(counters, 0);
	if (fixed)
		WRITE_ONCE(mine[4], 1);
	free_percpu(counters); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(mine)[4], 1); /* @bug */
	return 0;
}

only_init(start);
