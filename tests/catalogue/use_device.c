// SPDX-License-Identifier: GPL-2.0-only
/* What device.h says: the operations of a module whose bug is in one of them. */
#include <fcntl.h>
#include <kfail/scenario.h>
#include <unistd.h>

static int fd = -1, second = -1;

OPERATION(open)
{
	fd = open("/dev/catalogue", O_RDWR);
	return result(fd);
}

OPERATION(open_again)
{
	second = open("/dev/catalogue", O_RDWR);
	return result(second);
}

OPERATION(close_one)
{
	return result(close(second));
}

OPERATION(write)
{
	static const char text[48] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

	return result(write(fd, text, sizeof(text)));
}

OPERATION(read)
{
	char text[48];

	return result(read(fd, text, sizeof(text)));
}

OPERATION(close)
{
	return result(close(fd));
}
