/* SPDX-License-Identifier: GPL-2.0-only */
/* Rounding and dividing. */
#ifndef KFAIL_LINUX_MATH_H
#define KFAIL_LINUX_MATH_H

#include "types.h"

#define __round_mask(x, y)	((__typeof__(x))((y)-1))
#define round_up(x, y)		((((x)-1) | __round_mask(x, y)) + 1)
#define round_down(x, y)	((x) & ~__round_mask(x, y))
#define DIV_ROUND_UP(n, d)	(((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(ll, d) DIV_ROUND_UP((unsigned long long)(ll), (d))
#define DIV_ROUND_CLOSEST(x, d)                                                                \
	({                                                                                     \
		__typeof__(x) __x = (x);                                                       \
		__typeof__(d) __d = (d);                                                       \
		((__typeof__(x))-1) > 0 || ((__typeof__(d))-1) > 0 || ((__x > 0) == (__d > 0)) \
			? ((__x + __d / 2) / __d)                                              \
			: ((__x - __d / 2) / __d);                                             \
	})
#define roundup(x, y)                            \
	({                                       \
		__typeof__(y) __y = (y);         \
		(((x) + (__y - 1)) / __y) * __y; \
	})
#define rounddown(x, y)                  \
	({                               \
		__typeof__(x) __x = (x); \
		__x - (__x % (y));       \
	})
#define abs(x)                           \
	({                               \
		__typeof__(x) __x = (x); \
		__x < 0 ? -__x : __x;    \
	})
#define abs_diff(a, b)	   ((a) > (b) ? (a) - (b) : (b) - (a))
#define mult_frac(x, n, d) ((x) / (d) * (n) + (x) % (d) * (n) / (d))
#define sector_div(n, b)               \
	({                             \
		u32 __rem = (n) % (b); \
		(n) /= (b);            \
		__rem;                 \
	})

#endif
