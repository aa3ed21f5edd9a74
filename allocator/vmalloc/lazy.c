// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freed areas are unmapped at once, so that any use of them faults, but their addresses are not used again before a purge:
 * mm/vmalloc.c of 6.1, from lazy_max_pages() to free_vmap_area_noflush(). The kernel waits because a purge costs a flush of
 * all TLBs; here it is what keeps an old pointer from meeting a new area, and the record of a dead area says in a
 * report what was there.
 *
 * A purge comes when more than 32 MiB of address space per log2 of the CPUs wait (an eighth of the range, where that
 * is less), when no gap is left, and with vm_unmap_aliases(). The kernel leaves it to a work; here the vfree() that
 * goes over the limit does it.
 */
#include "../core/state.h"

#define LAZY_BYTES (32ull << 20)

u64 kf_lazy_max(void)
{
	const struct kf_layout *layout = kf_layout();
	u64 log = 32 - (u64)__builtin_clz(layout->nr_cpus); /* fls() */
	u64 eighth = (layout->vmalloc_end - layout->vmalloc_start) / 8;
	u64 bytes = log * LAZY_BYTES;

	return (bytes < eighth ? bytes : eighth) >> KF_PAGE_SHIFT;
}

static u64 pages_of(const struct kf_area *area)
{
	return (area->range.end - area->range.start) >> KF_PAGE_SHIFT;
}

/* The area's space becomes a gap again. Without memory for a gap it stays dead until another purge. */
static bool purge_one(struct kf_areas *as, struct kf_area *area)
{
	if (!kf_gap_give(area->range.start, area->range.end))
		return false;
	kf_ranges_remove(&as->areas, &area->range);
	as->nr_dead--;
	as->lazy_pages -= pages_of(area);
	kf_area_drop(area);
	return true;
}

bool kf_lazy_purge(void)
{
	struct kf_areas *as = kf_areas();
	struct kf_area *area = as->dead;
	bool purged = false;

	as->dead = NULL;
	while (area) {
		struct kf_area *next = area->next;

		if (purge_one(as, area)) {
			purged = true;
		} else {
			area->next = as->dead;
			as->dead = area;
		}
		area = next;
	}
	return purged;
}

/* The area is unmapped and leaves the living. (Parts of blocks only die: their block is buried in turn.) */
void kf_area_bury_locked(struct kf_area *area)
{
	struct kf_areas *as = kf_areas();

	area->state = KF_AREA_DEAD;
	area->next = as->dead;
	as->dead = area;
	as->busy--;
	as->nr_dead++;
	as->lazy_pages += pages_of(area);
}

void kf_area_bury(struct kf_area *area)
{
	struct kf_areas *as = kf_areas();

	kf_lock(&as->lock);
	kf_area_bury_locked(area);
	if (as->lazy_pages > kf_lazy_max())
		kf_lazy_purge();
	kf_unlock(&as->lock);
}

void kf_vm_unmap_aliases(void)
{
	struct kf_areas *as = kf_areas();

	kf_lock(&as->lock);
	kf_blocks_purge();
	kf_lazy_purge();
	kf_unlock(&as->lock);
}
