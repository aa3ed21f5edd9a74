// SPDX-License-Identifier: GPL-2.0-only
/* rapiddisk: disks are attached, written, read, resized, flushed and detached; wrong commands are refused. */
#include <kfail/scenario.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define MGMT "/sys/kernel/rapiddisk/mgmt"
#define DISK "/dev/rd3"
#define IOCTL_FLUSH \
	0x1261 /* BLKFLSBUF, which the block layer keeps for itself when it is no ramdisk */
#define IOCTL_STATS 0x0529
#define IOCTL_USAGE 0x0530
#define IOCTL_CDROM 0x5331
#define PAGES	    4

static int fd = -1;
static char page[4096], back[4096];

static void is_there(void)
{
	char text[1024];

	expect(kfail_read_file(MGMT, text, sizeof(text)) > 0);
	expect(strstr(text, "RapidDisk"));
	expect(kfail_read_file("/sys/kernel/rapiddisk/devices", text, sizeof(text)) > 0);
}

static int has_disk(const char *name)
{
	char text[1024];

	return kfail_read_file("/sys/kernel/rapiddisk/devices", text, sizeof(text)) > 0 &&
	       strstr(text, name);
}

static void is_attached(void)
{
	char text[4096];

	is_there();
	expect(has_disk("rd3"));
	expect(kfail_read_file("/proc/devices", text, sizeof(text)) > 0);
	expect(strstr(text, "rapiddisk"));
}

OPERATION(show, .check = is_there)
{
	char text[256];
	long n = kfail_read_file(MGMT, text, sizeof(text));

	return n < 0 ? n : 0;
}

OPERATION(attach, .check = is_attached)
{
	return kfail_write_file(MGMT, "rapiddisk attach 3 1048576");
}

OPERATION(wrong, .check = is_attached)
{
	expect(kfail_write_file(MGMT, "rapiddisk attach 3 1048576") < 0);
	expect(kfail_write_file(MGMT, "rapiddisk attach 4 1000") < 0);
	expect(kfail_write_file(MGMT, "rapiddisk attach 99999999 4096") < 0);
	expect(kfail_write_file(MGMT, "rapiddisk detach 77") < 0);
	expect(kfail_write_file(MGMT, "rapiddisk resize 77 4096") < 0);
	expect(kfail_write_file(MGMT, "rapiddisk resize 3 1000") < 0);
	expect(kfail_write_file(MGMT, "rapiddisk nonsense") < 0);
	return 0;
}

OPERATION(open)
{
	fd = open(DISK, O_RDWR);
	return result(fd);
}

OPERATION(write)
{
	memset(page, 0x5a, sizeof(page));
	for (int i = 0; i < PAGES; i++) {
		long n = result(pwrite(fd, page, sizeof(page), i * sizeof(page)));

		if (n < 0)
			return n;
	}
	return result(fsync(fd));
}

OPERATION(read)
{
	long n = result(pread(fd, back, sizeof(back), 0));

	if (n >= 0) {
		expect_equal(n, sizeof(back));
		expect(!memcmp(back, page, sizeof(back)));
	}
	return n;
}

OPERATION(resize)
{
	expect(kfail_write_file(MGMT, "rapiddisk resize 3 512") < 0);
	return kfail_write_file(MGMT, "rapiddisk resize 3 2097152");
}

OPERATION(ioctls)
{
	unsigned long value;
	long err = result(ioctl(fd, IOCTL_STATS, &value));

	if (!err)
		err = result(ioctl(fd, IOCTL_USAGE, &value));
	if (err)
		return err;
	expect(ioctl(fd, IOCTL_CDROM, 0) == -1);
	expect(ioctl(fd, 0x4242, 0) == -1);
	return 0;
}

OPERATION(flush)
{
	return result(ioctl(fd, IOCTL_FLUSH, 0));
}

OPERATION(close)
{
	return result(close(fd));
}

OPERATION(attach_another, .check = is_attached)
{
	return kfail_write_file(MGMT, "rapiddisk attach 4 65536");
}

static void is_detached(void)
{
	is_there();
	expect(!has_disk("rd3"));
	expect(has_disk("rd4"));
}

OPERATION(detach, .check = is_detached)
{
	return kfail_write_file(MGMT, "rapiddisk detach 3");
}
