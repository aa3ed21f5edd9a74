// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a finding tells beside its sentence: of a leftover its content, its age, the way to it and where it is freed
 * otherwise; and the kernel's own words for it.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/judge/judge.h"
#include "../../harness/trace/util.h"

static bool kernel_says(const struct finding *f, const char *text)
{
	if (f->kernel_report && strstr(f->kernel_report, text))
		return true;
	printf("  not \"%s\" in:\n%s\n", text, f->kernel_report ? f->kernel_report : "(nothing)");
	return false;
}

static bool forget;
DRIVER_DATA static char *kept;

DRIVER static int64_t init_keeps(void)
{
	kept = kmalloc(100, GFP_KERNEL);
	memset(kept, 'k', 3);
	kfree(kmalloc(8, GFP_KERNEL));
	kfree(kmalloc(8, GFP_KERNEL));
	STAY();
	return 0;
}

static void test_leftover(void)
{
	const struct finding_object *o;

	judge_run(init_keeps, "");
	o = &the_finding(FINDING_LEAK)->objects[0];
	CU_ASSERT(o->leftover);
	CU_ASSERT_EQUAL(o->age, 2);
	CU_ASSERT_EQUAL(o->content_size, 32);
	CU_ASSERT_EQUAL(memcmp(o->content, "kkk\x5a", 4), 0);
	CU_ASSERT_FALSE(o->searched);
	CU_ASSERT_EQUAL(o->returned.count, 0);
}

/* Expect: content ends where the object does. */
DRIVER static int64_t init_small(void)
{
	memcpy(kmalloc(5, GFP_KERNEL), "left", 5);
	STAY();
	return 0;
}

static void test_small(void)
{
	const struct finding *f;

	judge_run(init_small, "");
	f = the_finding(FINDING_LEAK);
	CU_ASSERT_EQUAL(f->objects[0].content_size, 5);
	CU_ASSERT(kernel_says(f, "(size 5):\n"));
	CU_ASSERT(kernel_says(f, "\n  hex dump (first 5 bytes):\n"
				 "    6c 65 66 74 00                                   left.\n"
				 "  backtrace:\n    [<"));
	CU_ASSERT(kernel_says(f, "init_small+0x"));
}

/* Expect: pages have no record of kmemleak's, which does not track them. */
DRIVER static int64_t init_pages(void)
{
	alloc_pages(GFP_KERNEL, 0);
	STAY();
	return 0;
}

static void test_untracked(void)
{
	judge_run(init_pages, "");
	CU_ASSERT_PTR_NULL(the_finding(FINDING_LEAK)->kernel_report);
}

static char *path_of(const void *addr, size_t size)
{
	return addr == kept && size == 100 ? xstrdup("fake:kept -> this") : NULL;
}

static void test_path(void)
{
	judge_set_reach(path_of);
	judge_run(init_keeps, "");
	CU_ASSERT(the_finding(FINDING_LEAK)->objects[0].searched);
	CU_ASSERT_STRING_EQUAL(findings[0].objects[0].path, "fake:kept -> this");
	judge_run(init_small, "");
	CU_ASSERT(the_finding(FINDING_LEAK)->objects[0].searched);
	CU_ASSERT_PTR_NULL(findings[0].objects[0].path);
	judge_set_reach(NULL);
}

DRIVER static void give_back(void *p)
{
	kfree(p);
	STAY();
}

DRIVER static int64_t init_forgets_sometimes(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	if (!forget)
		give_back(p);
	STAY();
	return 0;
}

/* Expect: the place where the run that was learned from freed it, and nothing once that is forgotten. */
static void test_returned(void)
{
	struct returned known[16];
	unsigned count;

	forget = false;
	judge_learn_returned(true);
	judge_run(init_forgets_sometimes, "");
	judge_learn_returned(false);
	no_finding();
	count = judge_returned(known, 16);
	CU_ASSERT_EQUAL(count, 1);
	judge_set_returned(known, count);
	forget = true;
	judge_run(init_forgets_sometimes, "");
	CU_ASSERT(stack_has(&the_finding(FINDING_LEAK)->objects[0].returned, "give_back"));
	judge_set_returned(NULL, 0);
	judge_run(init_forgets_sometimes, "");
	CU_ASSERT_EQUAL(the_finding(FINDING_LEAK)->objects[0].returned.count, 0);
}

/* ---- memory errors in the kernel's words ---- */

DRIVER static int64_t init_twice(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	give_back(p);
	give_back(p);
	STAY();
	return 0;
}

static void test_kasan(void)
{
	const struct finding *f;

	judge_run(init_twice, "");
	f = the_finding(FINDING_DOUBLE_FREE);
	CU_ASSERT(kernel_says(f, "\nBUG: KASAN: double-free in kfree+0x"));
	CU_ASSERT(kernel_says(f, "\nFree of addr 0"));
	CU_ASSERT(kernel_says(f, "\nAllocated by task "));
	CU_ASSERT(kernel_says(f, "\nFreed by task "));
	CU_ASSERT(kernel_says(f,
			      "\n which belongs to the cache kmalloc-64 of size 64\n"
			      "The buggy address is located 0 bytes inside of\n 64-byte region ["));
	CU_ASSERT(kernel_says(f, " fa fb fb fb fb fb fb fb\n"));
}

DRIVER static int64_t init_beyond(void)
{
	volatile char *p = kmalloc(60, GFP_KERNEL);

	p[60] = 1;
	kfree((void *)p);
	STAY();
	return 0;
}

static void test_slub(void)
{
	const struct finding *f;

	judge_run(init_beyond, "");
	f = the_finding(FINDING_OUT_OF_BOUNDS);
	CU_ASSERT(kernel_says(f, "\nBUG kmalloc-64 (Not tainted): Right Redzone overwritten\n"));
	CU_ASSERT(kernel_says(f, ". First byte 0x1 instead of 0xcc\nAllocated in kmalloc+0x"));
	CU_ASSERT(kernel_says(f, "\nRedzone  0"));
	CU_ASSERT(kernel_says(f, "\nObject   0"));
}

CU_TestInfo told_tests[] = {
	{"a leftover: content and age", test_leftover},
	{"a small one", test_small},
	{"what kmemleak does not track", test_untracked},
	{"the way to it", test_path},
	{"where it is freed otherwise", test_returned},
	{"in KASAN's words", test_kasan},
	{"in slub_debug's words", test_slub},
	CU_TEST_INFO_NULL,
};
