// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left is found, whatever allocator it came from; what was given back is not.
 */
#include "suites.h"

#include <string.h>
#include "../../harness/inject/inject.h"
#include "../../harness/judge/judge.h"

DRIVER static int64_t init_clean(void)
{
	void *a = kmalloc(96, GFP_KERNEL), *b = vmalloc(20000);
	uint64_t c = alloc_percpu(16);
	struct kf_cache *cache = kmem_cache_create("clean", 40);
	void *d = kmem_cache_alloc(cache, GFP_KERNEL), *large = kmalloc(20000, GFP_KERNEL);
	struct page *page = alloc_pages(GFP_KERNEL, 1);

	__free_pages(page, 1);
	kfree(large);
	kmem_cache_free(cache, d);
	kmem_cache_destroy(cache);
	free_percpu(c);
	vfree(b);
	kfree(a);
	STAY();
	return 0;
}

static void test_clean(void)
{
	CU_ASSERT_EQUAL(judge_run(init_clean, ""), 0);
	no_finding();
}

DRIVER static int64_t init_kmalloc(void)
{
	kmalloc(100, GFP_KERNEL);
	STAY();
	return 0;
}

static void test_kmalloc(void)
{
	const struct finding *f;

	judge_run(init_kmalloc, "");
	f = the_finding(FINDING_LEAK);
	CU_ASSERT(says(f, "100 bytes from kmalloc(), called by init_kmalloc"));
	CU_ASSERT(says(f, "after the test"));
	CU_ASSERT_FALSE(f->has_point);
	CU_ASSERT_FALSE(f->core);
	CU_ASSERT_EQUAL_FATAL(f->object_count, 1);
	CU_ASSERT_STRING_EQUAL(f->objects[0].type, "kmalloc");
	CU_ASSERT_STRING_EQUAL(f->objects[0].cache, "kmalloc-128");
	CU_ASSERT_STRING_EQUAL(f->objects[0].owner, "fake");
	CU_ASSERT_EQUAL(f->objects[0].size, 100);
	CU_ASSERT_STRING_EQUAL(f->objects[0].allocated.frames[0].function, "kmalloc");
	CU_ASSERT(stack_has(&f->objects[0].allocated, "init_kmalloc"));
}

/* Same module, same run: same words, whatever ran before. */
static void test_findings_repeat(void)
{
	char first[512];

	judge_run(init_kmalloc, "");
	snprintf(first, sizeof(first), "%s %llx", findings[0].what,
		 (unsigned long long)findings[0].objects[0].addr);
	judge_run(init_clean, "");
	for (unsigned i = 0; i < 10; i++) {
		char again[512];

		judge_run(init_kmalloc, "");
		snprintf(again, sizeof(again), "%s %llx", findings[0].what,
			 (unsigned long long)findings[0].objects[0].addr);
		CU_ASSERT_STRING_EQUAL(again, first);
	}
}

DRIVER static int64_t init_vmalloc(void)
{
	vmalloc(20000);
	STAY();
	return 0;
}

DRIVER static int64_t init_pages(void)
{
	alloc_pages(GFP_KERNEL, 1);
	STAY();
	return 0;
}

DRIVER static int64_t init_percpu(void)
{
	alloc_percpu(16);
	STAY();
	return 0;
}

DRIVER static int64_t init_large(void)
{
	kmalloc(20000, GFP_KERNEL);
	STAY();
	return 0;
}

DRIVER static int64_t init_cache(void)
{
	kmem_cache_create("forgotten", 72);
	STAY();
	return 0;
}

static void check_type(int64_t (*init)(void), const char *type, uint64_t size)
{
	const struct finding *f;

	judge_run(init, "");
	f = the_finding(FINDING_LEAK);
	CU_ASSERT_EQUAL_FATAL(f->object_count, 1);
	CU_ASSERT_STRING_EQUAL(f->objects[0].type, type);
	CU_ASSERT_EQUAL(f->objects[0].size, size);
}

static void test_every_allocator(void)
{
	check_type(init_vmalloc, "vmalloc", 20000);
	check_type(init_pages, "pages", 8192);
	check_type(init_percpu, "percpu", 16);
	check_type(init_large, "kmalloc", 20000);
	check_type(init_cache, "kmem_cache", 72);
	CU_ASSERT(says(&findings[0], "kmem_cache \"forgotten\" is never destroyed"));
}

DRIVER static int64_t init_loop(void)
{
	for (unsigned i = 0; i < times(5); i++) {
		kmalloc(32, GFP_KERNEL);
		STAY();
	}
	kmalloc(64, GFP_KERNEL);
	STAY();
	return 0;
}

/* One finding for each call in the driver, not for each object. */
static void test_grouped_by_call(void)
{
	judge_run(init_loop, "");
	CU_ASSERT_EQUAL_FATAL(finding_count, 2);
	CU_ASSERT_EQUAL(findings[0].object_count, 5);
	CU_ASSERT(says(&findings[0], "5 objects of 160 bytes together"));
	CU_ASSERT_EQUAL(findings[1].object_count, 1);
}

DRIVER static int64_t init_resource(void)
{
	void *region;

	return register_chrdev(&region);
}

static void test_resource(void)
{
	const struct finding *f;

	judge_run(init_resource, "");
	f = the_finding(FINDING_RESOURCE_LEAK);
	CU_ASSERT(says(f, "character device region is left after the test: register_chrdev() was "
			  "called by init_resource"));
	CU_ASSERT_EQUAL(f->object_count, 2);
}

DRIVER static int64_t init_not_empty(void)
{
	struct kf_cache *cache = kmem_cache_create("not_empty", 40);

	kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
	STAY();
	return 0;
}

/* The cache that stays, and its objects, are one finding. */
static void test_cache_not_empty(void)
{
	const struct finding *f;

	judge_run(init_not_empty, "");
	f = the_finding(FINDING_LEAK);
	CU_ASSERT(says(
		f, "kmem_cache_destroy() of \"not_empty\" while 2 objects of it are not freed"));
	CU_ASSERT_EQUAL(f->object_count, 2);
	CU_ASSERT(stack_has(&f->stack, "init_not_empty"));
}

DRIVER static int64_t init_housekeeping(void)
{
	STAY();
	return 0;
}

static int64_t kernel_alone(void)
{
	kernel_housekeeping();
	STAY();
	return init_housekeeping();
}

static void test_kernel_core(void)
{
	const struct finding *f;

	judge_run(kernel_alone, "");
	f = the_finding(FINDING_LEAK);
	CU_ASSERT_TRUE(f->core);
	CU_ASSERT_STRING_EQUAL(f->reason, "the kernel core allocated it for itself");
	CU_ASSERT_STRING_EQUAL(f->objects[0].owner, "kernel");
}

DRIVER static int64_t init_reuse(void)
{
	for (unsigned i = 0; i < times(200); i++) {
		kfree(kmalloc(96, GFP_KERNEL));
		STAY();
	}
	return 0;
}

/* The same slot many times: only its newest tenant can be left over. */
static void test_reuse(void)
{
	judge_run(init_reuse, "");
	no_finding();
}

/* What the baseline showed is not shown again; anything else is. */
static void test_known(void)
{
	uint64_t keys[64];
	unsigned count;

	judge_run(init_kmalloc, "");
	count = judge_keys(keys, 64);
	CU_ASSERT(count >= 1);
	judge_set_known(keys, count);
	judge_run(init_kmalloc, "");
	no_finding();
	judge_run(init_loop, "");
	CU_ASSERT_EQUAL(finding_count, 2);
	judge_set_known(NULL, 0);
	judge_run(init_kmalloc, "");
	the_finding(FINDING_LEAK);
}

DRIVER static int64_t init_many(void)
{
	for (unsigned i = 0; i < times(300); i++) {
		kmalloc(16, GFP_KERNEL);
		STAY();
	}
	return 0;
}

/* The sentence counts all, the list is cut. */
static void test_many(void)
{
	const struct finding *f;

	judge_run(init_many, "");
	f = the_finding(FINDING_LEAK);
	CU_ASSERT(says(f, "300 objects of 4800 bytes together"));
	CU_ASSERT_EQUAL(f->object_count, 64);
}

static DRIVER_DATA int on_a_list = 7;

DRIVER static int64_t init_nothing(void)
{
	STAY();
	return 0;
}

static void test_dangling(void)
{
	const struct finding *f;

	judge_run(init_nothing, "");
	judge_begin();
	judge_dangling((uint64_t)&fake_registry[0], (uint64_t)&on_a_list, "the list of things");
	finding_count = judge_verdict(&findings);
	judge_end();
	f = the_finding(FINDING_RESOURCE_LEAK);
	CU_ASSERT(says(f, "remains in the list of things: something is still registered"));
	CU_ASSERT(says(f, "in module fake"));
}

static DRIVER_DATA void *prepared;

DRIVER static int64_t init_prepare(void)
{
	void *gone = kmalloc(96, GFP_KERNEL);

	prepared = kmalloc(48, GFP_KERNEL);
	kfree(gone);
	STAY();
	return 0;
}

DRIVER static int64_t init_free_prepared(void)
{
	kfree(prepared);
	STAY();
	return 0;
}

/* judge_run() without the restore: the world is the one that was prepared. */
static void run_behind(int64_t (*init)(void), bool keep)
{
	const struct fake_driver driver = {.init = init};
	const struct schedule none = {0};
	struct death death;
	int64_t result;

	inject_begin(&none, false);
	judge_begin();
	CU_ASSERT(fake_target(&driver)->call(TARGET_INIT, &result, &death, 1000));
	if (keep) {
		judge_keep();
	} else {
		judge_check_leftovers("after the test", false);
		judge_forget();
		finding_count = judge_verdict(&findings);
	}
	judge_end();
}

/*
 * preparation	[ gone ][ prepared ]	gone is freed again
 * later runs	        [ prepared ]	each as if it had allocated this one itself
 *
 * Expect a leak in every run that leaves it, with the call that allocated it; none in the one that frees it.
 */
static void test_prepared(void)
{
	judge_run(init_nothing, "");
	run_behind(init_prepare, true);
	for (unsigned i = 0; i < 3; i++) {
		const struct finding *f;

		run_behind(init_nothing, false);
		f = the_finding(FINDING_LEAK);
		CU_ASSERT(says(f, "48 bytes from kmalloc(), called by init_prepare"));
		CU_ASSERT_EQUAL(f->object_count, 1);
	}
	run_behind(init_free_prepared, false);
	no_finding();
	/* A preparation that leaves nothing: for the tests behind this one. */
	judge_run(init_nothing, "");
	run_behind(init_nothing, true);
	run_behind(init_nothing, false);
	no_finding();
}

CU_TestInfo leak_tests[] = {
	{"clean", test_clean},
	{"kmalloc", test_kmalloc},
	{"findings repeat", test_findings_repeat},
	{"every allocator", test_every_allocator},
	{"grouped by call", test_grouped_by_call},
	{"resource", test_resource},
	{"cache not empty", test_cache_not_empty},
	{"kernel core", test_kernel_core},
	{"reuse", test_reuse},
	{"known", test_known},
	{"many", test_many},
	{"dangling", test_dangling},
	{"prepared", test_prepared},
	CU_TEST_INFO_NULL,
};
