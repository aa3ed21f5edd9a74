// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running driver code, and surviving it.
 *
 * An operation runs on a stack of its own, of 64 KiB (the kernel's is 16 KiB; frames of the runtime
 * and of libc come on top here), below which lies memory that nobody may touch. Entering and
 * leaving it is a handful of instructions. Whatever ends a run early (a fault, BUG(), a deadlock,
 * the clock) drops that stack as it is and comes back from native_run() with a death; the world is
 * then only good for reports, until it is restored.
 *
 *	stack:   | guard, 1 MiB, no access | 64 KiB, restored with the world |
 *
 * Faults are handled on the alternate signal stack: first the world's own (a page that is touched for
 * the first time), then copies from and to user memory, then they are the driver's death. A clock
 * of CPU time ticks all the time, once armed; a run that sees as many ticks as its timeout allows
 * is an endless loop. When the tick finds the driver's own code, the run ends there; inside the
 * runtime it sets native_expired, and the next API call ends it, so that no table is left
 * half-changed. Nothing here costs a system call per run.
 */
#include "../memcheck/memcheck.h"
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <ucontext.h>
#include "../../allocator/core/memory.h"
#include "../trace/run_state.h"
#include "../trace/sanitized.h"

#define STACK_SIZE	(64ul << 10)
#define VALGRIND_MARGIN 1024 /* bytes: nearer to a stack's end, valgrind walks none */
#define GUARD_SIZE	(1ul << 20)
#define SIGNAL_STACK	(128ul << 10)
#define TICK_MS		10u
#define GRACE_TICKS	100u /* how long the runtime may take to reach its next API call */

RUN_STATE volatile bool native_expired;
RUN_STATE bool native_bare_stack;
RUN_STATE uint64_t native_host_sp; /* where native_switch() left the host's stack */
struct native_stack_bounds native_stack_bounds;

static RUN_STATE struct {
	uint64_t low, high;   /* the driver's stack */
	volatile bool active; /* somebody runs on it */
	bool died, faulted, armed;
	volatile uint64_t number; /* of the run */
	uint64_t seen;		  /* the run that the last tick saw */
	unsigned ticks, limit;	  /* ticks in this run, and how many it may have */
	unsigned timeout_ms;
	struct death *death;
} run;

/* ---- switching stacks ---- */

/*
 * int64_t native_switch(int64_t (*fn)(void *), void *arg, uint64_t sp): call fn(arg) on the stack
 * that ends at sp. native_abandon(): go on where native_switch() returns, from anywhere on that
 * stack.
 */
__asm__(".text\n"
	".globl native_switch, native_abandon\n"
	".type native_switch, @function\n"
	"native_switch:\n"
	"	push %rbp\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp, native_host_sp(%rip)\n"
	"	mov %rdx, %rsp\n"
	"	xor %ebp, %ebp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	call *%rax\n"
	"native_abandon:\n"
	"	mov native_host_sp(%rip), %rsp\n"
	"	cld\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	pop %rbp\n"
	"	ret\n"
	".size native_switch, . - native_switch\n");
int64_t native_switch(int64_t (*fn)(void *), void *arg, uint64_t sp);
__attribute__((noreturn)) void native_abandon(void);

/* AddressSanitizer wants to know which stack is in use. */
#ifdef __SANITIZE_ADDRESS__
void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *size);
void __asan_unpoison_memory_region(const volatile void *start, size_t size);
static const void *host_bottom;
static size_t host_size;

static void stack_entered(void)
{
	__sanitizer_finish_switch_fiber(NULL, &host_bottom, &host_size);
}

static void stack_leaves(void **fake)
{
	__sanitizer_start_switch_fiber(fake, host_bottom, host_size);
}

static void host_leaves(void **fake)
{
	__sanitizer_start_switch_fiber(fake, (void *)run.low, run.high - run.low);
}

/* The frames of a run that died were never left: what lies around their variables is free again. */
static void host_entered(void *fake)
{
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
	if (run.died)
		__asan_unpoison_memory_region((void *)run.low, run.high - run.low);
}
#else
static void stack_entered(void)
{
}

static void stack_leaves(void **fake)
{
}

static void host_leaves(void **fake)
{
}

static void host_entered(void *fake)
{
}
#endif

struct job {
	int64_t (*fn)(void *arg);
	void *arg;
};

static int64_t run_job(void *arg)
{
	struct job *job = arg;
	void *fake = NULL;
	int64_t result;

	stack_entered();
	result = job->fn(job->arg);
	stack_leaves(&fake);
	return result;
}

/* ---- death ---- */

void native_die(enum death_kind kind, const char *format, ...)
{
	struct death death = {.kind = kind};
	va_list args;

	va_start(args, format);
	vsnprintf(death.what, sizeof(death.what), format, args);
	va_end(args);
	if (!run.active) {
		fprintf(stderr, "kfail: native mode, outside of a run: %s\n", death.what);
		_exit(4);
	}
	death.stack = native_stack();
	*run.death = death;
	run.died = true;
	stack_leaves(NULL);
	native_abandon();
}

static void describe_loop(struct death *death)
{
	snprintf(death->what, sizeof(death->what), "endless loop: no end after %u ms of CPU time",
		 run.timeout_ms);
}

void native_expire(void)
{
	struct death death;

	describe_loop(&death);
	native_expired = false;
	native_die(DEATH_ENDLESS_LOOP, "%s", death.what);
}

/* ---- faults ---- */

extern char native_copy_insn[], native_copy_end[];

static uint64_t reg(const ucontext_t *uc, int which)
{
	return (uint64_t)uc->uc_mcontext.gregs[which];
}

/* The run ends when the handler returns. */
static void end_run(ucontext_t *uc, struct death *death)
{
	death->stack = native_fault_stack(uc, &death->exact_pc);
	*run.death = *death;
	run.died = run.faulted = true;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)native_abandon;
}

/* The host's business: a page of the snapshot that is written for the first time, a vmalloc area that is touched for the
 * first time. Pages of the snapshot can be read, so there this was a write. (Valgrind does not say which.) */
static bool world_fault(uint64_t addr)
{
	return kf_mapping_fault(addr) || snapshot_fault(addr, true);
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct death death = {.kind = DEATH_NONE};

	if (signal == SIGSEGV && info->si_code == SEGV_ACCERR &&
	    world_fault((uint64_t)info->si_addr))
		return;
	if (reg(uc, REG_RIP) == (uint64_t)native_copy_insn) {
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)native_copy_end;
		return;
	}
	if (!run.active) {
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
		return;
	}
	if ((uint64_t)info->si_addr - (run.low - GUARD_SIZE) < GUARD_SIZE) {
		death.kind = DEATH_STACK_OVERFLOW;
		snprintf(death.what, sizeof(death.what), "kernel stack overflow: %lu KiB used up",
			 STACK_SIZE >> 10);
	} else {
		native_describe_fault(signal, info, uc->uc_mcontext.gregs, &death);
	}
	end_run(uc, &death);
}

/* ---- the clock ---- */

static void on_tick(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct death death = {.kind = DEATH_NONE};
	uint64_t pc = reg(uc, REG_RIP);

	if (!run.active || run.seen != run.number) {
		run.seen = run.number;
		run.ticks = 0;
		return;
	}
	if (++run.ticks < run.limit)
		return;
	native_expired = true;
	if (!native_in_module(pc) && run.ticks <= run.limit + GRACE_TICKS)
		return;
	death.kind = DEATH_ENDLESS_LOOP;
	describe_loop(&death);
	native_expired = false;
	end_run(uc, &death);
}

static bool arm_clock(void)
{
	const struct itimerspec period = {
		.it_interval.tv_nsec = TICK_MS * 1000000l,
		.it_value.tv_nsec = TICK_MS * 1000000l,
	};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
	timer_t timer;

	run.armed = !timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) &&
		    !timer_settime(timer, 0, &period, NULL);
	return run.armed;
}

/* A timer does not survive fork(). */
void native_run_adopt(void)
{
	run.armed = false;
}

/* ---- running ---- */

void native_run_stacks(struct target_stacks *out)
{
	*out = (struct target_stacks){.host = native_host_sp};
}

/* To the clock, as if another run had begun. */
void native_run_rearm(void)
{
	run.number++;
}

bool native_running(void)
{
	return run.active;
}

void native_run_region(struct snapshot_region *region)
{
	*region = (struct snapshot_region){
		.start = run.low, .size = run.high - run.low, .prot = PROT_READ | PROT_WRITE};
}

static bool handle(int signal, void (*handler)(int, siginfo_t *, void *), int more)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | more};

	return sigaction(signal, &action, NULL) == 0;
}

static bool open_signal_stack(void)
{
	stack_t alt = {.ss_size = SIGNAL_STACK};

	alt.ss_sp = mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	return alt.ss_sp != MAP_FAILED && sigaltstack(&alt, NULL) == 0;
}

/* At a fixed place behind the world, so that addresses in it are the same in every run. */
static bool open_stack(void)
{
	const struct kf_layout *l = kf_layout();
	uint64_t want =
		(l->percpu + l->nr_cpus * l->percpu_unit + (1ull << 30)) & ~((1ull << 30) - 1);
	char *p = mmap((void *)want, GUARD_SIZE + STACK_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED || mprotect(p + GUARD_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE))
		return false;
	run.low = (uint64_t)p + GUARD_SIZE;
	run.high = run.low + STACK_SIZE;
	native_stack_bounds = (struct native_stack_bounds){run.low, STACK_SIZE};
	(void)VALGRIND_STACK_REGISTER((void *)run.low, (void *)run.high);
	return true;
}

bool native_run_open(void)
{
	if (run.low)
		return true;
	return open_stack() && open_signal_stack() && handle(SIGSEGV, on_fault, 0) &&
	       handle(SIGBUS, on_fault, 0) && handle(SIGILL, on_fault, 0) &&
	       handle(SIGFPE, on_fault, 0) && handle(SIGVTALRM, on_tick, SA_RESTART);
}

bool native_run(int64_t (*fn)(void *arg), void *arg, int64_t *result, struct death *death,
		unsigned timeout_ms)
{
	struct job job = {fn, arg};
	void *fake = NULL;
	int64_t value;

	if (!run.armed)
		arm_clock();
	run.limit = timeout_ms ? (timeout_ms + TICK_MS - 1) / TICK_MS + 1 : UINT32_MAX;
	run.timeout_ms = timeout_ms;
	run.death = death;
	run.died = run.faulted = false;
	run.number++;
	native_expired = false;
	death->kind = DEATH_NONE;
	host_leaves(&fake);
	run.active = true;
	memcheck_report(true);
	value = native_switch(run_job, &job, run.high - VALGRIND_MARGIN * !!RUNNING_ON_VALGRIND);
	memcheck_report(false);
	run.active = false;
	if (run.faulted)
		stack_leaves(NULL);
	host_entered(fake);
	native_bare_stack = false;
	if (!run.died)
		*result = value;
	return !run.died;
}
