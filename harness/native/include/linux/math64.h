/* SPDX-License-Identifier: GPL-2.0-only */
/* 64-bit division, which is plain division here. */
#ifndef KFAIL_LINUX_MATH64_H
#define KFAIL_LINUX_MATH64_H

#include "math.h"

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

#define do_div(n, base)                        \
	({                                     \
		u32 __base = (base);           \
		u32 __rem = (u64)(n) % __base; \
		(n) = (u64)(n) / __base;       \
		__rem;                         \
	})
#define div64_ul(x, y)	 div64_u64(x, y)
#define div64_long(x, y) div64_s64(x, y)

#endif
