/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual time. It advances when somebody sleeps or delays, and by a microsecond at each look, so
 * that a loop which polls the clock comes to an end.
 */
#ifndef KFAIL_LINUX_JIFFIES_H
#define KFAIL_LINUX_JIFFIES_H

#include "limits.h"
#include "types.h"

#define HZ		 250
#define NSEC_PER_USEC	 1000L
#define NSEC_PER_MSEC	 1000000L
#define USEC_PER_MSEC	 1000L
#define USEC_PER_SEC	 1000000L
#define MSEC_PER_SEC	 1000L
#define NSEC_PER_SEC	 1000000000L
#define INITIAL_JIFFIES	 ((unsigned long)(unsigned int)(-300 * HZ))
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)

unsigned long native_jiffies(void);
#define jiffies	   native_jiffies()
#define jiffies_64 ((u64)native_jiffies())

static inline u64 get_jiffies_64(void)
{
	return native_jiffies();
}

#define time_after(a, b)	  ((long)((b) - (a)) < 0)
#define time_before(a, b)	  time_after(b, a)
#define time_after_eq(a, b)	  ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	  time_after_eq(b, a)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a)  time_before(jiffies, a)
#define time_in_range(a, b, c)	  (time_after_eq(a, b) && time_before_eq(a, c))

static inline unsigned long msecs_to_jiffies(unsigned int m)
{
	return (int)m < 0 ? (unsigned long)MAX_JIFFY_OFFSET
			  : ((unsigned long)m * HZ + MSEC_PER_SEC - 1) / MSEC_PER_SEC;
}

static inline unsigned long usecs_to_jiffies(unsigned int u)
{
	return ((unsigned long)u * HZ + USEC_PER_SEC - 1) / USEC_PER_SEC;
}

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)(j * (MSEC_PER_SEC / HZ));
}

static inline unsigned int jiffies_to_usecs(unsigned long j)
{
	return (unsigned int)(j * (USEC_PER_SEC / HZ));
}

#endif
