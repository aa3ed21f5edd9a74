// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program for tests/drivers/copies.c: a copy from or to this program in each operation.
 */
#include <kfail/scenario.h>
#include <sys/ioctl.h>

static int fd;
static struct {
	unsigned int side, area;
	char unused[24];
} square = {.side = 12};

static void check(void)
{
	expect(square.area == 144);
}

OPERATION(open)
{
	fd = open("/dev/kfail_copies", O_RDWR);
	return result(fd);
}

OPERATION(write)
{
	return result(write(fd, "text", 4));
}

OPERATION(read)
{
	char text[16];

	return result(pread(fd, text, sizeof(text), 0));
}

OPERATION(square_it, .check = check)
{
	return result(ioctl(fd, 1, &square));
}

OPERATION(close)
{
	return result(close(fd));
}
