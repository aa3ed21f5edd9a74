/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_LINUX_PERCPU_DEFS_H
#define KFAIL_LINUX_PERCPU_DEFS_H

#include "preempt.h"

void *native_per_cpu_ptr(const void *cookie, unsigned int cpu);

#define DEFINE_PER_CPU(type, name)  __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define per_cpu_ptr(ptr, cpu)	    ((__typeof__(ptr))native_per_cpu_ptr(ptr, cpu))
#define this_cpu_ptr(ptr)	    per_cpu_ptr(ptr, 0)
#define raw_cpu_ptr(ptr)	    per_cpu_ptr(ptr, 0)
#define per_cpu(var, cpu)	    (*per_cpu_ptr(&(var), cpu))
#define get_cpu_var(var)	    (*(preempt_disable(), this_cpu_ptr(&(var))))
#define put_cpu_var(var)	    ((void)&(var), preempt_enable())
#define get_cpu_ptr(ptr)	    (preempt_disable(), this_cpu_ptr(ptr))
#define put_cpu_ptr(ptr)	    ((void)(ptr), preempt_enable())

#define this_cpu_read(v)	    (*this_cpu_ptr(&(v)))
#define this_cpu_write(v, val)	    ((void)(*this_cpu_ptr(&(v)) = (val)))
#define this_cpu_add(v, val)	    ((void)(*this_cpu_ptr(&(v)) += (val)))
#define this_cpu_sub(v, val)	    ((void)(*this_cpu_ptr(&(v)) -= (val)))
#define this_cpu_inc(v)		    this_cpu_add(v, 1)
#define this_cpu_dec(v)		    this_cpu_sub(v, 1)
#define this_cpu_add_return(v, val) (*this_cpu_ptr(&(v)) += (val))
#define this_cpu_inc_return(v)	    this_cpu_add_return(v, 1)
#define this_cpu_xchg(v, val)                           \
	({                                              \
		__typeof__(v) __old = this_cpu_read(v); \
		this_cpu_write(v, val);                 \
		__old;                                  \
	})
#define __this_cpu_read(v)	 this_cpu_read(v)
#define __this_cpu_write(v, val) this_cpu_write(v, val)
#define __this_cpu_add(v, val)	 this_cpu_add(v, val)
#define __this_cpu_inc(v)	 this_cpu_inc(v)
#define __this_cpu_dec(v)	 this_cpu_dec(v)
#define raw_cpu_read(v)		 this_cpu_read(v)
#define raw_cpu_inc(v)		 this_cpu_inc(v)

#endif
