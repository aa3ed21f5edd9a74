/* SPDX-License-Identifier: GPL-2.0-only */
/* A counter with a part for each CPU. */
#ifndef KFAIL_LINUX_PERCPU_COUNTER_H
#define KFAIL_LINUX_PERCPU_COUNTER_H

#include "percpu.h"
#include "spinlock_types.h"

struct percpu_counter {
	raw_spinlock_t lock;
	s64 count;
	struct list_head list;
	s32 __percpu *counters;
};

int percpu_counter_init(struct percpu_counter *fbc, s64 amount, gfp_t gfp);
void percpu_counter_destroy(struct percpu_counter *fbc);

static inline bool percpu_counter_initialized(struct percpu_counter *fbc)
{
	return fbc->counters != NULL;
}

static inline void percpu_counter_add(struct percpu_counter *fbc, s64 amount)
{
	this_cpu_add(*fbc->counters, (s32)amount);
}

static inline s64 percpu_counter_sum(struct percpu_counter *fbc)
{
	return fbc->count + this_cpu_read(*fbc->counters);
}

static inline s64 percpu_counter_sum_positive(struct percpu_counter *fbc)
{
	s64 sum = percpu_counter_sum(fbc);

	return sum < 0 ? 0 : sum;
}

static inline void percpu_counter_set(struct percpu_counter *fbc, s64 amount)
{
	this_cpu_write(*fbc->counters, 0);
	fbc->count = amount;
}

static inline int percpu_counter_compare(struct percpu_counter *fbc, s64 rhs)
{
	s64 sum = percpu_counter_sum(fbc);

	return sum > rhs ? 1 : sum < rhs ? -1 : 0;
}

#define percpu_counter_inc(fbc)		  percpu_counter_add(fbc, 1)
#define percpu_counter_dec(fbc)		  percpu_counter_add(fbc, -1)
#define percpu_counter_sub(fbc, amount)	  percpu_counter_add(fbc, -(amount))
#define percpu_counter_read(fbc)	  percpu_counter_sum(fbc)
#define percpu_counter_read_positive(fbc) percpu_counter_sum_positive(fbc)

#endif
