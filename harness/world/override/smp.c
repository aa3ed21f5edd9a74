// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other CPUs: kernel/smp.c, kernel/stop_machine.c. There is one: functions run at once, here, in the context that they would
 * have on their own CPU.
 */
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <linux/workqueue.h>
#include <asm/tlbflush.h>
#include "host.h"

#undef work_on_cpu

static void call_with_irqs_off(smp_call_func_t func, void *info)
{
	unsigned long flags;

	local_irq_save(flags);
	func(info);
	local_irq_restore(flags);
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait)
{
	call_with_irqs_off(func, info);
	return 0;
}

int smp_call_function_single_async(int cpu, struct __call_single_data *csd)
{
	call_with_irqs_off(csd->func, csd->info);
	return 0;
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info, bool wait)
{
}

void smp_call_function(smp_call_func_t func, void *info, int wait)
{
}

void on_each_cpu_cond_mask(smp_cond_func_t cond, smp_call_func_t func, void *info, bool wait,
			   const struct cpumask *mask)
{
	if (!cond || cond(0, info))
		call_with_irqs_off(func, info);
}

static int stop_all(cpu_stop_fn_t fn, void *data)
{
	unsigned long flags;
	int result;

	local_irq_save(flags);
	result = fn(data);
	local_irq_restore(flags);
	return result;
}

int stop_machine(cpu_stop_fn_t fn, void *data, const struct cpumask *cpus)
{
	return stop_all(fn, data);
}

int stop_machine_cpuslocked(cpu_stop_fn_t fn, void *data, const struct cpumask *cpus)
{
	return stop_all(fn, data);
}

int stop_one_cpu(unsigned int cpu, cpu_stop_fn_t fn, void *data)
{
	int result;

	preempt_disable();
	result = fn(data);
	preempt_enable();
	return result;
}

long work_on_cpu_key(int cpu, long (*fn)(void *), void *arg, struct lock_class_key *key)
{
	return fn(arg);
}

void kick_all_cpus_sync(void)
{
}

void wake_up_all_idle_cpus(void)
{
}

void flush_tlb_all(void)
{
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
}

void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride_shift, bool freed_tables)
{
}

void __flush_tlb_all(void)
{
}

void clflush_cache_range(void *addr, unsigned int size)
{
}

void arch_wb_cache_pmem(void *addr, size_t size)
{
}
