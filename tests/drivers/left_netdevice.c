// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a network device notifier on its chain.
 * Finding: resource-leak (a word of the kernel points into the module), after the refusal of the
 * kmalloc().
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/slab.h>

static int told(struct notifier_block *block, unsigned long event, void *data)
{
	return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = told};
static void *ring;

static int __init left_netdevice_init(void)
{
	int err = register_netdevice_notifier(&block);

	if (err)
		return err;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		unregister_netdevice_notifier(&block);
	return -ENOMEM;
}

static void __exit left_netdevice_exit(void)
{
	unregister_netdevice_notifier(&block);
	kfree(ring);
}

module_init(left_netdevice_init);
module_exit(left_netdevice_exit);
MODULE_LICENSE("GPL");
