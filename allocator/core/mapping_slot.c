// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots: what is mapped where, outside the direct map. One for each page of the vmalloc range, the module range and the
 * window of kmap, in this order.
 *
 *	slots	|  vmalloc_start .. end  |  module_start .. end  |  kmap .. +window  |
 *		0			 vmalloc_end		 module_end	     nr
 *
 *	value	parked	 the page
 *	set	0	 is mapped
 *	0	set	 is parked: was unmapped; its mapping is still there, but nobody may touch it (mapping.c says why)
 *	set	set	 is veiled: mapped, but nobody has touched it yet, and the host still has what is parked there
 *	0	0	 is not mapped
 *
 * parked_count is the number of slots whose `parked` is set. The ranges are large and mostly empty, so what looks for
 * slots in use skips groups of 512 where nothing ever was.
 *
 * No lock: callers have mapping.c's, or are alone.
 */
#include <string.h>
#include <sys/mman.h>

#include "../kin/kmap.h"
#include "mapping_base.h"

#define GROUP_SHIFT 9

struct kf_slots kf_slots;

/* ---- tables ------------------------------------------------------------------------------------------------ */

void *kf_host_table(u64 bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void kf_host_table_drop(void *table, u64 bytes)
{
	if (table)
		munmap(table, bytes);
}

static u64 slot_bytes(void)
{
	return (kf_slots.nr + 1) * 8;
}

static u64 group_bytes(void)
{
	return (kf_slots.nr >> GROUP_SHIFT) + 1;
}

bool kf_slots_init(void)
{
	const struct kf_layout *layout = kf_layout();

	kf_slots.vmalloc_end = (layout->vmalloc_end - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	kf_slots.module_end = kf_slots.vmalloc_end +
			      ((layout->module_end - layout->module_start) >> KF_PAGE_SHIFT);
	kf_slots.nr = kf_slots.module_end + (kf_kmap_window() >> KF_PAGE_SHIFT);
	kf_slots.parked_count = 0;
	kf_slots.values = kf_host_table(slot_bytes());
	kf_slots.parked = kf_host_table(slot_bytes());
	kf_slots.touched = kf_host_table(kf_slots.nr + 1);
	kf_slots.veiled = kf_host_table(kf_slots.nr + 1);
	kf_slots.groups = kf_host_table(group_bytes());
	return kf_slots.values && kf_slots.parked && kf_slots.touched && kf_slots.veiled &&
	       kf_slots.groups;
}

static void unmap_all(void)
{
	for (u64 i = kf_slot_next_used(0); i < kf_slots.nr; i = kf_slot_next_used(i + 1))
		if (kf_slots.values[i] || kf_slots.parked[i])
			munmap((void *)kf_slot_address(i), KF_PAGE_SIZE);
}

void kf_slots_exit(void)
{
	if (kf_slots.values && kf_slots.parked && kf_slots.groups)
		unmap_all();
	kf_host_table_drop(kf_slots.values, slot_bytes());
	kf_host_table_drop(kf_slots.parked, slot_bytes());
	kf_host_table_drop(kf_slots.touched, kf_slots.nr + 1);
	kf_host_table_drop(kf_slots.veiled, kf_slots.nr + 1);
	kf_host_table_drop(kf_slots.groups, group_bytes());
	memset(&kf_slots, 0, sizeof(kf_slots));
}

/* ---- slots and addresses ----------------------------------------------------------------------------------- */

u64 kf_slot_address(u64 slot)
{
	const struct kf_layout *layout = kf_layout();

	if (slot < kf_slots.vmalloc_end)
		return layout->vmalloc_start + (slot << KF_PAGE_SHIFT);
	if (slot < kf_slots.module_end)
		return layout->module_start + ((slot - kf_slots.vmalloc_end) << KF_PAGE_SHIFT);
	return layout->kmap + ((slot - kf_slots.module_end) << KF_PAGE_SHIFT);
}

u64 kf_slot_of(u64 va, u64 size)
{
	const struct kf_layout *layout = kf_layout();

	if (va >= layout->vmalloc_start && va + size <= layout->vmalloc_end)
		return (va - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	if (va >= layout->module_start && va + size <= layout->module_end)
		return kf_slots.vmalloc_end + ((va - layout->module_start) >> KF_PAGE_SHIFT);
	if (va >= layout->kmap && va + size <= layout->kmap + kf_kmap_window())
		return kf_slots.module_end + ((va - layout->kmap) >> KF_PAGE_SHIFT);
	return kf_slots.nr;
}

u64 kf_slot_next_used(u64 i)
{
	while (i < kf_slots.nr && !kf_slots.groups[i >> GROUP_SHIFT])
		i = ((i >> GROUP_SHIFT) + 1) << GROUP_SHIFT;
	return i;
}

void kf_slots_note(u64 slot, u64 n)
{
	for (u64 g = slot >> GROUP_SHIFT; g <= (slot + n - 1) >> GROUP_SHIFT; g++)
		kf_slots.groups[g] = 1;
}

/* ---- parked pages ------------------------------------------------------------------------------------------ */

void kf_unpark(u64 slot, u64 n)
{
	for (u64 i = slot; i < slot + n; i++) {
		kf_slots.parked_count -= kf_slots.parked[i] != 0;
		kf_slots.parked[i] = 0;
	}
}

void kf_give_up_parked(void)
{
	for (u64 i = kf_slot_next_used(0); kf_slots.parked_count && i < kf_slots.nr;
	     i = kf_slot_next_used(i + 1)) {
		if (!kf_slots.parked[i] || kf_slots.values[i])
			continue;
		munmap((void *)kf_slot_address(i), KF_PAGE_SIZE);
		kf_unpark(i, 1);
	}
}
