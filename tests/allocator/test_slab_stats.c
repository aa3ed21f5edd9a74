// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of what a cache does, its geometry rules, and the numbers that the views show.
 */
#include "slub_debug.h"

static u64 events(const struct kf_cache *cache, enum kf_slab_event event)
{
	u64 n = 0;

	for (unsigned cpu = 0; cpu < test_layout.nr_cpus; cpu++)
		n += kf_cache_events(cache, event, cpu);
	return n;
}

/* Expect every allocation and free on one path each, and slabs counted. */
static void counting(void)
{
	struct kf_cache *cache;
	void *p[100];

	start_with("slub_stats=on");
	cache = kf_cache_create("x", 256, 0, 0, NULL);
	for (int i = 0; i < 100; i++)
		p[i] = kf_cache_alloc(cache, GFP_KERNEL);
	for (int i = 0; i < 100; i++)
		kf_cache_free(cache, p[i]);
	CHECK_EQ(events(cache, KF_ALLOC_FASTPATH) + events(cache, KF_ALLOC_SLOWPATH), 100);
	CHECK_EQ(events(cache, KF_FREE_FASTPATH) + events(cache, KF_FREE_SLOWPATH), 100);
	CHECK(events(cache, KF_ALLOC_SLAB) > 1);
	CHECK(events(cache, KF_ALLOC_FASTPATH) > events(cache, KF_ALLOC_SLOWPATH));
	kf_cache_shrink(cache);
	CHECK_EQ(events(cache, KF_FREE_SLAB), events(cache, KF_ALLOC_SLAB));
	CHECK_EQ(events(cache, KF_CPUSLAB_FLUSH), 1);
	kf_cache_clear_events(cache, KF_ALLOC_SLAB);
	CHECK_EQ(events(cache, KF_ALLOC_SLAB), 0);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect nothing without the setting, and the sysfs names. */
static void off(void)
{
	struct kf_cache *cache;

	start_with(NULL);
	cache = kf_cache_create("x", 256, 0, 0, NULL);
	kf_cache_free(cache, kf_cache_alloc(cache, GFP_KERNEL));
	for (int e = 0; e < KF_NR_SLAB_EVENTS; e++)
		CHECK_EQ(events(cache, (enum kf_slab_event)e), 0);
	CU_ASSERT_STRING_EQUAL(kf_slab_event_name(KF_ALLOC_FASTPATH), "alloc_fastpath");
	CU_ASSERT_STRING_EQUAL(kf_slab_event_name(KF_DEACTIVATE_REMOTE_FREES),
			       "deactivate_remote_frees");
	CU_ASSERT_STRING_EQUAL(kf_slab_event_name(KF_CPU_PARTIAL_DRAIN), "cpu_partial_drain");
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect a slab of the smallest order when there is none of the usual one, and the fallback counted. */
static void fallback(void)
{
	static struct page *pages[20000];
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	unsigned n = 0;
	void *p;

	start_with("slub_stats=on");
	cache = kf_cache_create("x", 1000, 0, 0, NULL);
	kf_cache_stat(cache, &stat);
	CHECK(stat.order > 0 && stat.min_order == 0);
	while ((pages[n] = kf_alloc_pages(GFP_KERNEL | KF_GFP_MEMALLOC | KF_GFP_NOWARN, 0)))
		n++;
	for (unsigned i = 0; i < n; i += 2) /* no two neighbours are free */
		kf_free_pages(pages[i], 0);
	p = kf_cache_alloc(cache, KF_GFP_ATOMIC);
	CHECK(p != NULL);
	CHECK_EQ(events(cache, KF_ORDER_FALLBACK), 1);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	for (unsigned i = 1; i < n; i += 2)
		kf_free_pages(pages[i], 0);
	fixture_stop();
}

/* Expect slub_min_order, slub_max_order and slub_min_objects to be obeyed. */
static void orders(void)
{
	static const struct {
		const char *setting;
		size_t size;
		u32 order;
	} cases[] = {
		{"slub_max_order=0", 1000, 0}, {"slub_max_order=1", 1000, 1},
		{"slub_min_order=2", 64, 2},   {"slub_min_objects=2", 500, 1},
		{"slub_max_order=0", 5000, 1}, /* a single object needs more */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kf_cache *cache;
		struct kf_cache_stat stat;

		start_with(cases[i].setting);
		cache = kf_cache_create("x", cases[i].size, 0, 0, NULL);
		kf_cache_stat(cache, &stat);
		CHECK_EQ(stat.order, cases[i].order);
		kf_cache_destroy(cache);
		fixture_stop();
	}
}

/* Expect the kernel's numbers of slabs to keep. */
static void partials(void)
{
	static const struct {
		size_t size;
		u32 min_partial, cpu_partial;
	} cases[] = {{8, 5, 120}, {300, 5, 52}, {2000, 5, 24}, {5000, 6, 6}, {2000000, 10, 6}};

	start_with(NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kf_cache *cache = kf_cache_create("x", cases[i].size, 0, 0, NULL);
		struct kf_cache_stat stat;

		kf_cache_stat(cache, &stat);
		CHECK_EQ(stat.min_partial, cases[i].min_partial);
		CHECK_EQ(stat.cpu_partial, cases[i].cpu_partial);
		CHECK_EQ(stat.cpu_partial_slabs, (2 * stat.cpu_partial + stat.objects_per_slab -
						  1) / stat.objects_per_slab);
		kf_cache_destroy(cache);
	}
	fixture_stop();
}

/* Expect slabinfo to count the free objects of CPU slabs as active, sysfs not. */
static void slabinfo(void)
{
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	void *p;

	start_with(NULL);
	cache = kf_cache_create("x", 256, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_stat(cache, &stat);
	CHECK(stat.slabs == 1 && stat.active == 1 && stat.cpu_slabs == 1);
	CHECK_EQ(stat.active_slabinfo, stat.objects_per_slab);
	kf_cache_shrink(cache);
	kf_cache_stat(cache, &stat);
	CHECK(stat.partial == 1 && stat.partial_active == 1 && stat.active_slabinfo == 1);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect the fullest slabs first after shrinking, so that the emptiest become empty. */
static void shrink_sorts(void)
{
	struct kf_cache *cache;
	struct kf_cache_stat stat;
	void *p[400], *fresh[2];
	u32 per;

	start_with("quarantine=0");
	cache = kf_cache_create("x", 200, 0, 0, NULL);
	kf_cache_stat(cache, &stat);
	per = stat.objects_per_slab;
	for (u32 i = 0; i < 3 * per; i++)
		p[i] = kf_cache_alloc(cache, GFP_KERNEL);
	/* slab 0 keeps one object, slab 1 lacks one, slab 2 lacks two */
	for (u32 i = 1; i < per; i++)
		kf_cache_free(cache, p[i]);
	kf_cache_free(cache, p[per]);
	kf_cache_free(cache, p[2 * per]);
	kf_cache_free(cache, p[2 * per + 1]);
	CHECK_EQ(kf_cache_shrink(cache), 1);
	CHECK((fresh[0] = kf_cache_alloc(cache, GFP_KERNEL)) == p[per]);
	CHECK((fresh[1] = kf_cache_alloc(cache, GFP_KERNEL)) == p[2 * per]);
	kf_cache_free(cache, fresh[0]);
	kf_cache_free(cache, fresh[1]);
	kf_cache_free(cache, p[0]);
	for (u32 i = per + 1; i < 3 * per; i++)
		if (i != 2 * per && i != 2 * per + 1)
			kf_cache_free(cache, p[i]);
	CHECK_EQ(kf_cache_shrink(cache), 0);
	kf_cache_destroy(cache);
	fixture_stop();
}

static const CU_TestInfo tests[] = {
	{"counting", counting},		{"off", off},
	{"order fallback", fallback},	{"orders", orders},
	{"partials", partials},		{"slabinfo", slabinfo},
	{"shrink sorts", shrink_sorts}, CU_TEST_INFO_NULL,
};

const struct suite slab_stats_suite = {"slab statistics", nothing, nothing, tests};
