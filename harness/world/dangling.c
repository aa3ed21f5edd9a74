// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointers into the module that are left behind when it is gone: in objects that live, in the kernel's variables, in per-CPU
 * variables. Looked for only in words that have changed since the snapshot: what lay there before cannot be the module's
 * doing. Stacks, the allocators' own records, the memory map and the override layer do not count.
 */
#include <stdio.h>
#include "../../allocator/core/objects.h"
#include "../snapshot/snapshot.h"
#include "judged.h"
#include "prepare.h"
#include "world.h"
#include "world_internal.h"

struct search {
	void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg);
	void *arg;
};

static bool describe_object(uint64_t where, char *place, size_t size)
{
	struct kf_object object;

	if (!kf_object_at((void *)where, &object) || !object.live ||
	    where + 8 > (uint64_t)object.addr + object.size)
		return false;
	snprintf(place, size, "an object of %zu bytes at +%#lx", object.size,
		 (unsigned long)(where - (uint64_t)object.addr));
	return true;
}

static void found_pointer(uint64_t where, uint64_t value, void *arg)
{
	struct search *search = arg;
	uint64_t offset = 0;
	const char *name;
	char place[256];

	if (on_kernel_stacks(where))
		return;
	if (where >= META_BASE || (where >= VMEMMAP_BASE && where < KF_STACK_BASE))
		return;
	if (in_image(where)) {
		name = symbols_kernel_name(where, &offset);
		snprintf(place, sizeof(place), "the kernel's variable %s+%#lx", name ? name : "?",
			 (unsigned long)offset);
	} else if (where >= PERCPU_BASE && where < RESERVED_END) {
		snprintf(place, sizeof(place), "a per-CPU variable at offset %#lx",
			 (unsigned long)(where - PERCPU_BASE));
	} else if (in_overlay(where) || !describe_object(where, place, sizeof(place))) {
		return;
	}
	search->fn(where, value, place, search->arg);
}

void world_dangling(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
		    void *arg)
{
	const struct kf_module_info *info = &judged.module->info;
	struct search search = {fn, arg};

	snapshot_scan(info->core, info->core + info->core_size, found_pointer, &search);
}
