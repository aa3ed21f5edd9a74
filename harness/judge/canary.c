// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canary: a leak that kfail makes itself, as if the module under test had made it. A gate that does not find it
 * is blind, and its silence means nothing.
 *
 * It takes the way of every other leak: allocator, hook, journal, the question what is left, verdict. Only who asked
 * for it is not looked up on the stack. No pointer to it is kept in the world, so that a scan must find it as well.
 */
#include "evidence.h"

#include <string.h>
#include "../../allocator/core/gfp.h"
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"

#define CANARY_SIZE 77 /* in no size class of its own */

static const void *planted; /* host memory */

struct caller canary_caller(void)
{
	uint64_t pc = (uint64_t)judge_plant_canary;

	return (struct caller){.stack = depot_save(&pc, 1), .on_behalf = true};
}

void judge_plant_canary(void)
{
	judge.planting = true;
	planted = kf_kmalloc(CANARY_SIZE, KF_GFP_KERNEL);
	judge.planting = false;
}

const void *judge_canary(void)
{
	return planted;
}

/* Addresses are no proof: a leak of the driver's may lie there when this one is gone. */
bool judge_is_canary(const struct finding *finding)
{
	return finding->kind == FINDING_LEAK && finding->object_count == 1 && planted &&
	       finding->objects[0].addr == (uint64_t)planted &&
	       finding->objects[0].size == CANARY_SIZE && finding->objects[0].allocated.count == 1;
}
