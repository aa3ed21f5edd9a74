// SPDX-License-Identifier: GPL-2.0-only
/* Programs that are wrong themselves, one for each -DWRONG_...: none of it is the driver's fault. */
#include <kfail/scenario.h>
#include <stdlib.h>
#include <sys/socket.h>

static int *volatile nowhere = (int *)16;
static volatile int deep;

static int use_up(int n)
{
	volatile char room[4096];

	room[0] = (char)n;
	return use_up(n + 1) + room[0];
}

static int setup(void)
{
#ifdef WRONG_SETUP
	return -ENXIO;
#endif
	return 0;
}

static void check(void)
{
#ifdef WRONG_CRASH
	*nowhere = 1;
#endif
}

OPERATION(wrong, .setup = setup, .check = check)
{
#ifdef WRONG_STACK
	deep = use_up(0);
#endif
#ifdef WRONG_LOOP
	while (!deep)
		;
#endif
#ifdef WRONG_ABORT
	abort();
#endif
#ifdef WRONG_SKIP
	kfail_skip("there is no such hardware");
#endif
#ifdef WRONG_FAILING
	return -EIO;
#endif
#ifdef WRONG_CALL
	socket(AF_UNIX, SOCK_STREAM, 0);
#endif
	(void)use_up;
	return 0;
}
