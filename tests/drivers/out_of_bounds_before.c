// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path strips the last character of a name that is empty: it writes in front of
 * the object.
 * Finding: out-of-bounds, refusal 2; the object is allocated in make_name().
 */
#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *name;
static void *ring;

static noinline char *make_name(void)
{
	return kzalloc(64, GFP_KERNEL);
}

static noinline void strip(char *text)
{
	size_t length = strlen(text);

	if (length || BUGGY)
		WRITE_ONCE(text[length - 1], '\0');
}

static int __init out_of_bounds_before_init(void)
{
	name = make_name();
	if (!name)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	strip(name);
	kfree(name);
	return -ENOMEM;
}

static void __exit out_of_bounds_before_exit(void)
{
	kfree(ring);
	kfree(name);
}

module_init(out_of_bounds_before_init);
module_exit(out_of_bounds_before_exit);
MODULE_LICENSE("GPL");
