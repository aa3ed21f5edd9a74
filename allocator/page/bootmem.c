// SPDX-License-Identifier: GPL-2.0-only
/*
 * bootmem: a bitmap of low memory. Follows mm/bootmem.c of 2.4 (__alloc_bootmem_core, with the packing of small
 * pieces by last_pos and last_offset) and 3.4 (alloc_bootmem_core).
 *
 *	frame    |  0  |  1  |  2  |  3  |  4  |
 *	bitmap      1     1     1     0     0	   1: taken
 *	            |aaa bb|ccc.|                  last_pos 2, last_offset: the end of ccc; a small piece that
 *	                                           finds frame 3 free begins right behind ccc
 *
 * The rule that a piece may share a page with the one before it costs nothing to undo, because early pieces
 * are seldom freed: a page goes back only when it is freed as a whole.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

static struct kf_bootmem *bm(void)
{
	return &kf_state()->bootmem;
}

static bool taken(u64 pfn)
{
	return bm()->map[pfn / 8] >> (pfn % 8) & 1;
}

static void take(u64 pfn)
{
	bm()->map[pfn / 8] |= (u8)(1u << (pfn % 8));
}

static void give(u64 pfn)
{
	bm()->map[pfn / 8] &= (u8) ~(1u << (pfn % 8));
}

static bool exists(u64 pfn)
{
	return kf_virt_addr_valid(kf_phys_to_virt(pfn << KF_PAGE_SHIFT));
}

u64 kf_init_bootmem(u64 map_pfn, u64 end_pfn)
{
	u64 bytes = kf_align_up((end_pfn + 7) / 8, sizeof(long));

	if (bm()->map || !end_pfn || end_pfn > kf_here.nr_frames || !exists(map_pfn) ||
	    kf_memblock_reserve(0, end_pfn << KF_PAGE_SHIFT))
		return 0;
	*bm() = (struct kf_bootmem){
		.end = end_pfn,
		.map_pfn = map_pfn,
		.map = kf_phys_to_virt(map_pfn << KF_PAGE_SHIFT),
	};
	memset(bm()->map, 0xff, bytes);
	return bytes;
}

/* Frames of [*pfn, *end) that are managed. */
static void clamp(u64 *pfn, u64 *end)
{
	*end = *end > bm()->end ? bm()->end : *end;
	*pfn = *pfn < bm()->start ? bm()->start : *pfn;
}

void kf_free_bootmem(u64 phys, u64 size)
{
	u64 pfn = kf_pages_of(phys), end = (phys + size) >> KF_PAGE_SHIFT;

	if (!bm()->map)
		return;
	clamp(&pfn, &end);
	if (pfn < end && pfn < bm()->last_success)
		bm()->last_success = pfn;
	for (; pfn < end; pfn++) {
		if (!pfn || !exists(pfn))
			continue; /* the page that would look like NULL, and holes, are never free */
		if (!taken(pfn))
			kf_tell(KF_BUG_DOUBLE_FREE, kf_phys_to_virt(pfn << KF_PAGE_SHIFT), NULL,
				NULL, "free_bootmem() of a page that is free already");
		give(pfn);
		if (pfn == bm()->last_pos)
			bm()->last_offset = 0;
	}
}

void kf_reserve_bootmem(u64 phys, u64 size)
{
	u64 pfn = phys >> KF_PAGE_SHIFT, end = kf_pages_of(phys + size);

	if (!bm()->map)
		return;
	clamp(&pfn, &end);
	for (; pfn < end; pfn++) {
		if (taken(pfn))
			kf_log(KF_LOG_WARNING, "hm, page %08llx reserved twice.",
			       (unsigned long long)pfn << KF_PAGE_SHIFT);
		take(pfn);
	}
}

/* ---- allocation ----------------------------------------------------------------------------------------- */

/* The first run of `n` free frames at or above `pfn`, starting at a multiple of `step` frames; or KF_NO_PFN. */
static u64 find_run(u64 pfn, u64 n, u64 step)
{
	u64 run = 0;

	for (pfn = kf_align_up(pfn, step); pfn + n <= bm()->end; pfn += step) {
		for (run = 0; run < n && !taken(pfn + run);)
			run++;
		if (run == n)
			return pfn;
		pfn = (pfn + run) & ~(step - 1);
	}
	return KF_NO_PFN;
}

/* May a piece at frame `pfn` begin in the unused end of the frame before it? */
static bool can_pack(u64 pfn, u64 align)
{
	return align < KF_PAGE_SIZE && bm()->last_offset && bm()->last_pos + 1 == pfn;
}

/*
 * The physical address of `size` bytes whose first new frame is `pfn`. A piece that fits into the rest of the last
 * page takes no new frame at all.
 */
static u64 place(u64 pfn, u64 size, u64 align)
{
	u64 at = pfn << KF_PAGE_SHIFT, end;

	if (can_pack(pfn, align)) {
		u64 offset = kf_align_up(bm()->last_offset, align);

		if (offset < KF_PAGE_SIZE)
			at = (bm()->last_pos << KF_PAGE_SHIFT) + offset;
	}
	end = at + size;
	for (u64 i = pfn; i << KF_PAGE_SHIFT < end; i++)
		take(i);
	bm()->last_pos = (end - 1) >> KF_PAGE_SHIFT;
	bm()->last_offset = end & (KF_PAGE_SIZE - 1);
	bm()->last_success = pfn;
	return at;
}

static u64 find_frames(u64 goal, u64 n, u64 step)
{
	u64 preferred = goal >> KF_PAGE_SHIFT, pfn = KF_NO_PFN;

	if (preferred < bm()->end)
		pfn = find_run(preferred < bm()->last_success ? bm()->last_success : preferred, n,
			       step);
	if (pfn == KF_NO_PFN && preferred && preferred < bm()->end)
		pfn = find_run(preferred, n, step);
	return pfn == KF_NO_PFN ? find_run(bm()->start, n, step) : pfn;
}

void *kf_alloc_bootmem_nopanic(u64 size, u64 align, u64 goal)
{
	u64 step, pfn, at;

	align = align ? align : 1;
	if (!bm()->map || !size || size > bm()->end << KF_PAGE_SHIFT || align & (align - 1))
		return NULL;
	step = align > KF_PAGE_SIZE ? align >> KF_PAGE_SHIFT : 1;
	pfn = find_frames(goal, kf_pages_of(size), step);
	if (pfn == KF_NO_PFN)
		return NULL;
	at = place(pfn, size, align);
	memset(kf_phys_to_virt(at), 0, size);
	return kf_phys_to_virt(at);
}

void *kf_alloc_bootmem_goal(u64 size, u64 align, u64 goal)
{
	void *p = kf_alloc_bootmem_nopanic(size, align, goal);

	if (p)
		return p;
	kf_log(KF_LOG_ALERT, "bootmem alloc of %llu bytes failed!", (unsigned long long)size);
	kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "alloc_bootmem() without memory: Out of memory");
	return NULL;
}

/* ---- handing over ------------------------------------------------------------------------------------------ */

u64 kf_free_all_bootmem(void)
{
	u64 map_pfn = bm()->map_pfn, given = 0;
	u64 map_end = map_pfn + kf_pages_of((bm()->end + 7) / 8);

	if (!bm()->map)
		return 0;
	/* The bitmap is of no more use once it was read: its pages are the last to go. */
	for (u64 pfn = bm()->start, run = 0; pfn < bm()->end; pfn += run ? run : 1) {
		for (run = 0; pfn + run < bm()->end && !taken(pfn + run);)
			run++;
		if (run)
			kf_zones_seed(pfn, pfn + run);
		given += run;
	}
	kf_zones_seed(map_pfn, map_end);
	memset(bm(), 0, sizeof(*bm()));
	return given + map_end - map_pfn;
}
