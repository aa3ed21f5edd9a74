// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit forgets a region of character device numbers.
 * Seen: resource leak.
 */
#include <linux/fs.h>
#include "catalogue.h"

static dev_t numbers;

static int __init start(void)
{
	return alloc_chrdev_region(&numbers, 0, 1, "catalogue"); /* @made */
}

static void __exit stop(void)
{
	if (fixed)
		unregister_chrdev_region(numbers, 1);
}

module_init(start);
module_exit(stop);
