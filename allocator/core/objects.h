/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One question asked across all allocators: what is at this address?
 */
#ifndef KFAIL_ALLOCATOR_OBJECTS_H
#define KFAIL_ALLOCATOR_OBJECTS_H

#include "hooks.h"

/* Fill `out` with the object, live or free, whose slot contains `addr` (slab, page block, vmalloc area).
 * False when the address is in no object. Any context; takes no lock. */
bool kf_object_at(const void *addr, struct kf_object *out);

/* What an address lies in when it is in no object. */
enum kf_ground {
	KF_GROUND_NONE,	  /* not in the direct map of existing memory */
	KF_GROUND_KERNEL, /* reserved since boot, or in use by an allocator for itself */
	KF_GROUND_SLAB,	  /* a slab, where no object has been yet */
	KF_GROUND_FREE,	  /* a free page, of which nothing is known */
};
/* Asked when kf_object_at() said no. Any context; takes no lock. */
enum kf_ground kf_ground_at(const void *addr);
/* The object that an access to `addr` missed, if memory there is inaccessible so that this can be said: freed memory, or a
 * guard page, of fenced memory (page/fence.h) and of vmalloc areas. */
struct kf_missed {
	enum { KF_MISSED_INSIDE, KF_MISSED_LEFT, KF_MISSED_RIGHT } side; /* of the object */
	u64 distance; /* bytes from its start (INSIDE), before its start, or behind its end: 0 is the next byte */
	struct kf_object object; /* live or freed */
};
/* False: nothing is known of this address. For fault handlers. */
bool kf_missed_object(u64 addr, struct kf_missed *out);

/* The live per-CPU area with this cookie, or the cache with this pointer. */
bool kf_percpu_object(u64 cookie, struct kf_object *out);
/* The per-CPU area with this cookie and this number, live or among those freed last. */
bool kf_percpu_record(u64 cookie, u64 seq, struct kf_object *out);
bool kf_cache_object(const struct kf_cache *cache, struct kf_object *out);

/* Number of allocations since the world began: the seq of the newest object. */
u64 kf_sequence(void);

/* Guards and poison of one object, live or freed, as kf_object_at() or kf_percpu_record() told of it: number of damaged
 * places, each told as a bug. Of blocks of pages and large objects only what is free and holds poison still: their guards
 * are looked at when they are freed. Takes no lock: nobody else works with the object meanwhile. */
unsigned kf_check_object(const struct kf_object *object);
/* All checks of all allocators (guards, poison): number of damaged objects, each told as a bug. */
unsigned kf_check_all(void);
/* All invariants: NULL, or the first sentence. */
const char *kf_validate_all(void);

#endif
