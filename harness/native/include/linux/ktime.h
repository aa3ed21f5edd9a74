/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual time in nanoseconds. */
#ifndef KFAIL_LINUX_KTIME_H
#define KFAIL_LINUX_KTIME_H

#include "jiffies.h"

typedef s64 ktime_t;

u64 ktime_get_ns(void);
#define ktime_get()		 ((ktime_t)ktime_get_ns())
#define ktime_get_boottime()	 ktime_get()
#define ktime_get_real()	 (ktime_get() + 1700000000ll * NSEC_PER_SEC)
#define ktime_get_real_ns()	 ((u64)ktime_get_real())
#define ktime_get_real_seconds() (ktime_get_real() / NSEC_PER_SEC)
#define ktime_get_seconds()	 (ktime_get() / NSEC_PER_SEC)
#define ktime_to_ns(kt)		 (kt)
#define ktime_to_us(kt)		 ((kt) / NSEC_PER_USEC)
#define ktime_to_ms(kt)		 ((kt) / NSEC_PER_MSEC)
#define ns_to_ktime(ns)		 ((ktime_t)(ns))
#define ms_to_ktime(ms)		 ((ktime_t)(ms)*NSEC_PER_MSEC)
#define ktime_set(s, ns)	 ((ktime_t)(s)*NSEC_PER_SEC + (ns))
#define ktime_add(a, b)		 ((a) + (b))
#define ktime_add_ns(a, b)	 ((a) + (ktime_t)(b))
#define ktime_add_us(a, b)	 ((a) + (ktime_t)(b)*NSEC_PER_USEC)
#define ktime_add_ms(a, b)	 ((a) + (ktime_t)(b)*NSEC_PER_MSEC)
#define ktime_sub(a, b)		 ((a) - (b))
#define ktime_us_delta(a, b)	 ktime_to_us((a) - (b))
#define ktime_ms_delta(a, b)	 ktime_to_ms((a) - (b))
#define ktime_compare(a, b)	 ((a) < (b) ? -1 : (a) > (b))
#define ktime_before(a, b)	 ((a) < (b))
#define ktime_after(a, b)	 ((a) > (b))

#endif
