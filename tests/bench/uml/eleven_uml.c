// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module of tests/drivers/eleven.c for the peer of `make bench`: its init, and its exit when init succeeded, run once for
 * each write to debugfs:eleven. Without the loader in between, which would only make the peer slower.
 */
#include <linux/debugfs.h>
#include <linux/module.h>

/* Init and exit are called many times: they stay in memory, and the loader does not call them. */
#undef __init
#define __init
#undef __exit
#define __exit
#undef module_init
#define module_init(fn)           \
	static int run_init(void) \
	{                         \
		return fn();      \
	}
#undef module_exit
#define module_exit(fn)            \
	static void run_exit(void) \
	{                          \
		fn();              \
	}
#define BUGGY 0
#include "eleven.c"
#undef module_init
#undef module_exit

static struct dentry *file;

static ssize_t run_once(struct file *f, const char __user *text, size_t size, loff_t *at)
{
	if (!run_init())
		run_exit();
	return size;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.write = run_once,
};

int init_module(void);
void cleanup_module(void);

int init_module(void)
{
	file = debugfs_create_file("eleven", 0200, NULL, NULL, &operations);
	return PTR_ERR_OR_ZERO(file);
}

void cleanup_module(void)
{
	debugfs_remove(file);
}
