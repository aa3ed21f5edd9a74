/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Module parameters. Each is a record with the symbol __param_NAME, which the loader looks up for
 * every `name=value` it was given; the record's `set` parses the value, as in the kernel.
 */
#ifndef KFAIL_LINUX_MODULEPARAM_H
#define KFAIL_LINUX_MODULEPARAM_H

#include "init.h"
#include "kernel.h"

struct kernel_param;

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
	void (*free)(void *arg);
};

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max, elemsize;
	unsigned int *num;
	const struct kernel_param_ops *ops;
	void *elem;
};

struct kernel_param {
	const char *name;
	const struct kernel_param_ops *ops;
	u16 perm;
	union {
		void *arg;
		const struct kparam_string *str;
		const struct kparam_array *arr;
	};
};

#define native_param(name_, ops_, perm_, arg_)                 \
	extern const struct kernel_param __param_##name_;      \
	const struct kernel_param __param_##name_ __used       \
		__attribute__((__visibility__("default"))) = { \
			.name = #name_, .ops = (ops_), .perm = (perm_), {(void *)(arg_)}}

/* The variable must have the type that was named. */
#define native_param_check(name, p, type)                       \
	static inline type *__maybe_unused __check_##name(void) \
	{                                                       \
		return (p);                                     \
	}
#define param_check_byte(name, p)    native_param_check(name, p, unsigned char)
#define param_check_short(name, p)   native_param_check(name, p, short)
#define param_check_ushort(name, p)  native_param_check(name, p, unsigned short)
#define param_check_int(name, p)     native_param_check(name, p, int)
#define param_check_uint(name, p)    native_param_check(name, p, unsigned int)
#define param_check_hexint(name, p)  native_param_check(name, p, unsigned int)
#define param_check_long(name, p)    native_param_check(name, p, long)
#define param_check_ulong(name, p)   native_param_check(name, p, unsigned long)
#define param_check_ullong(name, p)  native_param_check(name, p, unsigned long long)
#define param_check_bool(name, p)    native_param_check(name, p, bool)
#define param_check_invbool(name, p) native_param_check(name, p, bool)
#define param_check_charp(name, p)   native_param_check(name, p, char *)

#define module_param_cb(name, ops, arg, perm) native_param(name, ops, perm, arg)
#define module_param_named(name, value, type, perm) \
	param_check_##type(name, &(value));         \
	native_param(name, &param_ops_##type, perm, &(value))
#define module_param(name, type, perm)	      module_param_named(name, name, type, perm)
#define module_param_unsafe(name, type, perm) module_param(name, type, perm)
#define module_param_string(name, string, len, perm)                             \
	static const struct kparam_string __param_string_##name = {len, string}; \
	native_param(name, &param_ops_string, perm, &__param_string_##name)
#define module_param_array_named(name, array, type, nump, perm)                       \
	param_check_##type(name, &(array)[0]);                                        \
	static const struct kparam_array __param_arr_##name = {                       \
		ARRAY_SIZE(array), sizeof(array[0]), nump, &param_ops_##type, array}; \
	native_param(name, &param_array_ops, perm, &__param_arr_##name)
#define module_param_array(name, type, nump, perm) \
	module_param_array_named(name, name, type, nump, perm)

extern const struct kernel_param_ops param_ops_byte, param_ops_short, param_ops_ushort,
	param_ops_int, param_ops_uint, param_ops_hexint, param_ops_long, param_ops_ulong,
	param_ops_ullong, param_ops_bool, param_ops_invbool, param_ops_charp, param_ops_string,
	param_array_ops;
int param_set_byte(const char *val, const struct kernel_param *kp);
int param_set_short(const char *val, const struct kernel_param *kp);
int param_set_ushort(const char *val, const struct kernel_param *kp);
int param_set_int(const char *val, const struct kernel_param *kp);
int param_set_uint(const char *val, const struct kernel_param *kp);
int param_set_long(const char *val, const struct kernel_param *kp);
int param_set_ulong(const char *val, const struct kernel_param *kp);
int param_set_ullong(const char *val, const struct kernel_param *kp);
int param_set_bool(const char *val, const struct kernel_param *kp);
int param_set_invbool(const char *val, const struct kernel_param *kp);
int param_set_charp(const char *val, const struct kernel_param *kp);
int param_set_copystring(const char *val, const struct kernel_param *kp);
int param_get_int(char *buffer, const struct kernel_param *kp);
int param_get_uint(char *buffer, const struct kernel_param *kp);
int param_get_bool(char *buffer, const struct kernel_param *kp);
int param_get_charp(char *buffer, const struct kernel_param *kp);

#define MODULE_PARM_DESC(name, desc) MODULE_INFO(parm, #name ":" desc)
#define MODULE_INFO(tag, info)                                                           \
	static const char __UNIQUE_ID(tag)[] __used __section(".modinfo") __aligned(1) = \
		__stringify(tag) "=" info

#endif
