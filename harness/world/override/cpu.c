// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processor: what needs privilege goes through pv_ops here; instructions that do not are met by
 * the trap handler of the host. FPU sections are bracketed as on the machine (the host's registers
 * are not touched by kernel code).
 */
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>
#include <linux/bug.h>
#include <linux/kprobes.h>
#include <asm/paravirt.h>
#include <asm/processor.h>
#include <asm/fpu/api.h>
#include <asm/cpufeature.h>
#include <asm/qspinlock.h>
#include "host.h"

extern struct irq_work *kf_irq_works;

asmlinkage __visible unsigned long kf_save_flags(void)
{
	return kf_irq_flags;
}

asmlinkage __visible void kf_irq_disable(void)
{
	kf_irq_flags = 0;
}

asmlinkage __visible void kf_irq_enable(void)
{
	kf_irq_flags = X86_EFLAGS_IF;
	if (unlikely(kf_irq_works))
		kf_run_irq_works();
}

PV_CALLEE_SAVE_REGS_THUNK(kf_save_flags);
PV_CALLEE_SAVE_REGS_THUNK(kf_irq_disable);
PV_CALLEE_SAVE_REGS_THUNK(kf_irq_enable);

static u64 read_msr(unsigned int msr)
{
	return 0;
}

static void write_msr(unsigned int msr, unsigned int low, unsigned int high)
{
}

static u64 read_msr_safe(unsigned int msr, int *err)
{
	*err = 0;
	return 0;
}

static int write_msr_safe(unsigned int msr, unsigned int low, unsigned int high)
{
	return 0;
}

static void nothing(void)
{
}

static unsigned long zero(void)
{
	return 0;
}

/* One CPU and no preemption: a lock that is held when it is wanted will never be released. */
static void spin_lock_slowpath(struct qspinlock *lock, u32 val)
{
	end_world(KF_END_DEADLOCK, "spinlock taken while it is held: self-deadlock");
}

void kf_cpu_init(void)
{
	static const u16 features[] = {
		X86_FEATURE_FPU,       X86_FEATURE_TSC,	   X86_FEATURE_CX8,    X86_FEATURE_CMOV,
		X86_FEATURE_FXSR,      X86_FEATURE_XMM,	   X86_FEATURE_XMM2,   X86_FEATURE_XMM3,
		X86_FEATURE_SSSE3,     X86_FEATURE_XMM4_1, X86_FEATURE_XMM4_2, X86_FEATURE_AES,
		X86_FEATURE_PCLMULQDQ, X86_FEATURE_POPCNT, X86_FEATURE_CX16,
	};
	int i;

	pv_ops.irq.save_fl = (struct paravirt_callee_save)PV_CALLEE_SAVE(kf_save_flags);
	pv_ops.irq.irq_disable = (struct paravirt_callee_save)PV_CALLEE_SAVE(kf_irq_disable);
	pv_ops.irq.irq_enable = (struct paravirt_callee_save)PV_CALLEE_SAVE(kf_irq_enable);
	pv_ops.irq.safe_halt = nothing;
	pv_ops.irq.halt = nothing;
	pv_ops.cpu.read_msr = read_msr;
	pv_ops.cpu.write_msr = write_msr;
	pv_ops.cpu.read_msr_safe = read_msr_safe;
	pv_ops.cpu.write_msr_safe = write_msr_safe;
	pv_ops.cpu.io_delay = nothing;
	pv_ops.cpu.read_cr0 = (void *)zero;
	pv_ops.cpu.write_cr0 = (void *)nothing;
	pv_ops.cpu.write_cr4 = (void *)nothing;
	pv_ops.mmu.read_cr3 = (void *)zero;
	pv_ops.mmu.write_cr3 = (void *)nothing;
	pv_ops.mmu.flush_tlb_user = nothing;
	pv_ops.mmu.flush_tlb_kernel = nothing;
	pv_ops.mmu.flush_tlb_one_user = (void *)nothing;
	pv_ops.lock.queued_spin_lock_slowpath = spin_lock_slowpath;

	for (i = 0; i < ARRAY_SIZE(features); i++)
		set_cpu_cap(&boot_cpu_data, features[i]);
	boot_cpu_data.x86_cache_alignment = boot_cpu_data.x86_clflush_size = 64;
	boot_cpu_data.x86_virt_bits = 48;
	boot_cpu_data.x86_phys_bits = 46;
	boot_cpu_data.x86 = 6;
	boot_cpu_data.x86_model = 85;
	/* A page for the FPU state behind each task. */
	arch_task_struct_size = sizeof(struct task_struct) + PAGE_SIZE;
}

void kernel_fpu_begin_mask(unsigned int mask)
{
	preempt_disable();
}

void kernel_fpu_end(void)
{
	preempt_enable();
}

bool irq_fpu_usable(void)
{
	return true;
}
