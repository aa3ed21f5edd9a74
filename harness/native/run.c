// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running driver code, and surviving it.
 *
 * An operation runs on a stack of its own, of 64 KiB (the kernel's is 16 KiB; frames of the runtime and of libc come on
 * top here), below which lies memory that nobody may touch. Entering and leaving it is a handful of
 * instructions. Whatever ends a run early (a fault, BUG(), a deadlock, the clock) drops that stack as it is and
 * comes back from native_run() with a death; the world is then only good for reports, until it is restored.
 *
 *	stack:   | guard, 1 MiB, no access | 64 KiB, restored with the world |
 *
 * Faults are handled on the alternate signal stack: first the snapshot (a page that is written for the first time),
 * then copies from and to user memory, then they are the driver's death. A clock of CPU time ticks all the
 * time, once armed; a run that sees as many ticks as its timeout allows is an endless loop. When the tick finds
 * the driver's own code, the run ends there; inside the runtime it sets native_expired, and the next API call ends it,
 * so that no table is left half-changed. Nothing here costs a system call per run.
 */
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
#include "../../allocator/memory.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0
#endif

#define STACK_SIZE	(64ul << 10)
#define GUARD_SIZE	(1ul << 20)
#define SIGNAL_STACK	(128ul << 10)
#define TICK_MS		10u
#define GRACE_TICKS	100u /* how long the runtime may take to reach its next API call */
#define NULL_PAGES	0x10000ul
#define EFLAGS_WRITE	2 /* in the page fault's error code */
#define EFLAGS_FETCH	16

volatile bool native_expired;
bool native_bare_stack;

static struct {
	uint64_t low, high;   /* the driver's stack */
	volatile bool active; /* somebody runs on it */
	bool died, armed;
	volatile uint64_t number; /* of the run */
	uint64_t seen;		  /* the run that the last tick saw */
	unsigned ticks, limit;	  /* ticks in this run, and how many it may have */
	struct death *death;
} run;

/* ---- switching stacks ---------------------------------------------------------------------------- */

/*
 * int64_t native_switch(int64_t (*fn)(void *), void *arg, uint64_t sp): call fn(arg) on the stack that ends at sp.
 * native_abandon(): go on where native_switch() returns, from anywhere on that stack.
 */
__asm__(".local native_host_sp\n"
	".comm native_host_sp, 8, 8\n"
	".text\n"
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
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *size);
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

static void host_entered(void *fake)
{
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
}
#else
static void stack_entered(void)
{
}

static void stack_leaves(void **fake)
{
	(void)fake;
}

static void host_leaves(void **fake)
{
	(void)fake;
}

static void host_entered(void *fake)
{
	(void)fake;
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

/* ---- death --------------------------------------------------------------------------------------- */

static void die_now(enum death_kind kind, uint64_t address, uint32_t stack, bool exact, const char *what)
{
	struct death *d = run.death;

	d->kind = kind;
	d->address = address;
	d->stack = stack;
	d->exact_pc = exact;
	snprintf(d->what, sizeof(d->what), "%s", what);
	run.died = true;
}

void native_die(enum death_kind kind, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (!run.active) {
		fprintf(stderr, "kfail: native mode, outside of a run: %s\n", what);
		_exit(4);
	}
	die_now(kind, 0, native_stack(), false, what);
	stack_leaves(NULL);
	native_abandon();
}

void native_expire(void)
{
	native_expired = false;
	native_die(DEATH_ENDLESS_LOOP, "endless loop: no end after %u ms of CPU time", run.limit * TICK_MS);
}

/* ---- faults -------------------------------------------------------------------------------------- */

extern char native_copy_insn[], native_copy_end[];

static uint64_t reg(const ucontext_t *uc, int which)
{
	return (uint64_t)uc->uc_mcontext.gregs[which];
}

/* An address that no page table can hold faults without telling itself: look for it in the registers. */
static uint64_t non_canonical(const ucontext_t *uc)
{
	static const int regs[] = { REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP,
				    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14,
				    REG_R15 };

	for (unsigned i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		int64_t top = (int64_t)reg(uc, regs[i]) >> 47;

		if (top != 0 && top != -1)
			return reg(uc, regs[i]);
	}
	return 0;
}

static const char *meaning_of(uint64_t address)
{
	static char text[64];

	if ((address >> 48) == 0xdead)
		return " (a removed list entry)";
	if ((address & 0xffffffffffff0000ull) == 0x6b6b6b6b6b6b0000ull)
		return " (read from freed memory)";
	if ((address & 0xffffffffffff0000ull) == 0xaaaaaaaaaaaa0000ull)
		return " (read from a free page, or one never written)";
	if (address < (uint64_t)-4095)
		return "";
	snprintf(text, sizeof(text), " (the error pointer %d)", (int)address);
	return text;
}

static enum death_kind classify(const ucontext_t *uc, const siginfo_t *info, uint64_t *address,
				char *what, size_t size)
{
	bool tells = info->si_code != SI_KERNEL;
	const char *access = reg(uc, REG_ERR) & EFLAGS_FETCH ? "jump to"
			     : reg(uc, REG_ERR) & EFLAGS_WRITE ? "write to" : "read of";

	*address = tells ? (uint64_t)info->si_addr : non_canonical(uc);
	if (tells && *address < NULL_PAGES) {
		snprintf(what, size, "NULL pointer dereference, %s 0x%lx", access, *address);
		return DEATH_NULL_DEREFERENCE;
	}
	if (*address >= run.low - GUARD_SIZE && *address < run.low) {
		snprintf(what, size, "stack overflow: more than %lu KiB are used", STACK_SIZE >> 10);
		return DEATH_STACK_OVERFLOW;
	}
	if (!tells) {
		snprintf(what, size, "wild access, of the non-canonical address 0x%lx%s", *address,
			 meaning_of(*address));
		return DEATH_WILD_ACCESS;
	}
	snprintf(what, size, "wild access, %s 0x%lx%s", access, *address, meaning_of(*address));
	return DEATH_WILD_ACCESS;
}

static void leave_after_handler(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)native_abandon;
}

static void not_ours(int signal)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	sigaction(signal, &dfl, NULL);
}

static void on_segv(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint64_t address = (uint64_t)info->si_addr;
	enum death_kind kind;
	char what[256];
	uint32_t stack;
	bool exact;

	if (signal == SIGSEGV && info->si_code == SEGV_ACCERR &&
	    snapshot_fault(address, reg(uc, REG_ERR) & EFLAGS_WRITE))
		return;
	if (reg(uc, REG_RIP) == (uint64_t)native_copy_insn) {
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)native_copy_end;
		return;
	}
	if (!run.active) {
		not_ours(signal);
		return;
	}
	kind = classify(uc, info, &address, what, sizeof(what));
	stack = native_fault_stack(uc, &exact);
	die_now(kind, address, stack, exact, what);
	leave_after_handler(uc);
}

static void on_trap(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint32_t stack;
	bool exact;

	(void)info;
	if (!run.active) {
		not_ours(signal);
		return;
	}
	stack = native_fault_stack(uc, &exact);
	die_now(DEATH_BUG, 0, stack, exact, signal == SIGFPE ? "divide error" : "invalid opcode");
	leave_after_handler(uc);
}

/* ---- the clock ----------------------------------------------------------------------------------- */

static void end_by_clock(ucontext_t *uc)
{
	char what[128];
	uint32_t stack;
	bool exact;

	snprintf(what, sizeof(what), "endless loop: no end after %u ms of CPU time", run.limit * TICK_MS);
	stack = native_fault_stack(uc, &exact);
	die_now(DEATH_ENDLESS_LOOP, 0, stack, exact, what);
	native_expired = false;
	leave_after_handler(uc);
}

static void on_tick(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint64_t pc = reg(uc, REG_RIP);

	(void)signal;
	(void)info;
	if (!run.active || run.seen != run.number) {
		run.seen = run.number;
		run.ticks = 0;
		return;
	}
	if (++run.ticks < run.limit)
		return;
	if (native_in_module(pc) || run.ticks > run.limit + GRACE_TICKS)
		end_by_clock(uc);
	else
		native_expired = true;
}

static bool arm_clock(void)
{
	const struct itimerspec period = {
		.it_interval.tv_nsec = TICK_MS * 1000000l,
		.it_value.tv_nsec = TICK_MS * 1000000l,
	};
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM };
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

/* ---- running ------------------------------------------------------------------------------------- */

bool native_running(void)
{
	return run.active;
}

bool native_on_stack(uint64_t addr)
{
	return addr >= run.low && addr < run.high;
}

void native_run_region(struct snapshot_region *region)
{
	*region = (struct snapshot_region){ .start = run.low, .size = run.high - run.low,
					    .prot = PROT_READ | PROT_WRITE };
}

static bool handle(int signal, void (*handler)(int, siginfo_t *, void *), int more)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | more };

	return sigaction(signal, &action, NULL) == 0;
}

static bool open_signal_stack(void)
{
	stack_t alt = { .ss_size = SIGNAL_STACK };

	alt.ss_sp = mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return alt.ss_sp != MAP_FAILED && sigaltstack(&alt, NULL) == 0;
}

/* At a fixed place behind the world, so that addresses in it are the same in every run. */
static bool open_stack(void)
{
	const struct kf_layout *l = kf_layout();
	uint64_t want = (l->percpu + l->nr_cpus * l->percpu_unit + (1ull << 30)) & ~((1ull << 30) - 1);
	char *p = mmap((void *)want, GUARD_SIZE + STACK_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED || mprotect(p + GUARD_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE))
		return false;
	run.low = (uint64_t)p + GUARD_SIZE;
	run.high = run.low + STACK_SIZE;
	(void)VALGRIND_STACK_REGISTER((void *)run.low, (void *)run.high);
	return true;
}

bool native_run_open(void)
{
	if (run.low)
		return true;
	return open_stack() && open_signal_stack() && handle(SIGSEGV, on_segv, 0) &&
	       handle(SIGBUS, on_segv, 0) && handle(SIGILL, on_trap, 0) &&
	       handle(SIGFPE, on_trap, 0) && handle(SIGVTALRM, on_tick, SA_RESTART);
}

bool native_run(int64_t (*fn)(void *arg), void *arg, int64_t *result, struct death *death,
		unsigned timeout_ms)
{
	struct job job = { fn, arg };
	void *fake = NULL;
	int64_t value;

	if (!run.armed)
		arm_clock();
	run.limit = timeout_ms ? (timeout_ms + TICK_MS - 1) / TICK_MS + 1 : UINT32_MAX;
	run.death = death;
	run.died = false;
	run.number++;
	native_expired = false;
	death->kind = DEATH_NONE;
	host_leaves(&fake);
	run.active = true;
	value = native_switch(run_job, &job, run.high);
	run.active = false;
	host_entered(fake);
	native_bare_stack = false;
	if (!run.died)
		*result = value;
	return !run.died;
}
