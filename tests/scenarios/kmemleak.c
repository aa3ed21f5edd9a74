// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses tests/drivers/lost.c with bug=write, and kmemleak as a person at a machine does: by its file where there is one, else
 * by kfail's own function.
 */
#include <kfail/scenario.h>
#include <stdlib.h>

#define FILE_NAME "/sys/kernel/debug/kmemleak"

/* write() of one command: 0 or -errno. */
static long say(const char *command)
{
	int file = open(FILE_NAME, O_WRONLY);
	long error;

	if (file < 0)
		return kfail_kmemleak(command) < 0 ? kfail_kmemleak(command) : 0;
	error = result(write(file, command, strlen(command)));
	close(file);
	return error < 0 ? error : 0;
}

static int records(void)
{
	static char text[65536];
	int file = open(FILE_NAME, O_RDONLY), n = 0;
	long size = 0, more;

	if (file < 0) {
		kfail_kmemleak_read(text, sizeof(text));
	} else {
		while ((more = read(file, text + size, 100)) > 0)
			size += more;
		text[size] = '\0';
		close(file);
	}
	for (const char *at = text; (at = strstr(at, "unreferenced object 0x")); at++)
		n++;
	return n;
}

static void fill(void)
{
	int fd = open("/dev/lost", O_WRONLY);

	expect(write(fd, "a", 1) == 1);
	close(fd);
}

OPERATION(scan)
{
	expect_equal(say("scan"), 0);
	expect_equal(records(), 0);
	fill();
	/* A read does not scan. */
	expect_equal(records(), 0);
	expect_equal(say("scan\n"), 0);
	expect_equal(records(), 1);
	fill();
	expect_equal(say("scan"), 0);
	expect_equal(records(), 2);
	return 0;
}

OPERATION(clear)
{
	expect_equal(say("clear"), 0);
	expect_equal(records(), 0);
	expect_equal(say("scan"), 0);
	expect_equal(records(), 0);
	return 0;
}

OPERATION(errors)
{
	expect_equal(say("rubbish"), -EINVAL);
	expect_equal(say("scan=x"), -EINVAL);
	expect_equal(say("dump=0x10"), -EINVAL);
	expect_equal(say("stack=off"), 0);
	expect_equal(say("stack=on"), 0);
	return 0;
}

/* Time passes while a program sleeps; the scan is made when the operation is over. */
OPERATION(automatic)
{
	fill();
	expect_equal(say("scan=5"), 0);
	sleep(6);
	return 0;
}

OPERATION(off)
{
	expect_equal(records(), 1);
	expect_equal(say("off"), 0);
	expect_equal(say("scan"), -EPERM);
	expect_equal(say("clear"), 0);
	expect_equal(records(), 0);
	return 0;
}
