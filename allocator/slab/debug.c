// SPDX-License-Identifier: GPL-2.0-only
/*
 * slub_debug: caches with the kernel's own debug layout, checks and consequences. Follows calculate_sizes(),
 * kf_debug_check_object(), alloc_debug_processing() and free_debug_processing() of mm/slub.c 6.1.
 *
 *	slot	|left redzone|object........|right redzone|free ptr|alloc track|free track|orig size|padding|
 *		 first        object_size    to inuse      (1)      U           U          U+kmalloc to stride
 *
 *	(1) behind the object if the owner of a free object may look at it or it is poisoned, else in its middle
 *
 * Bytes: red zones 0xbb while free, 0xcc while in use; object 0x6b and 0xa5 last (P); padding 0x5a. A slab's free
 * objects are linked through their free pointers, the newest first. Unlike other kinds there are no CPU
 * slabs: objects are taken one by one from partial slabs, and checked when taken and when given back (F).
 *
 * What the kernel knows only from these bytes is known here from records too, which no driver reaches: whether an
 * object is live, its size, tags and number. So a bad free frees nothing even without F.
 *
 *	live records + length of the free list + lost == objects;   inuse == live + lost
 *
 * An object is lost when its check failed as it was freed, or when it was free in a slab that failed a check: the
 * slab is isolated then, and nothing of it is handed out any more. The hooks are told that the driver freed
 * what it freed: the memory is lost to the allocator, which is no leak of the driver.
 */
#include "debug.h"

#include <string.h>

/* ---- layout ------------------------------------------------------------------------------------------ */

static bool owner_looks_at_free(const struct kf_cache *cache)
{
	return cache->flags & (KF_SLAB_TYPESAFE_BY_RCU | KF_SLAB_POISON) || cache->ctor ||
	       (cache->flags & KF_SLAB_RED_ZONE && cache->object_size < sizeof(void *));
}

static void lay_out(struct kf_cache *cache)
{
	u32 size = (u32)kf_align_up(cache->object_size, sizeof(void *));

	cache->room = cache->object_size;
	cache->poison = cache->flags & KF_SLAB_POISON && !cache->ctor &&
			!(cache->flags & KF_SLAB_TYPESAFE_BY_RCU);
	if (cache->flags & KF_SLAB_RED_ZONE && size == cache->object_size)
		size += sizeof(void *);
	cache->inuse = size;
	cache->fp_offset = owner_looks_at_free(cache) ? size : cache->object_size / 2 / 8 * 8;
	size = kf_debug_padding(cache);
	cache->first = 0;
	if (cache->flags & KF_SLAB_RED_ZONE) {
		cache->first = (u32)kf_align_up(sizeof(void *), cache->align);
		size += sizeof(void *) + cache->first;
	}
	cache->stride = (u32)kf_align_up(size, cache->align);
	cache->tail = cache->stride - cache->first - cache->room;
}

static struct kf_track *track_of(const struct kf_cache *cache, const void *object, unsigned which)
{
	return (struct kf_track *)((char *)object + kf_debug_info_end(cache)) + which;
}

const struct kf_track *kf_debug_tracks(const struct kf_cache *cache, const void *object)
{
	return track_of(cache, object, KF_TRACK_ALLOC);
}

/* ---- bytes of an object ------------------------------------------------------------------------------- */

static void init_object(const struct kf_cache *cache, char *p, u8 red)
{
	if (cache->flags & KF_SLAB_RED_ZONE) {
		memset(p - cache->first, red, cache->first);
		memset(p + cache->object_size, red, cache->inuse - cache->object_size);
	}
	if (cache->poison) {
		memset(p, KF_BYTE_FREE, cache->object_size - 1);
		p[cache->object_size - 1] = (char)KF_POISON_END;
	}
}

/* ---- slabs ------------------------------------------------------------------------------------------- */

static void set_up_object(const struct kf_cache *cache, void *p)
{
	if (cache->flags & (KF_SLAB_RED_ZONE | KF_SLAB_STORE_USER) || cache->poison)
		init_object(cache, p, KF_RED_INACTIVE);
	if (cache->flags & KF_SLAB_STORE_USER)
		memset(track_of(cache, p, KF_TRACK_ALLOC), 0,
		       KF_NR_TRACKS * sizeof(struct kf_track));
	kf_slab_construct(cache, p);
}

static bool start(struct kf_slab *slab)
{
	const struct kf_cache *cache = slab->cache;

	slab->recs = kf_meta_alloc(slab->objects * sizeof(*slab->recs));
	if (!slab->recs)
		return false;
	slab->isolated = false;
	if (cache->flags & KF_SLAB_POISON)
		memset(slab->base, KF_POISON_INUSE, KF_PAGE_SIZE << slab->order);
	slab->freelist = NULL;
	for (unsigned i = 0; i < slab->objects; i++)
		set_up_object(cache, kf_slab_address(slab, i));
	for (unsigned i = slab->objects; i-- > 0;) {
		kf_debug_set_next(cache, kf_slab_address(slab, i), slab->freelist);
		slab->freelist = kf_slab_address(slab, i);
	}
	return true;
}

static void stop(struct kf_slab *slab)
{
	kf_meta_free(slab->recs, slab->objects * sizeof(*slab->recs));
}

/* Under the slab's lock: nothing that is free in it will be handed out again. */
static void lose_free_objects(struct kf_slab *slab)
{
	for (unsigned i = 0; i < slab->objects; i++) {
		struct kf_rec *rec = &slab->recs[i];

		if (rec->state & (KF_REC_LIVE | KF_REC_LOST))
			continue;
		rec->state |= KF_REC_LOST;
		slab->lost++;
	}
	slab->inuse = slab->objects;
	slab->freelist = NULL;
	slab->isolated = true;
}

static void isolate(struct kf_slab *slab)
{
	kf_report_fix(slab->cache, "Marking all objects used");
	kf_lock(&slab->lock);
	lose_free_objects(slab);
	slab->where = KF_SLAB_FULL;
	kf_unlock(&slab->lock);
}

/* ---- taking one ---------------------------------------------------------------------------------------- */

/* A slab that is nobody else's until put() gives it to the others again. */
static struct kf_slab *get(struct kf_cache *cache, u32 gfp)
{
	struct kf_slab *slab = kf_partial_take(cache, 0, NULL);

	if (slab) {
		kf_count(cache, KF_ALLOC_FROM_PARTIAL);
		return slab;
	}
	slab = kf_slab_new(cache, gfp);
	if (slab)
		slab->where = KF_SLAB_ON_CPU;
	return slab;
}

/* A slab whose objects were all freed while we had it is kept: it is about to be used. */
static void put(struct kf_cache *cache, struct kf_slab *slab)
{
	kf_lock(&slab->lock);
	slab->where = KF_SLAB_FULL;
	if (slab->freelist) {
		kf_lock(&cache->lock);
		kf_partial_add(cache, slab);
		kf_unlock(&cache->lock);
	}
	kf_unlock(&slab->lock);
}

/* The first object of the free list, which must be what it claims to be. */
static unsigned pop(struct kf_slab *slab)
{
	unsigned index;

	kf_lock(&slab->lock);
	index = slab->freelist ? kf_debug_index_at(slab, slab->freelist) : KF_NO_INDEX;
	if (index != KF_NO_INDEX && slab->recs[index].state & (KF_REC_LIVE | KF_REC_LOST))
		index = KF_NO_INDEX;
	if (index != KF_NO_INDEX) {
		slab->freelist = kf_debug_next(slab->cache, slab->freelist);
		slab->recs[index].state |= KF_REC_LIVE;
		slab->inuse++;
		slab->allocs++;
	}
	kf_unlock(&slab->lock);
	return index;
}

/* An object that was popped turns out to be unfit. */
static void unpop(struct kf_slab *slab, unsigned index)
{
	kf_lock(&slab->lock);
	slab->recs[index].state &= ~KF_REC_LIVE;
	slab->inuse--;
	slab->allocs--;
	kf_unlock(&slab->lock);
}

static bool fit_to_use(struct kf_slab *slab, unsigned index)
{
	const struct kf_cache *cache = slab->cache;

	if (index == KF_NO_INDEX) {
		kf_report_object(slab, slab->freelist, "Freelist Pointer check fails");
		kf_debug_tell(slab, KF_BUG_WRITE_AFTER_FREE, slab->freelist,
			      "the free list of a slab was overwritten");
		return false;
	}
	if (!(cache->flags & KF_SLAB_CONSISTENCY_CHECKS))
		return true;
	kf_debug_check_padding(slab);
	return kf_debug_check_object(slab, index, KF_RED_INACTIVE);
}

static struct kf_slab *take(struct kf_cache *cache, u32 gfp, unsigned *index)
{
	struct kf_slab *slab;

	while ((slab = get(cache, gfp))) {
		*index = pop(slab);
		if (fit_to_use(slab, *index)) {
			put(cache, slab);
			return slab;
		}
		if (*index != KF_NO_INDEX)
			unpop(slab, *index);
		isolate(slab);
	}
	return NULL;
}

static void set_track(const struct kf_cache *cache, const void *p, unsigned which, u64 number,
		      u32 tag)
{
	unsigned cpu = kf_cpu();
	struct kf_whence whence;

	if (!(cache->flags & KF_SLAB_STORE_USER))
		return;
	kf_hooks.whence(&whence);
	*track_of(cache, p, which) = (struct kf_track){
		.addr = number,
		.handle = tag,
		.cpu = cpu == KF_NO_CPU ? 0 : (s32)cpu,
		.pid = whence.pid,
		.when = whence.jiffies,
	};
}

static void keep_size(const struct kf_cache *cache, const void *p, u32 size)
{
	if (kf_debug_keeps_size(cache))
		memcpy(track_of(cache, p, KF_NR_TRACKS), &size, sizeof(size));
}

static void *alloc(struct kf_cache *cache, u32 gfp, size_t size)
{
	struct kf_object obj;
	struct kf_slab *slab;
	struct kf_rec *rec;
	unsigned index;
	u64 seq;

	kf_count(cache, KF_ALLOC_SLOWPATH);
	slab = take(cache, gfp, &index);
	if (!slab)
		return NULL;
	seq = kf_next_seq();
	rec = &slab->recs[index];
	rec->size = (u32)size;
	rec->seq_low = (u32)seq;
	rec->seq_high = (u16)(seq >> 32);
	rec->alloc_tag = 0;
	rec->state = KF_REC_LIVE | KF_REC_READY | (gfp & KF_REC_GFP);
	kf_debug_fill_object(slab, index, &obj);
	kf_report_trace(slab, obj.addr, true);
	keep_size(cache, obj.addr, (u32)size);
	init_object(cache, obj.addr, KF_RED_ACTIVE);
	if (gfp & KF_GFP_ZERO)
		memset(obj.addr, 0, cache->object_size);
	kf_watch_object(cache, obj.addr, size, gfp & KF_GFP_ZERO);
	rec->alloc_tag = kf_hooks.allocated(&obj);
	set_track(cache, obj.addr, KF_TRACK_ALLOC, seq, rec->alloc_tag);
	return obj.addr;
}

/* ---- giving one back ---------------------------------------------------------------------------------- */

static void refuse_free(const struct kf_slab *slab, const void *p)
{
	if (slab->cache->flags & KF_SLAB_CONSISTENCY_CHECKS)
		kf_report_fix(slab->cache, "Object at 0x%016llx not freed",
			      (unsigned long long)(uintptr_t)p);
}

static void refuse_pointer(const struct kf_slab *slab, const void *p)
{
	if (slab->cache->flags & KF_SLAB_CONSISTENCY_CHECKS)
		kf_report_slab(slab, "Invalid object pointer 0x%016llx",
			       (unsigned long long)(uintptr_t)p);
	kf_debug_tell(slab, KF_BUG_INVALID_FREE, p, "freed an address inside an object");
	refuse_free(slab, p);
}

static void refuse_free_object(const struct kf_slab *slab, const struct kf_rec *rec, const void *p)
{
	if (slab->cache->flags & KF_SLAB_CONSISTENCY_CHECKS)
		kf_report_object(slab, p, "Object already free");
	if (rec->seq_low | rec->seq_high)
		kf_debug_tell(slab, KF_BUG_DOUBLE_FREE, p, "freed an object that is free");
	else
		kf_debug_tell(slab, KF_BUG_INVALID_FREE, p, "freed a slot never allocated");
	refuse_free(slab, p);
}

/* What on_freelist() finds on its way along the free list. */
enum chain { CHAIN_SOUND, CHAIN_HEAD_BAD, CHAIN_CUT, CHAIN_REGAINED };

/* Under the slab's lock: what is free but was not reached is lost; `freeing` is on its way. */
static void lose_unreached(struct kf_slab *slab, unsigned freeing)
{
	unsigned free = 0;

	for (unsigned i = 0; i < slab->objects; i++) {
		struct kf_rec *rec = &slab->recs[i];

		if (rec->state & KF_REC_ON_CHAIN) {
			free++;
		} else if (i != freeing && !(rec->state & (KF_REC_LIVE | KF_REC_LOST))) {
			rec->state |= KF_REC_LOST;
			slab->lost++;
		}
	}
	slab->inuse = (u16)(slab->objects - free);
}

/* Under the slab's lock: objects that were lost are on the free list again, since somebody put the pointer to them right. */
static bool regain(struct kf_slab *slab)
{
	unsigned regained = 0;

	for (unsigned i = 0; i < slab->objects; i++) {
		struct kf_rec *rec = &slab->recs[i];

		if (!(rec->state & KF_REC_ON_CHAIN) || !(rec->state & KF_REC_LOST))
			continue;
		rec->state &= ~KF_REC_LOST;
		regained++;
	}
	slab->lost -= regained;
	slab->inuse -= regained;
	return regained;
}

/* Walk the free list; cut it before a pointer that leads nowhere. What is behind is lost. */
static enum chain mend_chain(struct kf_slab *slab, unsigned freeing, void **last)
{
	const struct kf_cache *cache = slab->cache;
	enum chain found = CHAIN_SOUND;
	unsigned n = 0;
	void *p;

	*last = NULL;
	kf_lock(&slab->lock);
	for (p = slab->freelist; p && n <= slab->objects; p = kf_debug_next(cache, p), n++) {
		if (!kf_debug_points_to_object(slab, p)) {
			found = *last ? CHAIN_CUT : CHAIN_HEAD_BAD;
			break;
		}
		slab->recs[kf_debug_index_at(slab, p)].state |= KF_REC_ON_CHAIN;
		*last = p;
	}
	if (found == CHAIN_CUT)
		kf_debug_set_next(cache, *last, NULL);
	if (found == CHAIN_HEAD_BAD)
		slab->freelist = NULL;
	if (found != CHAIN_SOUND)
		lose_unreached(slab, freeing);
	else if (regain(slab))
		found = CHAIN_REGAINED;
	for (unsigned i = 0; i < slab->objects; i++)
		slab->recs[i].state &= ~KF_REC_ON_CHAIN;
	kf_unlock(&slab->lock);
	return found;
}

static void report_count(const struct kf_slab *slab, u16 before)
{
	kf_report_slab(slab, "Wrong object count. Counter is %d but counted were %d", before,
		       slab->inuse);
	kf_report_fix(slab->cache, "Object count adjusted");
}

static bool check_chain(struct kf_slab *slab, unsigned freeing)
{
	u16 counted = slab->inuse;
	void *last;

	switch (mend_chain(slab, freeing, &last)) {
	case CHAIN_SOUND:
		return true;
	case CHAIN_REGAINED:
		report_count(slab, counted);
		return false;
	case CHAIN_CUT:
		kf_report_object(slab, last, "Freechain corrupt");
		report_count(slab, counted);
		break;
	case CHAIN_HEAD_BAD:
		kf_report_slab(slab, "Freepointer corrupt");
		kf_report_fix(slab->cache, "Freelist cleared");
	}
	kf_debug_tell(slab, KF_BUG_WRITE_AFTER_FREE, last ? last : slab->base,
		      "the free list of a slab was overwritten");
	return false;
}

bool kf_debug_check_chain(struct kf_slab *slab)
{
	return check_chain(slab, KF_NO_INDEX);
}

/* Is this live object fit to be handed out again? */
static bool fit_to_free(struct kf_slab *slab, unsigned index)
{
	if (!(slab->cache->flags & KF_SLAB_CONSISTENCY_CHECKS))
		return true;
	if (slab->isolated) {
		kf_report_slab(slab, "Slab disabled since SLUB metadata consistency check failed");
		return false;
	}
	kf_debug_check_padding(slab);
	check_chain(slab, index);
	return kf_debug_check_object(slab, index, KF_RED_ACTIVE);
}

static void lose(struct kf_slab *slab, unsigned index)
{
	kf_lock(&slab->lock);
	slab->recs[index].state |= KF_REC_LOST;
	slab->lost++;
	slab->frees++;
	kf_unlock(&slab->lock);
}

static void give_back(struct kf_slab *slab, unsigned index)
{
	struct kf_cache *cache = slab->cache;
	void *p = kf_slab_address(slab, index);
	bool discard;

	kf_lock(&slab->lock);
	kf_debug_set_next(cache, p, slab->freelist);
	slab->freelist = p;
	slab->inuse--;
	slab->frees++;
	discard = kf_partial_settle(cache, slab);
	kf_unlock(&slab->lock);
	if (discard)
		kf_slab_discard(slab);
}

static void free_object(struct kf_slab *slab, const void *p)
{
	unsigned index = kf_debug_index_at(slab, p);
	struct kf_object obj;
	struct kf_rec *rec;
	u32 tag;

	kf_count(slab->cache, KF_FREE_SLOWPATH);
	if (index == KF_NO_INDEX) {
		refuse_pointer(slab, p);
		return;
	}
	rec = &slab->recs[index];
	kf_debug_fill_object(slab, index, &obj);
	if (!kf_rec_take_life(rec)) {
		refuse_free_object(slab, rec, p);
		return;
	}
	obj.live = true;
	tag = kf_hooks.freed(&obj);
	kf_rec_set_free_tag(rec, tag);
	if (!fit_to_free(slab, index)) {
		lose(slab, index);
		refuse_free(slab, p);
		return;
	}
	set_track(slab->cache, p, KF_TRACK_FREE, obj.seq, tag);
	kf_report_trace(slab, p, false);
	init_object(slab->cache, obj.addr, KF_RED_INACTIVE);
	kf_unwatch_object(slab->cache, obj.addr);
	give_back(slab, index);
}

/* ---- walkers ------------------------------------------------------------------------------------------- */

static bool check_index(const struct kf_slab *slab, unsigned index)
{
	u32 state = slab->recs[index].state;

	if (state & KF_REC_LOST)
		return true;
	return kf_debug_check_object(slab, index,
				     state & KF_REC_LIVE ? KF_RED_ACTIVE : KF_RED_INACTIVE);
}

static unsigned check(struct kf_slab *slab, const void *p)
{
	unsigned damaged = 0;

	if (p)
		return !check_index(slab, kf_debug_index_at(slab, p));
	damaged += !kf_debug_check_padding(slab);
	for (unsigned i = 0; i < slab->objects; i++)
		damaged += !check_index(slab, i);
	return damaged;
}

/* The red zone stays where it is: only the record learns of the size. */
static void resize(struct kf_slab *slab, const void *p, size_t size)
{
	struct kf_rec *rec = &slab->recs[kf_debug_index_at(slab, p)];

	kf_watch_resized(slab->cache, p, rec->size, size, rec->state & KF_GFP_ZERO);
	rec->size = (u32)size;
}

/* There are no CPU slabs. */
static void flush(struct kf_cache *cache)
{
}

static const char *validate(const struct kf_slab *slab)
{
	unsigned live = 0, lost = 0, free = 0;

	for (unsigned i = 0; i < slab->objects; i++) {
		live += !!(slab->recs[i].state & KF_REC_LIVE);
		lost += !!(slab->recs[i].state & KF_REC_LOST);
	}
	for (void *p = slab->freelist; p; p = kf_debug_next(slab->cache, p)) {
		if (!kf_debug_points_to_object(slab, p))
			return "a slab's free list leads nowhere";
		if (slab->recs[kf_debug_index_at(slab, p)].state & (KF_REC_LIVE | KF_REC_LOST))
			return "a slab's free list holds an object that is not free";
		if (++free > slab->objects)
			return "a slab's free list is a ring";
	}
	if (lost != slab->lost || live + lost != slab->inuse || slab->inuse + free != slab->objects)
		return "a slab's counts do not add up";
	return NULL;
}

const struct kf_slab_ops kf_slab_debug = {
	.lay_out = lay_out,
	.start = start,
	.stop = stop,
	.alloc = alloc,
	.free = free_object,
	.object = kf_debug_find_object,
	.resize = resize,
	.check = check,
	.flush = flush,
	.validate = validate,
};
