// SPDX-License-Identifier: GPL-2.0-only
/* Who points to an object: the way from a root. */
#include "leak_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../../harness/kmemleak/reach.h"

static void expect_way(const void *object, size_t size, const char *wanted)
{
	char *text;

	reach_forget();
	text = reach_text(object, size);
	CU_ASSERT_PTR_NOT_NULL(text);
	CU_ASSERT_TRUE(text && strstr(text, wanted));
	if (text && !strstr(text, wanted))
		printf("  is \"%s\", expected \"%s\"\n", text, wanted);
	free(text);
}

static void test_variable(void)
{
	void *object = get(96);

	variables[2] = object;
	expect_way(object, 96, " -> this");
	expect_way(object, 96, "foo:");
}

/*
 *	variables[0] ---> a +0x18 ---> b +0x8 ---> c
 *	      +----------------------> b		expect: the shorter one
 */
static void test_shortest(void)
{
	void **a = get(64), **b = get(200), *c = get(16);
	char wanted[128];

	variables[0] = a;
	a[3] = b;
	b[1] = c;
	snprintf(wanted, sizeof(wanted),
		 " -> kmalloc-64 object 0x%lx +0x18 -> kmalloc-256 object 0x%lx +0x8 -> this",
		 (unsigned long)a, (unsigned long)b);
	expect_way(c, 16, wanted);
	variables[1] = b;
	snprintf(wanted, sizeof(wanted), " -> kmalloc-256 object 0x%lx +0x8 -> this",
		 (unsigned long)b);
	expect_way(c, 16, wanted);
	reach_forget();
}

static void test_nobody(void)
{
	void *object = get(64);

	reach_forget();
	CU_ASSERT_PTR_NULL(reach_text(object, 64));
	CU_ASSERT_PTR_NULL(reach_text(NULL, 64));
	CU_ASSERT_PTR_NULL(reach_text((void *)64, 8));
	CU_ASSERT_PTR_NULL(reach_text(object, 0));
	reach_forget();
}

static void test_unreferenced(void)
{
	void **a = get(64), *b = get(64);

	a[1] = b;
	expect_way(b, 64, "unreferenced kmalloc-64 object 0x");
	expect_way(b, 64, "+0x8 -> this");
}

static void test_vmalloc(void)
{
	void **area = kf_vmalloc(8192, 0, KF_GFP_KERNEL, false), *object = get(64);

	memset(area, 0, 8192);
	variables[0] = area;
	area[1000] = object;
	expect_way(object, 64, "vmalloc object 0x");
	expect_way(object, 64, "+0x1f40 -> this");
	expect_way(area, 8192, "foo:");
}

/* Expect: pages, which kmemleak does not watch, are found all the same. */
static void test_pages(void)
{
	void *page = kf_page_address(kf_alloc_pages(KF_GFP_KERNEL | KF_GFP_ZERO, 0));

	variables[0] = page;
	expect_way(page, 4096, "foo:");
	variables[0] = NULL;
	reach_forget();
	CU_ASSERT_PTR_NULL(reach_text(page, 4096));
	reach_forget();
}

/* Expect: a way of at most twelve steps. */
static void test_long(void)
{
	void **first = get(64), **at = first;

	variables[0] = first;
	for (int i = 0; i < 30; i++) {
		at[0] = get(64);
		at = at[0];
	}
	expect_way(at, 64, "... -> ");
	reach_forget();
	CU_ASSERT_EQUAL(scan(), 0);
}

CU_TestInfo reach_tests[] = {
	{"a variable", test_variable},	   {"the shortest way", test_shortest},
	{"nobody", test_nobody},	   {"only unreferenced ones", test_unreferenced},
	{"through vmalloc", test_vmalloc}, {"to pages", test_pages},
	{"a long way", test_long},	   CU_TEST_INFO_NULL,
};
