/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic that notices overflow; the size_*() forms saturate at SIZE_MAX, which no allocator
 * serves. */
#ifndef KFAIL_LINUX_OVERFLOW_H
#define KFAIL_LINUX_OVERFLOW_H

#include "limits.h"

#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
#define check_shl_overflow(a, s, d)                                                             \
	({                                                                                      \
		__typeof__(a) __a = (a);                                                        \
		u64 __full = (u64)__a << ((s)&63);                                              \
		*(d) = (__typeof__(*(d)))__full;                                                \
		(s) >= (int)sizeof(*(d)) * 8 || __a < 0 || (u64) * (d) >> ((s)&63) != (u64)__a; \
	})

static inline size_t __must_check size_mul(size_t a, size_t b)
{
	size_t bytes;

	return check_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t __must_check size_add(size_t a, size_t b)
{
	size_t bytes;

	return check_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t __must_check size_sub(size_t a, size_t b)
{
	size_t bytes;

	if (a == SIZE_MAX || b == SIZE_MAX || check_sub_overflow(a, b, &bytes))
		return SIZE_MAX;
	return bytes;
}

#define array_size(a, b)		  size_mul(a, b)
#define array3_size(a, b, c)		  size_mul(size_mul(a, b), c)
#define flex_array_size(p, member, count) size_mul(count, sizeof(*(p)->member))
#define struct_size(p, member, count)	  size_add(sizeof(*(p)), flex_array_size(p, member, count))

#endif
