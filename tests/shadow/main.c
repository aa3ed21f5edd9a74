// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow of instrumented code, and the names of variables beside poisoned bytes
 * (harness/instrument). What compilers make of them is tests/instrument.sh's; here the shadow is
 * written by hand.
 *
 *	modules:   | global 20 | redzone |   ...		stack:	| F1: magic, text, function | count | F2 | buf | F3 |
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <string.h>
#include "../../harness/instrument/internal.h"

#define MODULE_SIZE 4096
#define STACK_SIZE  8192

/* So far apart that their shadows share no page. */
static _Alignas(4096) char memory[1 << 20];
#define module_memory (memory + (64 << 10))
#define stack_memory  (memory + (512 << 10))

static struct kf_shadow_windows windows;
static struct kf_global globals[2];
static const struct kf_globals registered = {globals, 2};
static const unsigned registered_count = 1;
static const struct instrumented world = {
	.windows = &windows, .globals = &registered, .globals_count = &registered_count};

static uint64_t module_at(unsigned offset)
{
	return (uint64_t)module_memory + offset;
}

static uint64_t stack_at(unsigned offset)
{
	return (uint64_t)stack_memory + offset;
}

static void open_shadow(void)
{
	static bool open;

	if (!open) {
		windows = (struct kf_shadow_windows){.start = {module_at(0), stack_at(0)},
						     .size = {MODULE_SIZE, STACK_SIZE}};
		CU_ASSERT_EQUAL_FATAL(shadow_open(&world), 0);
	}
	open = true;
	kf_shadow_open(module_at(0), MODULE_SIZE);
	kf_shadow_open(stack_at(0), STACK_SIZE);
}

/* ---- bytes ---- */

/* Expect regions of whole pages that hold the shadow of each window, and a second opening to change
 * nothing. */
static void test_regions(void)
{
	struct snapshot_region regions[2];

	open_shadow();
	CU_ASSERT_EQUAL(shadow_open(&world), 0);
	CU_ASSERT_EQUAL_FATAL(shadow_regions(regions), 2);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t low = (uint64_t)kf_shadow_of(windows.start[i]);
		uint64_t high = (uint64_t)kf_shadow_of(windows.start[i] + windows.size[i] - 1);

		CU_ASSERT_EQUAL(regions[i].start % 4096, 0);
		CU_ASSERT_EQUAL(regions[i].size % 4096, 0);
		CU_ASSERT(regions[i].start <= low);
		CU_ASSERT(regions[i].start + regions[i].size > high);
	}
}

static void test_windows(void)
{
	open_shadow();
	CU_ASSERT(kf_shadowed(&windows, module_at(0)));
	CU_ASSERT(kf_shadowed(&windows, stack_at(STACK_SIZE - 1)));
	CU_ASSERT(!kf_shadowed(&windows, 0x1000));
	CU_ASSERT(kf_shadowed_range(&windows, module_at(4000), 96));
	CU_ASSERT(!kf_shadowed_range(&windows, module_at(4000), 97));
	CU_ASSERT(!kf_shadowed_range(&windows, module_at(0) - 1, 1));
}

/*
 * Expect the first bad byte, wherever the access begins and ends in its granule.
 *
 *	20 bytes are open:	| 0 | 0 | 4 | f9 | f9 | ...
 */
static void test_first_bad(void)
{
	open_shadow();
	kf_shadow_fill(module_at(0), 64, KF_SHADOW_GLOBAL);
	kf_shadow_open(module_at(0), 20);
	for (unsigned from = 0; from < 20; from++)
		for (unsigned to = from; to <= 20; to++)
			CU_ASSERT_EQUAL(kf_shadow_first_bad(module_at(from), module_at(to)),
					module_at(to));
	for (unsigned from = 0; from < 20; from++)
		CU_ASSERT_EQUAL(kf_shadow_first_bad(module_at(from), module_at(40)), module_at(20));
	for (unsigned from = 20; from < 64; from++)
		CU_ASSERT_EQUAL(kf_shadow_first_bad(module_at(from), module_at(from + 1)),
				module_at(from));
	CU_ASSERT_EQUAL(kf_shadow_first_bad(module_at(64), module_at(100)), module_at(100));
}

/* Expect the same of the question that instrumented string functions ask. */
static void test_access(void)
{
	open_shadow();
	kf_shadow_fill(module_at(24), 8, KF_SHADOW_GLOBAL);
	CU_ASSERT_EQUAL(access_first_bad(module_at(0), 24), module_at(24));
	CU_ASSERT_EQUAL(access_first_bad(module_at(0), 25), module_at(24));
	CU_ASSERT_EQUAL(access_first_bad(module_at(8), 100), module_at(24));
	CU_ASSERT_EQUAL(access_first_bad(module_at(32), 100), module_at(132));
}

/* ---- names ---- */

struct frame {
	uint64_t magic;
	const char *text;
	uint64_t function;
};

static void put_frame(unsigned at, const char *text)
{
	struct frame *frame = (struct frame *)stack_at(at);

	*frame = (struct frame){0x41b58ab3, text, 0};
	kf_shadow_fill(stack_at(at), 32, KF_SHADOW_STACK_LEFT);
	kf_shadow_open(stack_at(at + 32), 4);
	kf_shadow_fill(stack_at(at + 40), 24, KF_SHADOW_STACK_MID);
	kf_shadow_open(stack_at(at + 64), 16);
	kf_shadow_fill(stack_at(at + 80), 16, KF_SHADOW_STACK_RIGHT);
}

static void expect_variable(unsigned at, const char *name, unsigned start, unsigned size)
{
	struct variable variable = {.name = ""};

	CU_ASSERT_TRUE(variable_on_stack(stack_at(at), &variable));
	CU_ASSERT_STRING_EQUAL(variable.name, name);
	CU_ASSERT_EQUAL(variable.start, stack_at(start));
	CU_ASSERT_EQUAL(variable.size, size);
}

/* Expect the variable that is nearest, of the frame that the address is in. */
static void test_locals(void)
{
	open_shadow();
	memset(stack_memory, 0, STACK_SIZE);
	put_frame(1024, "2 32 4 8 count:12 64 16 6 buf:13");
	put_frame(4096, "1 32 4 5 other");
	expect_variable(1024 + 36, "count", 1024 + 32, 4);
	expect_variable(1024 + 63, "buf", 1024 + 64, 16);
	expect_variable(1024 + 80, "buf", 1024 + 64, 16);
	expect_variable(4096 + 36, "other", 4096 + 32, 4);
}

/* Expect no name, and no fault, where the description is damaged. */
static void test_damaged_frames(void)
{
	static const char *const texts[] = {
		"", "2", "1 32", "1 32 4", "1 32 4 9 short", "x", "1 32 4 999 long", "9999999"};
	struct variable variable;

	open_shadow();
	memset(stack_memory, 0, STACK_SIZE);
	CU_ASSERT_FALSE(variable_on_stack(stack_at(4000), &variable)); /* no frame at all */
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put_frame(1024, texts[i]);
		CU_ASSERT_FALSE(variable_on_stack(stack_at(1024 + 36), &variable));
	}
	((struct frame *)stack_at(1024))->magic = 1;
	CU_ASSERT_FALSE(variable_on_stack(stack_at(1024 + 36), &variable));
}

/* Expect a global's name inside of it and of its redzone, and none behind. */
static void test_globals(void)
{
	struct variable variable;

	open_shadow();
	globals[0] = (struct kf_global){
		.start = module_at(0), .size = 20, .size_with_redzone = 64, .name = "table"};
	globals[1] = (struct kf_global){
		.start = module_at(64), .size = 4, .size_with_redzone = 64, .name = "count"};
	CU_ASSERT_TRUE(variable_global(&world, module_at(63), &variable));
	CU_ASSERT_STRING_EQUAL(variable.name, "table");
	CU_ASSERT_EQUAL(variable.size, 20);
	CU_ASSERT_TRUE(variable_global(&world, module_at(64), &variable));
	CU_ASSERT_STRING_EQUAL(variable.name, "count");
	CU_ASSERT_FALSE(variable_global(&world, module_at(128), &variable));
	CU_ASSERT_FALSE(variable_global(&world, module_at(0) - 1, &variable));
}

static CU_TestInfo byte_tests[] = {
	{"regions", test_regions},  {"windows", test_windows}, {"first bad byte", test_first_bad},
	{"an access", test_access}, CU_TEST_INFO_NULL,
};

static CU_TestInfo name_tests[] = {
	{"locals", test_locals},
	{"damaged frames", test_damaged_frames},
	{"globals", test_globals},
	CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
	{.pName = "shadow", .pTests = byte_tests},
	{.pName = "variables", .pTests = name_tests},
	CU_SUITE_INFO_NULL,
};

int main(void)
{
	unsigned failures;

	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
