// SPDX-License-Identifier: GPL-2.0-only
/* Uses tests/drivers/user_memory.c; with -DWAY=..., by a way to the program's pages that wants an MMU. */
#include <kfail/scenario.h>
#include <sys/ioctl.h>
#include "../drivers/user_memory.h"

static int fd = -1, value;

OPERATION(open)
{
	fd = open("/dev/user_memory", O_RDWR);
	return result(fd);
}

#ifdef WAY
OPERATION(way)
{
	return result(ioctl(fd, WAY, &value));
}
#else
OPERATION(lock)
{
	return result(ioctl(fd, MEMORY_LOCK));
}

OPERATION(work)
{
	int error = result(ioctl(fd, MEMORY_WORK, &value));

	if (!error)
		expect_equal(value, 42);
	return error;
}
#endif
