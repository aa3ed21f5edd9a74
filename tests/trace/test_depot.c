// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "../../harness/trace/depot.h"
#include "suites.h"

static const uint64_t stack[] = {0xffffffff81000010, 0xffffffff81000020, 0xffffffff81000030};

/* Expect: handle 0 for no frames, and no frames for handle 0. */
static void test_empty(void)
{
	const uint64_t *pcs = stack;

	CU_ASSERT_EQUAL(depot_save(stack, 0), 0);
	CU_ASSERT_EQUAL(depot_get(0, &pcs), 0);
	CU_ASSERT_PTR_NULL(pcs);
}

/* Expect: the same stack has the same handle; its prefix, a longer and another one have others. */
static void test_same_and_different(void)
{
	uint64_t other[] = {stack[0], stack[1], stack[2] + 1};
	uint32_t handle = depot_save(stack, 3);

	CU_ASSERT_NOT_EQUAL(handle, 0);
	CU_ASSERT_EQUAL(depot_save(stack, 3), handle);
	CU_ASSERT_NOT_EQUAL(depot_save(stack, 2), handle);
	CU_ASSERT_NOT_EQUAL(depot_save(other, 3), handle);
	CU_ASSERT_EQUAL(depot_save(stack, 3), handle);
}

static void test_get(void)
{
	uint32_t handle = depot_save(stack, 3);
	const uint64_t *pcs;

	CU_ASSERT_EQUAL(depot_get(handle, &pcs), 3);
	CU_ASSERT_EQUAL(memcmp(pcs, stack, sizeof(stack)), 0);
}

/* Expect: of a deeper stack, the innermost DEPOT_FRAMES_MAX frames. */
static void test_deep(void)
{
	uint64_t deep[DEPOT_FRAMES_MAX + 8];
	const uint64_t *pcs;
	uint32_t handle;

	for (unsigned i = 0; i < DEPOT_FRAMES_MAX + 8; i++)
		deep[i] = 1000 + i;
	handle = depot_save(deep, DEPOT_FRAMES_MAX + 8);
	CU_ASSERT_EQUAL(depot_get(handle, &pcs), DEPOT_FRAMES_MAX);
	CU_ASSERT_EQUAL(pcs[0], 1000);
	CU_ASSERT_EQUAL(pcs[DEPOT_FRAMES_MAX - 1], 1000 + DEPOT_FRAMES_MAX - 1);
	CU_ASSERT_EQUAL(depot_save(deep, DEPOT_FRAMES_MAX), handle);
}

/* Expect: what was saved first is unmoved and unchanged behind a hundred thousand others. */
static void test_many(void)
{
	uint32_t first = depot_save(stack, 3), handle = 0;
	const uint64_t *before, *after;

	depot_get(first, &before);
	for (uint64_t i = 1; i <= 100000; i++) {
		uint64_t pcs[5] = {i, i * 3, i * 5, i * 7, i * 11};

		handle = depot_save(pcs, 5);
		if (depot_save(pcs, 5) != handle)
			CU_FAIL("the same stack got two handles");
	}
	CU_ASSERT_EQUAL(depot_get(handle, &after), 5);
	CU_ASSERT_EQUAL(after[4], 1100000);
	CU_ASSERT_EQUAL(depot_get(first, &after), 3);
	CU_ASSERT_PTR_EQUAL(after, before);
}

/* Expect: a full depot still knows what it has, and gives 0 for what is new. */
static void test_full(void)
{
	uint64_t fresh[] = {0xdead0001, 0xdead0002};
	uint32_t handle = depot_save(stack, 3);
	uint64_t bytes = depot_bytes();

	depot_set_limit(bytes + 8);
	CU_ASSERT_EQUAL(depot_save(fresh, 2), 0);
	CU_ASSERT_EQUAL(depot_save(stack, 3), handle);
	CU_ASSERT_EQUAL(depot_bytes(), bytes);
	depot_set_limit(0);
	CU_ASSERT_NOT_EQUAL(depot_save(fresh, 2), 0);
}

/* Expect: what was saved is found, in full or cut, and what was not is not saved by looking. */
static void test_find(void)
{
	uint64_t unknown[] = {0xbeef0001, 0xbeef0002}, deep[DEPOT_FRAMES_MAX + 8];
	uint32_t handle = depot_save(stack, 3);
	uint64_t bytes = depot_bytes();

	CU_ASSERT_EQUAL(depot_find(stack, 3), handle);
	CU_ASSERT_EQUAL(depot_find(unknown, 2), 0);
	CU_ASSERT_EQUAL(depot_find(stack, 0), 0);
	CU_ASSERT_EQUAL(depot_bytes(), bytes);
	for (unsigned i = 0; i < DEPOT_FRAMES_MAX + 8; i++)
		deep[i] = 2000 + i;
	handle = depot_save(deep, DEPOT_FRAMES_MAX + 8);
	CU_ASSERT_EQUAL(depot_find(deep, DEPOT_FRAMES_MAX + 8), handle);
}

CU_TestInfo depot_tests[] = {
	{"no stack", test_empty},
	{"the same stack has one handle", test_same_and_different},
	{"frames come back", test_get},
	{"a deep stack is cut outside", test_deep},
	{"handles stay valid", test_many},
	{"a full depot", test_full},
	{"finding without saving", test_find},
	CU_TEST_INFO_NULL,
};
