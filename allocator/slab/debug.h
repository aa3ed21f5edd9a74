/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of slub_debug share: where the parts of a slot are, and the texts.
 */
#ifndef KFAIL_ALLOCATOR_SLAB_DEBUG_H
#define KFAIL_ALLOCATOR_SLAB_DEBUG_H

#include "../core/state.h"

/* include/linux/poison.h */
enum {
	KF_POISON_INUSE = 0x5a, /* padding, and slabs before their objects are set up */
	KF_POISON_END = 0xa5,	/* last byte of a free object */
	KF_RED_INACTIVE = 0xbb,
	KF_RED_ACTIVE = 0xcc,
};

/* The free pointer lies behind the object, where the object's owner does not write. */
static inline bool kf_debug_pointer_outside(const struct kf_cache *cache)
{
	return cache->fp_offset >= cache->inuse;
}

static inline u32 kf_debug_info_end(const struct kf_cache *cache)
{
	return cache->inuse + (kf_debug_pointer_outside(cache) ? sizeof(void *) : 0);
}

static inline bool kf_debug_keeps_size(const struct kf_cache *cache)
{
	return cache->flags & KF_SLAB_STORE_USER && cache->flags & KF_SLAB_KMALLOC;
}

/* Where the padding of an object begins, and where it ends, from the object on. */
static inline u32 kf_debug_padding(const struct kf_cache *cache)
{
	return kf_debug_info_end(cache) +
	       (cache->flags & KF_SLAB_STORE_USER ? 2 * (u32)sizeof(struct kf_track) : 0) +
	       (kf_debug_keeps_size(cache) ? (u32)sizeof(u32) : 0);
}

static inline u32 kf_debug_slot_end(const struct kf_cache *cache)
{
	return cache->stride - cache->first;
}

/* debug_object.c */
void *kf_debug_next(const struct kf_cache *cache, const void *object);
void kf_debug_set_next(const struct kf_cache *cache, void *object, void *next);
/* Index of the object that starts at p, or KF_NO_INDEX. */
unsigned kf_debug_index_at(const struct kf_slab *slab, const void *p);
/* NULL, or the start of an object of this slab. */
bool kf_debug_points_to_object(const struct kf_slab *slab, const void *p);
void kf_debug_fill_object(const struct kf_slab *slab, unsigned index, struct kf_object *out);
bool kf_debug_find_object(const struct kf_slab *slab, const void *addr, struct kf_object *out);
/* Tell a bug about the object around p, if there is one. */
void kf_debug_tell(const struct kf_slab *slab, enum kf_bug_kind kind, const void *p,
		   const char *what);

/* debug_check.c. `red` says which object is expected: KF_RED_ACTIVE or KF_RED_INACTIVE. False: it is unfit. */
bool kf_debug_check_object(const struct kf_slab *slab, unsigned index, u8 red);
/* The bytes behind the last object; repaired when they are wrong. */
bool kf_debug_check_padding(const struct kf_slab *slab);

/* debug.c: the list of free objects, and the count of the others; both are repaired when they are wrong. */
bool kf_debug_check_chain(struct kf_slab *slab);

/* debug_report.c. `object` NULL: about the slab. Nothing of this is called under a lock. */
void kf_report_object(const struct kf_slab *slab, const void *object, const char *reason);
void kf_report_slab(const struct kf_slab *slab, const char *form, ...)
	__attribute__((format(printf, 2, 3)));
void kf_report_bytes(const struct kf_slab *slab, const void *object, const char *what,
		     const u8 *first, const u8 *end, u8 expected);
void kf_report_padding(const struct kf_slab *slab, const u8 *pad, size_t n, const u8 *first,
		       const u8 *end);
void kf_report_fix(const struct kf_cache *cache, const char *form, ...)
	__attribute__((format(printf, 2, 3)));
void kf_report_trace(const struct kf_slab *slab, const void *object, bool alloc);

#endif
