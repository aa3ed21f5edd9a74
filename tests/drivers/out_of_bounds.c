// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind the requested size is written, inside the bucket of 128.
 * Finding: out-of-bounds, without a refusal; the object is allocated in make_name().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

static char *name;

static noinline char *make_name(void)
{
	return kmalloc(100, GFP_KERNEL);
}

static int __init out_of_bounds_init(void)
{
	size_t end = BUGGY ? 100 : 99;

	name = make_name();
	if (!name)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(end);
	WRITE_ONCE(name[end], '\0');
	return 0;
}

static void __exit out_of_bounds_exit(void)
{
	kfree(name);
}

module_init(out_of_bounds_init);
module_exit(out_of_bounds_exit);
MODULE_LICENSE("GPL");
