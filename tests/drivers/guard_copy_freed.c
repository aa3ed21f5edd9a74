// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit copies a message that it has freed already. The reader is the kernel's memcpy(), not the driver's own code.
 * Finding: use-after-free, without a refusal, below keep(); only with --guard.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define SIZE 300

static char *message, copy[SIZE];

static noinline void keep(const char *from, size_t size)
{
	memcpy(copy, from, size);
}

static int __init guard_copy_freed_init(void)
{
	message = kzalloc(SIZE, GFP_KERNEL);
	return message ? 0 : -ENOMEM;
}

static void __exit guard_copy_freed_exit(void)
{
	if (!BUGGY)
		keep(message, SIZE);
	kfree(message);
	if (BUGGY)
		keep(message, SIZE);
}

module_init(guard_copy_freed_init);
module_exit(guard_copy_freed_exit);
MODULE_LICENSE("GPL");
