// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program for tests/drivers/told.c. It believes what it is told, and looks at nothing: a driver that tells it something
 * wrong must be found without its help.
 */
#include <kfail/scenario.h>
#include <sys/ioctl.h>

static int fd;
static char text[16];

OPERATION(open)
{
	fd = open("/dev/kfail_told", O_RDWR);
	return result(fd);
}

OPERATION(get)
{
	return result(ioctl(fd, _IO('t', 1), text));
}

OPERATION(set)
{
	return result(ioctl(fd, _IO('t', 2), text));
}

OPERATION(again)
{
	return result(ioctl(fd, _IO('t', 3), text));
}

OPERATION(start)
{
	return result(ioctl(fd, _IO('t', 4), 0));
}

OPERATION(stop)
{
	return result(ioctl(fd, _IO('t', 6), 0));
}

OPERATION(cache)
{
	return result(ioctl(fd, _IO('t', 5), 0));
}

OPERATION(stop_again)
{
	return result(ioctl(fd, _IO('t', 6), 0));
}

OPERATION(read)
{
	return read(fd, text, sizeof(text)) < 0 ? -errno : 0;
}

OPERATION(close)
{
	return result(close(fd));
}
