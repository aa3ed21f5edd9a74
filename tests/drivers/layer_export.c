// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls a function that its kernel does not export and kfail does.
 */
#include <linux/module.h>

extern void __asan_handle_no_return(void);

static int __init layer_init(void)
{
	__asan_handle_no_return();
	return 0;
}

static void __exit layer_exit(void)
{
}

module_init(layer_init);
module_exit(layer_exit);
MODULE_LICENSE("Proprietary");
MODULE_DESCRIPTION("imports a function of kfail's own");
