// SPDX-License-Identifier: GPL-2.0-only
/* What counts as a pointer, what is a root, and what is unreferenced then. */
#include "leak_test.h"

#include <string.h>
#include "../../allocator/kin/percpu.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"

/*
 *	variables[0] ---> object		expect: no leak; without the pointer: one, told once, listed until it is freed
 */
static void test_referenced(void)
{
	void *object = get(96);

	variables[0] = object;
	CU_ASSERT_EQUAL(scan(), 0);
	variables[0] = NULL;
	CU_ASSERT_EQUAL(scan(), 1);
	CU_ASSERT_EQUAL(scan(), 0);
	CU_ASSERT_TRUE(is_listed(object));
	CU_ASSERT_EQUAL(kml_leaks(), 1);
	variables[0] = object;
	CU_ASSERT_EQUAL(scan(), 0);
	CU_ASSERT_FALSE(is_listed(object));
	put(object);
	variables[0] = NULL;
	CU_ASSERT_EQUAL(scan(), 0);
	CU_ASSERT_EQUAL(kml_leaks(), 0);
}

/* Expect: a pointer anywhere into what was asked for counts, one behind it does not. */
static void test_interior(void)
{
	char *object = get(100);

	variables[0] = object + 99;
	CU_ASSERT_EQUAL(scan(), 0);
	variables[0] = object + 100;
	CU_ASSERT_EQUAL(scan(), 1);
}

/* Expect: under the kernel's rules all of the size class counts (128 bytes here), and no more. */
static void test_interior_of_class(void)
{
	char *object = get(100);

	kml_set_rules(KML_KERNEL);
	clock_jiffies += 10000;
	variables[0] = object + 127;
	CU_ASSERT_EQUAL(scan(), 0);
	variables[0] = object + 128;
	CU_ASSERT_EQUAL(scan(), 1);
	put(object);
}

static void test_unaligned(void)
{
	void *object = get(64);

	memcpy((char *)variables + 4, &object, sizeof(object));
	CU_ASSERT_EQUAL(scan(), 1);
}

/*
 *	variables[0] ---> a ---> b	c <---> d	e ---> e	expect: c, d and e are leaks
 */
static void test_chains(void)
{
	void **a = get(64), **b = get(200), **c = get(32), **d = get(32), **e = get(16);

	variables[0] = a;
	a[3] = b;
	c[0] = d;
	d[1] = c + 1;
	e[0] = e;
	CU_ASSERT_EQUAL(scan(), 3);
	CU_ASSERT_FALSE(is_listed(a));
	CU_ASSERT_FALSE(is_listed(b));
	CU_ASSERT_TRUE(is_listed(c));
	CU_ASSERT_TRUE(is_listed(d));
	CU_ASSERT_TRUE(is_listed(e));
}

/* Expect: every object of slabs that are full, and of one that is not. */
static void test_many(void)
{
	enum { N = 5000 };
	void **first = get(64), **last = first;

	variables[0] = first;
	for (int i = 1; i < N; i++) {
		void **next = get(64);

		last[i % 8] = next;
		last = next;
	}
	CU_ASSERT_EQUAL(scan(), 0);
	memset(first, 0, 64);
	CU_ASSERT_EQUAL(scan(), N - 1);
}

/* Expect: what only the kernel's code allocated is counted and not reported, unless all is wanted. */
static void test_owner(void)
{
	struct kml_scan result;

	as_kernel();
	get(64);
	result = scan_all();
	CU_ASSERT_EQUAL(result.unreferenced, 1);
	CU_ASSERT_EQUAL(result.new_leaks, 0);
	kml_report_all(true);
	CU_ASSERT_EQUAL(scan(), 1);
}

static void test_noleaktrace(void)
{
	struct kf_cache *cache = kf_cache_create("quiet", 64, 0, KF_SLAB_NOLEAKTRACE, NULL);

	kf_cache_alloc(cache, KF_GFP_KERNEL);
	CU_ASSERT_EQUAL(scan(), 0);
}

/*
 *	variables[0] ---> area of vmalloc() ---> object in its second page
 */
static void test_vmalloc(void)
{
	void **area = kf_vmalloc(2 * KF_PAGE_SIZE, 0, KF_GFP_KERNEL, false);
	void *object = get(64);

	memset(area, 0, 2 * KF_PAGE_SIZE);
	variables[0] = (char *)area + 5000;
	area[600] = object;
	CU_ASSERT_EQUAL(scan(), 0);
	variables[0] = NULL;
	CU_ASSERT_EQUAL(scan(), 2);
	CU_ASSERT_TRUE(is_listed(area));
}

/* Expect: a pointer to the area's struct vm_struct counts for the area. */
static void test_vm_struct(void)
{
	void *area = kf_vmalloc(KF_PAGE_SIZE, 0, KF_GFP_KERNEL, false);

	variables[0] = kf_find_vm_area(area);
	CU_ASSERT_EQUAL(scan(), 0);
	variables[0] = NULL;
	CU_ASSERT_EQUAL(scan(), 1);
}

static void test_large(void)
{
	void **large = get(20000), *object = get(8);

	variables[0] = (char *)large + 19999;
	large[2000] = object;
	CU_ASSERT_EQUAL(scan(), 0);
	variables[0] = NULL;
	CU_ASSERT_EQUAL(scan(), 2);
}

/* Expect: pages are roots under our rules; under the kernel's only what struct page holds is. */
static void test_pages(void)
{
	struct page *page = kf_alloc_pages(KF_GFP_KERNEL | KF_GFP_ZERO, 1);
	void **words = kf_page_address(page), *object = get(64);

	words[700] = object;
	CU_ASSERT_EQUAL(scan(), 0);
	words[700] = NULL;
	page->private = (u64)object;
	CU_ASSERT_EQUAL(scan(), 0);
	page->private = 0;
	words[700] = object;
	kml_set_rules(KML_KERNEL);
	clock_jiffies += 10000;
	CU_ASSERT_EQUAL(scan(), 1);
}

static void test_percpu(void)
{
	u64 cookie = kf_alloc_percpu(64, 8, KF_GFP_KERNEL);
	void *object = get(64);

	*(void **)kf_per_cpu_ptr(cookie, 3) = object;
	CU_ASSERT_EQUAL(scan(), 0);
	kf_free_percpu(cookie);
	CU_ASSERT_EQUAL(scan(), 1);
}

/* ---- the kernel's rules ---- */

/* Expect: an object of five seconds and not a jiffy less; age is counted from its allocation. */
static void test_age(void)
{
	kml_set_rules(KML_KERNEL);
	get(64);
	clock_jiffies += 1249;
	CU_ASSERT_EQUAL(scan(), 0);
	clock_jiffies++;
	CU_ASSERT_EQUAL(scan(), 1);
}

/* Expect: an object that is not all zero is spared by the first scan, with what it points to, and again after a change. */
static void test_checksum(void)
{
	void **a = get(64), *b = get(64);

	kml_set_rules(KML_KERNEL);
	clock_jiffies += 10000;
	a[0] = b;
	CU_ASSERT_EQUAL(scan(), 0);
	a[1] = (void *)1;
	CU_ASSERT_EQUAL(scan(), 0);
	CU_ASSERT_EQUAL(scan(), 2);
}

/* Expect: with checks off nobody knows what lives, and that is said. */
static void test_numbers(void)
{
	struct kml_scan before = scan_all(), after;

	get(64);
	after = scan_all();
	CU_ASSERT_EQUAL(after.objects, before.objects + 1);
	CU_ASSERT_EQUAL(after.unreferenced, before.unreferenced + 1);
	CU_ASSERT_TRUE(after.bytes >= sizeof(variables));
}

CU_TestInfo scan_tests[] = {
	{"a pointer, and none", test_referenced},
	{"interior pointers", test_interior},
	{"interior pointers under the kernel's rules", test_interior_of_class},
	{"unaligned words", test_unaligned},
	{"chains and circles", test_chains},
	{"many objects", test_many},
	{"who allocated", test_owner},
	{"SLAB_NOLEAKTRACE", test_noleaktrace},
	{"vmalloc", test_vmalloc},
	{"vm_struct", test_vm_struct},
	{"large kmalloc", test_large},
	{"pages", test_pages},
	{"per-CPU areas", test_percpu},
	{"age", test_age},
	{"checksum", test_checksum},
	{"numbers", test_numbers},
	CU_TEST_INFO_NULL,
};
