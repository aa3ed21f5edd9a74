// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that the driver made in /proc or /sys is read: the kernel remembers its name, and that must not look like something that the
 * driver has left. For left_proc.c and left_sysfs.c.
 */
#include <kfail/scenario.h>

OPERATION(read)
{
	char text[64];
	long n = kfail_read_file("/proc/kfail_left", text, sizeof(text));

	if (n == -ENOENT)
		n = kfail_read_file("/sys/kernel/kfail_left/level", text, sizeof(text));
	return n;
}
