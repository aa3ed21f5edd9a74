/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which simulated CPU a thread is. A thread becomes a CPU of its own with its first allocation and gives it
 * back when it ends; what the CPU held (page lists, slabs) then goes back to the node. With more threads than
 * kf_layout.nr_cpus, those that came last have none: they work on the node's lists, under its locks.
 * Which CPUs are taken is a fact about the host and not part of the world.
 */
#ifndef KFAIL_ALLOCATOR_CPU_H
#define KFAIL_ALLOCATOR_CPU_H

#include "types.h"

#define KF_NO_CPU   (~0u)
#define KF_MAX_CPUS 1024u

extern __thread unsigned kf_cpu_plus_one __attribute__((tls_model("initial-exec")));

/* Take a free CPU for this thread, or none (KF_NO_CPU). */
unsigned kf_cpu_enter(void);

/* The CPU of this thread, below kf_layout.nr_cpus; or KF_NO_CPU. */
static inline unsigned kf_cpu(void)
{
	return kf_cpu_plus_one ? kf_cpu_plus_one - 1 : kf_cpu_enter();
}

/* This thread took its CPU with kf_cpu_enter(), so no other thread is the same CPU. */
bool kf_cpu_is_own(void);

/* Give this thread's CPU back now; its next allocation takes one again. Called when a thread ends. */
void kf_cpu_leave(void);

#endif
