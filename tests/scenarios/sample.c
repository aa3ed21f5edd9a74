// SPDX-License-Identifier: GPL-2.0-only
/* The program that the tests of harness/program/ load: each operation is one question of test_program.c. */
#include <kfail/scenario.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

static int counter = 5, zero;
static int *volatile nowhere = (int *)16;

static int setup(void)
{
	counter++;
	return 0;
}

SCENARIO(.setup = setup);

OPERATION(data)
{
	counter++;
	return counter * 100 + zero++;
}

OPERATION(heap)
{
	char *a = malloc(100), *b = calloc(10, 10), *c, *d = aligned_alloc(256, 100);
	long bad = 0;

	bad |= !a || !b || a == b || !d || ((unsigned long)d & 255);
	for (int i = 0; i < 100; i++)
		bad |= b[i];
	memset(a, 1, 100);
	a = realloc(a, 10000);
	for (int i = 0; i < 100; i++)
		bad |= a[i] != 1;
	free(b);
	free(d);
	c = malloc(90);
	bad |= c != b; /* the block that was given back */
	c = strdup("text");
	bad |= strcmp(c, "text");
	bad |= malloc(1ul << 40) != NULL || errno != ENOMEM;
	free(NULL);
	return bad;
}

OPERATION(arguments)
{
	return result(ioctl(11, 22, 33));
}

OPERATION(fails)
{
	return result(open("/dev/none", O_RDWR)) - 1000 * errno;
}

OPERATION(others)
{
	struct timespec t = {1, 2};

	send(1, (void *)2, 3, 4);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	sleep(7);
	return syscall(99, 1, 2, 3, 4, 5, 6);
}

OPERATION(crashes)
{
	return *nowhere;
}

OPERATION(skips)
{
	kfail_skip("no such thing");
}

OPERATION(exits)
{
	exit(3);
}

OPERATION(expects)
{
	expect(counter == -1);
	expect_equal(counter, counter);
	expect_equal(2 + 2, 5);
	return 0;
}

OPERATION(frees_wrongly)
{
	int on_stack;
	void *volatile wrong = &on_stack;

	free(wrong);
	return 0;
}

static const int listed[] = {ENOMEM, 0};

OPERATION(last, .errors = listed, .once = 1)
{
	return 0;
}
