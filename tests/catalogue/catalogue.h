/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the modules of the catalogue. Each has one bug; with the parameter `fixed` it takes the right
 * way instead: the corrected twin is the same code. Neither the parameter nor what goes through
 * hide() is known to the compiler, which would else warn of the bug, or make something else of it.
 *
 * Comments name lines that reports must show: @bug what is wrong, @made where the object was
 * allocated or registered, @freed where it was freed. tests/catalogue/table says which of them, and
 * in which report.
 */
#ifndef KFAIL_CATALOGUE_H
#define KFAIL_CATALOGUE_H

#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/slab.h>

static bool fixed;
module_param(fixed, bool, 0);
MODULE_PARM_DESC(fixed, "take the right way");
MODULE_DESCRIPTION("one bug of the catalogue");
MODULE_LICENSE("GPL");

#define hide(value)                              \
	({                                       \
		typeof(value) hidden_ = (value); \
		OPTIMIZER_HIDE_VAR(hidden_);     \
		hidden_;                         \
	})

/* The result of a call that the compiler could do without. */
#define keep(value)                              \
	({                                       \
		typeof(value) kept_ = (value);   \
		asm volatile("" : : "r"(kept_)); \
	})

/* A module whose init does all that there is. */
#define only_init(fn)                    \
	static void __exit nothing(void) \
	{                                \
	}                                \
	module_init(fn);                 \
	module_exit(nothing)

#endif
