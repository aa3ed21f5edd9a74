// SPDX-License-Identifier: GPL-2.0-only
/*
 * The targets: what `kfail fuzz --target` takes.
 */
#include "targets.h"

#include "allocator/allocator.h"
#include "canary/canary.h"
#include "driver/driver.h"
#include "parsers/parsers.h"

/* clang-format off */
const struct fuzz_target *const fuzz_targets[] = {
	&allocator_target,
	&driver_target,
	&canary_target,
	&schedule_target,
	&accepted_target,
	&suppressions_target,
	&text_target,
	&module_target,
	&store_target,
	&nothing_target,
	NULL,
};
/* clang-format on */

static int open_nothing(const struct fuzz_setup *setup, char *err)
{
	return 0;
}

static void run_nothing(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
}

const struct fuzz_target nothing_target = {
	.name = "nothing",
	.about = "Takes inputs and does nothing: what the engine itself costs",
	.open = open_nothing,
	.run = run_nothing,
};
