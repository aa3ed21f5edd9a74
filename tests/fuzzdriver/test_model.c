// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptions: read, printed, and what is wrong in one.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../fuzz/driver/model.h"

static struct driver_model model;

static void test_read_and_print(void)
{
	static const char text[] = "# a driver\nnode /dev/a\nioctl 0x5e01 FOO_ADD\nioctl 7\n\n"
				   "socket 29 3 1 # CAN_RAW\nnode /dev/a\n";
	char err[256] = "", *printed = NULL;
	size_t size;
	FILE *out;

	memset(&model, 0, sizeof(model));
	CU_ASSERT_EQUAL(model_read(&model, "d", text, err), 0);
	CU_ASSERT_EQUAL(model.node_count, 1);
	CU_ASSERT_EQUAL(model_command(&model, 7), 1);
	CU_ASSERT_EQUAL(model_command(&model, 8), -1);
	out = open_memstream(&printed, &size);
	model_print(&model, out);
	fclose(out);
	CU_ASSERT_STRING_EQUAL(printed, "node /dev/a\nioctl 0x00005e01 FOO_ADD\n"
					"ioctl 0x00000007\nsocket 29 3 1\n");
	free(printed);
}

static void check_wrong(const char *text, const char *words)
{
	char err[256] = "";

	memset(&model, 0, sizeof(model));
	CU_ASSERT_EQUAL(model_read(&model, "file", text, err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, words));
}

static void test_wrong(void)
{
	check_wrong("node", "file, line 1: \"node\" wants");
	check_wrong("node dev/a", "line 1");
	check_wrong("\n\nioctl x", "line 3");
	check_wrong("ioctl 0x100000000", "32 bits");
	check_wrong("ioctl 1 A B", "\"ioctl\" wants");
	check_wrong("socket 1 2", "\"socket\" wants");
	check_wrong("file /dev/a", "begins with node, ioctl or socket");
}

/* Expect: lists that are full say so, and stay as they are. */
static void test_full(void)
{
	char path[NODE_MAX + 10];

	memset(&model, 0, sizeof(model));
	for (unsigned i = 0; i < COMMANDS_MAX; i++)
		CU_ASSERT(model_add_command(&model, i, ""));
	CU_ASSERT_FALSE(model_add_command(&model, COMMANDS_MAX, ""));
	CU_ASSERT(model_add_command(&model, 5, ""));
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	CU_ASSERT_FALSE(model_add_node(&model, path));
}

CU_TestInfo model_tests[] = {
	{"read and printed", test_read_and_print},
	{"what is wrong", test_wrong},
	{"full lists", test_full},
	CU_TEST_INFO_NULL,
};
