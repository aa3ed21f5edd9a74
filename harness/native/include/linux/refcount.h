/* SPDX-License-Identifier: GPL-2.0-only */
/* Reference counts that saturate, and warn when they are used after the last one is gone. */
#ifndef KFAIL_LINUX_REFCOUNT_H
#define KFAIL_LINUX_REFCOUNT_H

#include "atomic.h"
#include "bug.h"

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n)               \
	{                              \
		.refs = ATOMIC_INIT(n) \
	}
#define REFCOUNT_SATURATED ((int)0xc0000000)

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

void refcount_add(int i, refcount_t *r);
bool __must_check refcount_add_not_zero(int i, refcount_t *r);
bool __must_check refcount_sub_and_test(int i, refcount_t *r);

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

static inline bool __must_check refcount_inc_not_zero(refcount_t *r)
{
	return refcount_add_not_zero(1, r);
}

static inline bool __must_check refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

static inline void refcount_dec(refcount_t *r)
{
	WARN(refcount_sub_and_test(1, r), "refcount_t: decrement hit 0; leaking memory.\n");
}

#endif
