/* SPDX-License-Identifier: GPL-2.0-only */
/* What drivers expect of the compiler: attributes, branch hints, single accesses. */
#ifndef KFAIL_LINUX_COMPILER_H
#define KFAIL_LINUX_COMPILER_H

/* Annotations for sparse; nothing to a compiler. */
#define __user
#define __kernel
#define __iomem
#define __rcu
#define __percpu
#define __force
#define __nocast
#define __bitwise
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x) (void)0
#define __release(x) (void)0
#define __private
#define __safe

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#undef __always_inline
#define __always_inline	   inline __attribute__((__always_inline__))
#define noinline	   __attribute__((__noinline__))
#define noinline_for_stack noinline
#define __must_check	   __attribute__((__warn_unused_result__))
#define __maybe_unused	   __attribute__((__unused__))
#define __always_unused	   __attribute__((__unused__))
#define __used		   __attribute__((__used__))
#define __packed	   __attribute__((__packed__))
#define __aligned(x)	   __attribute__((__aligned__(x)))
#define __section(s)	   __attribute__((__section__(s)))
#define __weak		   __attribute__((__weak__))
#define __alias(symbol)	   __attribute__((__alias__(#symbol)))
#define __printf(a, b)	   __attribute__((__format__(printf, a, b)))
#define __scanf(a, b)	   __attribute__((__format__(scanf, a, b)))
#define __malloc	   __attribute__((__malloc__))
#define __cold		   __attribute__((__cold__))
#define __noreturn	   __attribute__((__noreturn__))
#undef __pure
#define __pure __attribute__((__pure__))
#undef __attribute_const__
#define __attribute_const__ __attribute__((__const__))
#define __deprecated
#define __visible
#define __cleanup(fn)	      __attribute__((__cleanup__(fn)))
#define __no_sanitize_address __attribute__((__no_sanitize_address__))
#define __read_mostly
#define __ro_after_init
#define __cacheline_aligned	     __aligned(64)
#define ____cacheline_aligned	     __aligned(64)
#define __cacheline_aligned_in_smp   __aligned(64)
#define ____cacheline_aligned_in_smp __aligned(64)
#define fallthrough		     __attribute__((__fallthrough__))
#define notrace
#define asmlinkage
#define __randomize_layout
#define __no_randomize_layout
#define __counted_by(member)

#define barrier()	      __asm__ __volatile__("" : : : "memory")
#define barrier_data(ptr)     __asm__ __volatile__("" : : "r"(ptr) : "memory")
#define OPTIMIZER_HIDE_VAR(v) __asm__("" : "+r"(v))
#define unreachable()	      __builtin_unreachable()

#define READ_ONCE(x)	   (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val) (*(volatile __typeof__(x) *)&(x) = (val))
#define data_race(expr)	   (expr)

#define __same_type(a, b)		 __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define __must_be_array(a)		 BUILD_BUG_ON_ZERO(__same_type((a), &(a)[0]))
#define __compiletime_assert_(cond, msg) _Static_assert(cond, msg)
#define compiletime_assert(cond, msg)	 _Static_assert(cond, msg)

#define ___PASTE(a, b)	    a##b
#define __PASTE(a, b)	    ___PASTE(a, b)
#define __UNIQUE_ID(prefix) __PASTE(__PASTE(__UNIQUE_ID_, prefix), __COUNTER__)
#define __stringify_1(x...) #x
#define __stringify(x...)   __stringify_1(x)

#define _THIS_IP_ ((unsigned long)__builtin_return_address(0))
#define _RET_IP_  ((unsigned long)__builtin_return_address(0))

#endif
