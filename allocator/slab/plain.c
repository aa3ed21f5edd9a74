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
 * Here are the lists of CPUs and who owns them. plain.h is the fast path, plain_barn.c the barn, plain_slab.c the
 * slabs, plain_check.c answers questions.
 *
 * Equations:
 *	slab->inuse == live objects + those of CPUs and of the barn
 *	inuse + length of the slab's list + (objects - fresh) == objects
 *	FULL slabs have inuse == objects and are on no list; PARTIAL ones are on the cache's
 *	each list of the barn holds a batch; freed of a CPU holds batch - room
 *
 * What the kernel does without debugging happens here too: a double free puts the object twice into a list,
 * and it is handed out twice. With slub_hardened links are mixed with a secret and their address, and the second
 * of two frees in a row is told and does nothing.
 *
 * Lists belong to the thread that took the CPU in kf_cpu_enter(). A thread without one, or one that was only
 * told a number, works on the slabs, one object at a time. When a thread ends, its lists are emptied.
 */
#include <errno.h>
#include <string.h>

#include "plain_list.h"

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

/* ---- world and thread ------------------------------------------------------------------------------- */

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

/* ---- a CPU's lists ---------------------------------------------------------------------------------- */

/* Nothing is left to hand out: what was given back, or a batch of the barn, or of the slabs. */
static bool refill(struct kf_cache *cache, struct kf_cache_cpu *lists, u32 gfp)
{
	if (lists->freed) {
		lists->freelist = lists->freed;
		lists->freed = NULL;
		lists->room = lists->batch;
		return true;
	}
	lists->freelist = kf_barn_take(&cache->barn);
	return lists->freelist || kf_plain_take(cache, gfp, &lists->freelist, lists->batch);
}

/* A batch was given back: pass it on. */
static void pass_on(struct kf_cache *cache, struct kf_cache_cpu *lists)
{
	void *list = lists->freed;

	lists->freed = NULL;
	lists->room = lists->batch;
	if (!kf_barn_put(&cache->barn, list))
		kf_plain_put(cache, list);
}

static void empty_lists(struct kf_cache *cache, struct kf_cache_cpu *lists)
{
	void *freelist = lists->freelist, *freed = lists->freed;

	lists->freelist = lists->freed = NULL;
	lists->room = lists->batch;
	kf_plain_put(cache, freelist);
	kf_plain_put(cache, freed);
}

/* ---- objects ---------------------------------------------------------------------------------------- */

static void *take(struct kf_cache *cache, u32 gfp)
{
	struct kf_cache_cpu *lists = own_lists(cache);
	void *one = NULL;

	if (!lists) {
		kf_plain_take(cache, gfp, &one, 1);
		return one;
	}
	if (!lists->freelist && !refill(cache, lists, gfp))
		return NULL;
	return kf_link_pop(cache, &lists->freelist);
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

	kf_link_push(cache, &list, object);
	kf_plain_put(cache, list);
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
	kf_link_push(cache, &lists->freed, object);
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

/* ---- flushing --------------------------------------------------------------------------------------- */

/* What this CPU and the barn hold. Lists of other CPUs are theirs: there is no way to stop those. */
static void flush(struct kf_cache *cache)
{
	struct kf_cache_cpu *lists = own_lists(cache);

	if (lists)
		empty_lists(cache, lists);
	kf_barn_empty(cache);
}

/* Nobody uses the cache any more, so all lists may be emptied; none may be left for a later cache of this
 * number. CPUs that die at the same time wait. */
void kf_plain_retire(struct kf_cache *cache)
{
	kf_lock(&kf_state()->slab.plain_lock);
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		struct kf_cache_cpu *lists = kf_plain_lists(cache, cpu);

		if (!lists->batch)
			continue;
		empty_lists(cache, lists);
		*lists = (struct kf_cache_cpu){0};
	}
	kf_unlock(&kf_state()->slab.plain_lock);
	kf_barn_empty(cache);
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
	.lay_out = kf_plain_lay_out,
	.start = kf_plain_start,
	.stop = kf_plain_stop,
	.alloc = alloc,
	.free = free_object,
	.object = kf_plain_object,
	.resize = resize,
	.check = check,
	.flush = flush,
	.validate = kf_plain_check,
};
