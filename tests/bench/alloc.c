// SPDX-License-Identifier: GPL-2.0-only
/*
 * One figure of one allocator: the same loops for all, calling it through two function pointers.
 *
 *	alloc ALLOCATOR WORKLOAD [NUMBER]
 *
 * ALLOCATOR  malloc	whatever this process has for malloc(): glibc, or what is preloaded
 *	      kmalloc	kf_kmalloc() in a world with checks off
 *	      guarded	kf_kmalloc() in a world as sweeps have it
 *	      mmap	mmap() and munmap(); with alloc_pages and vmalloc only
 * WORKLOAD   pair SIZE	   allocate and free one object of SIZE bytes
 *	      churn LIVE   replace one of LIVE objects of 8..512 bytes, at random
 *	      remote	   one thread allocates, another frees
 *	      object SIZE  bytes of memory per live object above SIZE
 *	      blowup LIVE  memory in use after a churn, over live bytes
 *	      growth LIVE  allocate and free while LIVE others exist
 *	      pages ORDER, vmalloc PAGES   allocate, write one byte to each page, free; with mmap the same size
 *
 * Objects are written when they are born and read when they die, as a program would. Prints one number: ns for
 * an allocation and its free, or what is said above. Time is the processor's, with two threads the wall's.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../../allocator/core/memory.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"

static void *(*allocate)(size_t size);
static void (*release)(void *p);
static unsigned long number;
static volatile unsigned long sink; /* so that nothing read is read for nothing */

static void die(const char *what)
{
	fprintf(stderr, "alloc: %s\n", what);
	exit(2);
}

static double clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Time of this process on the processor: what others do meanwhile costs only what they take of the caches. */
static double now_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* By value, so that it stays in a register: the loops are to wait for the allocator, not for themselves. */
static unsigned long next_random(unsigned long x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

static size_t size_from(unsigned long random)
{
	return 8 + (random >> 20) % 505;
}

static inline void *born(size_t size)
{
	char *p = allocate(size);

	if (!p)
		die("no memory");
	*(unsigned long *)p = size;
	return p;
}

static inline unsigned long buried(void *p)
{
	unsigned long content = *(unsigned long *)p;

	release(p);
	return content;
}

/* Resident bytes of this process. */
static double resident(void)
{
	unsigned long size, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%lu %lu", &size, &pages) != 2)
		die("cannot read /proc/self/statm");
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* What an allocator never sees: tables of the benchmark itself. */
static void *table(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("no memory for the benchmark");
	return p;
}

/* ---- workloads ---------------------------------------------------------------------------------------- */

static double pair(void)
{
	const unsigned long rounds = 5000000;
	unsigned long sum = 0;
	double start = 0;

	for (unsigned long i = 0; i < rounds + rounds / 10; i++) {
		if (i == rounds / 10)
			start = now_ns();
		sum += buried(born(number));
	}
	sink = sum;
	return (now_ns() - start) / (double)rounds;
}

#define SEED 88172645463325252ul

/* Replace `rounds` of the n objects; returns where the random numbers are then. */
static unsigned long churn(void **live, unsigned long n, unsigned long rounds, unsigned long x)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < rounds; i++) {
		unsigned long at;

		x = next_random(x);
		at = (x >> 20) % n;
		sum += buried(live[at]);
		x = next_random(x);
		live[at] = born(size_from(x));
	}
	sink = sum;
	return x;
}

static unsigned long fill(void **live, unsigned long n, unsigned long x)
{
	for (unsigned long i = 0; i < n; i++) {
		x = next_random(x);
		live[i] = born(size_from(x));
	}
	return x;
}

static double churn_time(void)
{
	unsigned long rounds = 4000000, x;
	void **live = table(number * sizeof(*live));
	double start;

	x = fill(live, number, SEED);
	x = churn(live, number, rounds / 4 + 5 * number, x);
	start = now_ns();
	churn(live, number, rounds, x);
	return (now_ns() - start) / (double)rounds;
}

static double blowup(void)
{
	void **live = table(number * sizeof(*live));
	double before = resident(), bytes = 0;

	churn(live, number, 10 * number, fill(live, number, SEED));
	for (unsigned long i = 0; i < number; i++) {
		memset((char *)live[i] + 8, 1, *(size_t *)live[i] - 8);
		bytes += (double)*(size_t *)live[i];
	}
	return (resident() - before) / bytes;
}

static double per_object(void)
{
	const unsigned long n = 1000000;
	double before = resident();

	for (unsigned long i = 0; i < n; i++)
		memset(born(number), 1, number);
	return (resident() - before) / (double)n - (double)number;
}

/* Objects go from one thread to the other by the hundred. */
#define BATCH  100u
#define RING   16u
#define ROUNDS 20000u
static void *ring[RING][BATCH];
static unsigned produced, consumed;

static void *consumer(void *arg)
{
	unsigned long sum = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		while (__atomic_load_n(&produced, __ATOMIC_ACQUIRE) == i)
			sched_yield();
		for (unsigned k = 0; k < BATCH; k++)
			sum += buried(ring[i % RING][k]);
		__atomic_store_n(&consumed, i + 1, __ATOMIC_RELEASE);
	}
	sink = sum;
	return NULL;
}

static double remote(void)
{
	unsigned long x = SEED;
	double start = clock_ns(CLOCK_MONOTONIC);
	pthread_t thread;

	if (pthread_create(&thread, NULL, consumer, NULL))
		die("no thread");
	for (unsigned i = 0; i < ROUNDS; i++) {
		while (i - __atomic_load_n(&consumed, __ATOMIC_ACQUIRE) == RING)
			sched_yield();
		for (unsigned k = 0; k < BATCH; k++) {
			x = next_random(x);
			ring[i % RING][k] = born(size_from(x));
		}
		__atomic_store_n(&produced, i + 1, __ATOMIC_RELEASE);
	}
	pthread_join(thread, NULL);
	return (clock_ns(CLOCK_MONOTONIC) - start) / ROUNDS / BATCH;
}

/* A window of 1,000 objects slides over the others, which nobody touches. */
static double growth(void)
{
	const unsigned long rounds = 3000000;
	static void *window[1000];
	unsigned long sum = 0;
	double start;

	for (unsigned long i = 0; i < number; i++)
		born(64);
	for (unsigned i = 0; i < 1000; i++)
		window[i] = born(64);
	start = now_ns();
	for (unsigned long i = 0; i < rounds; i++) {
		sum += buried(window[i % 1000]);
		window[i % 1000] = born(64);
	}
	sink = sum;
	return (now_ns() - start) / (double)rounds;
}

/* ---- pages and areas --------------------------------------------------------------------------------------- */

static void *page_block(size_t bytes)
{
	struct page *page = kf_alloc_pages(KF_GFP_KERNEL, (unsigned)number);

	return page ? kf_page_address(page) : NULL;
}

static void free_page_block(void *p)
{
	kf_free_pages(kf_virt_to_page(p), (unsigned)number);
}

static void *area(size_t bytes)
{
	return kf_vmalloc(bytes, 1, KF_GFP_KERNEL, false);
}

static void free_area(void *p)
{
	kf_vfree(p);
}

static size_t map_bytes;

static void *map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	map_bytes = bytes;
	return p == MAP_FAILED ? NULL : p;
}

static void unmap(void *p)
{
	munmap(p, map_bytes);
}

static double touched_pair(size_t bytes)
{
	const unsigned long rounds = 20000;
	double start = 0;

	for (unsigned long i = 0; i < rounds + rounds / 10; i++) {
		char *p = born(bytes);

		if (i == rounds / 10)
			start = now_ns();
		for (size_t at = 0; at < bytes; at += KF_PAGE_SIZE)
			p[at] = 1;
		release(p);
	}
	return (now_ns() - start) / (double)rounds;
}

static double pages(void)
{
	if (allocate != map) {
		allocate = page_block;
		release = free_page_block;
	}
	return touched_pair(KF_PAGE_SIZE << number);
}

static double vmalloc_area(void)
{
	if (allocate != map) {
		allocate = area;
		release = free_area;
	}
	return touched_pair(KF_PAGE_SIZE * number);
}

/* ---- which ------------------------------------------------------------------------------------------------------ */

static void *kmalloc_one(size_t size)
{
	return kf_kmalloc(size, KF_GFP_KERNEL);
}

static void kfree_one(void *p)
{
	kf_kfree(p);
}

static void start_world(bool checks)
{
	char err[KF_SETTINGS_ERR];
	struct kf_settings settings;

	kf_settings_default(&settings);
	if (!checks && kf_settings_parse(&settings, "checks=off", err))
		die(err);
	kf_settings_next(&settings);
	if (kf_memory_init(&kf_layout_native))
		die("no world");
	kf_memblock_free_all();
	if (kf_slab_init())
		die("no caches");
	allocate = kmalloc_one;
	release = kfree_one;
}

static void choose(const char *allocator)
{
	if (!strcmp(allocator, "malloc")) {
		allocate = malloc;
		release = free;
	} else if (!strcmp(allocator, "mmap")) {
		allocate = map;
		release = unmap;
	} else if (!strcmp(allocator, "kmalloc") || !strcmp(allocator, "guarded")) {
		start_world(*allocator == 'g');
	} else {
		die("no such allocator");
	}
}

static const struct {
	const char *name;
	double (*run)(void);
} workloads[] = {
	{"pair", pair},	    {"churn", churn_time}, {"remote", remote}, {"object", per_object},
	{"blowup", blowup}, {"growth", growth},	   {"pages", pages},   {"vmalloc", vmalloc_area},
};

int main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: alloc ALLOCATOR WORKLOAD [NUMBER]");
	number = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	choose(argv[1]);
	for (size_t i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
		if (!strcmp(workloads[i].name, argv[2])) {
			printf("%.2f\n", workloads[i].run());
			return 0;
		}
	die("no such workload");
}
