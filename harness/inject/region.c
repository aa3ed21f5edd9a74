// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions that a program marks in itself (harness/native/include/kfail.h): kfail_fail_begin() to kfail_fail_end(), inside
 * of which alone requests are points; and kfail_benign_begin() to kfail_benign_end(), where a refusal is expected to be
 * absorbed.
 *
 * That a program marks points is known only when it has done so. So the baseline decides: its first mark throws away what
 * was counted before, and from then on, in every run of the sweep and in all workers, only what is marked counts. A program that never
 * marks anything is a single region.
 */
#include <stdatomic.h>
#include <sys/mman.h>
#include "../native/include/kfail.h"
#include "../trace/run_state.h"
#include "inject_internal.h"

static _Atomic bool alone;	      /* the flag, as long as nothing is shared */
static _Atomic bool *in_use = &alone; /* the baseline has marked a region */
static RUN_STATE unsigned open_regions, benign_regions;

void region_share(void)
{
	void *p;

	if (in_use != &alone) {
		atomic_store(in_use, false);
		return;
	}
	p = mmap(NULL, sizeof(*in_use), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		in_use = p;
}

void region_begin(void)
{
	open_regions = 0;
	benign_regions = 0;
}

bool region_in_use(void)
{
	return atomic_load_explicit(in_use, memory_order_relaxed);
}

bool region_is_open(void)
{
	return open_regions || !region_in_use();
}

bool region_is_benign(void)
{
	return benign_regions;
}

/* ---- for programs ---- */

void kfail_fail_begin(void)
{
	open_regions++;
	if (region_in_use() || !inject_is_baseline())
		return;
	atomic_store(in_use, true);
	inject_look_closer();
	inject_restart();
}

void kfail_fail_end(void)
{
	if (open_regions)
		open_regions--;
}

void kfail_benign_begin(void)
{
	benign_regions++;
}

void kfail_benign_end(void)
{
	if (benign_regions)
		benign_regions--;
}
