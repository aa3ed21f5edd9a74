/* SPDX-License-Identifier: GPL-2.0-only */
/* min(), max() and their kin: each argument is evaluated once, and both have the same type. */
#ifndef KFAIL_LINUX_MINMAX_H
#define KFAIL_LINUX_MINMAX_H

#include "compiler.h"

#define native_pick(x, y, op)            \
	({                               \
		__typeof__(x) __x = (x); \
		__typeof__(y) __y = (y); \
		(void)(&__x == &__y);    \
		__x op __y ? __x : __y;  \
	})
#define native_pick_t(type, x, y, op)   \
	({                              \
		type __x = (x);         \
		type __y = (y);         \
		__x op __y ? __x : __y; \
	})
/* Constants stay constants, so that min(4, 8) may size an array. */
#define native_const(x, y) (__builtin_constant_p(x) && __builtin_constant_p(y))
#define native_min_max(x, y, op)                                                               \
	__builtin_choose_expr(native_const(x, y) && __same_type(x, y), ((x)op(y) ? (x) : (y)), \
			      native_pick(x, y, op))

#define min(x, y)		 native_min_max(x, y, <)
#define max(x, y)		 native_min_max(x, y, >)
#define min_t(type, x, y)	 native_pick_t(type, x, y, <)
#define max_t(type, x, y)	 native_pick_t(type, x, y, >)
#define min3(x, y, z)		 min((__typeof__(x))min(x, y), z)
#define max3(x, y, z)		 max((__typeof__(x))max(x, y), z)
#define clamp(v, lo, hi)	 min((__typeof__(v))max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define clamp_val(v, lo, hi)	 clamp_t(__typeof__(v), v, lo, hi)
#define min_not_zero(x, y)                                         \
	({                                                         \
		__typeof__(x) __a = (x);                           \
		__typeof__(y) __b = (y);                           \
		__a == 0 ? __b : (__b == 0 ? __a : min(__a, __b)); \
	})
#define swap(a, b)                         \
	do {                               \
		__typeof__(a) __tmp = (a); \
		(a) = (b);                 \
		(b) = __tmp;               \
	} while (0)

#endif
