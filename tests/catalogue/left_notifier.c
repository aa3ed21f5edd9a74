// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit leaves a notifier in the chain of reboots.
 * Seen: resource leak.
 */
#include <linux/notifier.h>
#include <linux/reboot.h>
#include "catalogue.h"

static int note(struct notifier_block *block, unsigned long action, void *data)
{
	return NOTIFY_DONE;
}

static struct notifier_block block = {.notifier_call = note};

static int __init start(void)
{
	return register_reboot_notifier(&block); /* @made */
}

static void __exit stop(void)
{
	if (fixed)
		unregister_reboot_notifier(&block);
}

module_init(start);
module_exit(stop);
