// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random sequences of every public operation, against the model (fuzz/allocator/model.h). After each operation: the right thing failed
 * or nothing did, memory was free before and is aligned, zeroed where it must be, and known under its
 * record; before each free, content is as it was written. Every few thousand operations the walkers recompute all
 * invariants, and the hooks' counts are compared with the model's. At the end everything is freed: the fixture
 * wants the zones as they were.
 *
 * The same runs with each kind of slabs. A failure names the step and the seed; KFAIL_SEED and KFAIL_OPS show it again.
 */
#include <stdio.h>

#include "../../allocator/core/cpu.h"
#include "../../allocator/core/settings.h"
#include "../../fuzz/allocator/model.h"
#include "test.h"

#define MOST 600

/* A way to allocate, and the way back. */
struct family {
	const char *name;
	unsigned weight; /* how often it is chosen */
	/* Fill p, size and what `put` needs. False: refused or no memory. */
	bool (*get)(struct thing *t);
	void (*put)(struct thing *t);
	unsigned told; /* objects that the hooks know; 0: as many as the thing has pages, and one */
	bool zeroed;   /* always, whatever the gfp */
	bool fails;    /* may fail although there is memory: it wants much in one piece */
};

static struct thing things[MOST];
static unsigned nr_things;
static u64 step;    /* number of the operation, from 0 */
static bool failed; /* the sequence is of no use any more */

/*
 * What failed, with the step and the seed that show it again; remembered as a failure of the test. What goes wrong after
 * the first failure is its doing, so only that is told.
 */
static bool sound(bool ok, const char *what)
{
	if (ok || failed)
		return ok;
	failed = true;
	fprintf(stderr, "\nstep %llu, seed %llu: %s\n", (unsigned long long)step,
		(unsigned long long)seed, what);
	CU_FAIL("the allocators and the model disagree");
	return false;
}

static void disagree(const char *what)
{
	sound(false, what);
}

/* ---- caches ---------------------------------------------------------------------------------------- */

#define CTOR_WORD 0x600df00du

static void construct(void *object)
{
	*(u32 *)object = CTOR_WORD;
}

static const struct {
	size_t size, align;
	u32 flags;
	void (*ctor)(void *);
} cache_kinds[] = {
	{24, 0, 0, NULL},
	{100, 0, KF_SLAB_HWCACHE_ALIGN, NULL},
	{700, 0, KF_SLAB_RECLAIM_ACCOUNT, NULL},
	{4096, 4096, 0, NULL},
	{64, 0, KF_SLAB_TYPESAFE_BY_RCU, NULL},
	{9000, 0, KF_SLAB_CACHE_DMA32, NULL},
	{40, 0, 0, construct},
	{8, 8, 0, NULL},
};
#define CACHES (sizeof(cache_kinds) / sizeof(cache_kinds[0]))
static struct kf_cache *caches[CACHES];
static unsigned in_use[CACHES]; /* live objects of each */
static u64 extra_told;		/* caches, which the hooks are told of as well */

static bool make_cache(unsigned i)
{
	caches[i] = kf_cache_create("random", cache_kinds[i].size, cache_kinds[i].align,
				    cache_kinds[i].flags, cache_kinds[i].ctor);
	if (sound(caches[i] != NULL, "a cache cannot be created"))
		extra_told++;
	return caches[i];
}

static void drop_cache(unsigned i)
{
	kf_cache_destroy(caches[i]);
	extra_told--;
}

/* Constructed objects are given back as they were constructed. */
static void reconstruct(const struct thing *t)
{
	if (cache_kinds[t->cache].ctor)
		construct(t->p);
}

/* ---- families --------------------------------------------------------------------------------------- */

static u64 random_size(void)
{
	static const u64 limits[] = {16, 64, 256, 1024, 4096, 9000, 40000};

	return 1 + random_below(limits[random_below(7)]);
}

static bool get_kmalloc(struct thing *t)
{
	t->size = random_size();
	t->p = kf_kmalloc(t->size, t->gfp);
	return t->p;
}

static void put_kmalloc(struct thing *t)
{
	kf_kfree(t->p);
}

/* As an inlined kmalloc() of constant size: the caller has chosen the class. */
static bool get_traced(struct thing *t)
{
	t->size = 1 + random_below(64);
	t->gfp &= ~(u32)(KF_GFP_DMA | KF_GFP_ACCOUNT | KF_GFP_RECLAIMABLE);
	t->p = kf_kmalloc_trace(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 6), t->gfp, t->size);
	return t->p;
}

static bool get_cached(struct thing *t)
{
	t->cache = (unsigned)random_below(CACHES);
	t->size = cache_kinds[t->cache].size;
	if (cache_kinds[t->cache].ctor)
		t->gfp &= ~(u32)KF_GFP_ZERO;
	t->p = kf_cache_alloc(caches[t->cache], t->gfp);
	in_use[t->cache] += t->p != NULL;
	if (t->p && cache_kinds[t->cache].ctor)
		sound(*(u32 *)t->p == CTOR_WORD, "an object is not as constructed");
	return t->p;
}

static void put_cached(struct thing *t)
{
	reconstruct(t);
	kf_cache_free(caches[t->cache], t->p);
	in_use[t->cache]--;
}

static bool get_pages(struct thing *t)
{
	struct page *page;

	t->order = (unsigned)random_below(random_below(50) ? 4 : KF_MAX_ORDER);
	t->gfp |= random_below(2) ? KF_GFP_COMP : 0;
	t->size = KF_PAGE_SIZE << t->order;
	page = kf_alloc_pages(t->gfp, t->order);
	if (!page)
		return false;
	t->p = kf_page_address(page);
	sound(!(kf_page_to_pfn(page) & ((1ull << t->order) - 1)), "a block is not aligned");
	return true;
}

static void put_pages(struct thing *t)
{
	kf_free_pages(kf_virt_to_page(t->p), t->order);
}

static bool get_exact(struct thing *t)
{
	t->size = random_size();
	t->p = kf_alloc_pages_exact(t->size, t->gfp);
	return t->p;
}

static void put_exact(struct thing *t)
{
	kf_free_pages_exact(t->p, t->size);
}

static bool get_vmalloc(struct thing *t)
{
	t->gfp &= ~(u32)KF_GFP_DMA;
	t->size = random_size();
	t->p = kf_vmalloc(t->size, 1ull << random_below(15), t->gfp, random_below(4) == 0);
	sound(!((uintptr_t)t->p & ~KF_PAGE_MASK), "an area does not begin with a page");
	return t->p;
}

static void put_vmalloc(struct thing *t)
{
	kf_vfree(t->p);
}

static void put_page_array(struct thing *t, unsigned n)
{
	while (n)
		kf_free_pages(t->pages[--n], 0);
}

static unsigned page_count(const struct thing *t)
{
	return (unsigned)(t->size >> KF_PAGE_SHIFT);
}

/* Pages with a second address: what is written at one is read at the other. */
static bool map_pages(struct thing *t, void *(*map)(struct page **pages, unsigned n))
{
	unsigned want = 1 + (unsigned)random_below(THING_PAGES), n;

	n = kf_alloc_pages_bulk(t->gfp, want, t->pages);
	t->size = (u64)n << KF_PAGE_SHIFT;
	t->p = n ? map(t->pages, n) : NULL;
	if (!t->p) {
		put_page_array(t, n);
		return false;
	}
	t->p[t->size - 1] = 0x5a;
	sound(*((char *)kf_page_address(t->pages[n - 1]) + KF_PAGE_SIZE - 1) == 0x5a,
	      "a mapping is not its page");
	t->p[t->size - 1] = 0;
	return true;
}

static void *map_vmap(struct page **pages, unsigned n)
{
	return kf_vmap(pages, n, KF_VM_MAP);
}

static bool get_vmap(struct thing *t)
{
	return map_pages(t, map_vmap);
}

static void put_vmap(struct thing *t)
{
	kf_vunmap(t->p);
	put_page_array(t, page_count(t));
}

static bool get_map_ram(struct thing *t)
{
	return map_pages(t, kf_vm_map_ram);
}

static void put_map_ram(struct thing *t)
{
	kf_vm_unmap_ram(t->p, page_count(t));
	put_page_array(t, page_count(t));
}

static bool get_percpu(struct thing *t)
{
	u64 align = 1ull << random_below(8);

	t->size = 1 + random_size() % 2000;
	t->p = (char *)(uintptr_t)kf_alloc_percpu(t->size, align, t->gfp);
	sound(!((uintptr_t)t->p & (align - 1)), "per-CPU memory is not aligned");
	return t->p;
}

static void put_percpu(struct thing *t)
{
	kf_free_percpu((u64)(uintptr_t)t->p);
}

static const struct family kmalloc_family = {"kmalloc", 12,    get_kmalloc, put_kmalloc,
					     1,		false, false};
static const struct family page_family = {"pages", 6, get_pages, put_pages, 1, false, true};
static const struct family cached_family = {"cache", 12, get_cached, put_cached, 1, false, false};
static const struct family traced_family = {"trace", 4, get_traced, put_kmalloc, 1, false, false};
static const struct family exact_family = {"exact", 2, get_exact, put_exact, 1, false, true};
static const struct family vmalloc_family = {"vmalloc", 1,     get_vmalloc, put_vmalloc,
					     1,		false, false};
static const struct family vmap_family = {"vmap", 1, get_vmap, put_vmap, 0, false, false};
static const struct family map_ram_family = {"map_ram", 1,     get_map_ram, put_map_ram,
					     0,		false, false};
static const struct family percpu_family = {"percpu", 4, get_percpu, put_percpu, 1, true, true};

static const struct family *const families[] = {
	&kmalloc_family, &page_family, &cached_family,	&traced_family, &exact_family,
	&vmalloc_family, &vmap_family, &map_ram_family, &percpu_family,
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

static const struct family *random_family(void)
{
	u64 sum = 0, dice;
	unsigned i = 0;

	for (unsigned k = 0; k < FAMILIES; k++)
		sum += families[k]->weight;
	for (dice = random_below(sum); dice >= families[i]->weight; i++)
		dice -= families[i]->weight;
	return families[i];
}

/* ---- operations -------------------------------------------------------------------------------------- */

static u64 told_things; /* objects of the model that the hooks know */

static u64 told_of(const struct thing *t)
{
	return t->family->told ? t->family->told : page_count(t) + 1;
}

static void add_thing(struct thing *t)
{
	model_claim(t);
	model_fill(t, random_number());
	told_things += told_of(t);
	things[nr_things++] = *t;
}

static struct thing remove_thing(u64 at)
{
	struct thing t = things[at];

	things[at] = things[--nr_things];
	sound(model_intact(&t), "content changed");
	model_release(&t);
	told_things -= told_of(&t);
	return t;
}

/* Power-of-two classes are aligned to their size, everything to eight bytes. */
static void check_alignment(const struct thing *t)
{
	u64 align = 8;

	if (t->family == &kmalloc_family)
		align = t->size & (t->size - 1) ? 8 : t->size < 8 ? 8 : t->size;
	else if (t->family == &cached_family && cache_kinds[t->cache].align)
		align = cache_kinds[t->cache].align;
	else if (t->family == &percpu_family)
		return;
	if (align > KF_PAGE_SIZE)
		align = KF_PAGE_SIZE;
	sound(!((uintptr_t)t->p & (align - 1)), "an object is not aligned");
}

static bool knows_sizes; /* this kind of slabs keeps the size that was asked for */

static void check_record(const struct thing *t)
{
	struct kf_object obj;
	bool known;

	if (!kf_settings()->hooks) /* nor records */
		return;
	if (t->family == &percpu_family)
		known = kf_percpu_object((u64)(uintptr_t)t->p, &obj);
	else
		known = kf_object_at(t->p + random_below(t->size), &obj);
	if (!sound(known, "a live object is not known"))
		return;
	sound(obj.live && obj.addr == t->p, "a record is of another object");
	sound(!knows_sizes || obj.size == t->size, "a record has another size");
}

static void take(void)
{
	static const u32 modifiers[] = {0, 0, 0, 0, KF_GFP_ACCOUNT, KF_GFP_RECLAIMABLE, KF_GFP_DMA};
	struct thing t = {.family = random_family(), .gfp = GFP_KERNEL | KF_GFP_NOWARN};
	u64 told_before = told.allocated;
	bool refused = kf_settings()->hooks && random_below(20) == 0, got;

	t.gfp |= modifiers[random_below(7)] | (random_below(3) ? 0 : GFP_ZERO);
	refuse = refused;
	got = t.family->get(&t);
	sound(!refused || !got || t.family->told == 0, "a refused request was served");
	sound(!refused || !refuse, "a request was not asked about");
	refuse = 0;
	if (!got) {
		sound(refused || t.family->fails || t.gfp & KF_GFP_DMA,
		      "a request failed although there is memory");
		sound(t.family->told == 0 || told.allocated == told_before,
		      "the hooks were told of an object that there is not");
		return;
	}
	if (t.gfp & GFP_ZERO || t.family->zeroed)
		sound(all_bytes(model_bytes(&t), 0, t.size), "memory is not zero");
	check_alignment(&t);
	check_record(&t);
	add_thing(&t);
}

static void give(u64 at)
{
	struct thing t = remove_thing(at);

	t.family->put(&t);
}

/* krealloc(): content up to the smaller size stays; on failure the old block does. */
static void resize(u64 at)
{
	struct thing *t = &things[at];
	u64 size = random_size(), common = size < t->size ? size : t->size;
	bool refused = kf_settings()->hooks && random_below(10) == 0;
	char *p, head, last;

	if (t->family != &kmalloc_family)
		return;
	sound(model_intact(t), "content changed");
	head = t->p[0];
	last = t->p[(common - 1) & ~63ull];
	model_release(t);
	refuse = refused;
	p = kf_krealloc(t->p, size, GFP_KERNEL | KF_GFP_NOWARN);
	if (p) {
		sound(common < 2 || p[0] == head, "krealloc lost the first byte");
		sound(common < 2 || (common - 1) % 64 == 0 || p[(common - 1) & ~63ull] == last,
		      "krealloc lost content");
		sound(p == t->p || !refused || refuse, "a refused krealloc moved");
		t->p = p;
		t->size = size;
	} else {
		sound(refused && model_intact(t), "a failed krealloc changed the old block");
	}
	refuse = 0;
	model_claim(t);
	model_fill(t, random_number());
}

/* ksize(): from then on all of the bucket is the caller's. */
static void grow(u64 at)
{
	struct thing *t = &things[at];
	u64 usable;

	if (t->family != &kmalloc_family)
		return;
	usable = kf_ksize(t->p);
	/* More, when krealloc() made it smaller in place. */
	sound(usable >= kf_kmalloc_size_roundup(t->size), "ksize is less than the bucket");
	model_release(t);
	t->size = usable;
	model_claim(t);
	model_fill(t, random_number());
}

/* kmem_cache_alloc_bulk(): all or nothing. */
static void take_bulk(void)
{
	unsigned cache = (unsigned)random_below(CACHES), n = 1 + (unsigned)random_below(16);
	bool refused = kf_settings()->hooks && random_below(5) == 0;
	void *objects[16];
	size_t got;

	if (nr_things + n > MOST)
		return;
	refuse = refused;
	got = kf_cache_alloc_bulk(caches[cache], GFP_KERNEL, n, objects);
	refuse = 0;
	if (!sound(got == (refused ? 0 : n), "bulk allocation gave some, or too much"))
		return;
	for (unsigned i = 0; i < got; i++) {
		struct thing t = {.family = &cached_family,
				  .p = objects[i],
				  .size = cache_kinds[cache].size,
				  .cache = cache};

		add_thing(&t);
		in_use[cache]++;
	}
}

/* kfree_bulk(): kmalloc'ed objects of any size together. */
static void give_bulk(void)
{
	void *objects[16];
	unsigned n = 0;

	for (unsigned i = nr_things; i-- > 0 && n < 16;) {
		if (things[i].family != &kmalloc_family || random_below(4))
			continue;
		objects[n++] = things[i].p;
		remove_thing(i);
	}
	if (n)
		kf_cache_free_bulk(NULL, n, objects);
}

/* split_page(): one block becomes single pages, each with a life of its own. */
static void split(void)
{
	unsigned order = (unsigned)random_below(5);
	struct page *page;

	if (nr_things + (1u << order) > MOST)
		return;
	page = kf_alloc_pages(GFP_KERNEL | KF_GFP_NOWARN, order);
	if (!page)
		return;
	kf_split_page(page, order);
	for (unsigned i = 0; i < 1u << order; i++) {
		struct thing t = {.family = &page_family,
				  .p = (char *)kf_page_address(page) + i * KF_PAGE_SIZE,
				  .size = KF_PAGE_SIZE};

		add_thing(&t);
	}
}

/* What can be neither given nor found: nothing changes. */
static void ask_too_much(void)
{
	const u32 gfp = GFP_KERNEL | KF_GFP_NOWARN;
	unsigned before = told.allocated - told.freed;

	sound(kf_kmalloc(0, gfp) == KF_ZERO_SIZE_PTR, "kmalloc(0) is not ZERO_SIZE_PTR");
	sound(!kf_kmalloc(KF_KMALLOC_MAX_SIZE + 1, gfp), "kmalloc above its limit was served");
	sound(!kf_alloc_pages(gfp, KF_MAX_ORDER), "an order above the largest was served");
	sound(!kf_alloc_percpu(kf_layout()->percpu_unit + 1, 8, gfp),
	      "a huge per-CPU area was served");
	kf_kfree(NULL);
	kf_kfree(KF_ZERO_SIZE_PTR);
	kf_vfree(NULL);
	sound(told.allocated - told.freed == before,
	      "nothing was allocated, but something is there");
	sound(!told.bugs || told.bug.kind == KF_BUG_WARN, "more than a warning");
	told.bugs = 0;
}

/* A cache without objects goes, and another one with the same name comes. */
static void renew_cache(void)
{
	unsigned i = (unsigned)random_below(CACHES);

	if (in_use[i]) {
		kf_cache_shrink(caches[i]);
		return;
	}
	drop_cache(i);
	make_cache(i);
}

/*
 * The thread becomes another CPU: its objects are remote frees from now on. A CPU of the plain kind belongs to its
 * thread, which can only give it back.
 */
static void switch_cpu(void)
{
	if (!kf_settings()->guard) {
		kf_cpu_leave();
		return;
	}
	kf_cpu_plus_one = 1 + (unsigned)random_below(kf_layout()->nr_cpus);
}

static void check_books(void)
{
	const char *why = kf_validate_all();

	sound(!why, why ? why : "");
	sound(kf_check_all() == 0, "something is damaged");
	sound(!kf_settings()->hooks || told.allocated - told.freed == told_things + extra_told,
	      "hooks and model disagree");
	sound(!told.bugs, "a bug was told");
}

static void one_step(bool growing)
{
	u64 dice = random_below(100);

	if (dice < 4 && nr_things)
		resize(random_below(nr_things));
	else if (dice < 6 && nr_things)
		grow(random_below(nr_things));
	else if (dice < 7)
		take_bulk();
	else if (dice < 8)
		give_bulk();
	else if (dice < 9)
		split();
	else if (dice < 11)
		switch_cpu();
	else if (dice == 11 && random_below(20) == 0)
		renew_cache();
	else if (dice == 12 && random_below(20) == 0)
		ask_too_much();
	else if (nr_things < MOST && (!nr_things || random_below(8) < (growing ? 5 : 3)))
		take();
	else if (nr_things)
		give(random_below(nr_things));
}

static void run(const char *settings, bool sizes, u64 ops)
{
	bool growing = true;

	if (settings[0])
		fixture_restart(settings);
	model_disagrees = disagree;
	model_reset();
	nr_things = 0;
	step = 0;
	failed = false;
	told_things = extra_told = 0;
	memset(in_use, 0, sizeof(in_use));
	knows_sizes = sizes;
	for (unsigned i = 0; i < CACHES; i++)
		REQUIRE(make_cache(i));
	for (step = 0; step < ops && !failed; step++) {
		if (random_below(300) == 0)
			growing = !growing;
		one_step(growing);
		if (step % 4096 == 0)
			check_books();
	}
	while (nr_things)
		give(nr_things - 1);
	check_books();
	for (unsigned i = 0; i < CACHES; i++)
		drop_cache(i);
	if (kf_settings()->guard)
		kf_cpu_plus_one = 1;
}

static void guarded(void)
{
	run("", true, operations(4000000));
}

static void plain(void)
{
	run("guard=0 hooks=0", false, operations(4000000));
}

static void debug(void)
{
	run("slub_debug=FZPU", false, operations(1000000));
}

static void debug_some(void)
{
	run("slub_debug=FZ,kmalloc-*;P,random", false, operations(500000));
}

static void hardened(void)
{
	run("guard=0 hooks=0 slub_hardened=1 slub_random=1 seed=7", false, operations(500000));
}

static void initialised(void)
{
	run("init_on_alloc=1 init_on_free=1", true, operations(500000));
}

static const CU_TestInfo tests[] = {
	{"guarded slabs", guarded},
	{"plain slabs", plain},
	{"slub_debug", debug},
	{"slub_debug for some caches", debug_some},
	{"hardened and random free lists", hardened},
	{"init_on_alloc and init_on_free", initialised},
	CU_TEST_INFO_NULL,
};

const struct suite model_suite = {"model", fixture_start, fixture_stop, tests};
