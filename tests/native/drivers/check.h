/* SPDX-License-Identifier: GPL-2.0-only */
/* For drivers that check themselves: init fails when a check did, and the log says which. */
#ifndef CHECK_H
#define CHECK_H

#include <linux/module.h>

static int failed_checks;

#define CHECK(cond)                                                                     \
	do {                                                                            \
		if (!(cond)) {                                                          \
			pr_err("%s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #cond); \
			failed_checks++;                                                \
		}                                                                       \
	} while (0)

#define CHECKED_DRIVER(body)                        \
	static int __init checked_init(void)        \
	{                                           \
		body();                             \
		return failed_checks ? -EINVAL : 0; \
	}                                           \
	static void __exit checked_exit(void)       \
	{                                           \
	}                                           \
	module_init(checked_init);                  \
	module_exit(checked_exit);                  \
	MODULE_LICENSE("GPL")

#endif
