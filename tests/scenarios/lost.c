// SPDX-License-Identifier: GPL-2.0-only
/* Uses tests/drivers/lost.c: two writes, the second of which is another operation. */
#include <kfail/scenario.h>

static int fd = -1;

OPERATION(open)
{
	fd = open("/dev/lost", O_WRONLY);
	return result(fd) < 0 ? result(fd) : 0;
}

OPERATION(fill)
{
	return result(write(fd, "a", 1)) < 0 ? -ENOMEM : 0;
}

OPERATION(refill)
{
	return result(write(fd, "b", 1)) < 0 ? -ENOMEM : 0;
}

OPERATION(close)
{
	int closed = close(fd);

	fd = -1;
	return result(closed);
}
