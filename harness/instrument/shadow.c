// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow's memory (override/shadow.h): mapped for the windows that instrumented code writes to, when the first such code
 * is to be loaded, and given to the snapshot, so that a run that died in the midst of a function leaves no redzones behind.
 */
#include <errno.h>
#include <sys/mman.h>
#include "internal.h"

#define PAGE 4096ul

struct instrumented instrumented;

/* Whole pages of the shadow of a window. */
static struct snapshot_region region_of(unsigned i)
{
	uint64_t start = instrumented.windows->start[i];
	uint64_t low = (uint64_t)kf_shadow_of(start) & ~(PAGE - 1);
	uint64_t high = (uint64_t)kf_shadow_of(start + instrumented.windows->size[i]);

	return (struct snapshot_region){.start = low,
					.size = (high - low + PAGE - 1) & ~(PAGE - 1),
					.prot = PROT_READ | PROT_WRITE,
					.opaque = true};
}

static int map(const struct snapshot_region *region)
{
	void *p = mmap((void *)region->start, region->size, region->prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	return p == MAP_FAILED ? -errno : 0;
}

int shadow_open(const struct instrumented *world)
{
	struct snapshot_region regions[2];
	unsigned count;
	int error = 0;

	if (shadow_is_open())
		return 0;
	instrumented = *world;
	count = shadow_regions(regions);
	for (unsigned i = 0; i < count && !error; i++)
		error = map(&regions[i]);
	if (error)
		instrumented.windows = NULL;
	return error;
}

bool shadow_is_open(void)
{
	return instrumented.windows;
}

unsigned shadow_regions(struct snapshot_region *regions)
{
	unsigned count = 0;

	if (!shadow_is_open())
		return 0;
	for (unsigned i = 0; i < 2; i++)
		if (instrumented.windows->size[i])
			regions[count++] = region_of(i);
	return count;
}
