// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of single pages. Follows mm/highmem.c of 6.1 (map_new_virtual, flush_all_zero_pkmaps, __kmap_local_page_prot,
 * kunmap_local_indexed).
 *
 *	layout.kmap  | pkmap: 512 slots, for all | CPU 0: 16 | CPU 1: 16 | ...
 *
 * A slot of the pool is found by going round; it stays mapped when its last user leaves, and all of those are
 * unmapped at once when the round is complete, as in the kernel, which saves it a TLB flush for each. Who finds no slot
 * then waits. Local mappings are a stack for each CPU: the address that is given back must be the one on top. They are
 * counted for pages of the direct map too, so that the order is checked on any machine.
 *
 * Lock: kmap->lock for the pool. kf_map() is called without it on a slot that is claimed already. A CPU's stack
 * is its own.
 */
#include "kmap.h"

#include <sys/mman.h>

#include "../core/state.h"

#define DIRECT (1ull << 63) /* of a local mapping: the page has an address, no slot was used */

static struct kf_kmap_state *km(void)
{
	return &kf_state()->kmap;
}

bool kf_page_is_highmem(const struct page *page)
{
	return kf_pfn_is_high(kf_page_to_pfn(page));
}

static bool needs_slot(const struct page *page)
{
	return kf_page_is_highmem(page) || (kf_settings()->kmap_force && kf_layout()->kmap);
}

u64 kf_kmap_window(void)
{
	const struct kf_layout *layout = kf_layout();

	return layout->kmap
		       ? (KF_LAST_PKMAP + (u64)layout->nr_cpus * KF_KM_MAX_IDX) << KF_PAGE_SHIFT
		       : 0;
}

static u64 slot_address(u64 slot)
{
	return kf_layout()->kmap + (slot << KF_PAGE_SHIFT);
}

/* The slot of the window that an address lies in; false: in none. */
static bool slot_of(const void *addr, u64 *slot)
{
	*slot = ((u64)(uintptr_t)addr - kf_layout()->kmap) >> KF_PAGE_SHIFT;
	return (u64)(uintptr_t)addr - kf_layout()->kmap < kf_kmap_window();
}

static void map_slot(u64 slot, u64 pfn)
{
	struct page *page = kf_pfn_to_page(pfn);

	if (kf_map(slot_address(slot), &page, 1, PROT_READ | PROT_WRITE))
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "kmap: the host cannot map another page");
}

/* A stack for each CPU, and one for the threads that have none. */
int kf_kmap_init(void)
{
	km()->depth = kf_meta_alloc((kf_layout()->nr_cpus + 1ull) * sizeof(u32));
	km()->local = kf_meta_alloc((kf_layout()->nr_cpus + 1ull) * KF_KM_MAX_IDX * sizeof(u64));
	return km()->depth && km()->local ? 0 : -1;
}

/* ---- the pool --------------------------------------------------------------------------------------------------- */

static struct kf_pkmap *slot_of_page(u64 pfn)
{
	for (u32 i = 0; i < KF_LAST_PKMAP; i++)
		if (km()->slots[i].pfn == pfn + 1)
			return &km()->slots[i];
	return NULL;
}

void kf_kmap_flush_unused(void)
{
	for (u32 i = 0; i < KF_LAST_PKMAP; i++) {
		bool unused;

		kf_lock(&km()->lock);
		unused = km()->slots[i].pfn && !km()->slots[i].count;
		if (unused)
			km()->slots[i].pfn = 0;
		kf_unlock(&km()->lock);
		if (unused)
			kf_unmap(slot_address(i), KF_PAGE_SIZE);
	}
}

/* A slot for this page: its own, or a free one, claimed. NULL: all are in use or wait to be flushed. Under the lock. */
static struct kf_pkmap *claim(u64 pfn, bool *fresh)
{
	struct kf_pkmap *slot = slot_of_page(pfn);

	*fresh = false;
	for (u32 i = 0; !slot && i < KF_LAST_PKMAP; i++) {
		km()->last = (km()->last + 1) % KF_LAST_PKMAP;
		if (!km()->slots[km()->last].pfn) {
			slot = &km()->slots[km()->last];
			*fresh = true;
		}
	}
	if (slot) {
		slot->pfn = pfn + 1;
		slot->count++;
	}
	return slot;
}

static struct kf_pkmap *locked_claim(u64 pfn, bool *fresh)
{
	struct kf_pkmap *slot;

	kf_lock(&km()->lock);
	slot = claim(pfn, fresh);
	kf_unlock(&km()->lock);
	return slot;
}

void *kf_kmap(struct page *page)
{
	u64 pfn = kf_page_to_pfn(page), index;
	struct kf_pkmap *slot;
	bool fresh;

	if (!needs_slot(page))
		return kf_page_address(page);
	slot = locked_claim(pfn, &fresh);
	for (unsigned attempt = 0; !slot; attempt++) {
		if (attempt)
			kf_hooks.wait("kmap", attempt - 1);
		kf_kmap_flush_unused();
		slot = locked_claim(pfn, &fresh);
	}
	index = (u64)(slot - km()->slots);
	if (fresh)
		map_slot(index, pfn);
	return (void *)slot_address(index);
}

void kf_kunmap(struct page *page)
{
	struct kf_pkmap *slot;
	bool wrong;

	if (!needs_slot(page))
		return;
	kf_lock(&km()->lock);
	slot = slot_of_page(kf_page_to_pfn(page));
	wrong = !slot || !slot->count;
	if (!wrong)
		slot->count--;
	kf_unlock(&km()->lock);
	if (wrong)
		kf_tell(KF_BUG_INVALID_FREE, page, NULL, NULL,
			"kunmap() of a page that is not mapped by kmap()");
}

/* ---- local mappings ---------------------------------------------------------------------------------------------- */

static unsigned stack_index(void)
{
	unsigned cpu = kf_cpu();

	return cpu == KF_NO_CPU ? kf_layout()->nr_cpus : cpu;
}

static u64 local_slot(unsigned cpu, u32 depth)
{
	return KF_LAST_PKMAP + (u64)cpu * KF_KM_MAX_IDX + depth;
}

static u64 *local_entry(unsigned cpu, u32 depth)
{
	return &km()->local[(u64)cpu * KF_KM_MAX_IDX + depth];
}

unsigned kf_kmap_local_depth(void)
{
	return km()->depth[stack_index()];
}

void *kf_kmap_local(struct page *page)
{
	unsigned cpu = stack_index();
	u32 depth = km()->depth[cpu];
	u64 pfn = kf_page_to_pfn(page);

	if (depth >= KF_KM_MAX_IDX) {
		kf_tell(KF_BUG_CONTEXT, NULL, NULL, NULL,
			"kmap_local_page() nests deeper than KM_MAX_IDX");
		return NULL;
	}
	km()->depth[cpu] = depth + 1;
	if (!needs_slot(page) || cpu == kf_layout()->nr_cpus) {
		*local_entry(cpu, depth) = (pfn + 1) | DIRECT;
		return kf_page_address(page);
	}
	*local_entry(cpu, depth) = pfn + 1;
	map_slot(local_slot(cpu, depth), pfn);
	return (void *)slot_address(local_slot(cpu, depth));
}

/* Is this address in the mapping at this depth? */
static bool is_local(unsigned cpu, u32 depth, const void *addr)
{
	u64 entry = *local_entry(cpu, depth), slot;

	if (entry & DIRECT)
		return kf_virt_to_phys(addr) >> KF_PAGE_SHIFT == (entry & ~DIRECT) - 1;
	return slot_of(addr, &slot) && slot == local_slot(cpu, depth);
}

static void wrong_order(unsigned cpu, const void *addr)
{
	for (u32 depth = 0; depth < km()->depth[cpu]; depth++)
		if (is_local(cpu, depth, addr)) {
			kf_tell(KF_BUG_CONTEXT, addr, NULL, NULL,
				"kunmap_local() not in reverse order of kmap_local_page()");
			return;
		}
	kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL,
		"kunmap_local() of an address that is not mapped");
}

void kf_kunmap_local(const void *addr)
{
	unsigned cpu = stack_index();
	u32 depth = km()->depth[cpu];
	u64 *entry;

	if (!depth || !is_local(cpu, depth - 1, addr)) {
		wrong_order(cpu, addr);
		return;
	}
	entry = local_entry(cpu, depth - 1);
	if (!(*entry & DIRECT))
		kf_unmap(slot_address(local_slot(cpu, depth - 1)), KF_PAGE_SIZE);
	*entry = 0;
	km()->depth[cpu] = depth - 1;
}

/* ---- looking ------------------------------------------------------------------------------------------------------- */

struct page *kf_kmap_to_page(const void *addr)
{
	u64 slot, entry;

	if (kf_virt_addr_valid(addr))
		return kf_virt_to_page(addr);
	if (!slot_of(addr, &slot))
		return NULL;
	entry = slot < KF_LAST_PKMAP ? km()->slots[slot].pfn : km()->local[slot - KF_LAST_PKMAP];
	return entry ? kf_pfn_to_page((entry & ~DIRECT) - 1) : NULL;
}

const char *kf_kmap_validate(void)
{
	for (unsigned cpu = 0; cpu <= kf_layout()->nr_cpus; cpu++)
		for (u32 depth = 0; depth < KF_KM_MAX_IDX; depth++)
			if (!*local_entry(cpu, depth) != (depth >= km()->depth[cpu]))
				return "local mappings of pages are not a stack";
	for (u32 i = 0; i < KF_LAST_PKMAP; i++)
		if (km()->slots[i].count && !km()->slots[i].pfn)
			return "a slot of kmap() is in use without a page";
	return NULL;
}
