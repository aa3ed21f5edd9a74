/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the allocator tests share: a small world that is made anew for each test, hooks that remember what
 * they were told, and the rule that nothing is left behind. A test that plants a bug says which one it
 * expects with expect_bug(); a bug that nobody expected fails the test.
 */
#ifndef KFAIL_TESTS_ALLOCATOR_H
#define KFAIL_TESTS_ALLOCATOR_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <string.h>

#include "../../allocator/page/memblock.h"
#include "../../allocator/core/cpu.h"
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define MIB (1ull << 20)

/* Everything that the hooks were told since the test began. */
struct told {
	unsigned might_alloc, should_fail, allocated, freed, bugs;
	struct kf_request request; /* the newest */
	struct kf_object born, died;
	struct kf_bug bug;
	char order
		[16]; /* the newest calls: m(ight_alloc) s(hould_fail) a(llocated) f(reed) b(ug) */
	unsigned exposed, remapped, waits;
	char log[32768]; /* all lines, "<level>text" */
	u64 exposed_bytes;
};
extern struct told told;

/* The next `refuse` requests are refused. */
extern unsigned refuse;
/* The n-th request from now on is refused; 0: none. */
extern unsigned refuse_at;
/* What the hook `task` answers, and what the hook `wait` does. */
extern u32 task_is;
extern void (*while_waiting)(unsigned attempt);

/* A small world: DMA 0..2 MiB, DMA32 2..8 MiB, Normal 16..48 MiB, HighMem ..56 MiB, Movable ..64 MiB. */
extern const struct kf_layout test_layout;

/* Setup and teardown of a suite's tests: a world with caches, in which nothing may be left. */
void fixture_start(void);
void fixture_stop(void);
/* Another world in the middle of a test, told these settings: "name=value name=value". */
void fixture_restart(const char *settings);
/* A world of another layout. */
void fixture_start_in(const struct kf_layout *layout);
/* The newest line of the log, without level and newline; "" when there is none. Good until the next call. */
const char *last_line(void);
/* The same before memblock hands over its memory. */
void fixture_early_start(void);
void fixture_early_stop(void);
/* The same with other settings than the default ones. */
void fixture_start_with(const struct kf_settings *settings);
void fixture_early_start_with(const struct kf_settings *settings);

/* The newest told bug is the only one since the last call, and of this kind. */
void expect_bug(enum kf_bug_kind kind);
void forget_calls(void);

/* Free pages of all zones, CPUs' lists drained; give empty slabs of all caches back first. */
u64 free_pages_now(void);
void shrink_all(void);

/* All n bytes have this value. */
bool all_bytes(const void *p, u8 value, size_t n);

/* Is anything mapped there? */
bool mapped(const void *addr);

/* Random numbers that replay: xorshift from KFAIL_SEED. */
extern u64 seed;
u64 random_number(void);
u64 random_below(u64 n);
/* KFAIL_OPS, or this. */
u64 operations(u64 usual);

#define CHECK(x)       CU_ASSERT(x)
#define REQUIRE(x)     CU_ASSERT_FATAL(x)
#define CHECK_EQ(a, b) CU_ASSERT_EQUAL(a, b)
#define CHECK_VALID()  CU_ASSERT_PTR_NULL(kf_validate_all())

#define GFP_KERNEL KF_GFP_KERNEL
#define GFP_ZERO   KF_GFP_ZERO

struct suite {
	const char *name;
	void (*setup)(void), (*teardown)(void);
	const CU_TestInfo *tests;
};
extern const struct suite memblock_suite, zones_suite, page_suite, exact_suite, cache_suite,
	object_suite, kmalloc_suite, damage_suite, vmalloc_suite, areas_suite, many_areas_suite,
	vmap_suite, vfree_suite, vfree_settings_suite, mapping_suite, veil_suite, percpu_suite,
	hooks_suite, threads_suite, property_suite, model_suite, scarcity_suite, slub_debug_suite,
	slub_damage_suite, merge_suite, usercopy_suite, slab_stats_suite, profile_suite,
	bootmem_suite, mempool_suite, page_frag_suite, dma_pool_suite, kmap_suite,
	kmap_direct_suite, heap_suite, reserves_suite, plain_zones_suite, exhaustion_suite,
	migrate_suite, hotplug_suite, slowpath_suite, view_suite, plain_suite, fence_suite,
	walkers_suite;

#endif
