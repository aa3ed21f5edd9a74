// SPDX-License-Identifier: GPL-2.0-only
/* A pass by runs of their own: each point from the snapshot on. */
#include "pass.h"

uint32_t pass_run(const struct target *target, const struct run_options *options,
		  const struct run_expect *expect, uint32_t first, uint32_t last,
		  void (*report)(uint32_t n, struct run_result *result, void *arg), void *arg)
{
	for (uint32_t n = first; n <= last; n++) {
		const struct schedule schedule = {.ranges = {{n, n}}, .count = 1};
		struct run_result result;
		bool died;

		run_schedule(target, options, expect, &schedule, &result);
		died = result.died;
		report(n, &result, arg);
		run_result_clear(&result);
		if (died)
			return n;
	}
	return last;
}

const char *pass_unable(const struct target *target)
{
	return "a run for each point is all that there is";
}
