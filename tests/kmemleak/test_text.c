// SPDX-License-Identifier: GPL-2.0-only
/* Records, byte for byte as the kernel prints them. */
#include "leak_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../../allocator/vmalloc/vmalloc.h"

static char *the_text(void)
{
	size_t size;

	return kml_text(&size);
}

static void expect_text(const char *wanted)
{
	char *text = the_text();

	CU_ASSERT_STRING_EQUAL(text, wanted);
	if (strcmp(text, wanted) != 0)
		printf("is:\n%sexpected:\n%s", text, wanted);
	free(text);
}

static void test_record(void)
{
	const uint64_t pc = 0x1000;
	char *object = get(40), wanted[1024];

	memcpy(object, "kmemleak\0\1\2\377 record", 19);
	CU_ASSERT_EQUAL(scan(), 1);
	snprintf(wanted, sizeof(wanted),
		 "unreferenced object 0x%08lx (size 64):\n"
		 "  comm \"insmod\", pid 42, jiffies 1000\n"
		 "  hex dump (first 32 bytes):\n"
		 "    6b 6d 65 6d 6c 65 61 6b 00 01 02 ff 20 72 65 63  kmemleak.... rec\n"
		 "    6f 72 64 00 00 00 00 00 00 00 00 00 00 00 00 00  ord.............\n"
		 "  backtrace:\n"
		 "    [<%016x>] 0x1000\n",
		 (unsigned long)object, (unsigned)XXH64(&pc, sizeof(pc), 0));
	expect_text(wanted);
}

static void test_short(void)
{
	char *object = get(8);
	char wanted[256], *text;

	object[0] = 'a';
	scan();
	snprintf(wanted, sizeof(wanted),
		 "unreferenced object 0x%08lx (size 8):\n"
		 "  comm \"insmod\", pid 42, jiffies 1000\n"
		 "  hex dump (first 8 bytes):\n"
		 "    61 00 00 00 00 00 00 00                          a.......\n",
		 (unsigned long)object);
	text = the_text();
	CU_ASSERT_EQUAL(strncmp(text, wanted, strlen(wanted)), 0);
	free(text);
}

/* Expect: as the kernel registers them: classes whole, large kmalloc() as asked for, vmalloc() in pages. */
static void test_sizes(void)
{
	char *text;

	get(129);
	get(9000);
	kf_vmalloc(64, 0, KF_GFP_KERNEL, false);
	CU_ASSERT_EQUAL(scan(), 3);
	text = the_text();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "(size 192):"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "(size 9000):"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "(size 4096):"));
	free(text);
}

/* Expect: the order in which they were allocated, whatever their addresses. */
static void test_order(void)
{
	void *first, *second;
	char *text, a[64], b[64];

	first = get(2048);
	second = get(16);
	scan();
	snprintf(a, sizeof(a), "object 0x%08lx", (unsigned long)first);
	snprintf(b, sizeof(b), "object 0x%08lx", (unsigned long)second);
	text = the_text();
	CU_ASSERT_TRUE(strstr(text, a) < strstr(text, b));
	free(text);
}

static void test_empty(void)
{
	expect_text("");
}

/* Expect: another stack in the record, the same object. */
static void test_update_trace(void)
{
	void *object;
	char *text;

	as_module();
	object = get(64);
	as_kernel();
	kml_update_trace((char *)object + 8);
	kml_report_all(true);
	scan();
	text = the_text();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "] 0x2000\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "] 0x1000\n"));
	free(text);
}

CU_TestInfo text_tests[] = {
	{"a record", test_record}, {"a short object", test_short},
	{"sizes", test_sizes},	   {"order", test_order},
	{"no record", test_empty}, {"update_trace", test_update_trace},
	CU_TEST_INFO_NULL,
};
