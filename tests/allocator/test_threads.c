// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real threads, one per simulated CPU, which free each other's objects. Nothing is timed: whatever the
 * interleaving, contents stay whole and the books balance in the end.
 */
#include <pthread.h>

#include "test.h"

#define THREADS 8
#define MAILBOX 64

static __thread unsigned this_cpu;
static unsigned bugs;
static struct kf_cache *shared;

/* Objects on their way to another thread; the first word of each is its tag. */
static u64 *mailbox[MAILBOX];

static void count_bug(const struct kf_bug *bug)
{
	__atomic_add_fetch(&bugs, 1, __ATOMIC_RELAXED);
}

static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void stamp(u64 *p, u64 words)
{
	for (u64 i = 1; i < words; i++)
		p[i] = (u64)(uintptr_t)p ^ i;
	p[0] = words;
}

static void check_and_free(u64 *p)
{
	for (u64 i = 1; i < p[0]; i++)
		if (p[i] != ((u64)(uintptr_t)p ^ i))
			__atomic_add_fetch(&bugs, 1, __ATOMIC_RELAXED);
	kf_kfree(p);
}

/* Put a new object into the mailbox; whoever's was there is freed, mostly another thread's. */
static void exchange(u64 *state)
{
	u64 words = 1 + next_random(state) % 40, *p, *other;

	p = next_random(state) & 1 ? kf_kmalloc(words * 8, KF_GFP_KERNEL)
				   : kf_cache_alloc(shared, KF_GFP_KERNEL);
	if (!p)
		return;
	stamp(p, words < 8 ? words : 8);
	other = __atomic_exchange_n(&mailbox[next_random(state) % MAILBOX], p, __ATOMIC_ACQ_REL);
	if (other)
		check_and_free(other);
}

static void pages_and_areas(u64 *state)
{
	unsigned order = (unsigned)(next_random(state) % 4);
	struct page *page = kf_alloc_pages(KF_GFP_KERNEL, order);
	u64 cookie = kf_alloc_percpu(8 + next_random(state) % 200, 8, KF_GFP_KERNEL);

	if (page) {
		*(u64 *)kf_page_address(page) = this_cpu;
		kf_free_pages(page, order);
	}
	kf_free_percpu(cookie);
	if (next_random(state) % 16 == 0)
		kf_vfree(kf_vmalloc(1 + next_random(state) % 9000, 1, KF_GFP_KERNEL, false));
}

static u64 rounds;

static void *worker(void *arg)
{
	u64 state;

	this_cpu = (unsigned)(uintptr_t)arg;
	kf_cpu_plus_one = this_cpu + 1;
	state = seed * 0x9e3779b97f4a7c15ull + this_cpu + 1;
	for (u64 i = 0; i < rounds; i++) {
		exchange(&state);
		if (i % 8 == 0)
			pages_and_areas(&state);
	}
	return NULL;
}

static void run_threads(void *(*fn)(void *))
{
	pthread_t threads[THREADS];

	bugs = 0;
	kf_hooks_reset();
	kf_hooks.bug = count_bug;
	for (uintptr_t i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, fn, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(bugs, 0);
}

/* Expect whole contents, no bug told, and nothing left when the mailbox is empty. */
static void remote_frees(void)
{
	struct kf_cache_stat stat;

	shared = kf_cache_create("shared", 64, 0, 0, NULL);
	forget_calls();
	rounds = operations(20000);
	run_threads(worker);
	CHECK_VALID();
	for (int i = 0; i < MAILBOX; i++) {
		if (mailbox[i])
			check_and_free(mailbox[i]);
		mailbox[i] = NULL;
	}
	kf_cache_stat(shared, &stat);
	CHECK(stat.active == 0 && stat.allocs == stat.frees);
	kf_cache_destroy(shared);
	CHECK_EQ(bugs, 0);
}

static void *same_cpu_worker(void *arg)
{
	u64 state = seed + (uintptr_t)arg + 1;

	kf_cpu_plus_one = 1;

	for (u64 i = 0; i < rounds; i++)
		exchange(&state);
	return NULL;
}

/* All threads claim to be CPU 0. Expect slower work, not wrong work. */
static void all_on_one_cpu(void)
{
	shared = kf_cache_create("shared", 64, 0, 0, NULL);
	forget_calls();
	rounds = operations(10000);
	run_threads(same_cpu_worker);
	for (int i = 0; i < MAILBOX; i++) {
		if (mailbox[i])
			check_and_free(mailbox[i]);
		mailbox[i] = NULL;
	}
	CHECK_VALID();
	kf_cache_destroy(shared);
}

#define RACES 300
static void *racing_victim;
static pthread_barrier_t barrier;

static void *racer(void *arg)
{
	this_cpu = (unsigned)(uintptr_t)arg;
	kf_cpu_plus_one = this_cpu + 1;
	for (int i = 0; i < RACES; i++) {
		if (!this_cpu)
			racing_victim = kf_kmalloc(64, KF_GFP_KERNEL);
		pthread_barrier_wait(&barrier);
		kf_kfree(racing_victim);
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

/* All threads free one object. Expect one to win and all others to be told, each time. */
static void racing_double_free(void)
{
	pthread_t threads[THREADS];

	bugs = 0;
	kf_hooks_reset();
	kf_hooks.bug = count_bug;
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (uintptr_t i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, racer, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	CHECK_EQ(bugs, RACES * (THREADS - 1));
	CHECK_VALID();
}

/* ---- every kind of slab, more threads than CPUs ------------------------------------------------------- */

#define CROWD 12 /* of 8 CPUs */
#define BULK  40

static void constructed(void *p)
{
	*(u64 *)p = 0x5ca1ab1e;
}

/* A cache of the thread's own, from creation to destruction. */
static void private_cache(u64 *state)
{
	u32 size = 8 + (u32)(next_random(state) % 500);
	struct kf_cache *cache =
		kf_cache_create("private", size, 0, 0, size & 1 ? constructed : NULL);
	void *objects[BULK];

	if (!cache)
		return;
	if (kf_cache_alloc_bulk(cache, KF_GFP_KERNEL, BULK, objects)) {
		if (size & 1)
			for (int i = 0; i < BULK; i++)
				if (*(u64 *)objects[i] != 0x5ca1ab1e)
					__atomic_add_fetch(&bugs, 1, __ATOMIC_RELAXED);
		kf_cache_free_bulk(cache, BULK, objects);
	}
	kf_cache_destroy(cache);
}

static void bulk(u64 *state)
{
	size_t n = 1 + next_random(state) % BULK;
	void *objects[BULK];

	if (!kf_cache_alloc_bulk(shared, KF_GFP_KERNEL, n, objects))
		return;
	for (size_t i = 0; i < n; i++)
		stamp(objects[i], 8);
	for (size_t i = 0; i < n; i++)
		if (*(u64 *)objects[i] != 8)
			__atomic_add_fetch(&bugs, 1, __ATOMIC_RELAXED);
	kf_cache_free_bulk(NULL, n, objects);
}

static void grow(u64 *state)
{
	u64 *p = kf_kmalloc(8 + next_random(state) % 100, KF_GFP_KERNEL);
	size_t size = 8 + next_random(state) % 12000;
	u64 *q;

	if (!p)
		return;
	*p = size;
	q = kf_krealloc(p, size, KF_GFP_KERNEL);
	if (q && *q != size)
		__atomic_add_fetch(&bugs, 1, __ATOMIC_RELAXED);
	kf_kfree(q ? q : p);
}

/* Takes whatever CPU is free, and none when all are taken. */
static void *crowd_worker(void *arg)
{
	u64 state = seed * 0x9e3779b97f4a7c15ull + (uintptr_t)arg + 1;

	for (u64 i = 0; i < rounds; i++) {
		exchange(&state);
		if (i % 64 == 0)
			bulk(&state);
		if (i % 64 == 16)
			grow(&state);
		if (i % 64 == 32)
			pages_and_areas(&state);
		if (i % 512 == 48)
			private_cache(&state);
		if (i % 1024 == 56)
			kf_cpu_leave();
		if (i % 1024 == 60)
			kf_cache_shrink(shared);
	}
	return NULL;
}

static void crowd(void)
{
	pthread_t threads[CROWD];

	for (uintptr_t i = 0; i < CROWD; i++)
		REQUIRE(pthread_create(&threads[i], NULL, crowd_worker, (void *)i) == 0);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
}

/* Two crowds, one after the other, on the same mailbox. Expect whole contents, and all objects home. */
static void crowds(void)
{
	struct kf_cache_stat stat;

	kf_hooks_reset();
	kf_hooks.bug = count_bug;
	bugs = 0;
	rounds = operations(6000);
	shared = kf_cache_create("shared", 64, 0, 0, NULL);
	crowd();
	CHECK_VALID();
	crowd();
	for (int i = 0; i < MAILBOX; i++) {
		if (mailbox[i])
			check_and_free(mailbox[i]);
		mailbox[i] = NULL;
	}
	CHECK_VALID();
	CHECK_EQ(kf_cache_shrink(shared), 0);
	kf_cache_stat(shared, &stat);
	CHECK_EQ(stat.active, 0);
	kf_cache_destroy(shared);
	CHECK_EQ(bugs, 0);
	forget_calls();
}

static void plain_crowds(void)
{
	fixture_restart("checks=off");
	crowds();
}

static void hardened_crowds(void)
{
	fixture_restart("checks=off slub_hardened=1 slub_random=1 init_on_free=1");
	crowds();
}

static const CU_TestInfo tests[] = {
	{"remote frees", remote_frees},
	{"all on one CPU", all_on_one_cpu},
	{"racing double free", racing_double_free},
	{"crowd, guarded", crowds},
	{"crowd, plain", plain_crowds},
	{"crowd, plain and hardened", hardened_crowds},
	CU_TEST_INFO_NULL,
};

const struct suite threads_suite = {"threads", fixture_start, fixture_stop, tests};
