/* SPDX-License-Identifier: GPL-2.0-only */
/* Marks of code and data that the kernel frees after init or never needs; kept here. */
#ifndef KFAIL_LINUX_INIT_H
#define KFAIL_LINUX_INIT_H

#include "compiler.h"

#define __init
#define __exit
#define __initdata
#define __initconst
#define __exitdata
#define __exit_p(x) x
#define __exit_call
#define __devinit
#define __devexit
#define __meminit
#define __refdata
#define __ref

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

/* A module's two entry points, under the names that the loader looks for. */
#define module_init(fn)                                                                            \
	int init_module(void) __attribute__((__alias__(#fn), __visibility__("default")));          \
	static inline initcall_t __maybe_unused __inittest(void)                                   \
	{                                                                                          \
		return fn;                                                                         \
	}
#define module_exit(fn)                                                                            \
	void cleanup_module(void) __attribute__((__alias__(#fn), __visibility__("default")));      \
	static inline exitcall_t __maybe_unused __exittest(void)                                   \
	{                                                                                          \
		return fn;                                                                         \
	}
#define early_initcall(fn)    module_init(fn)
#define core_initcall(fn)     module_init(fn)
#define postcore_initcall(fn) module_init(fn)
#define arch_initcall(fn)     module_init(fn)
#define subsys_initcall(fn)   module_init(fn)
#define fs_initcall(fn)	      module_init(fn)
#define rootfs_initcall(fn)   module_init(fn)
#define device_initcall(fn)   module_init(fn)
#define late_initcall(fn)     module_init(fn)

#endif
