// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early memory: two sorted arrays of physical ranges. Follows mm/memblock.c of 6.1: overlapping or
 * touching ranges merge, allocation goes top down, and a lower limit that cannot be met is dropped.
 *
 * It differs in having arrays of fixed size, no flags and one node, and in that it closes for good when its
 * memory goes to the buddy allocator.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

static void remove_region(struct kf_region *list, u32 *nr, u32 at)
{
	memmove(list + at, list + at + 1, (*nr - at - 1) * sizeof(*list));
	--*nr;
}

static int insert_region(struct kf_region *list, u32 *nr, u32 max, u32 at, struct kf_region region)
{
	if (*nr == max)
		return -ENOMEM;
	memmove(list + at + 1, list + at, (*nr - at) * sizeof(*list));
	list[at] = region;
	++*nr;
	return 0;
}

/* Add [base, end): swallow every region that overlaps or touches it. */
static int add_range(struct kf_region *list, u32 *nr, u32 max, u64 base, u64 end)
{
	u32 at = 0;

	while (at < *nr && list[at].end < base)
		at++;
	while (at < *nr && list[at].base <= end) {
		base = list[at].base < base ? list[at].base : base;
		end = list[at].end > end ? list[at].end : end;
		remove_region(list, nr, at);
	}
	return insert_region(list, nr, max, at, (struct kf_region){base, end});
}

static int cut_range(struct kf_region *list, u32 *nr, u32 max, u64 base, u64 end)
{
	for (u32 i = 0; i < *nr;) {
		struct kf_region old = list[i];

		if (old.end <= base || old.base >= end) {
			i++;
			continue;
		}
		if (old.base < base && old.end > end) {
			int err = insert_region(list, nr, max, i + 1,
						(struct kf_region){end, old.end});
			if (!err)
				list[i].end = base;
			return err;
		}
		if (old.base < base)
			list[i++].end = base;
		else if (old.end > end)
			list[i++].base = end;
		else
			remove_region(list, nr, i);
	}
	return 0;
}

void kf_early_init(void)
{
	struct kf_early *early = &kf_state()->early;
	const struct kf_layout *layout = kf_layout();

	for (int z = 0; z <= KF_ZONE_NORMAL; z++) /* what lies above is not for early use */
		if (layout->zone[z].start < layout->zone[z].end)
			add_range(early->memory, &early->nr_memory, KF_MAX_MEMORY_REGIONS,
				  layout->zone[z].start, layout->zone[z].end);
	/* The page at physical 0 would be mistaken for NULL; every x86 kernel keeps it back. */
	if (kf_virt_addr_valid(kf_phys_to_virt(0)))
		kf_memblock_reserve(0, KF_PAGE_SIZE);
}

int kf_memblock_reserve(u64 phys, u64 size)
{
	struct kf_early *early = &kf_state()->early;

	if (early->closed || phys + size < phys)
		return -EINVAL;
	if (!size)
		return 0;
	return add_range(early->reserved, &early->nr_reserved, KF_MAX_RESERVED_REGIONS, phys,
			 phys + size);
}

int kf_memblock_free(u64 phys, u64 size)
{
	struct kf_early *early = &kf_state()->early;

	if (early->closed || phys + size < phys)
		return -EINVAL;
	if (!size)
		return 0;
	return cut_range(early->reserved, &early->nr_reserved, KF_MAX_RESERVED_REGIONS, phys,
			 phys + size);
}

/* Highest aligned place for `size` bytes below `top` that touches no reserved range; or KF_NO_PFN. */
static u64 place_below(const struct kf_early *early, u64 bottom, u64 top, u64 size, u64 align)
{
	for (u32 i = early->nr_reserved; top >= bottom + size;) {
		u64 at = (top - size) & ~(align - 1);

		if (at < bottom)
			break;
		while (i && early->reserved[i - 1].base >= at + size)
			i--;
		if (!i || early->reserved[i - 1].end <= at)
			return at;
		top = early->reserved[i - 1].base;
	}
	return KF_NO_PFN;
}

static u64 find_place(u64 size, u64 align, u64 min, u64 max)
{
	const struct kf_early *early = &kf_state()->early;

	for (u32 i = early->nr_memory; i--;) {
		u64 bottom = early->memory[i].base, top = early->memory[i].end, at;

		bottom = bottom < min ? min : bottom;
		top = max && top > max ? max : top;
		at = place_below(early, bottom, top, size, align);
		if (at != KF_NO_PFN)
			return at;
	}
	return KF_NO_PFN;
}

void *kf_memblock_alloc(u64 size, u64 align, u64 min, u64 max, bool raw)
{
	u64 at;

	if (kf_state()->early.closed || !size || size > 1ull << 46)
		return NULL;
	align = align ? align : 64;
	if (align & (align - 1))
		return NULL;
	at = find_place(size, align, min, max);
	if (at == KF_NO_PFN && min)
		at = find_place(size, align, 0, max);
	if (at == KF_NO_PFN || kf_memblock_reserve(at, size))
		return NULL;
	if (!raw)
		memset(kf_phys_to_virt(at), 0, size);
	return kf_phys_to_virt(at);
}

bool kf_memblock_is_reserved(u64 phys)
{
	const struct kf_early *early = &kf_state()->early;

	for (u32 i = 0; i < early->nr_reserved; i++)
		if (phys >= early->reserved[i].base && phys < early->reserved[i].end)
			return true;
	return false;
}

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
	struct kf_early *early = &kf_state()->early;
	u64 given = 0;

	if (early->closed)
		return 0;
	for (u32 m = 0; m < early->nr_memory; m++) {
		u64 at = early->memory[m].base, end = early->memory[m].end;

		for (u32 r = 0; r < early->nr_reserved && at < end; r++) {
			const struct kf_region *res = &early->reserved[r];

			if (res->end <= at)
				continue;
			if (res->base >= end)
				break;
			if (res->base > at)
				given += release_range(at, res->base);
			at = res->end;
		}
		if (at < end)
			given += release_range(at, end);
	}
	early->closed = true;
	kf_zones_start();
	return given;
}
