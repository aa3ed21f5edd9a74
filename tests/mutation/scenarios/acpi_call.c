// SPDX-License-Identifier: GPL-2.0-only
/* acpi_call: methods are called by name, with arguments of each kind; no such method is there, and the answer says so. */
#include <kfail/scenario.h>

static const char *file = "/proc/acpi/call";

static int find(void)
{
	if (access(file, F_OK))
		file = "/proc/call"; /* a machine without ACPI */
	return 0;
}

SCENARIO(.setup = find);

/* What a call says, and that it can be asked for. */
static long call(const char *text)
{
	char answer[256];
	long n = kfail_write_file(file, text);

	if (n < 0)
		return n;
	expect_equal(n, strlen(text));
	n = kfail_read_file(file, answer, sizeof(answer));
	return n < 0 ? n : 0;
}

OPERATION(first)
{
	char answer[64];
	long n = kfail_read_file(file, answer, sizeof(answer));

	if (n > 0)
		expect(strstr(answer, "not called"));
	return n < 0 ? n : 0;
}

OPERATION(no_arguments)
{
	return call("\\_SB.NONE\n");
}

OPERATION(integers)
{
	return call("\\_SB.NONE 1 0x10");
}

OPERATION(text)
{
	return call("\\_SB.NONE \"hello\"");
}

OPERATION(buffers)
{
	return call("\\_SB.NONE b01020304 { 1, 0x02 } b05");
}

OPERATION(odd_buffer)
{
	return call("\\_SB.NONE b0102 7");
}

OPERATION(short_read)
{
	char byte;
	int fd = open(file, O_RDONLY);

	if (fd < 0)
		return -errno;
	expect(read(fd, &byte, 1) >= 0);
	return result(close(fd));
}

OPERATION(too_long)
{
	static char text[20000];

	memset(text, 'x', sizeof(text) - 1);
	expect_equal(kfail_write_file(file, text), -ENOSPC);
	return 0;
}

OPERATION(bad_pointer)
{
	int fd = open(file, O_RDWR);

	if (fd < 0)
		return -errno;
	expect(write(fd, (void *)8, 16) == -1 && errno == EFAULT);
	return result(close(fd));
}
