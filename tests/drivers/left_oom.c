// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a OOM notifier on its chain.
 * Finding: resource-leak (a word of the kernel points into the module), refusal 1.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/slab.h>

static int told(struct notifier_block *block, unsigned long unused, void *freed)
{
	return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = told};
static void *ring;

static int __init left_oom_init(void)
{
	int err = register_oom_notifier(&block);

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		unregister_oom_notifier(&block);
	return -ENOMEM;
}

static void __exit left_oom_exit(void)
{
	unregister_oom_notifier(&block);
	kfree(ring);
}

module_init(left_oom_init);
module_exit(left_oom_exit);
MODULE_LICENSE("GPL");
