// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random operations against a model that is simple enough to be believed: a list of what is live, what it
 * contains, and which frames are taken. The same seed does the same.
 *
 * The buddy model is exact: with everything merged that can be, a request may fail only when no
 * aligned run of free frames is left in the zones that it may use.
 */
#include <stdio.h>

#include "test.h"

enum what { NOTHING, PAGES, EXACT, KMALLOC, CACHE, VMALLOC, PERCPU };

struct thing {
	enum what what;
	char *p;
	u64 size; /* PAGES: order */
	u64 stamp;
	unsigned cache;
};

#define MOST 600
static struct thing things[MOST];
static unsigned nr_things;
static u64 op;

static bool sound(bool ok, const char *what)
{
	if (!ok)
		fprintf(stderr, "operation %llu, seed %llu: %s\n", (unsigned long long)op,
			(unsigned long long)seed, what);
	CHECK(ok);
	return ok;
}

static u64 bytes_of(const struct thing *t)
{
	return t->what == PAGES ? 4096ull << t->size : t->size;
}

static void *bytes_at(const struct thing *t)
{
	if (t->what == PERCPU)
		return kf_per_cpu_ptr((u64)(uintptr_t)t->p, (unsigned)(t->stamp % 8));
	return t->p;
}

/* Write the stamp at both ends and every 64 bytes between. */
static void fill(struct thing *t)
{
	char *p = bytes_at(t);
	u64 n = bytes_of(t);

	t->stamp = random_number();
	p = bytes_at(t);
	for (u64 i = 0; i < n; i += 64)
		p[i] = (char)(t->stamp + i / 64);
	p[n - 1] = (char)t->stamp;
}

static bool intact(const struct thing *t)
{
	const char *p = bytes_at(t);
	u64 n = bytes_of(t);

	for (u64 i = 0; i + 1 < n; i += 64)
		if (p[i] != (char)(t->stamp + i / 64))
			return false;
	return p[n - 1] == (char)t->stamp;
}

static struct thing remove_thing(u64 at)
{
	struct thing t = things[at];

	things[at] = things[--nr_things];
	return t;
}

/* ---- buddy ---------------------------------------------------------------------------------- */

#define FRAMES (48 * MIB >> 12)
static bool taken[FRAMES];

static bool run_is_free(u64 frame, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (taken[frame + i])
			return false;
	return true;
}

static bool zones_hold(u64 from, u64 to, u64 n)
{
	for (u64 frame = (from + n - 1) & ~(n - 1); frame + n <= to; frame += n)
		if (run_is_free(frame, n))
			return true;
	return false;
}

/* Is there a free block of this order where this gfp may look? */
static bool model_can_serve(u32 gfp, unsigned order)
{
	u64 n = 1ull << order;

	if (zones_hold(0, 2 * MIB >> 12, n))
		return true;
	if (gfp & KF_GFP_DMA)
		return false;
	if (zones_hold(2 * MIB >> 12, 8 * MIB >> 12, n))
		return true;
	return !(gfp & KF_GFP_DMA32) && zones_hold(16 * MIB >> 12, 48 * MIB >> 12, n);
}

static void mark(const struct page *page, unsigned order, bool value)
{
	for (u64 i = 0; i < 1ull << order; i++)
		taken[kf_page_to_pfn(page) + i] = value;
}

static void buddy_take(void)
{
	static const u32 zone_bits[] = {0, 0, 0, KF_GFP_DMA32, KF_GFP_DMA};
	u32 gfp = GFP_KERNEL | zone_bits[random_below(5)];
	unsigned order = (unsigned)random_below(random_below(3) ? 4 : KF_MAX_ORDER);
	bool possible = model_can_serve(gfp, order);
	struct page *page;
	u64 frame;

	gfp |= random_below(2) ? KF_GFP_COMP : 0;
	gfp |= KF_GFP_MEMALLOC; /* all of the memory, without reserves */
	page = kf_alloc_pages(gfp, order);
	if (!sound(!page == !possible, "the buddy allocator and the model disagree") || !page)
		return;
	frame = kf_page_to_pfn(page);
	sound(!(frame & ((1ull << order) - 1)), "a block is not aligned");
	sound(run_is_free(frame, 1ull << order), "a frame was given out twice");
	mark(page, order, true);
	things[nr_things] = (struct thing){.what = PAGES, .p = (char *)page, .size = order};
	nr_things++;
}

static void buddy_give(void)
{
	struct thing t = remove_thing(random_below(nr_things));

	mark((struct page *)t.p, (unsigned)t.size, false);
	kf_free_pages((struct page *)t.p, (unsigned)t.size);
}

static void buddy(void)
{
	u64 ops = operations(20000), growing = 1;

	shrink_all();
	memset(taken, 0, sizeof(taken));
	taken[0] = true;
	for (u64 frame = 8 * MIB >> 12; frame < 16 * MIB >> 12; frame++)
		taken[frame] = true;
	nr_things = 0;
	for (op = 0; op < ops; op++) {
		if (random_below(500) == 0)
			growing = !growing;
		if (nr_things < MOST && (!nr_things || random_below(8) < (growing ? 6 : 2)))
			buddy_take();
		else
			buddy_give();
		if (op % 500 == 0)
			CU_ASSERT_PTR_NULL(kf_buddy_validate());
	}
	while (nr_things)
		buddy_give();
}

/* ---- everything ------------------------------------------------------------------------------- */

#define CACHES 6
static struct kf_cache *caches[CACHES];
static const struct {
	size_t size, align;
	u32 flags;
} cache_kinds[CACHES] = {
	{24, 0, 0},	 {100, 0, KF_SLAB_HWCACHE_ALIGN},  {700, 0, KF_SLAB_RECLAIM_ACCOUNT},
	{4096, 4096, 0}, {64, 0, KF_SLAB_TYPESAFE_BY_RCU}, {9000, 0, KF_SLAB_CACHE_DMA32},
};

static u64 random_size(void)
{
	static const u64 limits[] = {16, 64, 256, 1024, 4096, 9000, 40000};

	return 1 + random_below(limits[random_below(7)]);
}

static void *get_cached(struct thing *t, u32 gfp)
{
	t->cache = (unsigned)random_below(CACHES);
	t->size = cache_kinds[t->cache].size;
	return kf_cache_alloc(caches[t->cache], gfp);
}

static void *get_pages(struct thing *t, u32 gfp)
{
	struct page *page;

	t->size = random_below(4);
	page = kf_alloc_pages(gfp, (unsigned)t->size);
	return page ? kf_page_address(page) : NULL;
}

static void *get(struct thing *t, u32 gfp)
{
	t->size = random_size();
	switch (t->what) {
	case PAGES:
		return get_pages(t, gfp);
	case EXACT:
		return kf_alloc_pages_exact(t->size, gfp);
	case CACHE:
		return get_cached(t, gfp);
	case VMALLOC:
		return kf_vmalloc(t->size, 1, gfp, random_below(4) == 0);
	case PERCPU:
		t->size = 1 + t->size % 2000;
		return (void *)kf_alloc_percpu(t->size, 1ull << random_below(8), gfp);
	default:
		return kf_kmalloc(t->size, gfp);
	}
}

static void put(const struct thing *t)
{
	switch (t->what) {
	case PAGES:
		kf_free_pages(kf_virt_to_page(t->p), (unsigned)t->size);
		break;
	case EXACT:
		kf_free_pages_exact(t->p, t->size);
		break;
	case CACHE:
		kf_cache_free(caches[t->cache], t->p);
		break;
	case VMALLOC:
		kf_vfree(t->p);
		break;
	case PERCPU:
		kf_free_percpu((u64)(uintptr_t)t->p);
		break;
	default:
		kf_kfree(t->p);
	}
}

static void check_record(const struct thing *t)
{
	struct kf_object obj;
	bool known;

	if (t->what == PERCPU)
		known = kf_percpu_object((u64)(uintptr_t)t->p, &obj);
	else
		known = kf_object_at(t->p + random_below(bytes_of(t)), &obj);
	if (sound(known, "a live object is not known"))
		sound(obj.live && obj.addr == t->p && obj.size == bytes_of(t), "a record is wrong");
}

static void take_something(void)
{
	static const u32 modifiers[] = {0, 0, 0, KF_GFP_ACCOUNT, KF_GFP_RECLAIMABLE, KF_GFP_DMA};
	struct thing t = {.what = (enum what)(1 + random_below(6))};
	u32 gfp = GFP_KERNEL | modifiers[random_below(6)] | (random_below(3) ? 0 : GFP_ZERO);
	unsigned refusals;

	if (t.what == VMALLOC && random_below(4))
		t.what = KMALLOC;
	refusals = random_below(10) == 0;
	refuse = refusals;
	t.p = get(&t, gfp);
	sound(!refusals || (!t.p && !refuse), "a refused request was served");
	refuse = 0;
	if (!t.p)
		return;
	if (gfp & GFP_ZERO || t.what == PERCPU)
		sound(all_bytes(bytes_at(&t), 0, bytes_of(&t)), "memory is not zero");
	check_record(&t);
	fill(&t);
	things[nr_things++] = t;
}

static void give_something(u64 at)
{
	struct thing t = remove_thing(at);

	sound(intact(&t), "content changed");
	put(&t);
}

static void resize_something(u64 at)
{
	struct thing *t = &things[at];
	u64 size = random_size();
	char *p;

	if (t->what != KMALLOC || !sound(intact(t), "content changed"))
		return;
	p = kf_krealloc(t->p, size, GFP_KERNEL);
	if (!p)
		return;
	sound(size < 64 || t->size < 64 || p[0] == (char)t->stamp, "krealloc lost content");
	t->p = p;
	t->size = size;
	fill(t);
}

static void check_books(void)
{
	CHECK_VALID();
	sound(kf_check_all() == 0, "something is damaged");
	sound(told.allocated - told.freed == nr_things, "hooks and model disagree");
}

static void everything(void)
{
	u64 ops = operations(50000), growing = 1;

	for (unsigned i = 0; i < CACHES; i++)
		caches[i] = kf_cache_create("random", cache_kinds[i].size, cache_kinds[i].align,
					    cache_kinds[i].flags, NULL);
	forget_calls();
	nr_things = 0;
	for (op = 0; op < ops; op++) {
		u64 dice = random_below(8);

		if (random_below(300) == 0)
			growing = !growing;
		if (nr_things < MOST && (!nr_things || dice < (growing ? 5 : 2)))
			take_something();
		else if (dice == 7)
			resize_something(random_below(nr_things));
		else
			give_something(random_below(nr_things));
		if (op % 1000 == 0)
			check_books();
	}
	while (nr_things)
		give_something(nr_things - 1);
	check_books();
	forget_calls();
	told.allocated = CACHES;
	for (unsigned i = 0; i < CACHES; i++)
		kf_cache_destroy(caches[i]);
}

/* ---- damage ------------------------------------------------------------------------------------- */

/* One byte, one bit, somewhere in a guard or a freed object. Expect it to be told, at that byte. */
static void damage(void)
{
	u64 ops = operations(10000);
	u64 keep[64] = {0}, sizes[64] = {0};

	for (op = 0; op < ops; op++) {
		u64 i = random_below(64), size = 1 + random_below(2000), at;
		char *p = (char *)keep[i];

		if (!p) {
			keep[i] = (u64)kf_kmalloc(size, GFP_KERNEL);
			sizes[i] = size;
			continue;
		}
		at = sizes[i] + random_below(16);
		at = random_below(2) ? at : (u64)-1 - random_below(16);
		p[at] ^= (char)(1 << random_below(8));
		kf_kfree(p);
		expect_bug(KF_BUG_REDZONE);
		sound(told.bug.addr == p + at && told.bug.object.addr == p,
		      "damage told elsewhere");
		keep[i] = 0;
	}
	for (int i = 0; i < 64; i++)
		kf_kfree((void *)keep[i]);
}

static const CU_TestInfo tests[] = {
	{"buddy against the model", buddy},
	{"everything against the model", everything},
	{"random damage", damage},
	CU_TEST_INFO_NULL,
};

const struct suite property_suite = {"property", fixture_start, fixture_stop, tests};
