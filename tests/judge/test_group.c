// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups: findings of one bug are one, however many refused requests lead to it; findings of two bugs are never one.
 */
#include "suites.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/judge/group.h"

static struct finding leak(void)
{
	struct finding f = {.kind = FINDING_LEAK, .has_point = true};

	f.object_count = 1;
	f.objects = calloc(1, sizeof(*f.objects));
	f.when = strdup("after the failed init");
	return f;
}

static void add(struct stack *stack, const char *function, uint64_t offset, bool driver)
{
	stack->frames[stack->count++] = (struct stack_frame){
		.function = strdup(function),
		.offset = offset,
		.module = driver ? strdup("foo") : NULL,
	};
}

static bool same_group(struct finding *a, struct finding *b)
{
	bool same;

	finding_set_group(a);
	finding_set_group(b);
	CU_ASSERT_EQUAL(strlen(a->group), 16);
	same = !strcmp(a->group, b->group);
	finding_clear(a);
	finding_clear(b);
	return same;
}

/* foo_init() allocates at 0x10, and again at 0x40 and 0x60, where it is refused. */
static void in_init(struct finding *f, uint64_t refused)
{
	add(&f->objects->allocated, "kmalloc", 1, false);
	add(&f->objects->allocated, "foo_init", 0x10, true);
	add(&f->point.stack, "kmalloc", 1, false);
	add(&f->point.stack, "foo_init", refused, true);
}

/* Expect: one label that forgets an object shows for each request behind it, and is one bug. */
static void test_one_label(void)
{
	struct finding a = leak(), b = leak();

	in_init(&a, 0x40);
	in_init(&b, 0x60);
	CU_ASSERT_TRUE(same_group(&a, &b));
}

/* Expect: the same object forgotten by foo_setup() when it fails itself, and by its caller when something fails
 * later, is two bugs. */
static void test_two_duties(void)
{
	struct finding a = leak(), b = leak();

	add(&a.objects->allocated, "foo_setup", 0x10, true);
	add(&a.objects->allocated, "foo_init", 0x80, true);
	add(&a.point.stack, "foo_setup", 0x40, true);
	add(&a.point.stack, "foo_init", 0x80, true);
	add(&b.objects->allocated, "foo_setup", 0x10, true);
	add(&b.objects->allocated, "foo_init", 0x80, true);
	add(&b.point.stack, "foo_register", 0x20, true);
	add(&b.point.stack, "foo_init", 0x90, true);
	CU_ASSERT_FALSE(same_group(&a, &b));
}

/* Expect: other objects, other moments and other kinds are other bugs. */
static void test_different(void)
{
	struct finding a = leak(), b = leak();

	in_init(&a, 0x40);
	in_init(&b, 0x40);
	b.objects->allocated.frames[1].offset = 0x20;
	CU_ASSERT_FALSE(same_group(&a, &b));

	a = leak(), b = leak();
	in_init(&a, 0x40);
	in_init(&b, 0x40);
	free(b.when);
	b.when = strdup("after init and exit");
	CU_ASSERT_FALSE(same_group(&a, &b));

	a = leak(), b = leak();
	in_init(&a, 0x40);
	in_init(&b, 0x40);
	b.kind = FINDING_RESOURCE_LEAK;
	CU_ASSERT_FALSE(same_group(&a, &b));

	a = leak(), b = leak();
	in_init(&a, 0x40);
	in_init(&b, 0x40);
	b.operation = strdup("open");
	CU_ASSERT_FALSE(same_group(&a, &b));
}

static struct finding crash(uint64_t at, uint64_t freed, uint64_t refused)
{
	struct finding f = leak();

	f.kind = FINDING_USE_AFTER_FREE;
	free(f.when);
	f.when = NULL;
	add(&f.stack, "foo_remove", at, true);
	add(&f.objects->freed, "foo_release", freed, true);
	add(&f.point.stack, "foo_init", refused, true);
	return f;
}

/* Expect: a crash is where it crashes, and what was used after it was freed is also where it was freed. */
static void test_crashes(void)
{
	struct finding a = crash(1, 2, 3), b = crash(1, 2, 4);

	CU_ASSERT_TRUE(same_group(&a, &b));
	a = crash(1, 2, 3), b = crash(9, 2, 3);
	CU_ASSERT_FALSE(same_group(&a, &b));
	a = crash(1, 2, 3), b = crash(1, 9, 3);
	CU_ASSERT_FALSE(same_group(&a, &b));
}

static struct finding note(enum finding_kind kind, uint64_t refused)
{
	struct finding f = {.kind = kind, .has_point = true, .what = strdup("init returned 5")};

	add(&f.point.stack, "foo_init", refused, true);
	return f;
}

/* Expect: what has no place is a bug of the call whose failure was not passed on; but that runs differ is one thing. */
static void test_without_place(void)
{
	struct finding a = note(FINDING_WRONG_RETURN, 1), b = note(FINDING_WRONG_RETURN, 2);

	CU_ASSERT_FALSE(same_group(&a, &b));
	a = note(FINDING_WRONG_RETURN, 1), b = note(FINDING_WRONG_RETURN, 1);
	CU_ASSERT_TRUE(same_group(&a, &b));
	a = note(FINDING_NONDETERMINISM, 1), b = note(FINDING_NONDETERMINISM, 2);
	CU_ASSERT_TRUE(same_group(&a, &b));
}

/* Expect: in the order of their first findings, with how many findings and schedules each has. */
static void test_groups(void)
{
	struct finding findings[] = {{.group = "aa", .also = 2},
				     {.group = "bb"},
				     {.group = "aa"},
				     {.group = ""},
				     {.group = ""},
				     {.group = "bb"}};
	struct sweep_result result = {.findings = findings, .finding_count = 6};
	struct finding_group *groups;

	CU_ASSERT_EQUAL_FATAL(finding_groups(&result, &groups), 4);
	CU_ASSERT_PTR_EQUAL(groups[0].first, &findings[0]);
	CU_ASSERT_EQUAL(groups[0].findings, 2);
	CU_ASSERT_EQUAL(groups[0].schedules, 4);
	CU_ASSERT_PTR_EQUAL(groups[1].first, &findings[1]);
	CU_ASSERT_EQUAL(groups[1].findings, 2);
	CU_ASSERT_EQUAL(groups[2].findings, 1);
	CU_ASSERT_TRUE(finding_is_first(&result, &findings[1]));
	CU_ASSERT_FALSE(finding_is_first(&result, &findings[2]));
	CU_ASSERT_TRUE(finding_is_first(&result, &findings[4]));
	free(groups);
}

CU_TestInfo group_tests[] = {
	{"one label is one bug", test_one_label},
	{"two functions that forget", test_two_duties},
	{"different bugs", test_different},
	{"crashes", test_crashes},
	{"without a place", test_without_place},
	{"groups of a result", test_groups},
	CU_TEST_INFO_NULL,
};
