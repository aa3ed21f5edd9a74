// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces: which events are taken, and how their lines read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/slab/slab.h"
#include "../../harness/trace/call_site.h"
#include "../../harness/trace/depot.h"
#include "../../harness/trace/symbols.h"
#include "../../harness/trace/tracing.h"
#include "suites.h"
#include "traced.h"

/* ---- lines ---- */

#define CONTEXT "          insmod-42      [000] .....    12.345679: "

static void test_slab_lines(void)
{
	const struct kf_cache *class;
	struct kf_cache *cache, *accounted;

	traced_begin(NULL);
	class = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7);
	cache = kf_cache_create("widgets", 100, 8, 0, NULL);
	traced_allocate(KF_SLAB, class, 0x1000, KF_GFP_KERNEL | KF_GFP_ZERO);
	traced_allocate(KF_KMALLOC_LARGE, NULL, 0x2000, KF_GFP_ATOMIC);
	traced_allocate(KF_SLAB, cache, 0x3000, KF_GFP_KERNEL | KF_GFP_ACCOUNT);
	accounted = kf_cache_create("accounts", 100, 8, KF_SLAB_ACCOUNT, NULL);
	traced_allocate(KF_SLAB, accounted, 0x4000, KF_GFP_KERNEL);
	traced_release(KF_SLAB, cache, 0x3000);
	traced_release(KF_SLAB, class, 0x1000);
	trace_end();
	traced_expect(
		CONTEXT
		"kmalloc: call_site=widget_init+0x34/0x80 [sample] ptr=0000000000001000 "
		"bytes_req=100 "
		"bytes_alloc=128 gfp_flags=GFP_KERNEL|__GFP_ZERO node=-1 "
		"accounted=false\n" CONTEXT "kmalloc: call_site=widget_init+0x34/0x80 [sample] "
		"ptr=0000000000002000 bytes_req=100 "
		"bytes_alloc=128 gfp_flags=GFP_ATOMIC node=-1 accounted=false\n" CONTEXT
		"kmem_cache_alloc: call_site=widget_init+0x34/0x80 [sample] "
		"ptr=0000000000003000 bytes_req=100 "
		"bytes_alloc=128 gfp_flags=GFP_KERNEL_ACCOUNT node=-1 "
		"accounted=true\n" CONTEXT
		"kmem_cache_alloc: call_site=widget_init+0x34/0x80 [sample] "
		"ptr=0000000000004000 bytes_req=100 bytes_alloc=128 gfp_flags=GFP_KERNEL node=-1 "
		"accounted=true\n" CONTEXT
		"kmem_cache_free: call_site=0x71005678 ptr=0000000000003000 "
		"name=widgets\n" CONTEXT "kfree: call_site=0x71005678 ptr=0000000000001000\n");
	kf_cache_destroy(cache);
	kf_cache_destroy(accounted);
	trace_close();
}

static void test_page_lines(void)
{
	char expected[4096];
	unsigned long page;

	traced_begin("kmem");
	page = (unsigned long)kf_pfn_to_page(0x200);
	traced_tell(KF_EVENT_PAGE_ALLOC, (void *)page);
	traced_tell(KF_EVENT_PAGE_ALLOC, NULL);
	traced_tell(KF_EVENT_PAGE_FREE, (void *)page);
	traced_tell(KF_EVENT_PAGE_FREE_BATCHED, (void *)page);
	traced_tell(KF_EVENT_PAGE_ALLOC_ZONE_LOCKED, (void *)page);
	traced_tell(KF_EVENT_PAGE_PCPU_DRAIN, (void *)page);
	traced_tell(KF_EVENT_PAGE_ALLOC_EXTFRAG, (void *)page);
	trace_end();
	snprintf(expected, sizeof(expected),
		 CONTEXT "mm_page_alloc: page=%016lx pfn=0x200 order=3 migratetype=1 "
			 "gfp_flags=GFP_KERNEL|__GFP_COMP\n" CONTEXT
			 "mm_page_alloc: page=0000000000000000 pfn=0x0 order=3 migratetype=1 "
			 "gfp_flags=GFP_KERNEL|__GFP_COMP\n" CONTEXT
			 "mm_page_free: page=%016lx pfn=0x200 order=3\n" CONTEXT
			 "mm_page_free_batched: page=%016lx pfn=0x200 order=0\n" CONTEXT
			 "mm_page_alloc_zone_locked: page=%016lx pfn=0x200 order=3 migratetype=1 "
			 "percpu_refill=1\n" CONTEXT
			 "mm_page_pcpu_drain: page=%016lx pfn=0x200 order=3 migratetype=1\n" CONTEXT
			 "mm_page_alloc_extfrag: page=%016lx pfn=0x200 alloc_order=3 "
			 "fallback_order=9 pageblock_order=9 alloc_migratetype=1 "
			 "fallback_migratetype=2 fragmenting=0 change_ownership=1\n",
		 page, page, page, page, page, page);
	traced_expect(expected);
	trace_close();
}

static void test_reclaim_lines(void)
{
	traced_begin("vmscan");
	traced_tell(KF_EVENT_SHRINK_SLAB_START, NULL);
	traced_tell(KF_EVENT_SHRINK_SLAB_END, NULL);
	traced_tell(KF_EVENT_KSWAPD_WAKE, NULL);
	trace_end();
	traced_expect(
		CONTEXT
		"mm_shrink_slab_start: widget_init+0x0/0x80 [sample] 0000000000008000: nid: 0 "
		"objects to shrink 1 gfp_flags GFP_KERNEL|__GFP_COMP cache items 1000 "
		"delta 2 total_scan 3 priority 12\n" CONTEXT
		"mm_shrink_slab_end: widget_init+0x0/0x80 [sample] 0000000000008000: nid: 0 "
		"unused scan count 1 new scan count 4 total_scan 3 last shrinker return "
		"val 9\n" CONTEXT "mm_vmscan_kswapd_wake: nid=0 order=3\n");
	trace_close();
}

static void test_other_lines(void)
{
	const struct kf_request request = {.kind = KF_SLAB, .size = 9, .gfp = KF_GFP_NOWAIT};
	char expected[4096];

	uint64_t cookie, chunk;
	unsigned long base;

	traced_begin("percpu kfail");
	cookie = kf_alloc_percpu(100, 8, KF_GFP_KERNEL);
	chunk = kf_percpu_chunk(cookie);
	base = kf_layout()->percpu + chunk;
	CU_ASSERT(cookie > 0 && chunk <= cookie && chunk % KF_PAGE_SIZE == 0);
	traced_allocate(KF_PERCPU, NULL, cookie, KF_GFP_NOWAIT);
	traced_release(KF_PERCPU, NULL, cookie);
	traced_allocate(KF_VMALLOC, NULL, 0x6000, KF_GFP_KERNEL);
	traced_release(KF_VMAP, NULL, 0x7000);
	trace_refused(&request, 7, traced_stack(SITE), "failslab");
	trace_operation("%s returned %s", "init", "-ENOMEM");
	trace_end();
	snprintf(expected, sizeof(expected),
		 CONTEXT
		 "percpu_alloc_percpu: call_site=widget_init+0x34/0x80 [sample] reserved=0 "
		 "is_atomic=1 size=100 "
		 "align=8 base_addr=%016lx off=%lu ptr=%016lx bytes_alloc=%lu "
		 "gfp_flags=GFP_NOWAIT\n" CONTEXT "percpu_free_percpu: base_addr=%016lx off=%lu "
		 "ptr=%016lx\n" CONTEXT "kfail_alloc: call_site=widget_init+0x34/0x80 "
		 "[sample] ptr=0000000000006000 bytes_req=100 "
		 "bytes_alloc=128 gfp_flags=GFP_KERNEL name=vmalloc\n" CONTEXT
		 "kfail_free: call_site=0x71005678 ptr=0000000000007000 name=vmap\n" CONTEXT
		 "kfail_refused: call_site=widget_init+0x34/0x80 [sample] point=7 bytes_req=9 "
		 "gfp_flags=GFP_NOWAIT "
		 "name=failslab\n" CONTEXT "kfail_operation: name=init returned -ENOMEM\n",
		 base, cookie - chunk, cookie, 128ul * kf_layout()->nr_cpus, base, cookie - chunk,
		 cookie);
	traced_expect(expected);
	kf_free_percpu(cookie);
	trace_close();
}

/* Columns of trace_print_lat_fmt() of 6.1. */
static void test_context_columns(void)
{
	static const struct {
		uint32_t preempt_count, migrate_disabled;
		bool irqs_disabled;
		const char *columns;
	} contexts[] = {
		{0, 0, false, "....."},	      {0, 0, true, "d...."},
		{1, 0, false, "...1."},	      {0x12, 3, false, "...f3"},
		{0x200, 0, false, "b...."},   {0x200, 0, true, "D...."},
		{0x100, 0, false, "..s.."},   {0x10000, 0, true, "d.h.."},
		{0x10100, 0, true, "d.H.."},  {0x100000, 0, true, "d.z.."},
		{0x110001, 0, true, "d.Z1."},
	};
	char expected[128];

	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		traced_begin("kfail");
		traced_task.preempt_count = contexts[i].preempt_count;
		traced_task.migrate_disabled = contexts[i].migrate_disabled;
		traced_task.irqs_disabled = contexts[i].irqs_disabled;
		trace_operation("x");
		trace_end();
		snprintf(
			expected, sizeof(expected),
			"          insmod-42      [000] %s    12.345679: kfail_operation: name=x\n",
			contexts[i].columns);
		traced_expect(expected);
		trace_close();
	}
}

/* Pid 0 is idle, whatever its name; a long name is cut; hours need room. */
static void test_task_columns(void)
{
	traced_begin("kfail");
	traced_task = (struct trace_task){.pid = 0, .comm = "swapper/0"};
	trace_operation("x");
	traced_task = (struct trace_task){
		.pid = 1234567, .comm = "a_long_name_123", .ns = 123456789012345};
	trace_operation("y");
	trace_end();
	traced_expect(
		"          <idle>-0       [000] .....     0.000000: kfail_operation: name=x\n"
		" a_long_name_123-1234567 [000] ..... 123456.789012: kfail_operation: name=y\n");
	trace_close();
}

static uint64_t site_of(uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t pcs[TRACE_SITES_MAX] = {a, b, c};

	return call_site(pcs, TRACE_SITES_MAX);
}

/* Who asked, where the kernel's own functions hand their caller's address on, or are no frames there. */
static void test_call_site(void)
{
	const uint64_t kmalloc = 0x71002010, kstrdup = 0x71002110, kvmalloc = 0x71002210;

	traced_open_world();
	CU_ASSERT_EQUAL(site_of(SITE, NO_NAME, 0), SITE);
	CU_ASSERT_EQUAL(site_of(kmalloc, SITE, NO_NAME), SITE);
	CU_ASSERT_EQUAL(site_of(kmalloc, kstrdup, SITE), SITE);
	CU_ASSERT_EQUAL(site_of(kstrdup, SITE, 0), SITE);
	CU_ASSERT_EQUAL(site_of(kmalloc, kvmalloc, SITE), kvmalloc);
	CU_ASSERT_EQUAL(site_of(NO_NAME, kmalloc, SITE), NO_NAME);
	CU_ASSERT_EQUAL(site_of(kmalloc, 0, 0), kmalloc);
}

/* ---- which events ---- */

/* How many of three different events a choice takes. */
static unsigned taken(const char *events)
{
	uint64_t count;

	traced_begin(events);
	traced_allocate(KF_KMALLOC_LARGE, NULL, 0x2000, 0);
	traced_tell(KF_EVENT_PAGE_ALLOC, NULL);
	trace_operation("x");
	trace_end();
	count = trace_count();
	trace_close();
	return (unsigned)count;
}

static void test_choice(void)
{
	CU_ASSERT_EQUAL(taken(NULL), 3);
	CU_ASSERT_EQUAL(taken("*:*"), 3);
	CU_ASSERT_EQUAL(taken("kmem:"), 2);
	CU_ASSERT_EQUAL(taken("kmem"), 2);
	CU_ASSERT_EQUAL(taken("kmem:*"), 2);
	CU_ASSERT_EQUAL(taken("kmalloc"), 1);
	CU_ASSERT_EQUAL(taken("kmem:kmalloc"), 1);
	CU_ASSERT_EQUAL(taken("mm_page_*,kfail"), 2);
	CU_ASSERT_EQUAL(taken("  kmalloc , mm_page_alloc "), 2);
	CU_ASSERT_EQUAL(taken("!kfail"), 2);
	CU_ASSERT_EQUAL(taken("kmem,!mm_page_*"), 1);
	CU_ASSERT_EQUAL(taken("kfree"), 0);
	CU_ASSERT_EQUAL(taken("k[m]alloc"), 1);
}

static void expect_unknown(const char *events, const char *word)
{
	char err[TRACE_ERR_MAX];

	CU_ASSERT_EQUAL(trace_open(events, traced_nowhere, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, word));
	CU_ASSERT_PTR_NULL(strchr(err, '\n'));
	trace_close();
}

static void test_unknown_events(void)
{
	expect_unknown("kmem:nothing", "\"kmem:nothing\"");
	expect_unknown("kmalloc,kmalloc_node", "\"kmalloc_node\"");
	expect_unknown("nothing:", "kfail:kfail_operation");
	expect_unknown("net:kmalloc", "kmem:kmalloc,");
	expect_unknown("!", "\"\"");
	expect_unknown("", "empty");
	expect_unknown(" ,", "empty");
}

/* Nothing is taken, and nothing falls over, without a trace. */
static void test_closed(void)
{
	traced_open_world();
	trace_begin(traced_tell_task);
	CU_ASSERT_FALSE(kf_tracing);
	trace_operation("x");
	trace_end();
	trace_rescue();
	CU_ASSERT_FALSE(trace_failed());
}

/* The oldest go; the header says how many. */
static void test_full_buffer(void)
{
	const unsigned room = 1u << 20, more = 5;

	traced_begin("kfail");
	for (unsigned i = 0; i < room + more; i++)
		trace_operation("%u", i);
	trace_end();
	CU_ASSERT_EQUAL(trace_count(), room);
	CU_ASSERT_EQUAL(trace_lost(), more);
	CU_ASSERT_STRING_EQUAL(trace_record(0)->text, "5");
	CU_ASSERT_STRING_EQUAL(trace_record(room - 1)->text, "1048580");
	trace_close();
}

static unsigned deliveries;

static bool fail_to_deliver(void)
{
	deliveries++;
	return false;
}

/* Once, by who ended the run; or by who opened, when nobody did. */
static void test_delivery(void)
{
	char err[TRACE_ERR_MAX];

	traced_open_world();
	deliveries = 0;
	CU_ASSERT_EQUAL_FATAL(trace_open("kfail", fail_to_deliver, err), 0);
	trace_begin(traced_tell_task);
	trace_end();
	trace_end();
	trace_rescue();
	CU_ASSERT_EQUAL(deliveries, 1);
	CU_ASSERT_TRUE(trace_failed());
	trace_begin(traced_tell_task);
	kf_tracing = false; /* the run's process is no more */
	trace_rescue();
	CU_ASSERT_EQUAL(deliveries, 2);
	trace_close();
}

CU_TestInfo tracing_tests[] = {
	{"slab lines", test_slab_lines},
	{"page lines", test_page_lines},
	{"reclaim lines", test_reclaim_lines},
	{"other lines", test_other_lines},
	{"context columns", test_context_columns},
	{"task columns", test_task_columns},
	{"call site", test_call_site},
	{"choice", test_choice},
	{"unknown events", test_unknown_events},
	{"closed", test_closed},
	{"full buffer", test_full_buffer},
	{"delivery", test_delivery},
	CU_TEST_INFO_NULL,
};
