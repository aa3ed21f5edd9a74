// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain slabs: nothing but speed. Kind of every cache when the settings want neither hooks nor guards, nor
 * slub_debug or slub_stats ("checks=off"). Slabs are those of mm/slub.c 6.1: free pointers in the objects,
 * partial slabs on the node, empty ones given back by the rule of min_partial. In front of them stand per-CPU
 * lists that take objects of any slab, as the per-CPU arrays of mm/slab.c do, instead of a CPU slab: so a remote
 * free costs what a local one does.
 *
 *	CPU's two lists  <-- batch -->  barn: up to 10 lists  <-- batch -->  slabs: partial, full
 *	(no lock)                       (barn lock, one pointer)             (cache lock, one hold a batch)
 *
 * A CPU that has nothing left takes a batch; one that was given a batch passes it on. The barn is what the
 * shared array is in mm/slab.c (and sheaves became in later kernels): producer and consumer exchange
 * batches by one pointer. Sizes of batches are those of enable_cpucache().
 *
 *	slab   [ object 0 | object 1 | ... ]  stride: object_size rounded up to 8 and to the alignment
 *	link   at the start of a free object; in its middle with slub_hardened, as SLUB has it; behind it for caches
 *	       whose free objects keep their content (constructor, TYPESAFE_BY_RCU)
 *	Objects from `fresh` on were never used and are in no list.
 *
 * Equations:
 *	slab->inuse == live objects + those of CPUs and of the barn
 *	inuse + length of the slab's list + (objects - fresh) == objects
 *	FULL slabs have inuse == objects and are on no list; PARTIAL ones are on the cache's
 *	each list of the barn holds a batch; freed of a CPU holds batch - room
 *
 * What the kernel does without debugging happens here too: a double free puts the object twice into a list,
 * and it is handed out twice. With slub_hardened links are mixed with a secret and their address, and the second
 * of two frees in a row is told and does nothing. Constructors run once, when a slab is made.
 *
 * Lists belong to the thread that took the CPU in kf_cpu_enter(). A thread without one, or one that was only
 * told a number, works on the slabs, one object at a time. When a thread ends, its lists are emptied.
 */
#include "plain.h"

#include <errno.h>
#include <string.h>

#include "../core/state.h"

__thread struct kf_plain_cpu *kf_plain_cpu __attribute__((tls_model("initial-exec")));
struct kf_plain_here kf_plain_here;

/* clang-format off */
const u8 kf_plain_index[KF_PLAIN_INDEXED / 8 + 1] = {
	[1] = 3, [2] = 4, [3 ... 4] = 5, [5 ... 8] = 6, [9 ... 12] = 1, [13 ... 16] = 7,
	[17 ... 24] = 2, [25 ... 32] = 8, [33 ... 64] = 9, [65 ... 128] = 10,
};
/* clang-format on */

bool kf_plain_wanted(const struct kf_settings *settings)
{
	return !settings->hooks && !settings->guard && !settings->slub_debug[0] &&
	       !settings->slub_stats;
}

/* ---- world and thread --------------------------------------------------------------------------------- */

int kf_plain_init(void)
{
	struct kf_slab_state *st = &kf_state()->slab;

	if (!kf_plain_wanted(kf_settings()))
		return 0;
	st->plain_cpus = kf_meta_alloc(kf_layout()->nr_cpus * sizeof(*st->plain_cpus));
	st->plain_slot_of = kf_meta_alloc(kf_here.nr_frames * sizeof(*st->plain_slot_of));
	kf_plain_attach();
	return st->plain_cpus && st->plain_slot_of ? 0 : -ENOMEM;
}

void kf_plain_attach(void)
{
	const struct kf_slab_state *st = &kf_state()->slab;

	kf_plain_cpu = NULL;
	kf_plain_here = (struct kf_plain_here){0};
	if (st->plain_slot_of)
		kf_plain_here = (struct kf_plain_here){
			.direct_map = kf_layout()->direct_map,
			.frames = kf_here.nr_frames,
			.slot_of = st->plain_slot_of,
		};
}

void kf_plain_detach(void)
{
	kf_plain_cpu = NULL;
	kf_plain_here = (struct kf_plain_here){0};
}

static bool wants_care(const struct kf_settings *settings)
{
	return settings->slub_hardened || settings->init_on_alloc || settings->init_on_free ||
	       kf_state()->slab.profile;
}

/* The area of this thread's CPU, or NULL. */
static struct kf_plain_cpu *own_cpu(void)
{
	unsigned cpu = kf_cpu();
	struct kf_plain_cpu *area;

	if (cpu == KF_NO_CPU || !kf_cpu_is_own())
		return NULL;
	area = &kf_state()->slab.plain_cpus[cpu];
	if (!wants_care(kf_settings()))
		kf_plain_cpu = area;
	return area;
}

/* Half of what enable_cpucache() in mm/slab.c lets a CPU have; twice: the two lists. */
static u32 batch_of(size_t size)
{
	if (size > KF_PAGE_SIZE)
		return size > 128 << 10 ? 1 : 4;
	if (size > 1024)
		return 12;
	return size > 256 ? 27 : 60;
}

static struct kf_cache_cpu *own_lists(const struct kf_cache *cache)
{
	struct kf_plain_cpu *area = own_cpu();
	struct kf_cache_cpu *lists;

	if (!area)
		return NULL;
	lists = &area->slot[kf_plain_slot(cache)];
	if (!lists->batch)
		lists->batch = lists->room = batch_of(cache->object_size);
	return lists;
}

/* ---- lists of free objects ---------------------------------------------------------------------------------- */

/* freelist_ptr() of mm/slub.c: its own inverse. */
static u64 mix(const struct kf_cache *cache, u64 value, const u64 *at)
{
	if (!cache->random)
		return value;
	return value ^ cache->random ^ __builtin_bswap64((u64)(uintptr_t)at);
}

static void *next_free(const struct kf_cache *cache, void *object)
{
	const u64 *at = (const u64 *)((char *)object + cache->free_offset);

	return (void *)(uintptr_t)mix(cache, *at, at);
}

static void push(const struct kf_cache *cache, void **list, void *object)
{
	u64 *at = (u64 *)((char *)object + cache->free_offset);

	*at = mix(cache, (u64)(uintptr_t)*list, at);
	*list = object;
}

static void *pop(const struct kf_cache *cache, void **list)
{
	void *object = *list;

	if (object)
		*list = next_free(cache, object);
	return object;
}

static void *take_from_slab(struct kf_slab *slab)
{
	void *object = pop(slab->cache, &slab->freelist);

	if (!object && slab->fresh < slab->objects)
		object = kf_slab_address(slab, slab->fresh++);
	if (!object)
		return NULL;
	slab->inuse++;
	slab->allocs++;
	return object;
}

/* Up to n objects of a slab onto the list; those never used lowest address first. */
static unsigned take_some(struct kf_slab *slab, void **list, unsigned n)
{
	unsigned fresh = slab->objects - slab->fresh, got = 0;
	void *object;

	if (!slab->freelist) {
		n = n < fresh ? n : fresh;
		for (unsigned i = n; i; i--)
			push(slab->cache, list, kf_slab_address(slab, slab->fresh + i - 1));
		slab->fresh += (u16)n;
		slab->inuse += (u16)n;
		slab->allocs += n;
		return n;
	}
	for (; got < n && (object = take_from_slab(slab)); got++)
		push(slab->cache, list, object);
	return got;
}

/* ---- batches between arrays and slabs ----------------------------------------------------------------------- */

/* Under the cache's lock. */
static void place(struct kf_cache *cache, struct kf_slab *slab)
{
	bool full = slab->inuse == slab->objects;

	slab->where = KF_SLAB_FULL;
	if (full)
		return;
	kf_partial_add(cache, slab);
}

static void leave_partial(struct kf_cache *cache, struct kf_slab *slab)
{
	kf_list_del(&slab->link);
	cache->nr_partial--;
}

static unsigned take_from_partial(struct kf_cache *cache, void **list, unsigned n)
{
	unsigned got = 0;

	kf_lock(&cache->lock);
	while (got < n && !kf_list_empty(&cache->partial)) {
		struct kf_slab *slab = kf_container(cache->partial.next, struct kf_slab, link);

		got += take_some(slab, list, n - got);
		if (slab->inuse < slab->objects)
			break;
		leave_partial(cache, slab);
		slab->where = KF_SLAB_FULL;
	}
	kf_unlock(&cache->lock);
	return got;
}

static unsigned take_from_new(struct kf_cache *cache, u32 gfp, void **list, unsigned n)
{
	struct kf_slab *slab = kf_slab_new(cache, gfp);
	unsigned got;

	if (!slab)
		return 0;
	kf_lock(&cache->lock);
	got = take_some(slab, list, n);
	place(cache, slab);
	kf_unlock(&cache->lock);
	return got;
}

/* Put between 1 and n objects on an empty list; false: no memory. */
static bool take_objects(struct kf_cache *cache, u32 gfp, void **list, unsigned n)
{
	return take_from_partial(cache, list, n) || take_from_new(cache, gfp, list, n);
}

/* After a push, under the cache's lock. True: the slab is on no list any more, give its pages back. */
static bool settle(struct kf_cache *cache, struct kf_slab *slab)
{
	if (slab->where == KF_SLAB_FULL)
		place(cache, slab);
	if (slab->inuse || cache->nr_partial <= cache->min_partial)
		return false;
	leave_partial(cache, slab);
	slab->where = KF_SLAB_NOWHERE;
	return true;
}

/* Give all objects of a list back to their slabs. */
static void put_objects(struct kf_cache *cache, void *list)
{
	struct kf_list empty;
	void *object;

	kf_list_init(&empty);
	kf_lock(&cache->lock);
	while ((object = pop(cache, &list))) {
		struct kf_slab *slab = kf_slab_at(object);

		push(cache, &slab->freelist, object);
		slab->inuse--;
		slab->frees++;
		if (settle(cache, slab))
			kf_list_add_tail(&slab->link, &empty);
	}
	kf_unlock(&cache->lock);
	while (!kf_list_empty(&empty)) {
		struct kf_slab *slab = kf_container(empty.next, struct kf_slab, link);

		kf_list_del(&slab->link);
		kf_slab_discard(slab);
	}
}

/* ---- the barn --------------------------------------------------------------------------------------------------- */

static void *take_from_barn(struct kf_barn *barn)
{
	void *list = NULL;

	if (!__atomic_load_n(&barn->nr, __ATOMIC_RELAXED))
		return NULL;
	kf_lock(&barn->lock);
	if (barn->nr) {
		list = barn->full[barn->nr - 1];
		__atomic_store_n(&barn->nr, barn->nr - 1, __ATOMIC_RELAXED);
	}
	kf_unlock(&barn->lock);
	return list;
}

static bool put_into_barn(struct kf_barn *barn, void *list)
{
	bool room;

	kf_lock(&barn->lock);
	room = barn->nr < KF_BARN_MAX;
	if (room) {
		barn->full[barn->nr] = list;
		__atomic_store_n(&barn->nr, barn->nr + 1, __ATOMIC_RELAXED);
	}
	kf_unlock(&barn->lock);
	return room;
}

static void empty_barn(struct kf_cache *cache)
{
	void *list;

	while ((list = take_from_barn(&cache->barn)))
		put_objects(cache, list);
}

/* ---- a CPU's lists ---------------------------------------------------------------------------------------------- */

/* Nothing is left to hand out: what was given back, or a batch of the barn, or of the slabs. */
static bool refill(struct kf_cache *cache, struct kf_cache_cpu *lists, u32 gfp)
{
	if (lists->freed) {
		lists->freelist = lists->freed;
		lists->freed = NULL;
		lists->room = lists->batch;
		return true;
	}
	lists->freelist = take_from_barn(&cache->barn);
	return lists->freelist || take_objects(cache, gfp, &lists->freelist, lists->batch);
}

/* A batch was given back: pass it on. */
static void pass_on(struct kf_cache *cache, struct kf_cache_cpu *lists)
{
	void *list = lists->freed;

	lists->freed = NULL;
	lists->room = lists->batch;
	if (!put_into_barn(&cache->barn, list))
		put_objects(cache, list);
}

static void empty_lists(struct kf_cache *cache, struct kf_cache_cpu *lists)
{
	void *freelist = lists->freelist, *freed = lists->freed;

	lists->freelist = lists->freed = NULL;
	lists->room = lists->batch;
	put_objects(cache, freelist);
	put_objects(cache, freed);
}

/* ---- objects ---------------------------------------------------------------------------------------------------- */

static void *take(struct kf_cache *cache, u32 gfp)
{
	struct kf_cache_cpu *lists = own_lists(cache);
	void *one = NULL;

	if (!lists) {
		take_objects(cache, gfp, &one, 1);
		return one;
	}
	if (!lists->freelist && !refill(cache, lists, gfp))
		return NULL;
	return pop(cache, &lists->freelist);
}

static void *alloc(struct kf_cache *cache, u32 gfp, size_t size)
{
	void *object = take(cache, gfp);

	if (object && !cache->ctor && (gfp & KF_GFP_ZERO || kf_settings()->init_on_alloc))
		memset(object, 0, cache->object_size);
	return object;
}

/* What was freed last: by this CPU, or without one, of this slab. */
static const void *freed_last(struct kf_slab *slab, const struct kf_cache_cpu *lists)
{
	const void *newest;

	if (lists)
		return lists->freed;
	kf_lock(&slab->cache->lock);
	newest = slab->freelist;
	kf_unlock(&slab->cache->lock);
	return newest;
}

/* BUG_ON(object == fp) of set_freepointer(): the only double free that a hardened list knows. */
static bool freed_twice_in_a_row(struct kf_slab *slab, const struct kf_cache_cpu *lists,
				 const void *p)
{
	const struct kf_cache *cache = slab->cache;

	if (!cache->random || freed_last(slab, lists) != p)
		return false;
	kf_tell(KF_BUG_DOUBLE_FREE, p, NULL, cache, "freed an object twice in a row");
	return true;
}

static void put_one(struct kf_cache *cache, void *object)
{
	void *list = NULL;

	push(cache, &list, object);
	put_objects(cache, list);
}

static void free_object(struct kf_slab *slab, const void *p)
{
	struct kf_cache *cache = slab->cache;
	struct kf_cache_cpu *lists = own_lists(cache);
	void *object = (void *)p;

	if (freed_twice_in_a_row(slab, lists, p))
		return;
	if (kf_settings()->init_on_free && !cache->ctor &&
	    !(cache->flags & KF_SLAB_TYPESAFE_BY_RCU))
		memset(object, 0, cache->object_size);
	if (!lists) {
		put_one(cache, object);
		return;
	}
	if (!lists->room)
		pass_on(cache, lists);
	lists->room--;
	push(cache, &lists->freed, object);
}

/* ---- slabs ---------------------------------------------------------------------------------------------------------- */

/* Where a sequence of random numbers for this cache starts: the same in each world with the same seed. */
static u64 random_start(const struct kf_cache *cache, u64 salt)
{
	u64 x = kf_settings()->seed + 0x9e3779b97f4a7c15ull * (cache->id + 1) + salt;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* calculate_sizes() of mm/slub.c. */
static void lay_out(struct kf_cache *cache)
{
	u32 size = (u32)kf_align_up(cache->room, 8);

	cache->free_offset = kf_settings()->slub_hardened ? cache->object_size / 2 & ~7u : 0;
	if (cache->ctor || cache->flags & KF_SLAB_TYPESAFE_BY_RCU) {
		cache->free_offset = size;
		size += 8;
	}
	cache->first = 0;
	cache->stride = (u32)kf_align_up(size, cache->align);
	cache->tail = cache->stride - cache->room;
	if (kf_settings()->slub_hardened)
		cache->random = random_start(cache, 0) | 1;
}

static void note_frames(const struct kf_slab *slab, unsigned slot)
{
	u64 pfn = kf_virt_to_phys(slab->base) >> KF_PAGE_SHIFT;
	u16 *slot_of = kf_state()->slab.plain_slot_of;

	for (u64 i = 0; i < 1ull << slab->order; i++)
		slot_of[pfn + i] = (u16)slot;
}

/* Put all objects on the slab's list in random order: shuffle_freelist() of mm/slub.c. */
static bool shuffle(struct kf_slab *slab)
{
	u64 state = random_start(slab->cache, (u64)(slab->base - (char *)kf_phys_to_virt(0))) | 1;
	size_t bytes = slab->objects * sizeof(u16);
	u16 *order = kf_meta_alloc(bytes);

	if (!order)
		return false;
	for (unsigned i = 1; i < slab->objects; i++) {
		unsigned other = (unsigned)(next_random(&state) % (i + 1));

		order[i] = order[other];
		order[other] = (u16)i;
	}
	for (unsigned i = 0; i < slab->objects; i++)
		push(slab->cache, &slab->freelist, kf_slab_address(slab, order[i]));
	slab->fresh = slab->objects;
	kf_meta_free(order, bytes);
	return true;
}

static bool start(struct kf_slab *slab)
{
	slab->freelist = NULL;
	slab->fresh = 0;
	slab->where = KF_SLAB_NOWHERE;
	if (kf_settings()->slub_random && !shuffle(slab))
		return false;
	for (unsigned i = 0; slab->cache->ctor && i < slab->objects; i++)
		kf_slab_construct(slab->cache, kf_slab_address(slab, i));
	if (!slab->cache->free_offset)
		note_frames(slab, kf_plain_slot(slab->cache));
	return true;
}

static void stop(struct kf_slab *slab)
{
	note_frames(slab, 0);
}

/* ---- questions -------------------------------------------------------------------------------------------------------- */

static bool list_holds(const struct kf_cache *cache, void *list, const void *p)
{
	unsigned steps = 0;

	for (void *at = list; at && steps++ < UINT16_MAX; at = next_free(cache, at))
		if (at == p)
			return true;
	return false;
}

static struct kf_cache_cpu *lists_of(const struct kf_cache *cache, unsigned cpu)
{
	return &kf_state()->slab.plain_cpus[cpu].slot[kf_plain_slot(cache)];
}

/* Some CPU, or the barn. */
static bool somebody_holds(const struct kf_cache *cache, const void *p)
{
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		if (list_holds(cache, lists_of(cache, cpu)->freelist, p) ||
		    list_holds(cache, lists_of(cache, cpu)->freed, p))
			return true;
	for (unsigned i = 0; i < cache->barn.nr; i++)
		if (list_holds(cache, cache->barn.full[i], p))
			return true;
	return false;
}

/* Nothing says of an object that it is live, so all places where free ones may be are searched: for reports,
 * not for speed. Requested size, gfp and sequence number were never written down. */
static bool find_object(const struct kf_slab *slab, const void *addr, struct kf_object *out)
{
	const struct kf_cache *cache = slab->cache;
	unsigned index = (unsigned)((size_t)((const char *)addr - slab->base) / cache->stride);

	if (index >= slab->fresh)
		return false;
	*out = (struct kf_object){
		.kind = KF_SLAB,
		.addr = kf_slab_address(slab, index),
		.size = cache->object_size,
		.usable = cache->object_size,
		.gfp = KF_GFP_KERNEL,
		.cache = cache,
	};
	out->live =
		!list_holds(cache, slab->freelist, out->addr) && !somebody_holds(cache, out->addr);
	return true;
}

/* The caller may use the whole object anyway. */
static void resize(struct kf_slab *slab, const void *p, size_t size)
{
}

/* There is nothing that damage could be seen by. */
static unsigned check(struct kf_slab *slab, const void *p)
{
	return 0;
}

static bool is_object_of(const struct kf_slab *slab, const void *p)
{
	size_t offset = (size_t)((const char *)p - slab->base);

	return offset < (size_t)slab->fresh * slab->cache->stride &&
	       offset % slab->cache->stride == 0;
}

static const char *validate(const struct kf_slab *slab)
{
	unsigned listed = 0;

	for (void *at = slab->freelist; at; at = next_free(slab->cache, at)) {
		if (!is_object_of(slab, at))
			return "a plain slab's list leaves the slab";
		if (++listed > slab->objects)
			return "a plain slab's list is a ring";
	}
	if (slab->inuse + listed + (slab->objects - slab->fresh) != slab->objects)
		return "a plain slab's counts do not add up";
	if (slab->allocs - slab->frees != slab->inuse)
		return "a plain slab's allocations and frees do not balance";
	return NULL;
}

/* Add the length of a list that is outside of slabs. */
static const char *validate_list(const struct kf_cache *cache, void *list, u64 *length)
{
	u64 limit = *length + UINT16_MAX;

	for (void *at = list; at; at = next_free(cache, at)) {
		const struct kf_slab *slab = kf_slab_at(at);

		if (!slab || slab->cache != cache || !is_object_of(slab, at))
			return "a CPU's list holds what is no object of its cache";
		if (list_holds(cache, slab->freelist, at))
			return "an object is on a CPU's list and on its slab's";
		if (++*length > limit)
			return "a CPU's list is a ring";
	}
	return NULL;
}

static const char *validate_lists(const struct kf_cache *cache, unsigned cpu, u64 *length)
{
	const struct kf_cache_cpu *lists = lists_of(cache, cpu);
	u64 before = *length;
	const char *wrong = validate_list(cache, lists->freed, length);

	if (!wrong && *length - before != lists->batch - lists->room)
		wrong = "a CPU's count of freed objects is wrong";
	return wrong ? wrong : validate_list(cache, lists->freelist, length);
}

const char *kf_plain_validate(const struct kf_cache *cache)
{
	u64 outside = 0, inuse = 0;
	const char *wrong = NULL;

	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus && !wrong; cpu++)
		wrong = validate_lists(cache, cpu, &outside);
	for (unsigned i = 0; i < cache->barn.nr && !wrong; i++)
		wrong = validate_list(cache, cache->barn.full[i], &outside);
	kf_for_each_slab(slab, cache) inuse += slab->inuse;
	if (!wrong && outside > inuse)
		wrong = "more objects are on CPUs' lists than were taken from slabs";
	return wrong;
}

/* ---- flushing --------------------------------------------------------------------------------------------------------- */

/* What this CPU and the barn hold. Lists of other CPUs are theirs: there is no way to stop those. */
static void flush(struct kf_cache *cache)
{
	struct kf_cache_cpu *lists = own_lists(cache);

	if (lists)
		empty_lists(cache, lists);
	empty_barn(cache);
}

/* Nobody uses the cache any more, so all lists may be emptied; none may be left for a later cache of this
 * number. CPUs that die at the same time wait. */
void kf_plain_retire(struct kf_cache *cache)
{
	kf_lock(&kf_state()->slab.plain_lock);
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		struct kf_cache_cpu *lists = lists_of(cache, cpu);

		if (!lists->batch)
			continue;
		empty_lists(cache, lists);
		*lists = (struct kf_cache_cpu){0};
	}
	kf_unlock(&kf_state()->slab.plain_lock);
	empty_barn(cache);
}

static u32 number_of_caches(struct kf_slab_state *st)
{
	u32 n;

	kf_lock(&st->lock);
	n = st->nr_caches;
	kf_unlock(&st->lock);
	return n;
}

static void empty_slot(struct kf_plain_cpu *area, unsigned slot, struct kf_cache *cache)
{
	struct kf_cache_cpu *lists = &area->slot[slot];

	if (lists->freelist || lists->freed)
		empty_lists(cache, lists);
}

/* A list with objects belongs to a cache that is alive: kf_plain_retire() leaves none. */
void kf_slab_cpu_dead(unsigned cpu)
{
	struct kf_slab_state *st = &kf_state()->slab;
	struct kf_plain_cpu *area;

	kf_plain_cpu = NULL;
	if (!st->plain_cpus)
		return;
	area = &st->plain_cpus[cpu];
	kf_lock(&st->plain_lock);
	for (unsigned i = 1; i < KF_KMALLOC_SLOTS; i++)
		empty_slot(area, i, st->classes[0][KF_KMALLOC_NORMAL][i]);
	for (u32 id = 0, n = number_of_caches(st); id < n; id++)
		empty_slot(area, KF_KMALLOC_SLOTS + id, st->cache_by_id[id]);
	kf_unlock(&st->plain_lock);
}

const struct kf_slab_ops kf_slab_plain = {
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
