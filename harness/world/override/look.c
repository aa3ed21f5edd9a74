// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a file of the world from outside, through the kernel's own VFS. What the boot did not mount is mounted
 * when a path asks for it.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "host.h"
#include "show.h"

extern int init_mount(const char *dev, const char *dir, const char *type, unsigned long flags,
		      void *data);
s64 kf_look(const char *path);

/* At a time, and of one file at most. */
#define LOOK_BYTES 16384
#define LOOK_MAX   (64ul << 20)

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return !strncmp(path, dir, length) && (!path[length] || path[length] == '/');
}

static struct {
	const char *dir, *type;
	bool mounted;
} mounts[] = {
	{"/sys/kernel/debug", "debugfs"},	{"/sys/kernel/tracing", "tracefs"},
	{"/sys/kernel/security", "securityfs"}, {"/sys/kernel/config", "configfs"},
	{"/sys/fs/cgroup", "cgroup2"},
};

static void mount_view(int i)
{
	if (!mounts[i].mounted)
		init_mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0, NULL);
	mounts[i].mounted = true;
}

/* What a distribution mounts at boot, for programs. */
void kf_mount_views(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++)
		mount_view(i);
}

static void prepare(const char *path)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++)
		if (is_below(path, mounts[i].dir))
			mount_view(i);
	if (is_below(path, "/sys/kernel/debug/kmemleak"))
		kf_add_kmemleak_file();
	if (is_below(path, "/sys/kernel/slab"))
		kf_add_slab_directories();
	if (is_below(path, "/sys/kernel/debug/slab"))
		kf_add_slab_traces();
}

static bool show_entry(struct dir_context *context, const char *name, int length, loff_t offset,
		       u64 inode, unsigned int type)
{
	if (length == 1 && name[0] == '.')
		return true;
	if (length == 2 && name[0] == '.' && name[1] == '.')
		return true;
	host_look(name, length);
	host_look(type == DT_DIR ? "/\n" : "\n", type == DT_DIR ? 2 : 1);
	return true;
}

static s64 show_directory(struct file *file)
{
	struct dir_context context = {.actor = show_entry};

	return iterate_dir(file, &context);
}

/* Kernel memory passes for user memory here: both are the process's. */
static s64 show_bytes(struct file *file)
{
	char *buffer = kmalloc(LOOK_BYTES, GFP_KERNEL);
	loff_t pos = 0;
	u64 total = 0;
	ssize_t n = -ENOMEM;

	while (buffer && total < LOOK_MAX) {
		n = vfs_read(file, (char __user *)buffer, LOOK_BYTES, &pos);
		if (n <= 0)
			break;
		host_look(buffer, n);
		total += n;
	}
	kfree(buffer);
	return total < LOOK_MAX ? n : -EFBIG;
}

/* The bytes of a file, or the names in a directory, go to host_look(). 0 or -errno. */
s64 kf_look(const char *path)
{
	struct file *file;
	s64 err;

	prepare(path);
	file = filp_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = S_ISDIR(file_inode(file)->i_mode) ? show_directory(file) : show_bytes(file);
	filp_close(file, NULL);
	return err;
}
