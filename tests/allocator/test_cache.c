// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches: creation, geometry, objects, constructors, bulk requests, destruction.
 */
#include <stdio.h>

#include "test.h"

static struct kf_cache *new_cache(size_t size)
{
	return kf_cache_create("test", size, 0, 0, NULL);
}

/* ---- caches -------------------------------------------------------------------------------- */

/* Expect a copied name, the object size as given, and a record for the hooks. */
static void create(void)
{
	char name[] = "my_cache";
	struct kf_cache *cache = kf_cache_create(name, 52, 0, 0, NULL);
	struct kf_object obj;

	name[0] = 'X';
	CU_ASSERT_STRING_EQUAL(kf_cache_name(cache), "my_cache");
	CHECK_EQ(kf_cache_object_size(cache), 52);
	CHECK(!kf_cache_has_ctor(cache));
	CHECK(kf_cache_object(cache, &obj) && obj.live && obj.kind == KF_CACHE && obj.size == 52);
	CHECK_EQ(obj.alloc_tag, 1001);
	kf_cache_destroy(cache);
	CHECK_EQ(told.died.kind, KF_CACHE);
}

/* Expect NULL for parameters that make no sense, without asking anybody. */
static void insane(void)
{
	CU_ASSERT_PTR_NULL(kf_cache_create(NULL, 8, 0, 0, NULL));
	CU_ASSERT_PTR_NULL(kf_cache_create("x", 0, 0, 0, NULL));
	CU_ASSERT_PTR_NULL(kf_cache_create("x", KF_KMALLOC_MAX_SIZE + 1, 0, 0, NULL));
	CU_ASSERT_PTR_NULL(kf_cache_create("x", 8, 24, 0, NULL));
	CHECK_EQ(told.should_fail, 0);
}

/* Expect a refused cache to be NULL and not on the list. */
static void refused(void)
{
	refuse = 1;
	CU_ASSERT_PTR_NULL(new_cache(64));
	CHECK_EQ(told.request.kind, KF_CACHE);
	CHECK_EQ(told.request.size, 64);
	CHECK_EQ(told.allocated, 0);
}

/* Expect 8 at the least, what was asked, and a cache line halved as long as two objects fit. */
static void alignment(void)
{
	static const struct {
		size_t size, align;
		u32 flags;
		size_t expect;
	} cases[] = {
		{5, 0, 0, 8},
		{5, 2, 0, 8},
		{100, 256, 0, 256},
		{100, 0, KF_SLAB_HWCACHE_ALIGN, 64},
		{30, 0, KF_SLAB_HWCACHE_ALIGN, 32},
		{9, 0, KF_SLAB_HWCACHE_ALIGN, 16},
		{3, 0, KF_SLAB_HWCACHE_ALIGN, 8},
		{4096, 4096, 0, 4096},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kf_cache *cache = kf_cache_create("aligned", cases[i].size, cases[i].align,
							 cases[i].flags, NULL);
		struct kf_cache_stat stat;
		void *a = kf_cache_alloc(cache, GFP_KERNEL), *b = kf_cache_alloc(cache, GFP_KERNEL);

		kf_cache_stat(cache, &stat);
		CHECK_EQ(stat.align, cases[i].expect);
		CHECK((uintptr_t)a % stat.align == 0 && (uintptr_t)b % stat.align == 0);
		kf_cache_free(cache, a);
		kf_cache_free(cache, b);
		kf_cache_destroy(cache);
	}
}

/* Expect every size up to 4 MiB less its guards to be served, writable to the last byte. */
static void sizes(void)
{
	for (size_t size = 1; size < 4 << 20; size = size * 3 / 2 + 1) {
		struct kf_cache *cache = new_cache(size);
		char *p;

		REQUIRE(cache != NULL);
		p = kf_cache_alloc(cache, GFP_KERNEL);
		if (size < (2 << 20))
			REQUIRE(p != NULL);
		if (p) {
			memset(p, 1, size);
			kf_cache_free(cache, p);
		}
		kf_cache_destroy(cache);
	}
}

/* Expect counts that follow the objects, and slabs that go back when the cache shrinks. */
static void statistics(void)
{
	struct kf_cache *cache = new_cache(200);
	struct kf_cache_stat stat;
	void *objects[300];

	for (int i = 0; i < 300; i++)
		objects[i] = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_stat(cache, &stat);
	CHECK(stat.active == 300 && stat.allocs == 300 && stat.frees == 0);
	CHECK(stat.objects >= 300 && stat.slabs * stat.objects_per_slab == stat.objects);
	CHECK(stat.slot_size >= 200 + 32);
	for (int i = 0; i < 300; i++)
		kf_cache_free(cache, objects[i]);
	kf_cache_stat(cache, &stat);
	CHECK(stat.active == 0 && stat.allocs == 300 && stat.frees == 300);
	CHECK_EQ(kf_cache_shrink(cache), 0);
	kf_cache_stat(cache, &stat);
	CHECK(stat.slabs == 0 && stat.allocs == 300 && stat.frees == 300);
	kf_cache_destroy(cache);
}

/* Expect some empty slabs to be kept for later and the others to go back at once. */
static void keeps_some_partials(void)
{
	struct kf_cache *cache = new_cache(2000);
	struct kf_cache_stat stat;
	static void *objects[400];

	for (int i = 0; i < 400; i++)
		objects[i] = kf_cache_alloc(cache, GFP_KERNEL);
	for (int i = 0; i < 400; i++)
		kf_cache_free(cache, objects[i]);
	kf_cache_stat(cache, &stat);
	CHECK(stat.slabs >= 5 && stat.slabs <= 7);
	kf_cache_destroy(cache);
}

/* The same for slabs of one object each, which go from full to empty in one step. */
static void keeps_some_single_slabs(void)
{
	struct kf_cache *cache = new_cache(20000);
	struct kf_cache_stat stat;
	void *objects[30];

	for (int i = 0; i < 30; i++)
		objects[i] = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_stat(cache, &stat);
	CHECK(stat.objects_per_slab == 1 && stat.slabs == 30);
	for (int i = 0; i < 30; i++)
		kf_cache_free(cache, objects[i]);
	kf_cache_stat(cache, &stat);
	CHECK(stat.slabs >= 5 && stat.slabs <= 11);
	kf_cache_destroy(cache);
}

/* Expect a cache with live objects to stay, told, and to work on. */
static void destroy_with_objects(void)
{
	struct kf_cache *cache = new_cache(64);
	void *p = kf_cache_alloc(cache, GFP_KERNEL);

	kf_cache_destroy(cache);
	expect_bug(KF_BUG_CACHE_NOT_EMPTY);
	CHECK(told.bug.cache == cache);
	CHECK_EQ(told.freed, 0);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	CHECK_EQ(told.freed, 2);
}

/* Expect a second destroy and an allocation afterwards to be told. */
static void destroyed(void)
{
	struct kf_cache *cache = new_cache(64);

	kf_cache_destroy(NULL);
	kf_cache_destroy(cache);
	kf_cache_destroy(cache);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CU_ASSERT_PTR_NULL(kf_cache_alloc(cache, GFP_KERNEL));
	expect_bug(KF_BUG_WARN);
	kf_cache_destroy((void *)&told);
	expect_bug(KF_BUG_DOUBLE_FREE);
}

static void count_cache(struct kf_cache *cache, void *arg)
{
	++*(unsigned *)arg;
}

/* Expect memory of destroyed caches to be used again, so that a thousand sweeps do not add up. */
static void many_caches(void)
{
	unsigned before = 0, after = 0;

	kf_cache_for_each(count_cache, &before);
	for (int i = 0; i < 10000; i++) {
		struct kf_cache *cache = new_cache(64 + (size_t)i % 100);

		REQUIRE(cache != NULL);
		kf_cache_free(cache, kf_cache_alloc(cache, GFP_KERNEL));
		kf_cache_destroy(cache);
	}
	kf_cache_for_each(count_cache, &after);
	CHECK_EQ(before, after);
}

static const CU_TestInfo cache_tests[] = {
	{"create", create},
	{"insane parameters", insane},
	{"refused", refused},
	{"alignment", alignment},
	{"sizes", sizes},
	{"statistics", statistics},
	{"keeps some partials", keeps_some_partials},
	{"keeps some slabs of one object", keeps_some_single_slabs},
	{"destroy with objects", destroy_with_objects},
	{"destroyed", destroyed},
	{"many caches", many_caches},
	CU_TEST_INFO_NULL,
};

const struct suite cache_suite = {"caches", fixture_start, fixture_stop, cache_tests};

/* ---- objects --------------------------------------------------------------------------------- */

/* Expect one poison in objects that are handed out, of fresh memory and of used memory, another one in freed objects, and
 * zeros with __GFP_ZERO. */
static void content(void)
{
	struct kf_cache *cache = new_cache(40);
	char *p = kf_cache_alloc(cache, GFP_KERNEL);

	CHECK(all_bytes(p, 0x5a, 40));
	memset(p, 1, 40);
	kf_cache_free(cache, p);
	CHECK(all_bytes(p, 0x6b, 40));
	p = kf_cache_alloc(cache, GFP_KERNEL | GFP_ZERO);
	CHECK(all_bytes(p, 0, 40));
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
}

/*
 * Expect a freed object to come back as late as its slab allows: first all that were never used, then the
 * one that was freed first.
 */
static void first_in_first_out(void)
{
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	void *objects[64];
	unsigned n;

	fixture_restart("quarantine=0"); /* else they would rest first */
	cache = new_cache(500);
	kf_cache_stat(cache, &stat);
	n = stat.objects_per_slab;
	for (unsigned i = 0; i < n; i++) {
		objects[i] = kf_cache_alloc(cache, GFP_KERNEL);
		kf_cache_free(cache, objects[i]);
		CHECK(!i || objects[i] != objects[i - 1]);
	}
	for (unsigned i = 0; i < n; i++) {
		CHECK(kf_cache_alloc(cache, GFP_KERNEL) == objects[i]);
		kf_cache_free(cache, objects[i]);
	}
	kf_cache_destroy(cache);
}

static unsigned constructed;

static void ctor(void *object)
{
	constructed++;
	*(u64 *)object = 0x1234;
}

/* Expect one call per object when the slab is made, and the state to outlive a free. */
static void constructor(void)
{
	struct kf_cache *cache = kf_cache_create("ctor", 64, 0, 0, ctor);
	struct kf_cache_stat stat;
	u64 *p;

	constructed = 0;
	p = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_stat(cache, &stat);
	CHECK_EQ(constructed, stat.objects_per_slab);
	CHECK_EQ(*p, 0x1234);
	p[1] = 77;
	kf_cache_free(cache, p);
	CHECK(p[0] == 0x1234 && p[1] == 77);
	CHECK_EQ(kf_check_all(), 0);
	kf_cache_free(cache, kf_cache_alloc(cache, GFP_KERNEL));
	CHECK_EQ(constructed, stat.objects_per_slab);
	CHECK(kf_cache_has_ctor(cache));
	kf_cache_destroy(cache);
}

/* Expect a warning for __GFP_ZERO with a constructor, and zeros, as the kernel gives. */
static void constructor_and_zero(void)
{
	struct kf_cache *cache = kf_cache_create("ctor", 64, 0, 0, ctor);
	void *p = kf_cache_alloc(cache, GFP_KERNEL | GFP_ZERO);

	expect_bug(KF_BUG_WARN);
	CHECK(all_bytes(p, 0, 64));
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
}

static struct kf_cache *inner_cache;

static void nested_ctor(void *object)
{
	*(void **)object = kf_cache_alloc(inner_cache, GFP_KERNEL);
}

/* A constructor may allocate. Expect no deadlock and one inner object per outer one. */
static void constructor_that_allocates(void)
{
	struct kf_cache *outer = kf_cache_create("outer", 1000, 0, 0, nested_ctor);
	struct kf_cache_stat in, out;
	void *p;

	inner_cache = new_cache(16);
	p = kf_cache_alloc(outer, GFP_KERNEL);
	kf_cache_stat(outer, &out);
	kf_cache_stat(inner_cache, &in);
	CHECK_EQ(in.active, out.objects);
	kf_cache_free(outer, p);
	for (char *at = p; in.active--; at += out.slot_size)
		kf_cache_free(inner_cache, *(void **)at);
	kf_cache_destroy(outer);
	kf_cache_destroy(inner_cache);
}

/* A grace period that lasts until the test says so. */
static void (*waiting_fn)(void *);
static void *waiting_arg;
static unsigned waiting;

static void wait_for_readers(void (*fn)(void *), void *arg)
{
	waiting_fn = fn;
	waiting_arg = arg;
	waiting++;
}

/* Expect a freed object's bytes to stay, because readers may still look; the pages go after a grace period. */
static void typesafe_by_rcu(void)
{
	struct kf_cache *cache = kf_cache_create("rcu", 64, 0, KF_SLAB_TYPESAFE_BY_RCU, NULL);
	u64 free_before = free_pages_now();
	char *p = kf_cache_alloc(cache, GFP_KERNEL);

	waiting = 0;
	kf_hooks.defer = wait_for_readers;
	memset(p, 9, 64);
	kf_cache_free(cache, p);
	CHECK(all_bytes(p, 9, 64));
	p[5] = 1; /* allowed: not told */
	CHECK_EQ(kf_check_all(), 0);
	CHECK_EQ(kf_cache_shrink(cache), 0);
	CHECK_EQ(waiting, 1);
	CHECK(all_bytes(p + 6, 9, 58));
	CHECK(free_pages_now() < free_before);
	kf_cache_destroy(cache);
	CHECK(all_bytes(p + 6, 9, 58));
	CHECK_EQ(waiting, 1);
	waiting_fn(waiting_arg);
	CHECK_EQ(free_pages_now(), free_before);
}

/* Expect all or nothing, one request, and each object told. */
static void bulk(void)
{
	struct kf_cache *cache = new_cache(32);
	void *objects[50];

	forget_calls();
	told.allocated = 1;
	CHECK_EQ(kf_cache_alloc_bulk(cache, GFP_KERNEL, 50, objects), 50);
	CHECK_EQ(told.should_fail, 1);
	CHECK_EQ(told.allocated, 51);
	kf_cache_free_bulk(cache, 50, objects);
	refuse = 1;
	CHECK_EQ(kf_cache_alloc_bulk(cache, GFP_KERNEL, 50, objects), 0);
	CHECK_EQ(told.freed, 50);
	kf_cache_destroy(cache);
}

/* Expect objects of any cache and large blocks to go when no cache is named. */
static void bulk_of_all_kinds(void)
{
	struct kf_cache *cache = new_cache(32);
	void *objects[3] = {kf_cache_alloc(cache, GFP_KERNEL), kf_kmalloc(10, GFP_KERNEL),
			    kf_kmalloc(20000, GFP_KERNEL)};

	kf_cache_free_bulk(NULL, 3, objects);
	CHECK_EQ(told.freed, 3);
	kf_cache_destroy(cache);
}

/* Expect slab pages of the cache's zone, marked as the kernel marks them. */
static void slab_pages(void)
{
	struct kf_cache *cache = kf_cache_create("dma", 3000, 0, KF_SLAB_CACHE_DMA, NULL);
	char *p = kf_cache_alloc(cache, GFP_KERNEL);
	struct page *page = kf_virt_to_page(p);

	if (page->compound_head & 1)
		page = (struct page *)(page->compound_head - 1);
	CHECK_EQ(page->flags >> 61, KF_ZONE_DMA);
	CHECK(page->flags & 1ull << 9);
	CHECK(page->slab_cache == cache);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	CHECK(!(page->flags & 1ull << 9) && !page->slab_cache);
}

/* Expect NULL when no page is left, and the smallest slab to be tried before that. */
static void out_of_memory(void)
{
	struct kf_cache *cache = new_cache(1000);
	static struct page *pages[10240];
	unsigned n = 0;
	void *p;

	while ((pages[n] = kf_alloc_pages(GFP_KERNEL, 0)))
		n++;
	CU_ASSERT_PTR_NULL(kf_cache_alloc(cache, GFP_KERNEL));
	kf_free_pages(pages[--n], 0);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	CU_ASSERT_PTR_NOT_NULL(p);
	CHECK_VALID();
	while (n)
		kf_free_pages(pages[--n], 0);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
}

/* Expect the record of live and freed objects, for any address in the slot. */
static void records(void)
{
	struct kf_cache *cache = new_cache(100);
	char *p = kf_cache_alloc(cache, GFP_KERNEL), *q = kf_cache_alloc(cache, GFP_KERNEL);
	struct kf_object obj;

	CHECK(kf_object_at(p + 50, &obj) && obj.addr == p && obj.live && obj.cache == cache);
	CHECK(obj.size == 100 && obj.usable == 100 && obj.gfp == GFP_KERNEL && obj.kind == KF_SLAB);
	CHECK(obj.alloc_tag == 1002 && obj.free_tag == 0);
	CHECK(kf_object_at(p - 1, &obj) && obj.addr == p);
	CHECK(kf_object_at(p + 100, &obj) && obj.addr == p);
	CHECK(kf_object_at(q - 1, &obj) && obj.addr == q);
	CHECK_EQ(kf_sequence(), obj.seq);
	kf_cache_free(cache, p);
	CHECK(kf_object_at(p, &obj) && !obj.live && obj.free_tag == 2001 && obj.alloc_tag == 1002);
	CHECK(!kf_object_at(p + 4 * 4096 - 300, &obj));
	kf_cache_free(cache, q);
	kf_cache_destroy(cache);
}

static const CU_TestInfo object_tests[] = {
	{"content", content},
	{"first in, first out", first_in_first_out},
	{"constructor", constructor},
	{"constructor and __GFP_ZERO", constructor_and_zero},
	{"constructor that allocates", constructor_that_allocates},
	{"typesafe by RCU", typesafe_by_rcu},
	{"bulk", bulk},
	{"bulk of all kinds", bulk_of_all_kinds},
	{"slab pages", slab_pages},
	{"out of memory", out_of_memory},
	{"records", records},
	CU_TEST_INFO_NULL,
};

const struct suite object_suite = {"objects", fixture_start, fixture_stop, object_tests};
