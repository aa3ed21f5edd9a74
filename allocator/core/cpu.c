// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and CPUs: a bitmap of taken CPUs in the host, and a destructor at the end of each thread.
 */
#include "cpu.h"

#include <pthread.h>

#include "state.h"

/* 0: not asked yet; KF_NO_CPU + 1 wraps to 0, so a thread without a CPU asks again each time. */
__thread unsigned kf_cpu_plus_one __attribute__((tls_model("initial-exec")));

/* kf_cpu_enter() gave it, nobody else has it. */
static __thread bool own __attribute__((tls_model("initial-exec")));
/* The thread is ending, and destructors of others may still allocate: no CPU any more. */
static __thread bool ending __attribute__((tls_model("initial-exec")));

static u64 taken[KF_MAX_CPUS / 64];
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void at_thread_end(void *unused)
{
	ending = true;
	kf_cpu_leave();
}

static void make_key(void)
{
	pthread_key_create(&key, at_thread_end);
}

unsigned kf_cpu_enter(void)
{
	unsigned limit = ending ? 0 : kf_layout()->nr_cpus;

	for (unsigned cpu = 0; cpu < limit && cpu < KF_MAX_CPUS; cpu++) {
		u64 bit = 1ull << (cpu % 64);

		if (__atomic_load_n(&taken[cpu / 64], __ATOMIC_RELAXED) & bit ||
		    __atomic_fetch_or(&taken[cpu / 64], bit, __ATOMIC_ACQUIRE) & bit)
			continue;
		kf_cpu_plus_one = cpu + 1;
		own = true;
		if (cpu) { /* the main thread ends with the process */
			pthread_once(&once, make_key);
			pthread_setspecific(key, &taken);
		}
		return cpu;
	}
	return KF_NO_CPU;
}

bool kf_cpu_is_own(void)
{
	return own;
}

void kf_cpu_leave(void)
{
	unsigned cpu = kf_cpu_plus_one - 1;

	if (cpu == KF_NO_CPU)
		return;
	kf_pcp_leave(cpu);
	kf_cpu_plus_one = 0;
	if (!own)
		return;
	own = false;
	if (kf_state())
		kf_slab_cpu_dead(cpu);
	__atomic_fetch_and(&taken[cpu / 64], ~(1ull << (cpu % 64)), __ATOMIC_RELEASE);
}
