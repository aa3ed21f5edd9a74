// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses tests/drivers/user_pointer.c with memory of each kind that a program has: stack, variables, constants, heap.
 */
#include <kfail/scenario.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "../drivers/user_pointer.h"

static int fd = -1, value;

OPERATION(open)
{
	fd = open("/dev/user_pointer", O_RDWR);
	return result(fd);
}

OPERATION(sum)
{
	struct pair pair = {.a = 3, .b = 4};

	expect_equal(ioctl(fd, POINTER_SUM, &pair), 7);
	return 0;
}

OPERATION(answer)
{
	int error = result(ioctl(fd, POINTER_ANSWER, &value));

	if (!error)
		expect_equal(value, 42);
	return error;
}

OPERATION(length)
{
	expect_equal(ioctl(fd, POINTER_LENGTH, "a constant"), 10);
	return 0;
}

OPERATION(much)
{
	char *text = malloc(20000);
	int error;

	if (!text)
		return 0;
	memset(text, 'x', 20000);
	error = result(ioctl(fd, POINTER_MUCH, text));
	if (!error)
		expect(!text[99] && text[100] == 'x' && text[19999] == 'x');
	free(text);
	return error;
}
