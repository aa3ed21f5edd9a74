// SPDX-License-Identifier: GPL-2.0-only
/* evdi: virtual graphics cards are added through sysfs, opened, asked, and removed. */
#include <kfail/scenario.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define SYSFS "/sys/devices/evdi/"

static long count(void)
{
	char text[16];
	long n = kfail_read_file(SYSFS "count", text, sizeof(text));

	return n < 0 ? n : text[0] - '0';
}

OPERATION(show)
{
	char text[64];
	long n = kfail_read_file(SYSFS "version", text, sizeof(text));

	if (n >= 0)
		n = kfail_read_file(SYSFS "loglevel", text, sizeof(text));
	return n < 0 ? n : 0;
}

OPERATION(wrong)
{
	expect(kfail_write_file(SYSFS "add", "nonsense") == -EINVAL);
	expect(kfail_write_file(SYSFS "add", "100") != 0);
	expect(kfail_write_file(SYSFS "loglevel", "nonsense") == -EINVAL);
	expect(kfail_write_file(SYSFS "loglevel", "99") == -EINVAL);
	return 0;
}

OPERATION(loglevel)
{
	return kfail_write_file(SYSFS "loglevel", "1");
}

OPERATION(add)
{
	long n = kfail_write_file(SYSFS "add", "1");

	return n < 0 ? n : 0;
}

static int open_card(void)
{
	char path[32];

	for (int i = 0; i < 8; i++) {
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR);
		if (fd >= 0 || errno != ENOENT)
			return fd;
	}
	return -1;
}

OPERATION(use)
{
	int fd;

	if (count() != 1)
		return 0;
	fd = open_card();
	if (fd < 0)
		return -errno;
	return result(close(fd));
}

OPERATION(remove_all)
{
	long n = kfail_write_file(SYSFS "remove_all", "1");

	if (n < 0)
		return n;
	expect_equal(count(), 0);
	return 0;
}
