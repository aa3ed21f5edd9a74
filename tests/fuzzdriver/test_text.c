// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs as text: printed, read back, and where what is wrong is.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../fuzz/driver/input.h"
#include "../../fuzz/engine/target.h"

static struct driver_model model;
static struct input input, again;

static void fill_model(void)
{
	memset(&model, 0, sizeof(model));
	model_add_node(&model, "/dev/a");
	model_add_command(&model, 0x5e01, "A");
	model_add_family(&model, 29, 3, 1);
}

static char *print(const struct input *in)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	input_print(&model, in, out);
	fclose(out);
	return text;
}

/* Expect: chance's inputs are printed, read and printed to the same text. */
static void test_round_trip(void)
{
	struct fuzz_syntax wrong;
	uint8_t data[600];

	fill_model();
	srand(2);
	for (int i = 0; i < 3000; i++) {
		size_t size = (size_t)rand() % sizeof(data);
		char *text, *second;

		for (size_t k = 0; k < size; k++)
			data[k] = (uint8_t)(rand() % 3 ? rand() : 'a' + rand() % 26);
		input_decode(&model, data, size, &input);
		text = print(&input);
		CU_ASSERT_EQUAL_FATAL(input_parse(&model, text, &again, &wrong), 0);
		second = print(&again);
		CU_ASSERT_STRING_EQUAL(text, second);
		free(second);
		free(text);
	}
}

static void check_text(const char *text, const char *expected)
{
	struct fuzz_syntax wrong;
	char *printed;

	CU_ASSERT_EQUAL_FATAL(input_parse(&model, text, &input, &wrong), 0);
	printed = print(&input);
	CU_ASSERT_STRING_EQUAL(printed, expected);
	free(printed);
}

static void test_forms(void)
{
	fill_model();
	check_text("", "");
	check_text("# nothing\n\n", "");
	check_text("  open node=/dev/a flags=2 # as a number\n",
		   "open handle=0 node=/dev/a flags=0x2\n");
	check_text("write handle=7 memory=\"a b\" size=3",
		   "write handle=7 size=0x3 memory=\"a b\"\n");
	check_text("write memory=00ff00", "write handle=0 memory=00ff\n");
	check_text("socket socket=29:3:1 handle=2", "socket handle=2 socket=29:3:1\n");
	check_text("ioctl command=0x5e01 value=18446744073709551615",
		   "ioctl handle=0 command=0x5e01 value=0xffffffffffffffff\n");
	check_text("ioctl command=24 value=5", "ioctl handle=0 command=0x18 value=0x5\n");
	check_text("close\nrefuse 9,3", "close handle=0\nrefuse 3,9\n");
}

static void check_wrong(const char *text, unsigned line, unsigned column, const char *word)
{
	struct fuzz_syntax wrong = {0};

	CU_ASSERT_EQUAL_FATAL(input_parse(&model, text, &input, &wrong), -1);
	CU_ASSERT_EQUAL(wrong.line, line);
	CU_ASSERT_EQUAL(wrong.column, column);
	CU_ASSERT_PTR_NOT_NULL(strstr(wrong.what, word));
}

static void test_wrong(void)
{
	fill_model();
	check_wrong("close\nopne", 2, 1, "\"opne\" is no call");
	check_wrong("close now", 1, 7, "no value");
	check_wrong("close now=1", 1, 7, "has no \"now\"");
	check_wrong("close handle=8", 1, 14, "too large");
	check_wrong("close handle=x", 1, 14, "no number");
	check_wrong("close handle=-1", 1, 14, "no number");
	check_wrong("open node=/dev/b", 1, 11, "/dev/b");
	check_wrong("socket socket=1:2", 1, 15, "FAMILY:TYPE:PROTOCOL");
	check_wrong("socket socket=1:2:3", 1, 15, "no sockets");
	check_wrong("read argument=memory", 1, 15, "null, unmapped or kernel");
	check_wrong("write memory=\"abc", 1, 14, "no end");
	check_wrong("write memory=abc", 1, 17, "two hex digits");
	check_wrong("write memory=0x", 1, 14, "hex digits");
	check_wrong("ioctl command=1 value=0x100000000", 1, 1, "32 bits");
	check_wrong("refuse x", 1, 8, "x");
	check_wrong("refuse", 1, 7, "numbers");
	check_wrong("refuse 3\nclose", 2, 1, "last line");
	check_wrong("refuse 3 4", 1, 8, "more behind");
}

CU_TestInfo text_tests[] = {
	{"printed, read, printed: the same", test_round_trip},
	{"forms of fields", test_forms},
	{"what is wrong, and where", test_wrong},
	CU_TEST_INFO_NULL,
};
