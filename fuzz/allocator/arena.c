// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of the allocator target: 64 MiB of physical memory in all five zones, four CPUs. It is small, so that an input can
 * come to the end of memory. After each input it is put back as it was when its caches stood, in proportion to what
 * the input touched: what lies in frames by frames.c, bookkeeping (struct pages, records, per-CPU areas) by
 * ../../harness/snapshot.
 */
#include "oracle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "../../allocator/core/cpu.h"
#include "../../allocator/core/memory.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/snapshot/snapshot.h"
#include "small_world.h"

static const struct kf_layout layout = {SMALL_WORLD, .nr_cpus = CPUS};

/* Restores after which a page of bookkeeping that nobody has written since is protected again: comparing it so often takes as
 * long as a fault. */
#define COOL_AFTER 32

u64 arena_free_at_start;

static int fail(char *err, const char *what, int error)
{
	snprintf(err, FUZZ_ERR, "%s: %s", what, strerror(error));
	return -1;
}

static void add_region(struct snapshot_region *regions, unsigned *n, u64 start, u64 size)
{
	regions[(*n)++] = (struct snapshot_region){
		.start = start, .size = size, .prot = PROT_READ | PROT_WRITE};
}

static int take_snapshot(void)
{
	const struct kf_layout *l = kf_layout();
	struct snapshot_region regions[3];
	unsigned n = 0;

	add_region(regions, &n, l->vmemmap, l->phys_end / KF_PAGE_SIZE * sizeof(struct page));
	add_region(regions, &n, l->meta, l->meta_size);
	add_region(regions, &n, l->percpu, l->percpu_unit * l->nr_cpus);
	kf_mapping_mark();
	snapshot_cool_after(COOL_AFTER);
	return snapshot_take(regions, n);
}

u64 arena_free_pages(void)
{
	struct kf_zone_stat stat;
	u64 free = 0;

	kf_drain_all_pages();
	for (int z = 0; z < KF_NR_ZONES; z++) {
		kf_zone_stat((enum kf_zone_id)z, &stat);
		free += stat.free;
	}
	return free;
}

int arena_open(const struct kf_settings *given, char *err)
{
	struct kf_settings settings;
	int error;

	if (given)
		settings = *given;
	else
		kf_settings_default(&settings);
	if (strcmp(settings.profile, "6.1") != 0) {
		snprintf(err, FUZZ_ERR,
			 "the target allocator knows what profile 6.1 promises, not %s",
			 settings.profile);
		return -1;
	}
	settings.highmem = true;
	kf_settings_next(&settings);
	error = kf_memory_init(&layout);
	if (error)
		return fail(err, "the simulated memory cannot be mapped", -error);
	kf_cpu_plus_one = 1;
	kf_memblock_free_all();
	error = kf_slab_init();
	if (error)
		return fail(err, "the slab caches cannot be made", -error);
	arena_free_at_start = arena_free_pages();
	frames_open();
	kf_mapping_veil(true);
	error = take_snapshot();
	if (error)
		return fail(err, "the snapshot cannot be taken", -error);
	return 0;
}

int arena_adopt(void)
{
	return kf_memory_unshare();
}

/* Pages of the snapshot can be read, so there it was a write. */
bool arena_fault(uint64_t addr)
{
	return kf_mapping_fault(addr) || snapshot_fault(addr, true);
}

void arena_restore(void)
{
	kf_mapping_rollback();
	frames_restore();
	snapshot_restore();
	kf_cpu_plus_one = 1;
}
