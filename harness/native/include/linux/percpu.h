/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU memory. A dynamic area is named by a cookie, an offset into each CPU's unit, so that
 * using it as a pointer faults. A static variable lies in the module, once: there is one CPU.
 */
#ifndef KFAIL_LINUX_PERCPU_H
#define KFAIL_LINUX_PERCPU_H

#include "cpumask.h"
#include "gfp_types.h"
#include "percpu-defs.h"

void __percpu *__alloc_percpu(size_t size, size_t align);
void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp);
void free_percpu(void __percpu *cookie);

#define alloc_percpu(type) \
	((__typeof__(type) __percpu *)__alloc_percpu(sizeof(type), __alignof__(type)))
#define alloc_percpu_gfp(type, gfp) \
	((__typeof__(type) __percpu *)__alloc_percpu_gfp(sizeof(type), __alignof__(type), gfp))

#endif
