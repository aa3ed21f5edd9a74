// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches that share: who merges with whom, sizes, references, names.
 */
#include "slub_debug.h"

static void ctor(void *object)
{
	memset(object, 0, 8);
}

static struct kf_cache *cache(const char *name, size_t size, u32 flags)
{
	return kf_cache_create(name, size, 0, flags, NULL);
}

/* Expect no merging unless it is asked for: reports name the right cache. */
static void off(void)
{
	struct kf_cache *a, *b;

	start_with(NULL);
	a = cache("a", 100, 0);
	b = cache("b", 100, 0);
	CHECK(a != b);
	kf_cache_destroy(a);
	kf_cache_destroy(b);
	fixture_stop();
}

static void name_of_alias(const char *name, void *arg)
{
	strcat(arg, name);
}

/* Expect one cache with two names, gone with the last reference; the hooks know of one. */
static void one_cache(void)
{
	char names[40] = "";
	struct kf_cache_stat stat;
	struct kf_cache *a;
	char *p;

	start_with("slub_merge");
	a = cache("a", 100, 0);
	CHECK(cache("b", 104, 0) == a);
	CHECK(cache("c", 97, 0) == a);
	CHECK_EQ(told.allocated, 1);
	kf_cache_stat(a, &stat);
	CHECK_EQ(stat.aliases, 2);
	CHECK_EQ(stat.object_size, 104);
	kf_cache_for_each_alias(a, name_of_alias, names);
	CU_ASSERT_STRING_EQUAL(names, "bc");
	p = kf_cache_alloc(a, GFP_KERNEL);
	memset(p, 1, 104);
	kf_cache_free(a, p);
	kf_cache_destroy(a);
	kf_cache_destroy(a);
	CHECK_EQ(told.died.kind, KF_SLAB);
	p = kf_cache_alloc(a, GFP_KERNEL);
	kf_cache_free(a, p);
	kf_cache_destroy(a);
	CHECK_EQ(told.died.kind, KF_CACHE);
	fixture_stop();
}

/* Expect an object that was freed before its cache grew to be whole for the check. */
static void grow(void)
{
	struct kf_cache *a;
	char *p, *q;

	start_with("slub_merge");
	a = cache("a", 97, 0);
	p = kf_cache_alloc(a, GFP_KERNEL);
	q = kf_cache_alloc(a, GFP_KERNEL);
	kf_cache_free(a, p);
	CHECK(cache("b", 104, 0) == a);
	CHECK_EQ(kf_check_all(), 0);
	q[97] = 1; /* beyond what was asked for */
	CHECK_EQ(kf_check_all(), 1);
	expect_bug(KF_BUG_REDZONE);
	kf_cache_free(a, q);
	kf_cache_destroy(a);
	kf_cache_destroy(a);
	fixture_stop();
}

/* Expect what find_mergeable() refuses to be a cache of its own. */
static void refusals(void)
{
	static const struct {
		size_t size, align, usersize;
		u32 flags;
		void (*ctor)(void *);
		bool merges;
	} cases[] = {
		{100, 0, 0, 0, NULL, true},
		{92, 0, 0, 0, NULL, false}, /* a word smaller */
		{112, 0, 0, 0, NULL, false},
		{100, 16, 0, 0, NULL, false}, /* 104 is no multiple */
		{100, 0, 8, 0, NULL, false},
		{100, 0, 0, 0, ctor, false},
		{100, 0, 0, KF_SLAB_RECLAIM_ACCOUNT, NULL, false},
		{100, 0, 0, KF_SLAB_CACHE_DMA, NULL, false},
		{100, 0, 0, KF_SLAB_ACCOUNT, NULL, false},
		{100, 0, 0, KF_SLAB_TYPESAFE_BY_RCU, NULL, false},
		{100, 0, 0, KF_SLAB_NOLEAKTRACE, NULL, false},
		{100, 0, 0, KF_SLAB_POISON, NULL, false},
		{100, 0, 0, KF_SLAB_MEM_SPREAD, NULL, true},
		{100, 0, 0, KF_SLAB_DEBUG_OBJECTS, NULL, true},
	};
	struct kf_cache *a;

	start_with("slub_merge");
	a = cache("a", 100, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kf_cache *b = create("b", cases[i].size, cases[i].align, cases[i].flags, 0,
					    cases[i].usersize, cases[i].ctor, NULL);

		CHECK_EQ(b == a, cases[i].merges);
		kf_cache_destroy(b);
	}
	kf_cache_destroy(a);
	fixture_stop();
}

/* Expect kmalloc's caches never to merge: they have a usercopy window. */
static void kmalloc_caches(void)
{
	struct kf_cache *a;

	start_with("slub_merge");
	a = cache("a", 256, 0);
	CHECK(a != kf_kmalloc_cache(KF_KMALLOC_NORMAL, 8));
	kf_cache_destroy(a);
	fixture_stop();
}

static const CU_TestInfo tests[] = {
	{"off", off},
	{"one cache, three names", one_cache},
	{"grow", grow},
	{"who does not", refusals},
	{"kmalloc caches", kmalloc_caches},
	CU_TEST_INFO_NULL,
};

const struct suite merge_suite = {"merge", nothing, nothing, tests};
