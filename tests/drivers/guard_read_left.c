// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a name is trimmed from its end; an empty name makes the loop look before the object.
 * Finding: out-of-bounds, without a refusal, in trim(), at the very read; only with --guard-edge=left.
 */
#include <linux/module.h>
#include <linux/slab.h>

static char *name;

static noinline int trim(char *text, int length)
{
	while ((BUGGY || length > 0) && READ_ONCE(text[length - 1]) == ' ')
		length--;
	return length;
}

static int __init guard_read_left_init(void)
{
	name = kmalloc(32, GFP_KERNEL);
	return name ? 0 : -ENOMEM;
}

static void __exit guard_read_left_exit(void)
{
	name[trim(name, 0)] = '\0';
	kfree(name);
}

module_init(guard_read_left_init);
module_exit(guard_read_left_exit);
MODULE_LICENSE("GPL");
