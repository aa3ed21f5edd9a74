// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain caches (checks=off): what a caller sees is the kernel's without debugging, nobody is asked or told, and
 * all objects come home.
 */
#include <pthread.h>

#include "test.h"

static void start(void)
{
	fixture_start();
	fixture_restart("checks=off");
}

#define N 2000
static void *objects[N];

/* Expect every class to hold its size, aligned as the kernel promises, and nobody to be asked or told. */
static void sizes(void)
{
	for (size_t size = 1; size <= 8192; size += size < 300 ? 1 : 97) {
		u8 *a = kf_kmalloc(size, GFP_KERNEL), *b = kf_kmalloc(size, GFP_KERNEL);

		REQUIRE(a && b && a != b);
		CHECK_EQ(kf_ksize(a), kf_kmalloc_size_roundup(size));
		CHECK(!((uintptr_t)a & 7));
		if (!(size & (size - 1)))
			CHECK(!((uintptr_t)a & (size - 1)));
		memset(a, 0x11, kf_ksize(a));
		memset(b, 0x22, kf_ksize(b));
		CHECK(all_bytes(a, 0x11, kf_ksize(a)));
		kf_kfree(a);
		kf_kfree(b);
	}
	CHECK_VALID();
	CHECK_EQ(told.might_alloc + told.should_fail + told.allocated + told.freed, 0);
}

static void geometry_of(struct kf_cache *cache, void *arg)
{
	struct kf_cache_stat stat;

	kf_cache_stat(cache, &stat);
	CHECK_EQ(stat.slot_size, stat.object_size);
	CHECK(stat.order <= 3);
}

/* Expect slots without anything between them, and the numbers that a kernel with 8 CPUs shows. */
static void geometry(void)
{
	static const struct {
		unsigned index;
		u32 objects, order;
	} classes[] = {{3, 512, 0}, {6, 64, 0},	 {1, 42, 0}, {2, 21, 0},
		       {8, 32, 1},  {10, 32, 3}, {13, 4, 3}};
	struct kf_cache_stat stat;

	kf_cache_for_each(geometry_of, NULL);
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		kf_cache_stat(kf_kmalloc_cache(KF_KMALLOC_NORMAL, classes[i].index), &stat);
		CHECK_EQ(stat.objects_per_slab, classes[i].objects);
		CHECK_EQ(stat.order, classes[i].order);
	}
}

/* Expect zeroed objects after they were full of something else, whatever type they are of. */
static void zeroed(void)
{
	static const u32 types[] = {0, KF_GFP_DMA, KF_GFP_RECLAIMABLE, KF_GFP_ACCOUNT};

	for (int i = 0; i < 4; i++) {
		u8 *p = kf_kmalloc(100, GFP_KERNEL | types[i]);

		REQUIRE(p != NULL);
		memset(p, 0xff, 128);
		kf_kfree(p);
		p = kf_kmalloc(100, GFP_KERNEL | types[i] | GFP_ZERO);
		CHECK(all_bytes(p, 0, 128));
		kf_kfree(p);
	}
}

static unsigned constructed;

static void construct(void *p)
{
	constructed++;
	memset(p, 0x5c, 40);
}

/* Expect a constructed object to keep its content from free to allocation, link and all. */
static void constructor(void)
{
	struct kf_cache *cache = kf_cache_create("made", 40, 0, 0, construct);
	struct kf_cache_stat stat;
	bool whole = true;

	REQUIRE(cache != NULL);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 300; i++) {
			objects[i] = kf_cache_alloc(cache, GFP_KERNEL);
			REQUIRE(objects[i] != NULL);
			whole &= all_bytes(objects[i], 0x5c, 40);
		}
		for (int i = 0; i < 300; i++)
			kf_cache_free(cache, objects[i]);
	}
	CHECK(whole);
	kf_cache_stat(cache, &stat);
	CHECK_EQ(stat.slot_size, 48);
	CHECK(stat.objects >= 300 && constructed >= 300);
	CHECK_VALID();
	kf_cache_destroy(cache);
	CHECK_EQ(told.bugs, 0);
}

/* Expect all or nothing, and the pages back after shrink. */
static void bulk_and_shrink(void)
{
	struct kf_cache *cache = kf_cache_create("bulk", 200, 0, 0, NULL);
	u64 free = free_pages_now();

	CHECK_EQ(kf_cache_alloc_bulk(cache, GFP_KERNEL, N, objects), N);
	for (int i = 0; i < N; i++)
		memset(objects[i], i, 200);
	CHECK(all_bytes(objects[7], 7, 200));
	kf_cache_free_bulk(cache, N, objects);
	CHECK_VALID();
	CHECK_EQ(kf_cache_shrink(cache), 0);
	CHECK_EQ(free_pages_now(), free);
	kf_cache_destroy(cache);
}

/* Expect a cache with a live object to stay, and to go when that is freed. */
static void destroy_with_live(void)
{
	struct kf_cache *cache = kf_cache_create("stays", 64, 0, 0, NULL);
	void *p = kf_cache_alloc(cache, GFP_KERNEL);

	kf_cache_destroy(cache);
	expect_bug(KF_BUG_CACHE_NOT_EMPTY);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
}

/* Expect no more than min_partial empty slabs to stay when all is freed. */
static void empty_slabs_go(void)
{
	struct kf_cache *cache = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 9);
	struct kf_cache_stat stat;

	for (int i = 0; i < N; i++)
		objects[i] = kf_kmalloc(512, GFP_KERNEL);
	for (int i = 0; i < N; i++)
		kf_kfree(objects[i]);
	kf_cache_stat(cache, &stat);
	/* 5 empty ones, and what the barn and the CPU hold: 12 batches of 27 on at most so many slabs. */
	CHECK(stat.active <= 12 * 27);
	CHECK(stat.slabs <= 5 + stat.active);
	CHECK_VALID();
}

/* Expect the answer of what is where to follow the object's life, wherever it waits. */
static void lookup(void)
{
	struct kf_object obj;
	char *p = kf_kmalloc(100, GFP_KERNEL);

	REQUIRE(kf_object_at(p + 50, &obj));
	CHECK(obj.live && obj.addr == p && obj.usable == 128);
	kf_kfree(p);
	CHECK(kf_object_at(p, &obj) && !obj.live);
	kf_cache_shrink(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7));
	for (int i = 0; i < N; i++)
		objects[i] = kf_kmalloc(100, GFP_KERNEL);
	for (int i = 0; i < N; i++)
		kf_kfree(objects[i]);
	for (int i = 0; i < N; i += 100)
		if (kf_object_at(objects[i], &obj))
			CHECK(!obj.live);
}

/* Expect krealloc in place inside the bucket, a copy of all of it beyond. */
static void reallocates(void)
{
	u8 *p = kf_kmalloc(100, GFP_KERNEL), *q;

	memset(p, 0x33, 128);
	CHECK(kf_krealloc(p, 128, GFP_KERNEL) == p);
	q = kf_krealloc(p, 500, GFP_KERNEL);
	CHECK(q != p && all_bytes(q, 0x33, 128));
	kf_kfree(q);
	CHECK_EQ(told.bugs, 0);
}

/* Expect the second of two frees in a row to be told, and links that are no addresses. */
static void hardened(void)
{
	u64 *p, *q;

	fixture_restart("checks=off slub_hardened=1");
	p = kf_kmalloc(64, GFP_KERNEL);
	q = kf_kmalloc(64, GFP_KERNEL);
	kf_kfree(q);
	kf_kfree(p);
	CHECK(p[4] != (u64)(uintptr_t)q);
	kf_kfree(p);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CHECK_VALID();
	p = kf_kmalloc(64, GFP_KERNEL);
	q = kf_kmalloc(64, GFP_KERNEL);
	CHECK(p != q);
	kf_kfree(p);
	kf_kfree(q);
}

static unsigned neighbours(void)
{
	unsigned in_order = 0;

	for (int i = 0; i < 100; i++)
		objects[i] = kf_kmalloc(64, GFP_KERNEL);
	for (int i = 1; i < 100; i++)
		in_order += (char *)objects[i] == (char *)objects[i - 1] + 64;
	for (int i = 0; i < 100; i++)
		kf_kfree(objects[i]);
	return in_order;
}

/* Expect neighbours without slub_random, and nearly none with it; the same ones for the same seed. */
static void shuffled(void)
{
	static void *first[100];

	CHECK(neighbours() > 90);
	fixture_restart("checks=off slub_random=1");
	CHECK(neighbours() < 15);
	memcpy(first, objects, sizeof(first));
	fixture_restart("checks=off slub_random=1");
	neighbours();
	CHECK(!memcmp(first, objects, sizeof(first)));
	CHECK_VALID();
}

/* Expect zeros without having asked. */
static void init_on_alloc(void)
{
	u8 *p;

	fixture_restart("checks=off init_on_alloc=1");
	p = kf_kmalloc(64, GFP_KERNEL);
	memset(p, 0xff, 64);
	kf_kfree(p);
	p = kf_kmalloc(64, GFP_KERNEL);
	CHECK(all_bytes(p, 0, 64));
	kf_kfree(p);
}

static void *allocate_and_end(void *arg)
{
	for (int i = 0; i < N; i++)
		objects[i] = kf_kmalloc(64, GFP_KERNEL);
	for (int i = N / 2; i < N; i++)
		kf_kfree(objects[i]);
	return NULL;
}

/* A thread ends with free objects on its lists. Expect them back: nothing is left when this one frees the rest. */
static void thread_ends(void)
{
	struct kf_cache *cache = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 6);
	struct kf_cache_stat stat;
	pthread_t thread;

	REQUIRE(pthread_create(&thread, NULL, allocate_and_end, NULL) == 0);
	pthread_join(thread, NULL);
	for (int i = 0; i < N / 2; i++)
		kf_kfree(objects[i]);
	CHECK_EQ(kf_cache_shrink(cache), 0);
	kf_cache_stat(cache, &stat);
	CHECK_EQ(stat.active, 0);
	CHECK_VALID();
}

static u64 touched_until_failure(void)
{
	u64 n = 0;
	void *last = NULL, *p;

	while ((p = kf_kmalloc(1024, GFP_KERNEL | KF_GFP_NOWARN))) {
		*(void **)p = last;
		last = p;
		n++;
	}
	while (last) {
		p = last;
		last = *(void **)p;
		kf_kfree(p);
	}
	return n;
}

/* Expect memory to run out with NULL, and to be whole again. */
static void exhaustion(void)
{
	u64 n = touched_until_failure();

	CHECK(n > 30000); /* Normal and below, down to their watermarks */
	CHECK_VALID();
	CHECK_EQ(touched_until_failure(), n);
}

static const CU_TestInfo tests[] = {
	{"sizes", sizes},
	{"geometry", geometry},
	{"zeroed", zeroed},
	{"constructor", constructor},
	{"bulk and shrink", bulk_and_shrink},
	{"destroy with live objects", destroy_with_live},
	{"empty slabs go", empty_slabs_go},
	{"lookup", lookup},
	{"reallocates", reallocates},
	{"hardened", hardened},
	{"shuffled", shuffled},
	{"init_on_alloc", init_on_alloc},
	{"thread ends", thread_ends},
	{"exhaustion", exhaustion},
	CU_TEST_INFO_NULL,
};

const struct suite plain_suite = {"plain", start, fixture_stop, tests};
