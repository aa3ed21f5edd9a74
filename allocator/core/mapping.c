// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second mappings: the only facts about the world that live in the host. Here is what callers see: mapping, unmapping,
 * rollback, fork. mapping_slot.c knows what is where, mapping_log.c what has changed, mapping_file.c what is shared.
 *
 * A rollback makes system calls only where what is differs from what was: what a run mapped and
 * unmapped again costs nothing.
 *
 * Unmapping takes the access away and leaves the rest: a run that is repeated maps the same frames at the
 * same address again, and then one change of protection does it, without new page tables and faults. Only
 * so many pages are parked; beyond that, unmapping is unmapping.
 *
 * Where somebody catches faults for us (kf_mapping_veil()), even that change waits: whatever is mapped where pages are
 * parked, the same frames or others, is veiled, and the first access lifts the veil (kf_mapping_fault()). An error path
 * mostly frees what it never looked at, and then no system call was made. Nothing else can be told apart: what is mapped can
 * be used, what was unmapped faults. A page that was looked at once is not veiled again. Where nothing is parked, the mapping
 * is made at once: the host may refuse one more, and now the caller can still be told.
 *
 * `exposed` is called for each run of frames before kf_map() or a rollback makes them writable at a second
 * address, whether they are promoted already or not. `remapped` is called after each change, in a rollback too.
 *
 * Lock: mapping_lock, for kf_map() and kf_unmap() and all that they use; hooks are called without it. Mark, rollback and
 * fork are for a caller who is alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mapping_base.h"

#define PARKED_MAX 16384 /* pages */

static u32 mapping_lock;
static bool veiling;

int kf_mapping_init(void)
{
	if (kf_slots_init() && kf_mapping_log_init() && kf_memory_file_init())
		return 0;
	kf_mapping_exit();
	return -ENOMEM;
}

void kf_mapping_exit(void)
{
	kf_fence_exit();
	kf_memory_file_exit();
	kf_mapping_log_exit();
	kf_slots_exit();
	mapping_lock = 0;
	veiling = false;
}

/* ---- runs of slots ----------------------------------------------------------------------------------------- */

/* Pages from slot i that continue value's run: consecutive frames with one protection, or nothing. */
static u64 run_length(const u64 *values, u64 n)
{
	u64 len = 1;

	while (len < n && values[len] == (values[0] ? values[0] + len : 0))
		len++;
	return len;
}

/* Cutting a piece out of a larger mapping makes one more, which the host may refuse too. */
static void unmap_file(void *addr, u64 size)
{
	if (!munmap(addr, size))
		return;
	kf_give_up_parked();
	munmap(addr, size);
}

static bool is_parked(u64 slot, u64 pfn, u64 n, int prot)
{
	for (u64 i = 0; i < n; i++)
		if (kf_slots.parked[slot + i] != kf_slot_value(pfn + i, prot))
			return false;
	return true;
}

/* One run of a frames table, mapped and written down. */
static int map_run(u64 slot, u64 pfn, u64 n, int prot)
{
	u64 addr = kf_slot_address(slot);
	int err = 0;

	if (!is_parked(slot, pfn, n, prot) || mprotect((void *)addr, n << KF_PAGE_SHIFT, prot))
		err = kf_memory_file_map(addr, pfn, n, prot);
	kf_unpark(slot, n);
	memset(kf_slots.veiled + slot, 0, n);
	for (u64 i = 0; !err && i < n; i++)
		kf_slots.values[slot + i] = kf_slot_value(pfn + i, prot);
	return err;
}

/* Slots from this one on that are veiled as it is, or not as it is not. */
static u64 same_veil(u64 slot, u64 end)
{
	u64 first = slot;

	while (slot < end && kf_slots.veiled[slot] == kf_slots.veiled[first])
		slot++;
	return slot - first;
}

/* What was parked is as it was. */
static void unmap_veiled(u64 slot, u64 n)
{
	memset(kf_slots.values + slot, 0, n * 8);
	memset(kf_slots.veiled + slot, 0, n);
}

/* Park what slots [slot, slot+n) map; give it up when there is enough of that, or nothing to park. */
static void unmap_seen(u64 slot, u64 n)
{
	void *addr = (void *)kf_slot_address(slot);
	bool park;

	park = kf_slots.parked_count + n <= PARKED_MAX &&
	       !mprotect(addr, n << KF_PAGE_SHIFT, PROT_NONE);
	if (!park)
		unmap_file(addr, n << KF_PAGE_SHIFT);
	kf_unpark(slot, n);
	for (u64 i = slot; i < slot + n; i++) {
		kf_slots.parked[i] = park ? kf_slots.values[i] : 0;
		kf_slots.parked_count += kf_slots.parked[i] != 0;
		kf_slots.values[i] = 0;
	}
}

static void unmap_run(u64 slot, u64 n)
{
	for (u64 end = slot + n, len; slot < end; slot += len) {
		len = same_veil(slot, end);
		if (kf_slots.veiled[slot])
			unmap_veiled(slot, len);
		else
			unmap_seen(slot, len);
	}
}

/* Make the host's mapping of slots [slot, slot+n) what `values` say. */
static int apply(u64 slot, const u64 *values, u64 n)
{
	int err = 0;

	for (u64 done = 0, len; done < n && !err; done += len) {
		len = run_length(values + done, n - done);
		if (values[done]) {
			err = map_run(slot + done, kf_slot_pfn(values[done]), len,
				      kf_slot_prot(values[done]));
		} else {
			unmap_run(slot + done, len);
		}
	}
	return err;
}

/* ---- rollback ---------------------------------------------------------------------------------------------- */

/* A write protection that somebody had put on the mapping at the mark is lost with it. */
static void tell_brought_back(const u64 *old, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (kf_slot_prot(old[i]) & PROT_WRITE)
			kf_hooks.exposed(kf_frame_virt(kf_slot_pfn(old[i])), KF_PAGE_SIZE);
}

static void put_back(u64 slot, const u64 *old, u64 n)
{
	if (!memcmp(kf_slots.values + slot, old, n * 8))
		return;
	tell_brought_back(old, n);
	apply(slot, old, n);
	kf_hooks.remapped((void *)kf_slot_address(slot), n << KF_PAGE_SHIFT, old[0] != 0);
}

/* What was mapped and unmapped again since the mark costs nothing here. */
static void rollback(enum kf_mark which)
{
	const u64 *old;
	u64 slot, n;

	while ((old = kf_mapping_unlog(which, &slot, &n)))
		put_back(slot, old, n);
}

void kf_mapping_rollback(void)
{
	kf_mapping_unmark_inner();
	rollback(KF_MARK_OUTER);
	kf_fence_rollback(KF_MARK_OUTER);
}

void kf_mapping_rollback_inner(void)
{
	rollback(KF_MARK_INNER);
	kf_fence_rollback(KF_MARK_INNER);
}

/* ---- mapping and unmapping --------------------------------------------------------------------------------- */

/* How many of the n frames follow each other, from the first on. */
static u64 frames_in_a_row(struct page *const *pages, u64 n)
{
	u64 len = 1;

	while (len < n && pages[len] == pages[0] + len &&
	       kf_pfn_is_high(kf_page_to_pfn(pages[len])) ==
		       kf_pfn_is_high(kf_page_to_pfn(pages[0])))
		len++;
	return len;
}

static bool may_veil(u64 slot, u64 n)
{
	if (!veiling || slot + n > kf_slots.vmalloc_end || memchr(kf_slots.touched + slot, 1, n))
		return false;
	for (u64 i = slot; i < slot + n; i++)
		if (!kf_slots.parked[i])
			return false;
	return true;
}

/* The same frames at the same address as before: one change of protection, however scattered they are. */
static bool take_back(u64 slot, struct page *const *pages, u64 n, int prot)
{
	for (u64 i = 0; i < n; i++)
		if (kf_slots.parked[slot + i] != kf_slot_value(kf_page_to_pfn(pages[i]), prot))
			return false;
	if (mprotect((void *)kf_slot_address(slot), n << KF_PAGE_SHIFT, prot))
		return false;
	memcpy(kf_slots.values + slot, kf_slots.parked + slot, n * 8);
	kf_unpark(slot, n);
	return true;
}

static void veil_run(u64 slot, u64 pfn, u64 n, int prot)
{
	for (u64 i = 0; i < n; i++)
		kf_slots.values[slot + i] = kf_slot_value(pfn + i, prot);
	memset(kf_slots.veiled + slot, 1, n);
}

static int map_frames(u64 slot, struct page *const *pages, u64 n, int prot)
{
	bool veil = may_veil(slot, n);
	int err = 0;

	if (!veil && take_back(slot, pages, n, prot))
		return 0;
	for (u64 done = 0, len; done < n && !err; done += len) {
		u64 pfn = kf_page_to_pfn(pages[done]);

		len = frames_in_a_row(pages + done, n - done);
		err = kf_promote(pfn, len);
		if (!err && veil)
			veil_run(slot + done, pfn, len, prot);
		else if (!err)
			err = map_run(slot + done, pfn, len, prot);
	}
	return err;
}

static bool is_frame(const struct page *page)
{
	u64 base = kf_layout()->vmemmap, at = (u64)(uintptr_t)page;

	return at >= base && (at - base) % sizeof(*page) == 0 &&
	       (at - base) / sizeof(*page) < kf_here.nr_frames &&
	       kf_pfn_valid((at - base) / sizeof(*page));
}

static bool frames_exist(struct page *const *pages, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (!is_frame(pages[i]))
			return false;
	return true;
}

static void tell_exposed(struct page *const *pages, u64 n)
{
	for (u64 done = 0, len; done < n; done += len) {
		len = frames_in_a_row(pages + done, n - done);
		kf_hooks.exposed(kf_frame_virt(kf_page_to_pfn(pages[done])), len << KF_PAGE_SHIFT);
	}
}

int kf_map(u64 va, struct page *const *pages, u64 n, int prot)
{
	u64 slot = kf_slot_of(va, n << KF_PAGE_SHIFT);
	int err;

	if (!n || slot == kf_slots.nr || !frames_exist(pages, n))
		return -EINVAL;
	tell_exposed(pages, n);
	kf_lock(&mapping_lock);
	kf_mapping_log(slot, n);
	kf_slots_note(slot, n);
	err = map_frames(slot, pages, n, prot);
	kf_unlock(&mapping_lock);
	if (err)
		kf_unmap(va, n << KF_PAGE_SHIFT);
	else
		kf_hooks.remapped((void *)va, n << KF_PAGE_SHIFT, true);
	return err;
}

void kf_unmap(u64 va, u64 size)
{
	u64 n = size >> KF_PAGE_SHIFT, slot = kf_slot_of(va, size);

	if (!n || slot == kf_slots.nr)
		return;
	kf_lock(&mapping_lock);
	kf_mapping_log(slot, n);
	unmap_run(slot, n);
	kf_unlock(&mapping_lock);
	kf_hooks.remapped((void *)va, size, false);
}

u64 kf_mapped_frame(const void *addr)
{
	u64 slot = kf_slot_of((u64)(uintptr_t)addr & KF_PAGE_MASK, KF_PAGE_SIZE);
	u64 value = slot == kf_slots.nr ? 0 : kf_slots.values[slot];

	return value ? kf_slot_pfn(value) : KF_NO_PFN;
}

/* Pages from slot i that are mapped as one run within one of the three ranges; 0: this one is not mapped. */
static u64 mapped_run(u64 i)
{
	u64 end = i < kf_slots.vmalloc_end  ? kf_slots.vmalloc_end
		  : i < kf_slots.module_end ? kf_slots.module_end
					    : kf_slots.nr;

	return kf_slots.values[i] ? run_length(kf_slots.values + i, end - i) : 0;
}

/* Whoever is told of a mapping may look at it, protect it, or write it to a file. */
static void lift_veils(void)
{
	for (u64 i = kf_slot_next_used(0); i < kf_slots.vmalloc_end; i = kf_slot_next_used(i + 1))
		if (kf_slots.veiled[i])
			kf_mapping_fault(kf_slot_address(i));
}

void kf_mapping_for_each(void (*fn)(u64 va, u64 phys, u64 size, int prot, void *arg), void *arg)
{
	lift_veils();
	for (u64 i = kf_slot_next_used(0), len; i < kf_slots.nr;
	     i = kf_slot_next_used(i + (len ? len : 1))) {
		u64 value = kf_slots.values[i];

		len = mapped_run(i);
		if (len)
			fn(kf_slot_address(i), kf_slot_pfn(value) << KF_PAGE_SHIFT,
			   len << KF_PAGE_SHIFT, kf_slot_prot(value), arg);
	}
}

/* ---- veils ------------------------------------------------------------------------------------------------- */

void kf_mapping_veil(bool on)
{
	veiling = on;
}

/* The veiled pages around this one that were mapped with the same protection: mostly a whole area. */
static u64 veiled_run(u64 *slot)
{
	int prot = kf_slot_prot(kf_slots.values[*slot]);
	u64 first = *slot, end = *slot + 1;

	while (first && kf_slots.veiled[first - 1] &&
	       kf_slot_prot(kf_slots.values[first - 1]) == prot)
		first--;
	while (end < kf_slots.vmalloc_end && kf_slots.veiled[end] &&
	       kf_slot_prot(kf_slots.values[end]) == prot)
		end++;
	*slot = first;
	return end - first;
}

/* With one system call where the frames are those that are parked, else with one for each run of them. */
static int make_usable(u64 slot, u64 n)
{
	int prot = kf_slot_prot(kf_slots.values[slot]), err = 0;

	if (!memcmp(kf_slots.values + slot, kf_slots.parked + slot, n * 8) &&
	    !mprotect((void *)kf_slot_address(slot), n << KF_PAGE_SHIFT, prot))
		return 0;
	for (u64 end = slot + n, len; slot < end && !err; slot += len) {
		len = run_length(kf_slots.values + slot, end - slot);
		err = kf_memory_file_map(kf_slot_address(slot), kf_slot_pfn(kf_slots.values[slot]),
					 len, prot);
	}
	return err;
}

/* A caller cannot be told that the host refuses, for it was told that it has its memory; a process that cannot go on is at
 * least not misjudged. */
static void unveil(u64 slot, u64 n)
{
	if (make_usable(slot, n))
		abort();
	kf_unpark(slot, n);
	memset(kf_slots.veiled + slot, 0, n);
	memset(kf_slots.touched + slot, 1, n);
}

bool kf_mapping_is_untouched(u64 addr)
{
	u64 slot = kf_slot_of(addr & KF_PAGE_MASK, KF_PAGE_SIZE);

	return slot < kf_slots.vmalloc_end && kf_slots.veiled[slot];
}

bool kf_mapping_fault(u64 addr)
{
	u64 slot = kf_slot_of(addr & KF_PAGE_MASK, KF_PAGE_SIZE), n;

	if (slot >= kf_slots.vmalloc_end || !kf_slots.veiled[slot])
		return false;
	kf_lock(&mapping_lock);
	n = veiled_run(&slot);
	unveil(slot, n);
	kf_unlock(&mapping_lock);
	return true;
}

/* ---- fork -------------------------------------------------------------------------------------------------- */

static void remap_run(u64 va, u64 phys, u64 size, int prot, void *err)
{
	int *first_error = err;
	int now = kf_memory_file_map(va, phys >> KF_PAGE_SHIFT, size >> KF_PAGE_SHIFT, prot);

	kf_unpark(kf_slot_of(va, size), size >> KF_PAGE_SHIFT);
	*first_error = *first_error ? *first_error : now;
}

int kf_memory_unshare(void)
{
	int err;

	if (!kf_memory_file_exists()) /* nothing is shared */
		return 0;
	kf_fence_lift();
	err = kf_memory_file_renew();
	kf_fence_lower();
	if (!err)
		kf_mapping_for_each(remap_run, &err);
	return err;
}
