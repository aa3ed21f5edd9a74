// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damage: each kind is planted once, and found with the object, both stacks and the place.
 */
#include "suites.h"

#include <string.h>

DRIVER static void drop(void *p)
{
	kfree(p);
	STAY();
}

DRIVER static int64_t init_double_free(void)
{
	void *p = kmalloc(96, GFP_KERNEL);

	kfree(p);
	drop(p);
	STAY();
	return 0;
}

static void test_double_free(void)
{
	const struct finding *f;

	judge_run(init_double_free, "");
	f = the_finding(FINDING_DOUBLE_FREE);
	CU_ASSERT(says(f, "an object of 96 bytes of kmalloc-96 is freed again"));
	CU_ASSERT(stack_has(&f->stack, "drop"));
	CU_ASSERT_EQUAL_FATAL(f->object_count, 1);
	CU_ASSERT(stack_has(&f->objects[0].allocated, "init_double_free"));
	CU_ASSERT(stack_has(&f->objects[0].freed, "init_double_free"));
	CU_ASSERT_FALSE(stack_has(&f->objects[0].freed, "drop"));
}

DRIVER static int64_t init_invalid_free(void)
{
	char *p = kmalloc(96, GFP_KERNEL);

	drop(p + 8);
	kfree(p);
	STAY();
	return 0;
}

static void test_invalid_free(void)
{
	judge_run(init_invalid_free, "");
	CU_ASSERT(stack_has(&the_finding(FINDING_INVALID_FREE)->stack, "drop"));
}

DRIVER static int64_t init_wrong_family(void)
{
	void *p = vmalloc(5000);

	drop(p);
	vfree(p);
	STAY();
	return 0;
}

static void test_wrong_family(void)
{
	judge_run(init_wrong_family, "");
	the_finding(FINDING_INVALID_FREE);
}

DRIVER static int64_t init_wrong_cache(void)
{
	struct kf_cache *a = kmem_cache_create("cache_a", 40),
			*b = kmem_cache_create("cache_b", 40);
	void *p = kmem_cache_alloc(a, GFP_KERNEL);

	kmem_cache_free(b, p); /* warns, and gives it back to where it belongs */
	kmem_cache_destroy(a);
	kmem_cache_destroy(b);
	STAY();
	return 0;
}

static void test_wrong_cache(void)
{
	judge_run(init_wrong_cache, "");
	the_finding(FINDING_INVALID_FREE);
}

DRIVER static int64_t init_overflow_freed(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	p[100] = 0;
	drop(p);
	STAY();
	return 0;
}

static void test_overflow_found_at_free(void)
{
	const struct finding *f;

	judge_run(init_overflow_freed, "");
	f = the_finding(FINDING_OUT_OF_BOUNDS);
	CU_ASSERT(says(f,
		       "written out of bounds: 0 bytes behind the end of an object of 100 bytes of "
		       "kmalloc-128 (1 byte changed, the first from 0xcc to 0x00)"));
	CU_ASSERT(stack_has(&f->stack, "drop"));
	CU_ASSERT(stack_has(&f->objects[0].allocated, "init_overflow_freed"));
}

static DRIVER_DATA char *kept = NULL;

DRIVER static int64_t init_overflow_kept(void)
{
	kept = kmalloc(100, GFP_KERNEL);
	kept[102] = 1;
	STAY();
	return 0;
}

/* Nobody frees it: the look at the end of the run finds it, without a place of its own. */
static void test_overflow_found_at_the_end(void)
{
	judge_run(init_overflow_kept, "");
	CU_ASSERT_EQUAL_FATAL(finding_count, 2);
	CU_ASSERT_EQUAL(findings[0].kind, FINDING_LEAK);
	CU_ASSERT_EQUAL(findings[1].kind, FINDING_OUT_OF_BOUNDS);
	CU_ASSERT(says(&findings[1], "2 bytes behind the end"));
	CU_ASSERT_EQUAL(findings[1].stack.count, 0);
}

DRIVER static int64_t init_underflow(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	p[-1] = 0;
	kfree(p);
	STAY();
	return 0;
}

static void test_underflow(void)
{
	judge_run(init_underflow, "");
	CU_ASSERT(says(the_finding(FINDING_OUT_OF_BOUNDS), "1 byte before an object of 100 bytes"));
}

DRIVER static int64_t init_use_after_free(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	kfree(p);
	p[40] = 1;
	STAY();
	return 0;
}

static void test_use_after_free(void)
{
	const struct finding *f;

	judge_run(init_use_after_free, "");
	f = the_finding(FINDING_USE_AFTER_FREE);
	CU_ASSERT(says(f, "written after it was freed: 40 bytes inside an object of 100 bytes"));
	CU_ASSERT(stack_has(&f->objects[0].freed, "init_use_after_free"));
}

DRIVER static int64_t init_damage_twice(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	p[100] = 0;
	kfree(p);
	p = kmalloc(100, GFP_KERNEL);
	p[101] = 0;
	kfree(p);
	STAY();
	return 0;
}

/* Two objects, allocated at two places: two findings. */
static void test_two_objects(void)
{
	judge_run(init_damage_twice, "");
	CU_ASSERT_EQUAL(finding_count, 2);
}

static DRIVER_DATA volatile int *volatile near_null = (volatile int *)8;

DRIVER static int64_t init_null(void)
{
	*near_null = 1;
	STAY();
	return 0;
}

static void test_death(void)
{
	const struct finding *f;

	judge_run(init_null, "");
	f = the_finding(FINDING_NULL_DEREFERENCE);
	CU_ASSERT(says(f, "NULL pointer dereference, in init"));
	CU_ASSERT_STRING_EQUAL(f->stack.frames[0].function, "init_null");
}

CU_TestInfo memory_tests[] = {
	{"double free", test_double_free},
	{"invalid free", test_invalid_free},
	{"wrong family", test_wrong_family},
	{"wrong cache", test_wrong_cache},
	{"overflow, found at free", test_overflow_found_at_free},
	{"overflow, found at the end", test_overflow_found_at_the_end},
	{"underflow", test_underflow},
	{"use after free", test_use_after_free},
	{"two objects", test_two_objects},
	{"death", test_death},
	CU_TEST_INFO_NULL,
};
