// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects: taking one from a slab and giving it back, with guards and poison. Follows mm/slub.c of 6.1 in
 * what a caller can see; caches and slabs themselves are in cache.c, size classes in kmalloc.c.
 *
 *	slab   |..first..[object 0]....gap....[object 1]....gap....[object 2]..>=16..|
 *	gap     right guard of object 0, 16 bytes, and everything from the *requested* size on
 *	        left guard of object 1: the 16 bytes before it
 *
 * An object's life, in its record (struct kf_rec):
 *	untouched   index >= slab->fresh; no guard yet (caches with constructor: guards at once)
 *	live        LIVE; guard bytes 0xcc from size to the end of the right guard; 0x5a or zeros at first
 *	free        in the slab's queue; 0x6b throughout, unless the cache keeps its state (constructor,
 *	            TYPESAFE_BY_RCU); guards intact
 * Where many objects live, a life begins and ends with waiting for memory: the header, the record and the bytes of an object
 * lie apart. So each is asked for as soon as it is known, and an allocation asks for what the next one will need.
 *
 * Untouched objects are handed out first, then the queue's oldest, and that only after a rest (the setting quarantine):
 * a stale pointer stays visible long.
 *
 * Locks: slab->lock for the queue and the counts; the cache's lock for its lists; slab before cache. A CPU
 * finds its slab without a lock and then checks, under the slab's lock, that it is still its slab: headers
 * are never used for anything else. LIVE is taken away atomically, so of two racing frees one is told.
 */
#include <string.h>

#include "../core/state.h"

/* ---- asking for memory ahead ---------------------------------------------------------------------------- */

#define LINE 64u
#define AHEAD_LINES \
	9u /* an object of 512 bytes with its guards; longer ones the processor foresees itself */

/* All bytes of an object that a free or an allocation reads and writes. */
static void ask_for_object(const struct kf_slab *slab, unsigned index)
{
	const struct kf_cache *cache = slab->cache;
	const char *p = (const char *)kf_slab_address(slab, index) - cache->guard;
	const char *end = p + cache->room + 2 * cache->guard;

	for (unsigned i = 0; i < AHEAD_LINES && p < end; i++, p += LINE)
		__builtin_prefetch(p, 1);
	__builtin_prefetch(end - 1, 1);
}

/* Under the slab's lock: the object that pop() will take next, unless that is one nobody had yet. */
static void ask_for_next(const struct kf_slab *slab)
{
	if (slab->fresh < slab->objects || slab->head == KF_NO_INDEX)
		return;
	__builtin_prefetch(&slab->recs[slab->head], 1);
	ask_for_object(slab, slab->head);
}

/* ---- looking at an object ---------------------------------------------------------------------------- */

/* Index of the slot around an offset from the slab's first object; the gap is split in the middle. */
static unsigned slot_index(const struct kf_slab *slab, size_t offset)
{
	if (slab->objects == 1)
		return 0;
	return (unsigned)((u64)offset * slab->cache->inverse >> 32);
}

static void fill_object(const struct kf_slab *slab, unsigned index, struct kf_object *out)
{
	const struct kf_rec *rec = &slab->recs[index];
	u32 state =
		__atomic_load_n(&rec->state, __ATOMIC_RELAXED); /* another CPU may free it now */

	*out = (struct kf_object){
		.kind = KF_SLAB,
		.live = state & KF_REC_LIVE,
		.addr = kf_slab_address(slab, index),
		.size = rec->size,
		.usable = slab->cache->object_size,
		.gfp = kf_rec_gfp(state),
		.cache = slab->cache,
		.seq = (u64)rec->seq_high << 32 | rec->seq_low,
		.alloc_tag = rec->alloc_tag,
		.free_tag = kf_rec_free_tag(state),
	};
}

static bool find_object(const struct kf_slab *slab, const void *addr, struct kf_object *out)
{
	const struct kf_cache *cache = slab->cache;
	size_t offset = (size_t)((const char *)addr - slab->base);
	size_t lead = cache->stride - cache->room;
	unsigned index;

	/* Half of the gap before an object is its left guard. */
	lead = lead / 2 < cache->first ? lead / 2 : cache->first;
	offset = offset + lead < cache->first ? 0 : offset + lead - cache->first;
	index = slot_index(slab, offset);
	if (index >= slab->objects || !(slab->recs[index].seq_low | slab->recs[index].seq_high))
		return false;
	fill_object(slab, index, out);
	return true;
}

/* ---- guards and poison ----------------------------------------------------------------------------------- */

/* The guard before the object, and the one that begins `size` bytes into it. */
static bool check_guards(const struct kf_slab *slab, unsigned index, size_t size)
{
	const struct kf_cache *cache = slab->cache;
	char *p = kf_slab_address(slab, index);
	size_t left = cache->guard, right = cache->room - size + cache->guard;
	struct kf_object obj;
	bool bad;

	if ((!left || kf_vectors_are((u8 *)p - KF_GUARD, KF_BYTE_GUARD, KF_GUARD)) &&
	    kf_bytes_are(p + size, KF_BYTE_GUARD, right))
		return false;
	fill_object(slab, index, &obj);
	bad = kf_check_bytes(KF_BUG_REDZONE, p - left, KF_BYTE_GUARD, left, &obj,
			     "bytes before an object were overwritten");
	bad |= kf_check_bytes(KF_BUG_REDZONE, p + size, KF_BYTE_GUARD, right, &obj,
			      "bytes after the requested size were overwritten");
	return bad;
}

static bool check_poison(const struct kf_slab *slab, unsigned index)
{
	void *p = kf_slab_address(slab, index);
	struct kf_object obj;

	if (kf_bytes_are(p, KF_BYTE_FREE, slab->cache->room))
		return false;
	fill_object(slab, index, &obj);
	return kf_check_bytes(KF_BUG_WRITE_AFTER_FREE, p, KF_BYTE_FREE, slab->cache->room, &obj,
			      "a freed object was written to");
}

/* First use of an untouched object: guards around it, and in it what says that nobody has written to it. */
static void ready_object(const struct kf_slab *slab, unsigned index)
{
	const struct kf_cache *cache = slab->cache;
	char *p = kf_slab_address(slab, index);

	memset(p - cache->guard, KF_BYTE_GUARD, cache->guard);
	memset(p, KF_BYTE_NEW, cache->room);
	memset(p + cache->room, KF_BYTE_GUARD, cache->guard);
	slab->recs[index].state |= KF_REC_READY;
	slab->recs[index].size = cache->room;
}

/* Check one object of a slab, live or free: 1 when it was damaged. */
static unsigned check_index(struct kf_slab *slab, unsigned index)
{
	const struct kf_rec *rec = &slab->recs[index];

	if (!(rec->state & KF_REC_READY))
		return 0;
	if (rec->state & KF_REC_LIVE || !slab->cache->poison)
		return check_guards(slab, index, rec->size);
	return (unsigned)check_poison(slab, index) |
	       (unsigned)check_guards(slab, index, slab->cache->room);
}

/* ---- taking one ------------------------------------------------------------------------------------------ */

static void give_to_cpu(struct kf_slab *slab, unsigned cpu)
{
	__atomic_store_n(&slab->cpu, (u16)cpu, __ATOMIC_RELAXED);
	kf_slab_set_where(slab, KF_SLAB_ON_CPU);
}

static bool is_of_cpu(const struct kf_slab *slab, unsigned cpu)
{
	return kf_slab_where(slab) == KF_SLAB_ON_CPU &&
	       __atomic_load_n(&slab->cpu, __ATOMIC_RELAXED) == cpu;
}

/*
 * The quarantine: a slab's freed objects rest until so many bytes have been freed after the newest of them. No list is kept,
 * and no count is wrong meanwhile: a slab that rests is a partial one which nobody takes. Where memory is short, it is
 * taken all the same.
 */
static bool is_rested(const struct kf_slab *slab)
{
	u64 freed = __atomic_load_n(&kf_state()->slab.freed, __ATOMIC_RELAXED);

	return freed - __atomic_load_n(&slab->freed_at, __ATOMIC_RELAXED) >=
	       kf_state()->settings.quarantine;
}

static void note_free(struct kf_slab *slab)
{
	u64 *freed = &kf_state()->slab.freed, now;

	if (__libc_single_threaded)
		now = *freed += slab->cache->stride;
	else
		now = __atomic_add_fetch(freed, slab->cache->stride, __ATOMIC_RELAXED);
	__atomic_store_n(&slab->freed_at, now, __ATOMIC_RELAXED);
}

/* Asked of slabs on the list, without their locks. */
static bool can_serve(const struct kf_slab *slab)
{
	return __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED) < slab->objects || is_rested(slab);
}

/* Under the slab's lock. KF_NO_INDEX: nothing left, or what is left rests, and is not `needed`. */
static unsigned pop(struct kf_slab *slab, bool needed)
{
	unsigned index;

	if (slab->fresh < slab->objects) {
		index = slab->fresh;
		__atomic_store_n(&slab->fresh, (u16)(index + 1), __ATOMIC_RELAXED);
	} else if (slab->head != KF_NO_INDEX && (needed || is_rested(slab))) {
		index = slab->head;
		slab->head = slab->recs[index].next;
		if (slab->head == KF_NO_INDEX)
			slab->tail = KF_NO_INDEX;
		ask_for_next(slab);
	} else {
		return KF_NO_INDEX;
	}
	kf_slab_set_inuse(slab, slab->inuse + 1u);
	slab->allocs++;
	return index;
}

static void push(struct kf_slab *slab, unsigned index)
{
	note_free(slab);
	slab->recs[index].next = KF_NO_INDEX;
	if (slab->tail == KF_NO_INDEX)
		slab->head = (u16)index;
	else
		slab->recs[slab->tail].next = (u16)index;
	slab->tail = (u16)index;
	kf_slab_set_inuse(slab, slab->inuse - 1u);
	slab->frees++;
}

/* Under the slab's lock, as all who fill a CPU's slot or empty it for a slab of their own: a slab must not come back to this
 * slot between the look at it and the slot's change, or it would be nobody's. */
static void leave_slot(struct kf_slab **slot, struct kf_slab *slab)
{
	__atomic_compare_exchange_n(slot, &slab, NULL, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Under the slab's lock: it leaves its CPU, with nothing left or to rest. */
static void retire_slab(struct kf_cache *cache, struct kf_slab *slab)
{
	if (slab->head == KF_NO_INDEX) {
		kf_slab_set_where(slab, KF_SLAB_FULL);
		kf_count(cache, KF_DEACTIVATE_FULL);
		return;
	}
	kf_lock(&cache->lock);
	kf_partial_add(cache, slab);
	kf_unlock(&cache->lock);
	kf_count(cache, KF_DEACTIVATE_TO_TAIL);
}

/* Pop from the CPU's slab; a slab that has nothing left, or is not ours any more, leaves the CPU. */
static unsigned pop_from_cpu_slab(struct kf_cache *cache, struct kf_slab **slot,
				  struct kf_slab *slab, unsigned cpu, bool needed)
{
	unsigned index = KF_NO_INDEX;
	bool ours;

	kf_lock(&slab->lock);
	ours = slab->cache == cache && is_of_cpu(slab, cpu);
	if (ours)
		index = pop(slab, needed);
	if (index == KF_NO_INDEX) {
		leave_slot(slot, slab);
		if (ours)
			retire_slab(cache, slab);
	}
	kf_unlock(&slab->lock);
	return index;
}

/* Make this slab the CPU's; if another thread was quicker, it waits among the partial ones. */
static void install(struct kf_cache *cache, struct kf_slab **slot, struct kf_slab *slab,
		    unsigned cpu)
{
	struct kf_slab *none = NULL;

	kf_lock(&slab->lock);
	ask_for_next(slab);
	/* Whoever flushed the CPU's slabs may have had it already. */
	if (is_of_cpu(slab, cpu) &&
	    !__atomic_compare_exchange_n(slot, &none, slab, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED)) {
		kf_lock(&cache->lock);
		kf_partial_add(cache, slab);
		kf_unlock(&cache->lock);
	}
	kf_unlock(&slab->lock);
}

/* A slab for this CPU: a partial one that need not rest, a new one, or where there is no memory one that should have rested,
 * which is *needed then. False: no memory. */
static bool refill(struct kf_cache *cache, struct kf_slab **slot, unsigned cpu, u32 gfp,
		   bool *needed)
{
	struct kf_slab *slab = kf_partial_take(cache, cpu, can_serve);

	if (slab) {
		kf_count(cache, KF_ALLOC_FROM_PARTIAL);
	} else if ((slab = kf_slab_new(cache, gfp))) {
		give_to_cpu(slab, cpu);
	} else {
		slab = kf_partial_take(cache, cpu, NULL);
		if (!slab)
			return false;
		*needed = true;
	}
	install(cache, slot, slab, cpu);
	return true;
}

static struct kf_slab *take(struct kf_cache *cache, u32 gfp, unsigned *index)
{
	unsigned cpu = kf_cpu() == KF_NO_CPU ? 0 : kf_cpu();
	struct kf_slab **slot = &kf_state()->slab.cpu_slab[cpu * KF_MAX_CACHES + cache->id];
	enum kf_slab_event path = KF_ALLOC_FASTPATH;
	bool needed = false;

	for (;;) {
		struct kf_slab *slab = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

		if (slab) {
			*index = pop_from_cpu_slab(cache, slot, slab, cpu, needed);
			if (*index != KF_NO_INDEX) {
				kf_count(cache, path);
				return slab;
			}
		} else if (!refill(cache, slot, cpu, gfp, &needed)) {
			return NULL;
		}
		path = KF_ALLOC_SLOWPATH;
	}
}

/*
 * slab_want_init_on_alloc() of mm/slab.h. Memory that init_on_free cleared reaches its next owner as zeros; until then
 * it holds poison here, so that whoever still looks at it does not take it for valid.
 */
static bool wants_zero(const struct kf_cache *cache, u32 gfp)
{
	const struct kf_settings *settings = kf_settings();

	if (gfp & KF_GFP_ZERO)
		return true;
	return (settings->init_on_alloc || settings->init_on_free) && cache->poison;
}

/* Content and guard of an object that is about to be handed out. */
static void dress(struct kf_slab *slab, unsigned index, u32 gfp, size_t size)
{
	const struct kf_cache *cache = slab->cache;
	struct kf_rec *rec = &slab->recs[index];
	char *p = kf_slab_address(slab, index);
	bool ready = rec->state & KF_REC_READY;

	if (!ready)
		ready_object(slab, index);
	else if (cache->poison)
		check_poison(slab, index);
	if (wants_zero(cache, gfp))
		memset(p, 0, size);
	else if (ready && cache->poison)
		memset(p, KF_BYTE_NEW, size);
	if (size < cache->room)
		memset(p + size, KF_BYTE_GUARD, cache->room - size);
}

/* Write the record and tell the hooks. */
static void *hand_out(struct kf_slab *slab, unsigned index, u32 gfp, size_t size)
{
	struct kf_rec *rec = &slab->recs[index];
	struct kf_object obj;
	u64 seq = kf_next_seq();

	rec->size = (u32)size;
	rec->seq_low = (u32)seq;
	rec->seq_high = (u16)(seq >> 32);
	__atomic_store_n(&rec->state, KF_REC_LIVE | KF_REC_READY | (gfp & KF_REC_GFP),
			 __ATOMIC_RELEASE);
	fill_object(slab, index, &obj);
	obj.alloc_tag = 0;
	kf_watch_object(slab->cache, obj.addr, size, wants_zero(slab->cache, gfp));
	rec->alloc_tag = kf_hooks.allocated(&obj);
	return obj.addr;
}

static void *alloc(struct kf_cache *cache, u32 gfp, size_t size)
{
	struct kf_slab *slab;
	unsigned index;
	void *fenced = kf_state()->fence.every ? kf_fenced_alloc(cache, gfp, size) : NULL;

	if (fenced)
		return fenced;
	slab = take(cache, gfp, &index);
	if (!slab)
		return NULL;
	kf_watch_open(cache, kf_slab_address(slab, index), 0);
	dress(slab, index, gfp, size);
	return hand_out(slab, index, gfp, size);
}

/* ---- giving one back ------------------------------------------------------------------------------------ */

/* Under the slab's lock, before the free. */
static void count_free(struct kf_cache *cache, const struct kf_slab *slab)
{
	bool on_cpu = slab->where == KF_SLAB_ON_CPU;

	if (on_cpu && slab->cpu == (kf_cpu() == KF_NO_CPU ? 0 : kf_cpu())) {
		kf_count(cache, KF_FREE_FASTPATH);
		return;
	}
	kf_count(cache, KF_FREE_SLOWPATH);
	if (on_cpu)
		kf_count(cache, KF_FREE_FROZEN);
}

static void give_back(struct kf_slab *slab, unsigned index)
{
	struct kf_cache *cache = slab->cache;
	bool discard;

	kf_lock(&slab->lock);
	if (cache->events)
		count_free(cache, slab);
	push(slab, index);
	discard = kf_partial_settle(cache, slab);
	kf_unlock(&slab->lock);
	if (discard)
		kf_slab_discard(slab);
}

static void tell_bad_free(const struct kf_slab *slab, enum kf_bug_kind kind, const void *p,
			  const char *what)
{
	struct kf_object obj;
	bool known = find_object(slab, p, &obj);

	kf_tell(kind, p, known ? &obj : NULL, slab->cache, what);
}

/* Index of the object that starts at p, or KF_NO_INDEX. */
static unsigned index_at(const struct kf_slab *slab, const void *p)
{
	const struct kf_cache *cache = slab->cache;
	size_t offset = (size_t)((const char *)p - slab->base);
	unsigned index;

	if (offset < cache->first)
		return KF_NO_INDEX;
	offset -= cache->first;
	index = slot_index(slab, offset);
	return index < slab->objects && (size_t)index * cache->stride == offset ? index
										: KF_NO_INDEX;
}

static void free_object(struct kf_slab *slab, const void *p)
{
	unsigned index = index_at(slab, p);
	struct kf_object obj;
	struct kf_rec *rec;

	if (index == KF_NO_INDEX) {
		tell_bad_free(slab, KF_BUG_INVALID_FREE, p, "freed an address inside an object");
		return;
	}
	rec = &slab->recs[index];
	__builtin_prefetch(rec, 1);
	ask_for_object(slab, index);
	fill_object(slab, index, &obj);
	if (!kf_rec_take_life(rec)) {
		if (rec->seq_low | rec->seq_high)
			tell_bad_free(slab, KF_BUG_DOUBLE_FREE, p, "freed an object that is free");
		else
			tell_bad_free(slab, KF_BUG_INVALID_FREE, p, "freed a slot never allocated");
		return;
	}
	obj.live = true;
	kf_rec_set_free_tag(rec, kf_hooks.freed(&obj));
	kf_watch_open(slab->cache, obj.addr, 0);
	check_guards(slab, index, rec->size);
	if (slab->cache->poison)
		memset(obj.addr, KF_BYTE_FREE, slab->cache->room);
	kf_unwatch_object(slab->cache, obj.addr);
	give_back(slab, index);
}

/* ---- slabs --------------------------------------------------------------------------------------------- */

static void lay_out(struct kf_cache *cache)
{
	bool large = cache->flags & KF_SLAB_KMALLOC && cache->room > KF_KMALLOC_MAX_CACHE_SIZE;

	cache->guard = large ? 0 : KF_GUARD;
	cache->first = (u32)kf_align_up(cache->guard, cache->align);
	cache->stride = (u32)kf_align_up(cache->room + 2 * cache->guard, cache->align);
	cache->tail = cache->guard;
}

static bool start(struct kf_slab *slab)
{
	slab->recs = kf_meta_alloc(slab->objects * sizeof(*slab->recs));
	if (!slab->recs)
		return false;
	slab->fresh = 0;
	slab->head = slab->tail = KF_NO_INDEX;
	for (unsigned i = 0; slab->cache->ctor && i < slab->objects; i++) {
		ready_object(slab, i);
		kf_slab_construct(slab->cache, kf_slab_address(slab, i));
	}
	return true;
}

static void stop(struct kf_slab *slab)
{
	kf_meta_free(slab->recs, slab->objects * sizeof(*slab->recs));
}

/* Move the guard to `size`, checking it first. Bytes that become the caller's are as the kernel has them. */
static void resize(struct kf_slab *slab, const void *p, size_t size)
{
	unsigned index = index_at(slab, p);
	struct kf_rec *rec = &slab->recs[index];
	char *bytes = (char *)p;

	kf_watch_open(slab->cache, p, rec->size);
	check_index(slab, index);
	if (size > rec->size)
		memset(bytes + rec->size, rec->state & KF_GFP_ZERO ? 0 : KF_BYTE_NEW,
		       size - rec->size);
	memset(bytes + size, KF_BYTE_GUARD, slab->cache->room - size);
	kf_watch_resized(slab->cache, p, rec->size, size, rec->state & KF_GFP_ZERO);
	rec->size = (u32)size;
}

static unsigned check(struct kf_slab *slab, const void *p)
{
	unsigned damaged = 0;

	if (p)
		return check_index(slab, index_at(slab, p));
	for (unsigned i = 0; i < slab->objects; i++)
		damaged += check_index(slab, i);
	return damaged;
}

/* Take every slab off its CPU, so that the lists show all. */
static void flush(struct kf_cache *cache)
{
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		struct kf_slab **slot = &kf_state()->slab.cpu_slab[cpu * KF_MAX_CACHES + cache->id];
		struct kf_slab *slab;

		if (!__atomic_load_n(slot, __ATOMIC_RELAXED)) /* keep its page clean */
			continue;
		slab = __atomic_exchange_n(slot, NULL, __ATOMIC_ACQ_REL);
		if (!slab)
			continue;
		kf_lock(&slab->lock);
		if (slab->cache == cache && is_of_cpu(slab, cpu)) {
			bool full = slab->fresh == slab->objects && slab->head == KF_NO_INDEX;

			kf_count(cache, KF_CPUSLAB_FLUSH);
			kf_lock(&cache->lock);
			kf_slab_set_where(slab, full ? KF_SLAB_FULL : KF_SLAB_PARTIAL);
			if (!full) {
				kf_list_add_tail(&slab->link, &cache->partial);
				cache->nr_partial++;
			}
			kf_unlock(&cache->lock);
		}
		kf_unlock(&slab->lock);
	}
}

static const char *validate(const struct kf_slab *slab)
{
	unsigned queued = 0, live = 0, last = KF_NO_INDEX;

	for (unsigned i = slab->head; i != KF_NO_INDEX; i = slab->recs[i].next) {
		if (i >= slab->fresh || slab->recs[i].state & KF_REC_LIVE)
			return "a slab's queue holds an object that is not free";
		if (++queued > slab->objects)
			return "a slab's queue is a ring";
		last = i;
	}
	for (unsigned i = 0; i < slab->objects; i++)
		live += slab->recs[i].state >> 31;
	if (slab->tail != last)
		return "a slab's queue ends elsewhere";
	if (live != slab->inuse || live + queued + (slab->objects - slab->fresh) != slab->objects)
		return "a slab's counts do not add up";
	if (slab->allocs - slab->frees != slab->inuse)
		return "a slab's allocations and frees do not balance";
	return NULL;
}

const struct kf_slab_ops kf_slab_guarded = {
	.lay_out = lay_out,
	.start = start,
	.stop = stop,
	.alloc = alloc,
	.free = free_object,
	.object = find_object,
	.resize = resize,
	.check = check,
	.flush = flush,
	.validate = validate,
};
