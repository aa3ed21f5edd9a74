/* SPDX-License-Identifier: GPL-2.0-only */
/* The module itself. Its struct lies in the module, as in the kernel; references are counted, and
 * nothing more. */
#ifndef KFAIL_LINUX_MODULE_H
#define KFAIL_LINUX_MODULE_H

#include "atomic.h"
#include "bug.h"
#include "errno.h"
#include "export.h"
#include "init.h"
#include "kernel.h"
#include "kmod.h"
#include "kobject.h"
#include "list.h"
#include "moduleparam.h"
#include "sched.h"
#include "string.h"
#include "stringify.h"

enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING };

struct module {
	enum module_state state;
	char name[56];
	const char *version;
	atomic_t refcnt;
};

#ifndef KFAIL_NATIVE_RUNTIME
#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "module"
#endif
__weak struct module __this_module = {
	.state = MODULE_STATE_COMING,
	.name = KBUILD_MODNAME,
	.refcnt = ATOMIC_INIT(1),
};
#endif

bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);
#define module_refcount(module) (atomic_read(&(module)->refcnt) - 1)
#define module_name(module)	((module)->name)
#define symbol_get(x)		(&(x))
#define symbol_put(x)		((void)(x))

#define MODULE_LICENSE(l)	MODULE_INFO(license, l)
#define MODULE_AUTHOR(a)	MODULE_INFO(author, a)
#define MODULE_DESCRIPTION(d)	MODULE_INFO(description, d)
#define MODULE_VERSION(v)	MODULE_INFO(version, v)
#define MODULE_ALIAS(a)		MODULE_INFO(alias, a)
#define MODULE_FIRMWARE(f)	MODULE_INFO(firmware, f)
#define MODULE_SOFTDEP(d)	MODULE_INFO(softdep, d)
#define MODULE_IMPORT_NS(ns)	MODULE_INFO(import_ns, #ns)
#define MODULE_ALIAS_MISCDEV(m) MODULE_INFO(alias, "char-major-10-" __stringify(m))
#define MODULE_ALIAS_CHARDEV(a, b) \
	MODULE_INFO(alias, "char-major-" __stringify(a) "-" __stringify(b))
#define MODULE_DEVICE_TABLE(type, name) \
	extern const __typeof__(name) __mod_##type##__##name##_device_table

#endif
