/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User memory: any address of the process that is not the world's. What cannot be copied is
 * returned, as in the kernel.
 */
#ifndef KFAIL_LINUX_UACCESS_H
#define KFAIL_LINUX_UACCESS_H

#include "errno.h"
#include "kernel.h"

unsigned long __must_check copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __must_check copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __must_check clear_user(void __user *to, unsigned long n);
long __must_check strncpy_from_user(char *dst, const char __user *src, long count);
long __must_check strnlen_user(const char __user *str, long n);
bool access_ok(const void __user *addr, unsigned long size);
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __copy_to_user(to, from, n)   copy_to_user(to, from, n)

#define get_user(x, ptr)                                                              \
	({                                                                            \
		__typeof__(*(ptr)) __val;                                             \
		int __err = copy_from_user(&__val, ptr, sizeof(__val)) ? -EFAULT : 0; \
		(x) = __err ? 0 : __val;                                              \
		__err;                                                                \
	})
#define put_user(x, ptr)                                                \
	({                                                              \
		__typeof__(*(ptr)) __val = (x);                         \
		copy_to_user(ptr, &__val, sizeof(__val)) ? -EFAULT : 0; \
	})
#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)

#endif
