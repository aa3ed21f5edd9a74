// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "../../harness/trace/symbols.h"
#include "suites.h"

/*
 *	1000  _text T  start_it T          two names: the first with fewer underscores
 *	1100  __pfx_kmalloc t
 *	1110  kmalloc_local t  kmalloc T   a global name is better
 *	1200  helper t
 *	1300  helper t                     a static function of another file
 *	1380  jump_table r                 data inside of code
 *	1390  after t
 *	2000  some_data D
 *	2100                               end of the image
 */
static const char names[] = "_text\0start_it\0__pfx_kmalloc\0kmalloc_local\0kmalloc\0helper\0"
			    "jump_table\0after\0some_data";
enum {
	TEXT = 0,
	START = 6,
	PFX = 15,
	LOCAL = 29,
	KMALLOC = 43,
	HELPER = 51,
	JUMP = 58,
	AFTER = 69,
	DATA = 75
};

static const struct ksym syms[] = {
	{0x1000, TEXT, 'T'},	{0x1000, START, 'T'},  {0x1100, PFX, 't'},    {0x1110, LOCAL, 't'},
	{0x1110, KMALLOC, 'T'}, {0x1200, HELPER, 't'}, {0x1300, HELPER, 't'}, {0x1380, JUMP, 'r'},
	{0x1390, AFTER, 't'},	{0x2000, DATA, 'D'},
};

static void set_table(void)
{
	const struct ksym_table table = {
		.syms = syms, .count = 10, .strings = names, .start = 0x1000, .end = 0x2100};

	symbols_set_kernel(&table);
}

static void expect(uint64_t pc, const char *name, uint64_t offset)
{
	uint64_t got_offset = ~0ul;
	const char *got = symbols_kernel_name(pc, &got_offset);

	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_STRING_EQUAL(got, name);
	CU_ASSERT_EQUAL(got_offset, offset);
}

static void test_names(void)
{
	set_table();
	expect(0x1000, "start_it", 0);
	expect(0x10ff, "start_it", 0xff);
	expect(0x1110, "kmalloc", 0);
	expect(0x11ff, "kmalloc", 0xef);
	expect(0x1200, "helper", 0);
	expect(0x1390, "after", 0);
}

static void test_data(void)
{
	set_table();
	expect(0x1384, "helper", 0x84);
	expect(0x2010, "some_data", 0x10);
}

static void test_outside(void)
{
	set_table();
	CU_ASSERT_PTR_NULL(symbols_kernel_name(0xfff, NULL));
	CU_ASSERT_PTR_NULL(symbols_kernel_name(0x2100, NULL));
	CU_ASSERT_PTR_NULL(symbols_kernel_name(0, NULL));
}

static void test_addresses(void)
{
	set_table();
	CU_ASSERT_EQUAL(symbols_kernel_addr("kmalloc"), 0x1110);
	CU_ASSERT_EQUAL(symbols_kernel_addr("helper"), 0x1200);
	CU_ASSERT_EQUAL(symbols_kernel_addr("some_data"), 0x2000);
	CU_ASSERT_EQUAL(symbols_kernel_addr("no_such_symbol"), 0);
	CU_ASSERT_EQUAL(symbols_kernel_addr(""), 0);
}

/* Expect: a call that ends a function returns to the next one, and is still the first one's. */
static void test_return_address(void)
{
	struct frame frame;

	set_table();
	CU_ASSERT_EQUAL(symbols_resolve(0x1300, false, &frame, 1), 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "helper");
	CU_ASSERT_EQUAL(frame.offset, 0x100);
	CU_ASSERT_EQUAL(frame.size, 0x100);
	CU_ASSERT_EQUAL(frame.pc, 0x1300);
	CU_ASSERT_PTR_NULL(frame.module);
	CU_ASSERT_EQUAL(symbols_resolve(0x1300, true, &frame, 1), 1);
	CU_ASSERT_EQUAL(frame.offset, 0);
	CU_ASSERT_EQUAL(frame.size, 0x80);
}

/* Expect: one frame, without a name, for what nobody knows. */
static void test_unknown(void)
{
	struct frame frame;

	set_table();
	CU_ASSERT_EQUAL(symbols_resolve(0x42, false, &frame, 1), 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "");
	CU_ASSERT_EQUAL(frame.pc, 0x42);
	CU_ASSERT_EQUAL(symbols_resolve(0, false, &frame, 1), 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "");
}

/* Expect: another table's names come before the image's, with its module. */
static void test_extra_table(void)
{
	static const struct ksym replaced[] = {{0x1200, 0, 't'}, {0x9000, 5, 't'}};
	static const struct ksym_table table = {.syms = replaced,
						.count = 1,
						.strings = "fake\0far",
						.start = 0x1200,
						.end = 0x1240};
	struct frame frame;

	set_table();
	symbols_add_table("kfail", &table);
	symbols_resolve(0x1210, true, &frame, 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "fake");
	CU_ASSERT_STRING_EQUAL(frame.module, "kfail");
	CU_ASSERT_EQUAL(frame.size, 0x40);
	symbols_resolve(0x1250, true, &frame, 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "helper");
}

static void test_no_table(void)
{
	static const struct ksym_table none;

	symbols_set_kernel(&none);
	CU_ASSERT_PTR_NULL(symbols_kernel_name(0x1000, NULL));
	CU_ASSERT_EQUAL(symbols_kernel_addr("kmalloc"), 0);
}

CU_TestInfo kernel_tests[] = {
	{"the best name of an address", test_names},
	{"data inside and outside of code", test_data},
	{"outside of the image", test_outside},
	{"addresses by name", test_addresses},
	{"return addresses", test_return_address},
	{"unknown addresses", test_unknown},
	{"override tables", test_extra_table},
	{"no table", test_no_table},
	CU_TEST_INFO_NULL,
};
