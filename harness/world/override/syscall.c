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
 * The program has an mm, so that a driver may lock it, count on it, take a reference or give it to a kernel thread
 * (kthread_use_mm()), as on any machine. Only while its call runs: kernel threads have none. There is nothing in it: no
 * MMU is behind a program's memory. Whatever would pin its pages, look for what is mapped, or map some for it, cannot be
 * judged, and says so. (User memory that is only copied, which is nearly all of it, needs none of this.)
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/task_work.h>
#include <asm/syscall.h>
#include "host.h"

extern void task_work_run(void);
extern int init_dup(struct file *file);
extern void iterate_supers(void (*fn)(struct super_block *sb, void *arg), void *arg);

/* Written by the host before KF_OP_SYSCALL. */
struct kf_syscall kf_syscall_request;

/* Since the cache of names was emptied. */
static bool names_used;

/* Behind it, the kernel keeps one bit for each CPU that has it loaded. */
static struct {
	struct mm_struct mm;
	unsigned long cpus[BITS_TO_LONGS(NR_CPUS)];
} program_mm;

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

static void __noreturn no_mmu(void)
{
	end_world(KF_END_NOT_JUDGED,
		  "a program's memory is to be pinned or mapped, which needs a real MMU");
}

/* System calls that are about what the process has mapped. */
static bool is_about_mappings(u64 number)
{
	switch (number) {
	case __NR_mmap:
	case __NR_munmap:
	case __NR_mprotect:
	case __NR_mremap:
	case __NR_madvise:
	case __NR_msync:
	case __NR_mincore:
	case __NR_brk:
	case __NR_mlock:
	case __NR_mlock2:
	case __NR_munlock:
	case __NR_mlockall:
	case __NR_munlockall:
	case __NR_remap_file_pages:
	case __NR_process_vm_readv:
	case __NR_process_vm_writev:
	case __NR_process_madvise:
	case __NR_userfaultfd:
		return true;
	default:
		return false;
	}
}

static void become_program(void)
{
	current->flags &= ~PF_KTHREAD;
	current->mm = current->active_mm = &program_mm.mm;
}

static void become_kernel_thread(void)
{
	current->flags |= PF_KTHREAD;
	current->mm = NULL;
	current->active_mm = &init_mm;
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
	if (is_about_mappings(call->number))
		no_mmu();
	names_used = true;
	become_program();
	result = sys_call_table[call->number](&regs);
	return_to_program();
	become_kernel_thread();
	return result_for_program(result);
}

/* The mm of a process that has nothing mapped; after mm_init() of kernel/fork.c. Never freed: one reference stays. */
static void make_mm(void)
{
	struct mm_struct *mm = &program_mm.mm;

	mt_init_flags(&mm->mm_mt, MM_MT_FLAGS);
	mt_set_external_lock(&mm->mm_mt, &mm->mmap_lock);
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	seqcount_init(&mm->write_protect_seq);
	mmap_init_lock(mm);
	INIT_LIST_HEAD(&mm->mmlist);
	spin_lock_init(&mm->page_table_lock);
	spin_lock_init(&mm->arg_lock);
	spin_lock_init(&mm->ioctx_lock);
	mm->owner = &init_task;
	mm->user_ns = &init_user_ns;
	mm->pgd = init_mm.pgd; /* no table is ever read */
	mm->task_size = mm->mmap_base = TASK_SIZE;
}

/* Where a program's first file gets number 3: three times /dev/null, as a daemon has it; and the views mounted that a
 * distribution has. */
int kf_begin_program(void)
{
	struct file *file;
	int i, err = 0;

	make_mm();
	kf_mount_views();
	kf_add_kmemleak_file();
	file = filp_open("/dev/null", O_RDWR, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	for (i = 0; i < 3 && err >= 0; i++)
		err = init_dup(file);
	fput(file);
	return err < 0 ? err : 0;
}

/* ---- ways to a program's pages, and to what is mapped in its mm ---- */

int internal_get_user_pages_fast(unsigned long start, unsigned long nr_pages,
				 unsigned int gup_flags, struct page **pages)
{
	no_mmu();
}

long get_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
		    struct page **pages, struct vm_area_struct **vmas)
{
	no_mmu();
}

long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages, struct page **pages,
			     unsigned int gup_flags)
{
	no_mmu();
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
			   unsigned int gup_flags, struct page **pages,
			   struct vm_area_struct **vmas, int *locked)
{
	no_mmu();
}

long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
		    struct page **pages, struct vm_area_struct **vmas)
{
	no_mmu();
}

long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages, struct page **pages,
			     unsigned int gup_flags)
{
	no_mmu();
}

long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
			   unsigned int gup_flags, struct page **pages,
			   struct vm_area_struct **vmas, int *locked)
{
	no_mmu();
}

int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags,
		     bool *unlocked)
{
	no_mmu();
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
			   struct pt_regs *regs)
{
	no_mmu();
}

int __access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf, int len,
		       unsigned int gup_flags)
{
	no_mmu();
}

int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf, int len,
		      unsigned int gup_flags)
{
	no_mmu();
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	no_mmu();
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start_addr,
					     unsigned long end_addr)
{
	no_mmu();
}

struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long addr)
{
	no_mmu();
}

unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr, unsigned long len,
			    unsigned long prot, unsigned long flag, unsigned long pgoff)
{
	no_mmu();
}

int vm_munmap(unsigned long start, size_t len)
{
	no_mmu();
}

/* Every task sees the program's memory already: it is this process's. */
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk)
{
}

void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk)
{
}

static void forget_unused(struct super_block *sb, void *arg)
{
	shrink_dcache_sb(sb);
}

/*
 * Names that a program looked up stay in the kernel's cache when nobody uses them, and keep their inodes, which keep
 * nodes of sysfs and entries of proc that were removed since. Memory pressure would free them some day; where a run is at
 * rest they must not look like something that the driver has left. Nothing to do where no program ran.
 */
void kf_forget_names(void)
{
	if (names_used)
		iterate_supers(forget_unused, NULL);
	names_used = false;
}
