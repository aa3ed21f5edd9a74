// SPDX-License-Identifier: GPL-2.0-only
/* binfmt_misc: a file system is mounted, a format is registered by writing to it, and removed again. */
#include <dirent.h>
#include <kfail/scenario.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int make_directory(void)
{
	return mkdir("/tmp/binfmt", 0755) ? -errno : 0;
}

static void leave(void)
{
	umount2("/tmp/binfmt", MNT_DETACH);
	rmdir("/tmp/binfmt");
}

SCENARIO(.setup = make_directory, .teardown = leave);

static unsigned entries(void)
{
	DIR *dir = opendir("/tmp/binfmt");
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void is_mounted(void)
{
	expect_equal(entries(), 4); /* ., .., register, status */
}

static void is_registered(void)
{
	char text[256];

	expect_equal(entries(), 5);
	expect(kfail_read_file("/tmp/binfmt/foo", text, sizeof(text)) > 0);
	expect(strstr(text, "extension .foo"));
}

OPERATION(mount, .check = is_mounted)
{
	return result(mount("none", "/tmp/binfmt", "binfmt_misc", 0, NULL));
}

OPERATION(register, .check = is_registered)
{
	return kfail_write_file("/tmp/binfmt/register", ":foo:E::foo::/bin/true:");
}

OPERATION(remove, .check = is_mounted)
{
	return kfail_write_file("/tmp/binfmt/foo", "-1");
}

OPERATION(umount)
{
	return result(umount("/tmp/binfmt"));
}
