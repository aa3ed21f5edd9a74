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

/* A module's two entry points: pointers that the loader looks for, so that the functions keep their
 * one name. */
#define module_init(fn)                             \
	extern const initcall_t native_module_init; \
	const initcall_t native_module_init __used __attribute__((__visibility__("default"))) = fn
#define module_exit(fn)                             \
	extern const exitcall_t native_module_exit; \
	const exitcall_t native_module_exit __used __attribute__((__visibility__("default"))) = fn
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
