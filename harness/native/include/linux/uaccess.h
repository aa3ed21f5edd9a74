/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User memory: any address of the process that is not the world's. What cannot be copied is
 * returned, as in the kernel.
 */
#ifndef KFAIL_LINUX_UACCESS_H
#define KFAIL_LINUX_UACCESS_H

#include "errno.h"
#include "kernel.h"
#include "sched.h"

unsigned long __must_check copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __must_check copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __must_check clear_user(void __user *to, unsigned long n);
long __must_check strncpy_from_user(char *dst, const char __user *src, long count);
long __must_check strnlen_user(const char __user *str, long n);
/* Until enabled again, a copy that would have to wait for a page fails instead: it may be made in atomic context. */
#define pagefault_disable()  ((void)current->pagefault_disabled++)
#define pagefault_enable()   ((void)current->pagefault_disabled--)
#define pagefault_disabled() (current->pagefault_disabled != 0)

bool access_ok(const void __user *addr, unsigned long size);

/* Hardened usercopy: a size that the compiler knows is not looked at, as in the kernel. */
void __check_object_size(const void *ptr, unsigned long n, bool to_user);
#ifndef KFAIL_NATIVE_RUNTIME
#define native_check_object(ptr, n, known, to_user)               \
	do {                                                      \
		if (!(known) && !__builtin_constant_p(n))         \
			__check_object_size((ptr), (n), to_user); \
	} while (0)
#define copy_from_user(to, from, n)                                             \
	({                                                                      \
		void *__to = (to);                                              \
		unsigned long __n = (n);                                        \
		native_check_object(__to, __n, __builtin_constant_p(n), false); \
		copy_from_user(__to, from, __n);                                \
	})
#define copy_to_user(to, from, n)                                                \
	({                                                                       \
		const void *__from = (from);                                     \
		unsigned long __n = (n);                                         \
		native_check_object(__from, __n, __builtin_constant_p(n), true); \
		copy_to_user(to, __from, __n);                                   \
	})
#endif
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __copy_to_user(to, from, n)   copy_to_user(to, from, n)
/* These never sleep; whoever calls them has disabled page faults. */
unsigned long __must_check __copy_from_user_inatomic(void *to, const void __user *from,
						     unsigned long n);
unsigned long __must_check __copy_to_user_inatomic(void __user *to, const void *from,
						   unsigned long n);

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
