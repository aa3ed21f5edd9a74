// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one word behind a per-CPU area is written.
 * Seen: out of bounds; the kernel has no redzones there.
 */
#include <linux/percpu.h>
#include "catalogue.h"

static int __init start(void)
{
	size_t end = fixed ? 2 : 3;
	unsigned long __percpu *counters =
		__alloc_percpu(3 * sizeof(long), sizeof(long)); /* @made */

	if (!counters)
		return -ENOMEM;
	WRITE_ONCE(per_cpu_ptr(counters, 0)[hide(end)], 1); /* @bug */
	free_percpu(counters);
	return 0;
}

only_init(start);
