// SPDX-License-Identifier: GPL-2.0-only
/*
 * Areas as the hooks know them: their birth, their death, the guard behind the requested size, and what
 * lies at an address. The guard is there where frames are the area's own and can be written to: with vmalloc().
 */
#include "../core/state.h"

enum kf_kind kf_area_kind(const struct kf_area *area)
{
	return area->maker == KF_BY_VMALLOC ? KF_VMALLOC : KF_VMAP;
}

void kf_area_object(const struct kf_area *area, struct kf_object *out)
{
	*out = (struct kf_object){
		.kind = kf_area_kind(area),
		.live = area->state != KF_AREA_DEAD,
		.addr = (void *)(area->range.start + area->offset),
		.size = area->size,
		.usable = kf_area_bytes(area) - area->offset,
		.gfp = area->gfp,
		.seq = area->seq,
		.alloc_tag = area->alloc_tag,
		.free_tag = area->state == KF_AREA_DEAD ? area->free_tag : 0,
	};
}

/* For reports, which may come at any moment, even while this very thread has the lock: then nothing is known. */
static bool try_lock(u32 *lock)
{
	for (int i = 0; i < 1000; i++) {
		if (!__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
			return true;
		if (__libc_single_threaded)
			return false;
		sched_yield();
	}
	return false;
}

bool kf_vmalloc_object(const void *addr, struct kf_object *out)
{
	const struct kf_area *area;
	bool known;

	if (!kf_is_vmalloc_or_module_addr(addr) || !try_lock(&kf_areas()->lock))
		return false;
	area = kf_area_at((u64)(uintptr_t)addr);
	known = area && area->seq;
	if (known)
		kf_area_object(area, out);
	kf_unlock(&kf_areas()->lock);
	return known;
}

/* ---- guards ------------------------------------------------------------------------------------------------ */

static size_t tail_bytes(const struct kf_area *area)
{
	if (area->maker != KF_BY_VMALLOC || !(area->prot & KF_PROT_WRITE) || !kf_settings()->guard)
		return 0;
	return kf_area_bytes(area) - area->size;
}

static bool is_raw(const struct kf_area *area)
{
	return area->maker == KF_BY_VMALLOC && !(area->prot & KF_PROT_EXEC) &&
	       !(area->gfp & KF_GFP_ZERO) && !kf_settings()->init_on_alloc;
}

static void watch(const struct kf_area *area)
{
	const char *start = (const char *)(uintptr_t)area->range.start;
	size_t tail = tail_bytes(area), size = kf_area_bytes(area) - tail;

	kf_tell_bytes(start, size, is_raw(area) ? KF_BYTES_NEW : KF_BYTES_KNOWN);
	kf_tell_bytes(start + size, tail, KF_BYTES_NOBODYS);
}

void *kf_area_announce(struct kf_area *area, size_t size, u32 gfp)
{
	struct kf_object obj;

	area->size = size;
	area->gfp = gfp;
	area->seq = kf_next_seq();
	area->vm.flags &= ~(u64)KF_VM_UNINITIALIZED;
	area->state = KF_AREA_LIVE;
	kf_area_object(area, &obj);
	watch(area);
	area->alloc_tag = kf_hooks.allocated(&obj);
	return obj.addr;
}

/* A part of the tail that lies in one frame. */
struct part {
	u8 *bytes;
	size_t size;
};

/*
 * The part that begins `at` bytes from the area's start, in its frame: the mapping itself is left alone, for it may never be
 * touched by anybody else (kf_mapping_veil()).
 */
static struct part part_at(const struct kf_area *area, size_t at)
{
	size_t offset = at & (KF_PAGE_SIZE - 1);
	u64 pfn = kf_page_to_pfn(area->frames[at >> KF_PAGE_SHIFT]);

	return (struct part){(u8 *)kf_frame_virt(pfn) + offset, KF_PAGE_SIZE - offset};
}

static bool tail_is_intact(const struct kf_area *area)
{
	size_t end = area->size + tail_bytes(area);

	for (size_t at = area->size; at < end;) {
		struct part part = part_at(area, at);

		if (!kf_bytes_are(part.bytes, KF_BYTE_GUARD, part.size))
			return false;
		at += part.size;
	}
	return true;
}

static bool check_tail(const struct kf_area *area)
{
	struct kf_object obj;

	if (tail_is_intact(area))
		return true;
	kf_area_object(area, &obj);
	return !kf_check_bytes(KF_BUG_REDZONE, (char *)area->range.start + area->size,
			       KF_BYTE_GUARD, tail_bytes(area), &obj,
			       "bytes after the requested size were overwritten");
}

void kf_area_guard_tail(const struct kf_area *area)
{
	size_t end = area->size + tail_bytes(area);

	for (size_t at = area->size; at < end;) {
		struct part part = part_at(area, at);

		memset(part.bytes, KF_BYTE_GUARD, part.size);
		at += part.size;
	}
}

/* A copy of the first live, told object that ends above va. */
static bool live_from(u64 va, struct kf_area *out)
{
	const struct kf_area *area;

	kf_lock(&kf_areas()->lock);
	area = kf_area_from(va);
	while (area && (area->state != KF_AREA_LIVE || !area->seq))
		area = kf_area_from(area->range.end);
	if (area)
		*out = *area;
	kf_unlock(&kf_areas()->lock);
	return area;
}

unsigned kf_vmalloc_check(void)
{
	struct kf_area area;
	unsigned damaged = 0;

	for (u64 va = 0; live_from(va, &area); va = area.range.end)
		damaged += !check_tail(&area);
	return damaged;
}

void kf_vmalloc_for_each(void (*fn)(const struct kf_object *area, void *arg), void *arg)
{
	struct kf_object obj;
	struct kf_area area;

	for (u64 va = 0; live_from(va, &area); va = area.range.end) {
		kf_area_object(&area, &obj);
		fn(&obj, arg);
	}
}

/* ---- death -------------------------------------------------------------------------------------------------- */

void kf_area_free(struct kf_area *area)
{
	struct kf_object obj;

	kf_area_object(area, &obj);
	area->free_tag = kf_hooks.freed(&obj);
	check_tail(area);
	kf_tell_bytes((void *)(uintptr_t)area->range.start, kf_area_bytes(area), KF_BYTES_NOBODYS);
	kf_unmap(area->range.start, kf_area_bytes(area));
	kf_area_put_frames(area);
	kf_area_bury(area);
}
