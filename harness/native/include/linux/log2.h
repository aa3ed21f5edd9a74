/* SPDX-License-Identifier: GPL-2.0-only */
/* Logarithms and powers of two. */
#ifndef KFAIL_LINUX_LOG2_H
#define KFAIL_LINUX_LOG2_H

#include "bitops.h"

#define ilog2(n) (63 - __builtin_clzll((unsigned long long)(n) | !(n)))

static inline __attribute_const__ bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

static inline __attribute_const__ unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << fls_long(n - 1);
}

static inline __attribute_const__ unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << (fls_long(n) - 1);
}

#define order_base_2(n) ((n) > 1 ? ilog2((n)-1) + 1 : 0)

static inline __attribute_const__ int get_count_order(unsigned int count)
{
	return count == 0 ? -1 : order_base_2(count);
}

#endif
