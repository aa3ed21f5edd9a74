// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of slub_debug. Follows check_object(), check_bytes_and_report(), check_pad_bytes() and
 * slab_pad_check() of mm/slub.c 6.1, in their order: left and right red zone (the first that is bad ends the
 * check), alignment padding, poison, end of poison, padding of the object, free pointer.
 *
 * Each damage is printed (debug_report.c), told to the hooks, and repaired, so that it is found once.
 */
#include <string.h>

#include "debug.h"

/* Report, tell and put back bytes that are not `value`; true when there were none. */
static bool check_bytes(const struct kf_slab *slab, unsigned index, const char *what,
			enum kf_bug_kind kind, void *start, u8 value, size_t n)
{
	const u8 *first = kf_first_other(start, value, n), *end = (const u8 *)start + n;
	struct kf_object obj;

	if (!first)
		return true;
	while (end[-1] == value)
		end--;
	kf_debug_fill_object(slab, index, &obj);
	kf_report_bytes(slab, obj.addr, what, first, end, value);
	/* Tells, and puts the bytes back. */
	kf_check_bytes(kind, start, value, n, &obj,
		       kind == KF_BUG_REDZONE ? "bytes outside an object were overwritten"
					      : "a freed object was written to");
	kf_report_fix(slab->cache, "Restoring %s 0x%016llx-0x%016llx=0x%x", what,
		      (unsigned long long)(uintptr_t)first,
		      (unsigned long long)(uintptr_t)(end - 1), value);
	return false;
}

static bool check_red_zones(const struct kf_slab *slab, unsigned index, u8 red)
{
	const struct kf_cache *cache = slab->cache;
	char *p = kf_slab_address(slab, index);
	size_t gap = cache->inuse - cache->object_size;

	if (cache->flags & KF_SLAB_RED_ZONE)
		return check_bytes(slab, index, "Left Redzone", KF_BUG_REDZONE, p - cache->first,
				   red, cache->first) &&
		       check_bytes(slab, index, "Right Redzone", KF_BUG_REDZONE,
				   p + cache->object_size, red, gap);
	if (cache->flags & KF_SLAB_POISON && gap)
		check_bytes(slab, index, "Alignment padding", KF_BUG_REDZONE,
			    p + cache->object_size, KF_POISON_INUSE, gap);
	return true;
}

static bool check_poison(const struct kf_slab *slab, unsigned index)
{
	const struct kf_cache *cache = slab->cache;
	char *p = kf_slab_address(slab, index);

	return check_bytes(slab, index, "Poison", KF_BUG_WRITE_AFTER_FREE, p, KF_BYTE_FREE,
			   cache->object_size - 1) &&
	       check_bytes(slab, index, "End Poison", KF_BUG_WRITE_AFTER_FREE,
			   p + cache->object_size - 1, KF_POISON_END, 1);
}

static void check_padding(const struct kf_slab *slab, unsigned index)
{
	const struct kf_cache *cache = slab->cache;
	u32 from = kf_debug_padding(cache), to = kf_debug_slot_end(cache);

	if (from != to)
		check_bytes(slab, index, "Object padding", KF_BUG_REDZONE,
			    (char *)kf_slab_address(slab, index) + from, KF_POISON_INUSE,
			    to - from);
}

static bool check_pointer(const struct kf_slab *slab, unsigned index, u8 red)
{
	const struct kf_cache *cache = slab->cache;
	void *p = kf_slab_address(slab, index);

	if (!kf_debug_pointer_outside(cache) && red == KF_RED_ACTIVE)
		return true; /* it is part of the object now */
	if (kf_debug_points_to_object(slab, kf_debug_next(cache, p)))
		return true;
	kf_report_object(slab, p, "Freepointer corrupt");
	kf_debug_tell(slab, red == KF_RED_ACTIVE ? KF_BUG_REDZONE : KF_BUG_WRITE_AFTER_FREE, p,
		      "the free pointer of an object was overwritten");
	kf_debug_set_next(cache, p, NULL); /* the rest of the free list is lost */
	return false;
}

/* check_object(): false when what is wrong makes the object unfit. */
bool kf_debug_check_object(const struct kf_slab *slab, unsigned index, u8 red)
{
	const struct kf_cache *cache = slab->cache;

	if (!check_red_zones(slab, index, red))
		return false;
	if (cache->flags & KF_SLAB_POISON) {
		if (red == KF_RED_INACTIVE && cache->poison && !check_poison(slab, index))
			return false;
		check_padding(slab, index);
	}
	return check_pointer(slab, index, red);
}

/* slab_pad_check(): the bytes behind the last object. */
bool kf_debug_check_padding(const struct kf_slab *slab)
{
	const struct kf_cache *cache = slab->cache;
	u8 *pad = (u8 *)slab->base + (size_t)slab->objects * cache->stride;
	u8 *limit = (u8 *)slab->base + (KF_PAGE_SIZE << slab->order);
	const u8 *first, *end = limit;

	if (!(cache->flags & KF_SLAB_POISON))
		return true;
	first = kf_first_other(pad, KF_POISON_INUSE, (size_t)(limit - pad));
	if (!first)
		return true;
	while (end[-1] == KF_POISON_INUSE)
		end--;
	kf_report_padding(slab, pad, (size_t)(limit - pad), first, end);
	kf_check_bytes(KF_BUG_REDZONE, pad, KF_POISON_INUSE, (size_t)(limit - pad), NULL,
		       "bytes behind the last object of a slab were overwritten");
	kf_report_fix(cache, "Restoring %s 0x%016llx-0x%016llx=0x%x", "slab padding",
		      (unsigned long long)(uintptr_t)first,
		      (unsigned long long)(uintptr_t)(end - 1), KF_POISON_INUSE);
	return false;
}
