// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <string.h>
#include "../../harness/trace/host_code.h"
#include "../../harness/trace/symbols.h"
#include "suites.h"

static const char driver[] =
	/* 1 */ "static inline __attribute__((always_inline)) void *here(void)\n"
		/* 2 */ "{\n"
		/* 3 */ "	void *pc;\n"
		/* 4 */ "	asm volatile(\"lea 0(%%rip), %0\" : \"=r\"(pc));\n"
		/* 5 */ "	return pc;\n"
		/* 6 */ "}\n"
		/* 7 */ "void *driver_probe(void)\n"
		/* 8 */ "{\n"
		/* 9 */ "	return here();\n"
		/* 10 */ "}\n";

__attribute__((noinline)) static uint64_t own_address(void)
{
	return (uint64_t)__builtin_return_address(0);
}

/* Expect: this program's own functions, files as the compiler recorded them, and no module. */
static void test_self(void)
{
	struct frame frames[8];
	unsigned n;

	symbols_add_self();
	n = symbols_resolve(own_address(), false, frames, 8);
	CU_ASSERT(n >= 1);
	CU_ASSERT_STRING_EQUAL(frames[n - 1].function, "test_self");
	CU_ASSERT(frames[n - 1].offset > 0 && frames[n - 1].offset <= frames[n - 1].size);
	CU_ASSERT_PTR_NULL(frames[n - 1].module);
	CU_ASSERT_PTR_NOT_NULL_FATAL(frames[n - 1].file);
	CU_ASSERT_PTR_NOT_NULL(strstr(frames[n - 1].file, "test_native.c"));
	CU_ASSERT(frames[n - 1].line > 0);
}

/* Expect: the C library's functions have names too. */
static void test_library(void)
{
	struct frame frame;

	symbols_add_self();
	symbols_resolve((uint64_t)dlsym(RTLD_DEFAULT, "qsort"), true, &frame, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(frame.function, "qsort"));
}

/* Expect: a shared object loaded later is found, carries the driver's name, and its files are
 * relative to it. */
static void test_driver(void)
{
	struct frame frames[8];
	char path[8192];
	void *(*probe)(void);
	void *handle;
	unsigned n;

	scratch_write("driver.c", driver);
	CU_ASSERT_FATAL(scratch_run("\"$CC\" -O2 -g -fPIC -shared \"$PWD/driver.c\" -o driver.so"));
	snprintf(path, sizeof(path), "%s/driver.so", scratch());
	symbols_set_native_module("driver", path);
	handle = dlopen(path, RTLD_NOW);
	CU_ASSERT_PTR_NOT_NULL_FATAL(handle);
	probe = (void *(*)(void))dlsym(handle, "driver_probe");
	CU_ASSERT_PTR_NOT_NULL_FATAL(probe);
	n = symbols_resolve((uint64_t)probe(), false, frames, 8);
	CU_ASSERT_EQUAL_FATAL(n, 2);
	CU_ASSERT_STRING_EQUAL(frames[0].function, "here");
	CU_ASSERT_TRUE(frames[0].inlined);
	CU_ASSERT_STRING_EQUAL(frames[0].file, "driver.c");
	CU_ASSERT_EQUAL(frames[0].line, 4);
	CU_ASSERT_STRING_EQUAL(frames[1].function, "driver_probe");
	CU_ASSERT_EQUAL(frames[1].line, 9);
	CU_ASSERT_STRING_EQUAL(frames[1].module ? frames[1].module : "", "driver");
}

/* Expect: code of this process is told by its place in the file, which is the same in each process; addresses of worlds
 * stay. */
static void test_settled(void)
{
	uint64_t here = (uint64_t)test_settled, library = (uint64_t)strlen;

	CU_ASSERT_NOT_EQUAL(host_code_settled(here), here);
	CU_ASSERT_EQUAL(host_code_settled(here + 5), host_code_settled(here) + 5);
	CU_ASSERT_TRUE(host_code_settled(here) < 1 << 28);
	CU_ASSERT_NOT_EQUAL(host_code_settled(library) >> 56, host_code_settled(here) >> 56);
	CU_ASSERT_EQUAL(host_code_settled(0x60201000), 0x60201000);
	CU_ASSERT_EQUAL(host_code_settled(0xffffffff81000000), 0xffffffff81000000);
}

CU_TestInfo native_tests[] = {
	{"the program itself", test_self},
	{"shared libraries", test_library},
	{"the driver's shared object", test_driver},
	{"code that the host's loader placed", test_settled},
	CU_TEST_INFO_NULL,
};
