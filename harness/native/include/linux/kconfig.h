/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration that drivers see, included before everything else. It follows Debian's 6.1 for
 * amd64, as far as native mode can hold the promise.
 */
#ifndef KFAIL_LINUX_KCONFIG_H
#define KFAIL_LINUX_KCONFIG_H

#define CONFIG_64BIT		  1
#define CONFIG_X86		  1
#define CONFIG_X86_64		  1
#define CONFIG_MMU		  1
#define CONFIG_SMP		  1
#define CONFIG_NR_CPUS		  1
#define CONFIG_HZ		  250
#define CONFIG_MODULES		  1
#define CONFIG_MODULE_UNLOAD	  1
#define CONFIG_PRINTK		  1
#define CONFIG_BUG		  1
#define CONFIG_PREEMPT_COUNT	  1
#define CONFIG_PREEMPT_RCU	  1
#define CONFIG_SLUB		  1
#define CONFIG_DEBUG_ATOMIC_SLEEP 1
#define CONFIG_PHYS_ADDR_T_64BIT  1
#define CONFIG_KFAIL_NATIVE	  1

/* 1 when the option is defined as 1, 0 when it is not defined: the argument is shifted away. */
#define __ARG_PLACEHOLDER_1		     0,
#define __take_second_arg(ignored, val, ...) val
#define ____is_defined(junk)		     __take_second_arg(junk 1, 0, 0)
#define ___is_defined(val)		     ____is_defined(__ARG_PLACEHOLDER_##val)
#define __is_defined(x)			     ___is_defined(x)
#define __or(x, y)			     ((x) || (y))
#define IS_BUILTIN(option)		     __is_defined(option)
#define IS_MODULE(option)		     __is_defined(option##_MODULE)
#define IS_ENABLED(option)		     __or(IS_BUILTIN(option), IS_MODULE(option))
#define IS_REACHABLE(option)		     IS_ENABLED(option)

#endif
