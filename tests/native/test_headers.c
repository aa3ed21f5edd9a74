// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers see: each driver checks one part of the interface from inside, and is swept too, so
 * that nothing it does is found at fault. The headers are clean under all warnings of both
 * compilers.
 */
#include "native_test.h"

#include <stdlib.h>
#include <string.h>

#define STRICT "-Wextra -Wno-unused-parameter -Werror"

static void check(const char *driver)
{
	const struct seen *seen =
		try_driver(&(struct trial){.driver = driver, .cflags = STRICT, .body = body_run});

	CU_ASSERT_EQUAL(seen->prepared, 0);
	CU_ASSERT(seen->finished && seen->alive);
	CU_ASSERT_EQUAL(seen->result, 0);
	CU_ASSERT_EQUAL(seen->finding_count, 0);
	if (seen->result || seen->finding_count)
		printf("\n%s%s\n", seen->log, seen->finding_count ? seen->findings[0].what : "");
}

static void test_basic(void)
{
	check(DRIVERS "api_basic.c");
}

static void test_string(void)
{
	check(DRIVERS "api_string.c");
}

static void test_list(void)
{
	check(DRIVERS "api_list.c");
}

static void test_memory(void)
{
	check(DRIVERS "api_memory.c");
}

/* And what mem_dump_obj() prints behind the caller's words. */
static void test_slab(void)
{
	const struct seen *seen;

	check(DRIVERS "api_slab.c");
	seen = try_driver(&(struct trial){.driver = DRIVERS "api_slab.c", .body = body_init});
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->log, "p: slab kmalloc-64 start "));
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->log, " pointer offset 4 size 64"));
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->log, "v: 2-page vmalloc region starting at "));
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->log, "none: NULL pointer\n"));
}

static void test_locks(void)
{
	check(DRIVERS "api_locks.c");
}

static void test_later(void)
{
	check(DRIVERS "api_later.c");
}

static void test_objects(void)
{
	check(DRIVERS "api_objects.c");
}

static void test_user(void)
{
	check(DRIVERS "api_user.c");
}

/* All headers together, in both compilers (the second, if it is there). */
static void compile_all(const char *cc)
{
	const struct seen *seen = try_driver(&(struct trial){
		.driver = DRIVERS "all_headers.c", .cc = cc, .cflags = STRICT, .body = body_run});

	CU_ASSERT_EQUAL(seen->prepared, 0);
	CU_ASSERT_EQUAL(seen->result, 0);
}

static void test_gcc(void)
{
	compile_all("gcc");
}

static void test_clang(void)
{
	if (system("clang --version >/dev/null 2>&1"))
		return;
	compile_all("clang");
}

CU_TestInfo header_tests[] = {
	{"types, arithmetic, bits, errors", test_basic},
	{"strings and formats", test_string},
	{"lists, hash tables, RCU", test_list},
	{"memory", test_memory},
	{"slab and kmalloc", test_slab},
	{"locks", test_locks},
	{"time, works, timers, waiting", test_later},
	{"objects, devices, files", test_objects},
	{"user memory", test_user},
	{"all headers with gcc", test_gcc},
	{"all headers with clang", test_clang},
	CU_TEST_INFO_NULL,
};
