// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls of a scenario's program: the kernel's own functions, called through its own table as
 * arch/x86/entry/common.c does, in the task of the operation and on its kernel stack.
 *
 *	program (host)			agent (module.c)		here
 *	open("/dev/foo", O_RDWR) ----> KF_OP_SYSCALL ----------------> sys_call_table[__NR_open](regs)
 *					    |				  task works: what close() left
 *	errno, -1 or a number <-----------  result <--------------------  signals, restarts
 *
 * The program's pointers are the process's own, so they are good user pointers of this process; one that
 * leads nowhere faults in copy_from_user() and is mended by the kernel's exception table.
 *
 * init_task is a kernel thread. While a program's call runs it is none: what is closed is then
 * released on the way back to the program, and not by a work some time later, as with any program.
 *
 * A program of ours has no signal handlers and is never killed: signals are dropped, and a call that wants to be
 * restarted returns -EINTR.
 *
 * There is no MMU behind a program's memory: whatever would pin its pages, or map some for it, cannot be
 * judged, and says so. (User memory that is only copied, which is nearly all of it, needs none of this.)
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/task_work.h>
#include <asm/syscall.h>
#include "host.h"

extern void task_work_run(void);
extern int init_dup(struct file *file);

/* Written by the host before KF_OP_SYSCALL. */
struct kf_syscall kf_syscall_request;

static s64 result_for_program(s64 result)
{
	switch (result) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return result;
	}
}

/* exit_to_user_mode_loop() of kernel/entry/common.c. */
static void return_to_program(void)
{
	task_work_run();
	clear_thread_flag(TIF_NOTIFY_RESUME);
	if (signal_pending(current))
		flush_signals(current);
}

s64 kf_syscall(void)
{
	const struct kf_syscall *call = &kf_syscall_request;
	struct pt_regs regs = {
		.di = call->args[0],
		.si = call->args[1],
		.dx = call->args[2],
		.r10 = call->args[3],
		.r8 = call->args[4],
		.r9 = call->args[5],
		.ax = -ENOSYS,
		.orig_ax = call->number,
		.flags = X86_EFLAGS_IF,
		.cs = __USER_CS,
		.ss = __USER_DS,
	};
	s64 result;

	if (call->number >= NR_syscalls)
		return -ENOSYS;
	current->flags &= ~PF_KTHREAD;
	result = sys_call_table[call->number](&regs);
	return_to_program();
	current->flags |= PF_KTHREAD;
	return result_for_program(result);
}

/* Where a program's first file gets number 3: three times /dev/null, as a daemon has it; and the views mounted that a
 * distribution has. */
int kf_begin_program(void)
{
	struct file *file;
	int i, err = 0;

	kf_mount_views();
	file = filp_open("/dev/null", O_RDWR, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	for (i = 0; i < 3 && err >= 0; i++)
		err = init_dup(file);
	fput(file);
	return err < 0 ? err : 0;
}

static void __noreturn no_mmu(void)
{
	end_world(KF_END_NOT_JUDGED,
		  "a program's memory is to be pinned or mapped, which needs a real MMU");
}

int internal_get_user_pages_fast(unsigned long start, unsigned long nr_pages,
				 unsigned int gup_flags, struct page **pages)
{
	no_mmu();
}

unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr, unsigned long len,
			    unsigned long prot, unsigned long flag, unsigned long pgoff)
{
	no_mmu();
}
