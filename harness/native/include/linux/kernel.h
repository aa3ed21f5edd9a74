/* SPDX-License-Identifier: GPL-2.0-only */
/* The header that everybody includes: odds and ends, and most of the small headers. */
#ifndef KFAIL_LINUX_KERNEL_H
#define KFAIL_LINUX_KERNEL_H

#include "align.h"
#include "bitops.h"
#include "build_bug.h"
#include "compiler.h"
#include "container_of.h"
#include "kconfig.h"
#include "limits.h"
#include "log2.h"
#include "math.h"
#include "minmax.h"
#include "preempt.h"
#include "printk.h"
#include "stdarg.h"
#include "types.h"

#define ARRAY_SIZE(arr)	   (sizeof(arr) / sizeof((arr)[0]) + __must_be_array(arr))
#define PTR_IF(cond, ptr)  ((cond) ? (ptr) : NULL)
#define upper_32_bits(n)   ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n)   ((u32)((n)&0xffffffff))
#define REPEAT_BYTE(x)	   ((~0ul / 0xff) * (x))
#define u64_to_user_ptr(x) ((void __user *)(unsigned long)(x))

/* Formatted text, with the kernel's conversions. */
__printf(2, 3) int native_sprintf(char *buf, const char *fmt, ...);
__printf(3, 4) int native_snprintf(char *buf, size_t size, const char *fmt, ...);
__printf(3, 0) int native_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);
__printf(3, 0) int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(2, 3) __malloc char *kasprintf(gfp_t gfp, const char *fmt, ...);
__printf(2, 0) __malloc char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);
__printf(2, 3) const char *kasprintf_const(gfp_t gfp, const char *fmt, ...);
#ifndef KFAIL_NATIVE_RUNTIME
#define sprintf	  native_sprintf
#define snprintf  native_snprintf
#define vsnprintf native_vsnprintf
#endif
__scanf(2, 3) int sscanf(const char *buf, const char *fmt, ...);

/* Numbers from text: 0, -EINVAL or -ERANGE. */
int __must_check kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int __must_check kstrtoll(const char *s, unsigned int base, long long *res);
int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtol(const char *s, unsigned int base, long *res);
int __must_check kstrtouint(const char *s, unsigned int base, unsigned int *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);
int __must_check kstrtou16(const char *s, unsigned int base, u16 *res);
int __must_check kstrtou8(const char *s, unsigned int base, u8 *res);
int __must_check kstrtobool(const char *s, bool *res);
#define kstrtou64(s, base, res) kstrtoull(s, base, res)
#define kstrtos64(s, base, res) kstrtoll(s, base, res)
#define kstrtou32(s, base, res) kstrtouint(s, base, res)
#define kstrtos32(s, base, res) kstrtoint(s, base, res)
unsigned long simple_strtoul(const char *s, char **end, unsigned int base);
long simple_strtol(const char *s, char **end, unsigned int base);
unsigned long long simple_strtoull(const char *s, char **end, unsigned int base);
unsigned long long memparse(const char *s, char **end);

/* A call that may block, here and now. */
void __might_sleep(const char *what);
#define might_sleep() __might_sleep("might_sleep")
#define might_sleep_if(c)              \
	do {                           \
		if (c)                 \
			might_sleep(); \
	} while (0)
#define might_resched() \
	do {            \
	} while (0)
#define cant_sleep() \
	do {         \
	} while (0)
#define might_fault() __might_sleep("might_fault")

enum system_states { SYSTEM_BOOTING, SYSTEM_SCHEDULING, SYSTEM_FREEING_INITMEM, SYSTEM_RUNNING };
#define system_state SYSTEM_RUNNING

#define TAINT_USER		    6
#define add_taint(flag, lockdep_ok) ((void)(flag))

#endif
