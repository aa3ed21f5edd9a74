// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of a program that was started with LD_PRELOAD, and fork().
 *
 * The world starts with the first call of malloc(), which may come before any constructor has run. It has one zone
 * of a few MiB, which grows section by section as memory is used, so that `true` starts as fast as ever. It asks
 * and tells nobody, and has as many CPUs as threads are likely to be there; further threads work without one.
 *
 * fork() copies a world in which another thread may be in the middle of something. So before it, new work that
 * takes locks is held up, and what is under way is waited for; the fast paths of other threads leave their lists
 * usable at every instruction. What the other threads' CPUs held is lost to the child.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "preload.h"

#define MIB  (1ull << 20)
#define GIB  (1ull << 30)
#define BASE 0x200000000000ull

/* No memory at 0, so that no object is; and little in the beginning, as each page of it costs a record. */
#define START	     (4 * MIB)
#define FIRST_MEMORY (12 * MIB)
#define META_MIN     (512 * MIB)

/* The largest that the host lets us have of these; most hosts give the first. */
static const u64 sizes[] = {256 * GIB, 32 * GIB, 4 * GIB, 1 * GIB};

static struct kf_layout layout_of(u64 size)
{
	return (struct kf_layout){
		.direct_map = BASE,
		.zone = {[KF_ZONE_NORMAL] = {START, FIRST_MEMORY}},
		.hotplug = size - FIRST_MEMORY,
		.phys_end = size,
		.high_map = BASE + 0x5000000000,
		.vmemmap = BASE + 0x6000000000,
		.meta = BASE + 0x7000000000,
		.meta_size = size / 32 > META_MIN ? size / 32 : META_MIN,
		.vmalloc_start = BASE + 0x8000000000,
		.vmalloc_end = BASE + 0x8000000000 + 64 * MIB,
		.module_start = BASE + 0x8100000000,
		.module_end = BASE + 0x8100000000 + 4 * MIB,
		.percpu = BASE + 0x8200000000,
		.percpu_unit = 64 << 10,
		.percpu_static = 64,
		.nr_cpus = 64,
		.movable = true,
		.huge_pages = true,
		.zone_shift = 61,
		.zone_number = {0, 1, 2, 3, 4},
		.pg_reserved = 12,
		.pg_slab = 9,
		.pg_head = 16,
	};
}

static u32 started, starting;
static u32 inside, forking;

_Noreturn void die(const char *sentence)
{
	size_t n = strlen(sentence);

	if (write(2, "libkfail-malloc: ", 17) != 17 || write(2, sentence, n) != (ssize_t)n ||
	    write(2, "\n", 1) != 1)
		_exit(127);
	abort();
}

static int make_world(void)
{
	int err = -1;

	for (size_t i = 0; err && i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct kf_layout layout = layout_of(sizes[i]);

		err = kf_memory_init(&layout);
	}
	return err;
}

/* ---- fork ------------------------------------------------------------------------------------------------ */

static void before_fork(void)
{
	__atomic_store_n(&forking, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&inside, __ATOMIC_SEQ_CST))
		sched_yield();
}

static void after_fork(void)
{
	__atomic_store_n(&forking, 0, __ATOMIC_SEQ_CST);
}

/* When it is our turn among the constructors; no thread of the program can fork before. */
static __attribute__((constructor)) void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

/* ---- start ------------------------------------------------------------------------------------------------ */

static void start(void)
{
	struct kf_settings settings;
	char err[KF_SETTINGS_ERR];

	kf_settings_default(&settings);
	if (kf_settings_parse(&settings, "checks=off", err))
		die(err);
	kf_settings_next(&settings);
	if (make_world())
		die("the simulated memory cannot be mapped: is the address space limited?");
	kf_memblock_free_all();
	if (kf_slab_init())
		die("the slab caches cannot be made");
}

static void start_once(void)
{
	kf_lock(&starting);
	if (!__atomic_load_n(&started, __ATOMIC_RELAXED)) {
		start();
		__atomic_store_n(&started, 1, __ATOMIC_RELEASE);
	}
	kf_unlock(&starting);
}

void enter(void)
{
	for (;;) {
		__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&forking, __ATOMIC_SEQ_CST))
			break;
		__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&forking, __ATOMIC_SEQ_CST))
			sched_yield();
	}
	if (!__atomic_load_n(&started, __ATOMIC_ACQUIRE))
		start_once();
}

void leave(void)
{
	__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
}
