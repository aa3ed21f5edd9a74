/* SPDX-License-Identifier: GPL-2.0-only */
/* Atomic integers, made of the compiler's own. */
#ifndef KFAIL_LINUX_ATOMIC_H
#define KFAIL_LINUX_ATOMIC_H

#include "types.h"

#define ATOMIC_INIT(i) \
	{              \
		(i)    \
	}
#define ATOMIC64_INIT(i) \
	{                \
		(i)      \
	}
#define ATOMIC_LONG_INIT(i) \
	{                   \
		(i)         \
	}

/* All operations of one width; P is the prefix of their names. */
#define NATIVE_ATOMIC(P, T, I)                                                                     \
	static inline I P##_read(const T *v)                                                       \
	{                                                                                          \
		return READ_ONCE(v->counter);                                                      \
	}                                                                                          \
	static inline void P##_set(T *v, I i)                                                      \
	{                                                                                          \
		WRITE_ONCE(v->counter, i);                                                         \
	}                                                                                          \
	static inline I P##_add_return(I i, T *v)                                                  \
	{                                                                                          \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline I P##_sub_return(I i, T *v)                                                  \
	{                                                                                          \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline I P##_fetch_add(I i, T *v)                                                   \
	{                                                                                          \
		return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline I P##_fetch_sub(I i, T *v)                                                   \
	{                                                                                          \
		return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline I P##_fetch_or(I i, T *v)                                                    \
	{                                                                                          \
		return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);                        \
	}                                                                                          \
	static inline I P##_fetch_and(I i, T *v)                                                   \
	{                                                                                          \
		return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static inline I P##_xchg(T *v, I i)                                                        \
	{                                                                                          \
		return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);                      \
	}                                                                                          \
	static inline I P##_cmpxchg(T *v, I old, I new_value)                                      \
	{                                                                                          \
		__atomic_compare_exchange_n(&v->counter, &old, new_value, false, __ATOMIC_SEQ_CST, \
					    __ATOMIC_SEQ_CST);                                     \
		return old;                                                                        \
	}                                                                                          \
	static inline bool P##_try_cmpxchg(T *v, I *old, I new_value)                              \
	{                                                                                          \
		return __atomic_compare_exchange_n(&v->counter, old, new_value, false,             \
						   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);            \
	}                                                                                          \
	static inline bool P##_add_unless(T *v, I a, I u)                                          \
	{                                                                                          \
		I c = P##_read(v);                                                                 \
		while (c != u && !P##_try_cmpxchg(v, &c, c + a))                                   \
			;                                                                          \
		return c != u;                                                                     \
	}                                                                                          \
	static inline I P##_dec_if_positive(T *v)                                                  \
	{                                                                                          \
		I c = P##_read(v);                                                                 \
		while (c > 0 && !P##_try_cmpxchg(v, &c, c - 1))                                    \
			;                                                                          \
		return c - 1;                                                                      \
	}                                                                                          \
	static inline void P##_add(I i, T *v)                                                      \
	{                                                                                          \
		P##_add_return(i, v);                                                              \
	}                                                                                          \
	static inline void P##_sub(I i, T *v)                                                      \
	{                                                                                          \
		P##_sub_return(i, v);                                                              \
	}                                                                                          \
	static inline void P##_inc(T *v)                                                           \
	{                                                                                          \
		P##_add_return(1, v);                                                              \
	}                                                                                          \
	static inline void P##_dec(T *v)                                                           \
	{                                                                                          \
		P##_sub_return(1, v);                                                              \
	}                                                                                          \
	static inline void P##_or(I i, T *v)                                                       \
	{                                                                                          \
		P##_fetch_or(i, v);                                                                \
	}                                                                                          \
	static inline void P##_and(I i, T *v)                                                      \
	{                                                                                          \
		P##_fetch_and(i, v);                                                               \
	}                                                                                          \
	static inline void P##_andnot(I i, T *v)                                                   \
	{                                                                                          \
		P##_fetch_and(~i, v);                                                              \
	}                                                                                          \
	static inline I P##_inc_return(T *v)                                                       \
	{                                                                                          \
		return P##_add_return(1, v);                                                       \
	}                                                                                          \
	static inline I P##_dec_return(T *v)                                                       \
	{                                                                                          \
		return P##_sub_return(1, v);                                                       \
	}                                                                                          \
	static inline I P##_fetch_inc(T *v)                                                        \
	{                                                                                          \
		return P##_fetch_add(1, v);                                                        \
	}                                                                                          \
	static inline bool P##_inc_and_test(T *v)                                                  \
	{                                                                                          \
		return P##_add_return(1, v) == 0;                                                  \
	}                                                                                          \
	static inline bool P##_dec_and_test(T *v)                                                  \
	{                                                                                          \
		return P##_sub_return(1, v) == 0;                                                  \
	}                                                                                          \
	static inline bool P##_sub_and_test(I i, T *v)                                             \
	{                                                                                          \
		return P##_sub_return(i, v) == 0;                                                  \
	}                                                                                          \
	static inline bool P##_inc_not_zero(T *v)                                                  \
	{                                                                                          \
		return P##_add_unless(v, 1, 0);                                                    \
	}

NATIVE_ATOMIC(atomic, atomic_t, int)
NATIVE_ATOMIC(atomic64, atomic64_t, s64)
NATIVE_ATOMIC(atomic_long, atomic_long_t, long long)

#define atomic_read_acquire(v)	 atomic_read(v)
#define atomic_set_release(v, i) atomic_set(v, i)

#define xchg(ptr, v) __atomic_exchange_n(ptr, v, __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, new_value)                                                         \
	({                                                                                   \
		__typeof__(*(ptr)) __old = (old);                                            \
		__atomic_compare_exchange_n(ptr, &__old, new_value, false, __ATOMIC_SEQ_CST, \
					    __ATOMIC_SEQ_CST);                               \
		__old;                                                                       \
	})

#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define mb()			smp_mb()
#define rmb()			smp_rmb()
#define wmb()			smp_wmb()
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic()	barrier()
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
