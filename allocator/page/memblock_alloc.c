// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocation of early memory, and handing the rest to the buddy allocator. Follows mm/memblock.c of 6.1
 * (memblock_find_in_range_node, memblock_alloc_range_nid, memblock_alloc_internal, memblock_free_all): the highest
 * place that fits, or the lowest one when that was asked for; then any node; then memory that is not mirrored; then
 * below the lower limit.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

#define SMP_CACHE_BYTES 64u
#define SIZE_MAX_SANE	(1ull << 46)

static struct kf_memblock *mb(void)
{
	return &kf_state()->memblock;
}

/* ---- finding a place --------------------------------------------------------------------------------- */

/* What of a free range lies in [start, end); false: nothing. */
static bool clamp(struct kf_region *r, u64 start, u64 end)
{
	u64 base = r->base < start ? start : r->base;
	u64 stop = r->base + r->size > end ? end : r->base + r->size;

	r->base = base;
	r->size = stop > base ? stop - base : 0;
	return r->size;
}

static u64 find_bottom_up(u64 start, u64 end, u64 size, u64 align, int nid, u32 flags)
{
	struct kf_region r;

	for (u64 cursor = start; kf_memblock_next_free(&cursor, nid, flags, &r) && r.base < end;) {
		u64 at;

		if (!clamp(&r, start, end))
			continue;
		at = kf_align_up(r.base, align);
		if (at >= r.base && at < r.base + r.size && r.base + r.size - at >= size)
			return at;
	}
	return 0;
}

static u64 find_top_down(u64 start, u64 end, u64 size, u64 align, int nid, u32 flags)
{
	struct kf_region r;

	for (u64 cursor = end; kf_memblock_prev_free(&cursor, nid, flags, &r);) {
		u64 at;

		if (!clamp(&r, start, end) || r.size < size)
			continue;
		at = (r.base + r.size - size) & ~(align - 1);
		if (at >= r.base)
			return at;
	}
	return 0;
}

u64 kf_memblock_find(u64 start, u64 end, u64 size, u64 align, int nid, u32 flags)
{
	if (end == KF_MEMBLOCK_ACCESSIBLE)
		end = mb()->current_limit;
	start = start < KF_PAGE_SIZE ? KF_PAGE_SIZE : start;
	if (start >= end || !size || size > SIZE_MAX_SANE)
		return 0;
	return mb()->bottom_up ? find_bottom_up(start, end, size, align, nid, flags)
			       : find_top_down(start, end, size, align, nid, flags);
}

static u64 take(u64 at, u64 size)
{
	return at && !kf_memblock_reserve(at, size) ? at : 0;
}

/* memblock_alloc_range_nid() */
static u64 alloc_range(u64 size, u64 align, u64 start, u64 end, int nid, bool exact)
{
	u32 flags = mb()->has_mirror ? KF_MEMBLOCK_MIRROR : KF_MEMBLOCK_NONE;
	u64 at;

	align = align ? align : SMP_CACHE_BYTES;
	if (mb()->closed || align & (align - 1))
		return 0;
	for (;;) {
		at = kf_memblock_find(start, end, size, align, nid, flags);
		if (!at && nid != KF_NUMA_NO_NODE && !exact)
			at = kf_memblock_find(start, end, size, align, KF_NUMA_NO_NODE, flags);
		if (at || !(flags & KF_MEMBLOCK_MIRROR))
			return take(at, size);
		flags &= ~(u32)KF_MEMBLOCK_MIRROR;
		kf_log(KF_LOG_WARNING, "Could not allocate 0x%016llx bytes of mirrored memory",
		       (unsigned long long)size);
	}
}

u64 kf_memblock_phys_alloc_range(u64 size, u64 align, u64 start, u64 end)
{
	return alloc_range(size, align, start, end, KF_NUMA_NO_NODE, false);
}

u64 kf_memblock_phys_alloc_try_nid(u64 size, u64 align, int nid)
{
	return alloc_range(size, align, 0, KF_MEMBLOCK_ACCESSIBLE, nid, false);
}

/* ---- by address --------------------------------------------------------------------------------------- */

static void *alloc_internal(u64 size, u64 align, u64 min, u64 max, int nid, bool exact, bool raw)
{
	u64 at;

	if (max > mb()->current_limit)
		max = mb()->current_limit;
	at = alloc_range(size, align, min, max, nid, exact);
	if (!at && min)
		at = alloc_range(size, align, 0, max, nid, exact);
	if (!at)
		return NULL;
	if (!raw)
		memset(kf_phys_to_virt(at), 0, size);
	return kf_phys_to_virt(at);
}

void *kf_memblock_alloc(u64 size, u64 align, u64 min, u64 max, bool raw)
{
	return alloc_internal(size, align, min, max, KF_NUMA_NO_NODE, false, raw);
}

void *kf_memblock_alloc_nid(u64 size, u64 align, u64 min, u64 max, int nid, bool exact, bool raw)
{
	if (mb()->closed && kf_kmalloc_cache(KF_KMALLOC_NORMAL, KF_PAGE_SHIFT)) {
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"memblock_alloc() when the slab allocator is up: served by kzalloc()");
		return kf_kmalloc(size, KF_GFP_NOWAIT | KF_GFP_ZERO);
	}
	return alloc_internal(size, align, min, max, nid, exact, raw);
}

void *kf_memblock_alloc_from(u64 size, u64 align, u64 min)
{
	return kf_memblock_alloc_nid(size, align, min, KF_MEMBLOCK_ACCESSIBLE, KF_NUMA_NO_NODE,
				     false, false);
}

void *kf_memblock_alloc_low(u64 size, u64 align)
{
	return kf_memblock_alloc_nid(size, align, KF_MEMBLOCK_LOW_LIMIT, KF_ARCH_LOW_ADDRESS_LIMIT,
				     KF_NUMA_NO_NODE, false, false);
}

void *kf_memblock_alloc_node(u64 size, u64 align, int nid)
{
	return kf_memblock_alloc_nid(size, align, KF_MEMBLOCK_LOW_LIMIT, KF_MEMBLOCK_ACCESSIBLE,
				     nid, false, false);
}

void kf_memblock_set_bottom_up(bool enable)
{
	mb()->bottom_up = enable;
}

bool kf_memblock_bottom_up(void)
{
	return mb()->bottom_up;
}

void kf_memblock_set_current_limit(u64 limit)
{
	mb()->current_limit = limit;
}

u64 kf_memblock_get_current_limit(void)
{
	return mb()->current_limit;
}

/* ---- handing over ---------------------------------------------------------------------------------------- */

/* Give [base, end) to the buddy allocator: only pages that lie in it wholly. */
static u64 release_range(u64 base, u64 end)
{
	u64 pfn = kf_pages_of(base), last = end >> KF_PAGE_SHIFT;

	if (pfn >= last)
		return 0;
	kf_zones_seed(pfn, last);
	return last - pfn;
}

u64 kf_memblock_free_all(void)
{
	struct kf_region r;
	u64 given = 0;

	if (mb()->closed)
		return 0;
	for (u64 at = 0; kf_memblock_next_free(&at, KF_NUMA_NO_NODE, KF_MEMBLOCK_NONE, &r);)
		given += release_range(r.base, r.base + r.size);
	mb()->closed = true;
	kf_zones_start();
	return given;
}

u64 kf_memblock_free_late(u64 base, u64 size)
{
	u64 end = base + size, given = 0;

	if (!mb()->closed || end < base)
		return 0;
	/* Only what is still reserved: a page that the buddy allocator has must not be given twice. */
	for (u64 pfn = kf_pages_of(base); pfn < end >> KF_PAGE_SHIFT; pfn++) {
		struct page *page = kf_pfn_to_page(pfn);

		if (!kf_memblock_is_map_memory(pfn << KF_PAGE_SHIFT) ||
		    !(page->flags & 1ull << kf_layout()->pg_reserved))
			continue;
		given += release_range(pfn << KF_PAGE_SHIFT, (pfn + 1) << KF_PAGE_SHIFT);
	}
	return given;
}
