// SPDX-License-Identifier: GPL-2.0-only
/* What modules say of objects: include/linux/kmemleak.h. */
#include "leak_test.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/vmalloc/vmalloc.h"

/* Grey: never a leak, and followed. Black: never a leak, and not followed. */
static void test_colours(void)
{
	void **grey = get(64), **black = get(64), *of_grey = get(32), *of_black = get(32);

	grey[0] = of_grey;
	black[0] = of_black;
	kml_not_leak(grey);
	kml_ignore(black);
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_TRUE(is_listed(of_black));
}

static void test_no_scan(void)
{
	void **buffer = get(64), *object = get(32);

	variables[0] = buffer;
	buffer[0] = object;
	kml_no_scan(buffer);
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_TRUE(is_listed(object));
}

/* Expect: only the words in the areas are followed. */
static void test_scan_area(void)
{
	void **buffer = get(64), *a = get(32), *b = get(32), *c = get(32);

	variables[0] = buffer;
	buffer[0] = a;
	buffer[2] = b;
	buffer[7] = c;
	kml_scan_area(&buffer[2], 8);
	CU_ASSERT_EQUAL(scan(), 2);
	CU_ASSERT_FALSE(is_listed(b));
	kml_scan_area(&buffer[6], SIZE_MAX);
	scan();
	CU_ASSERT_TRUE(is_listed(a));
	CU_ASSERT_FALSE(is_listed(c));
}

static void test_scan_area_too_large(void)
{
	void *buffer = get(64);

	kml_scan_area(buffer, 65);
	CU_ASSERT_TRUE(log_says("kmemleak: Scan area larger than object 0x"));
	CU_ASSERT_PTR_NULL(kml_unable());
}

static void test_unknown(void)
{
	kml_not_leak(variables);
	CU_ASSERT_TRUE(log_says("kmemleak: Trying to color unknown object at 0x"));
	CU_ASSERT_TRUE(log_says(" as Grey"));
	kml_ignore(variables);
	CU_ASSERT_TRUE(log_says(" as Black"));
	kml_scan_area(variables, 8);
	CU_ASSERT_TRUE(log_says("Adding scan area to unknown object at 0x"));
	kml_no_scan(variables);
	CU_ASSERT_TRUE(log_says("Not scanning unknown object at 0x"));
	kml_free(variables);
	kml_free_part(variables, 8);
	kml_update_trace(variables);
	CU_ASSERT_PTR_NULL(kml_unable());
}

static void test_alias(void)
{
	char *object = get(64);

	kml_free(object + 8);
	CU_ASSERT_TRUE(log_says("Found object by alias at 0x"));
	CU_ASSERT_EQUAL(scan(), 1);
}

/* NULL and ERR_PTR() are ignored everywhere. */
static void test_no_pointer(void)
{
	kml_alloc(NULL, 8, 1);
	kml_alloc((void *)-12l, 8, 1);
	kml_free((void *)-1l);
	kml_not_leak(NULL);
	CU_ASSERT_STRING_EQUAL(last_log, "");
}

/* ---- by hand ---- */

static void *a_page(void)
{
	return kf_page_address(kf_alloc_pages(KF_GFP_KERNEL | KF_GFP_ZERO, 0));
}

/*
 *	page | a, 256 bytes | b, 256 bytes | ...	registered by hand
 */
static void test_by_hand(void)
{
	char *page = a_page();
	void *object = get(32);

	kml_alloc(page, 256, 1);
	kml_alloc(page + 256, 256, 1);
	variables[0] = page + 300;
	*(void **)(page + 256) = object;
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_TRUE(is_listed(page));
	kml_free(page);
	CU_ASSERT_FALSE(is_listed(page));
	variables[0] = NULL;
	CU_ASSERT_EQUAL(scan(), 2);
	CU_ASSERT_TRUE(is_listed(page + 256));
}

/* Expect: two pointers are wanted, and one is none too many. */
static void test_min_count(void)
{
	char *page = a_page();

	kml_alloc(page, 64, 2);
	variables[0] = page;
	CU_ASSERT_EQUAL(scan(), 1);
	variables[1] = page + 8;
	scan();
	CU_ASSERT_FALSE(is_listed(page));
}

static void test_overlap(void)
{
	char *page = a_page();

	kml_alloc(page, 256, 1);
	kml_alloc(page + 128, 256, 1);
	CU_ASSERT_TRUE(log_says("kmemleak: Cannot insert 0x"));
	CU_ASSERT_TRUE(log_says("into the object search tree (overlaps existing)"));
	CU_ASSERT_TRUE(log_says("Kernel memory leak detector disabled"));
	CU_ASSERT_PTR_NOT_NULL(kml_unable());
	CU_ASSERT_FALSE(kml_scan(NULL, NULL, NULL));
}

/* Expect: memory of kmalloc() is registered already. */
static void test_overlap_allocated(void)
{
	char *object = get(256);

	kml_alloc(object + 64, 8, 1);
	CU_ASSERT_PTR_NOT_NULL(kml_unable());
}

/* Expect: what kmemleak was told to forget may be registered again, in parts. */
static void test_forget(void)
{
	char *object = get(256);

	kml_free(object);
	CU_ASSERT_EQUAL(scan(), 0);
	kml_alloc(object + 64, 64, 1);
	CU_ASSERT_PTR_NULL(kml_unable());
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_TRUE(is_listed(object + 64));
	put(object);
	CU_ASSERT_EQUAL(kml_leaks(), 0);
}

/*
 *	object |-- part --|xxxx gone xxxx|-- part --|	expect: both parts are objects of their own
 */
static void test_free_part(void)
{
	char *object = get(256);

	kml_free_part(object + 64, 128);
	CU_ASSERT_EQUAL(scan(), 2);
	CU_ASSERT_TRUE(is_listed(object));
	CU_ASSERT_TRUE(is_listed(object + 192));
	variables[0] = object + 200;
	variables[1] = object + 100;
	scan();
	CU_ASSERT_TRUE(is_listed(object));
	CU_ASSERT_FALSE(is_listed(object + 192));
}

/* Expect: surplus pointers to one object count for the other. */
static void test_excess_ref(void)
{
	char *page = a_page();
	struct {
		void *next, *addr;
	} *vm = get(32);

	vm->addr = page;
	kml_vmalloc(vm, page, 4096);
	variables[0] = vm;
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_TRUE(is_listed(page));
	variables[1] = vm;
	scan();
	CU_ASSERT_FALSE(is_listed(page));
}

static void test_phys(void)
{
	char *page = a_page();
	void *object = get(32);

	*(void **)page = object;
	kml_alloc_phys(kf_virt_to_phys(page), 4096);
	CU_ASSERT_EQUAL(scan(), 0);
	kml_ignore_phys(kf_virt_to_phys(page));
	CU_ASSERT_EQUAL(scan(), 1);
	kml_free_part_phys(kf_virt_to_phys(page), 4096);
	scan();
	CU_ASSERT_FALSE(is_listed(object));
	kml_alloc_phys(~0ul << 12, 4096);
	CU_ASSERT_PTR_NULL(kml_unable());
}

static void test_percpu(void)
{
	kml_alloc_percpu(0, 8);
	kml_free_percpu(0);
	CU_ASSERT_STRING_EQUAL(last_log, "");
}

/* ---- the course of a run ---- */

/* Expect: a run begins without what the last one said; what was kept stays. */
static void test_runs(void)
{
	void **grey = get(64), **kept = get(64);

	kml_not_leak(kept);
	kml_keep();
	kml_not_leak(grey);
	CU_ASSERT_EQUAL(scan(), 0);
	kml_begin();
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_TRUE(is_listed(grey));
	kml_begin();
	CU_ASSERT_EQUAL(kml_leaks(), 0);
	CU_ASSERT_EQUAL(scan(), 1);
}

/* Expect: a run that ended kmemleak does not end it for the next one. */
static void test_runs_after_stop(void)
{
	char *page = a_page();

	kml_begin();
	kml_alloc(page, 64, 1);
	kml_alloc(page, 64, 1);
	CU_ASSERT_PTR_NOT_NULL(kml_unable());
	kml_begin();
	CU_ASSERT_PTR_NULL(kml_unable());
	CU_ASSERT_EQUAL(scan(), 0);
}

/* Expect: what was said of an object dies with it, also when another one takes its place. */
static void test_reuse(void)
{
	void *object = get(64), *other = NULL;

	kml_ignore(object);
	put(object);
	/* The quarantine lets go of it when enough else was freed. */
	for (int i = 0; i < 100; i++)
		put(get(4096));
	for (int i = 0; i < 1000 && other != object; i++)
		other = get(64);
	CU_ASSERT_PTR_EQUAL_FATAL(other, object);
	scan();
	CU_ASSERT_TRUE(is_listed(other));
}

CU_TestInfo api_tests[] = {
	{"colours", test_colours},
	{"no_scan", test_no_scan},
	{"scan_area", test_scan_area},
	{"a scan area that is too large", test_scan_area_too_large},
	{"unknown objects", test_unknown},
	{"alias", test_alias},
	{"no pointer", test_no_pointer},
	{"objects by hand", test_by_hand},
	{"min_count", test_min_count},
	{"overlapping objects", test_overlap},
	{"overlapping kmalloc", test_overlap_allocated},
	{"forgotten objects", test_forget},
	{"free_part", test_free_part},
	{"excess_ref", test_excess_ref},
	{"physical addresses", test_phys},
	{"no per-CPU area", test_percpu},
	{"runs", test_runs},
	{"a run after the end of kmemleak", test_runs_after_stop},
	{"reused memory", test_reuse},
	CU_TEST_INFO_NULL,
};
