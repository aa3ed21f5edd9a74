// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the classic p = krealloc(p): a refusal loses the old block.
 * Finding: leak of 64 bytes, refusal 2, allocated in make_names().
 */
#include <linux/module.h>
#include <linux/slab.h>

static char *names;

static noinline char *make_names(void)
{
	return kzalloc(64, GFP_KERNEL);
}

static int __init leak_krealloc_init(void)
{
	char *larger;

	names = make_names();
	if (!names)
		return -ENOMEM;
	larger = krealloc(names, 256, GFP_KERNEL);
	if (!larger && !BUGGY)
		kfree(names);
	names = larger;
	return names ? 0 : -ENOMEM;
}

static void __exit leak_krealloc_exit(void)
{
	kfree(names);
}

module_init(leak_krealloc_init);
module_exit(leak_krealloc_exit);
MODULE_LICENSE("GPL");
