// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running kernel code (kernel_call.h). The host's side of the crossing is a handful of variables
 * that enter.S uses; all are host memory and mean nothing between calls, except the agent's frame:
 * a pointer into the kernel stack, which is world memory and comes back with every restore.
 */
#include "kernel_call.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <asm/prctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include "../memcheck/client.h"
#include "../memcheck/memcheck.h"
#include "../trace/depot.h"
#include "../trace/orc.h"
#include "../trace/run_state.h"
#include "layout.h"
#include "world_internal.h"

#define HOOK_STACK_SIZE (512ul << 10)

/* For enter.S. */
RUN_STATE uint64_t kernel_host_sp, kernel_hook_frame;
uint64_t kernel_hook_stack_low, kernel_hook_stack_top;
uint64_t kernel_enter(uint64_t fn, uint64_t a, uint64_t b, uint64_t c, uint64_t stack);
uint64_t kernel_resume(uint64_t value, uint64_t frame);
void kernel_leave(void);

static RUN_STATE enum kernel_how how;
static RUN_STATE int64_t yielded;
static RUN_STATE uint64_t agent_frame;
static struct death death;
static unsigned armed_ms; /* of the timer; a forked child has none */

/* So that going from one to the other is no push or pop of all that lies between them. */
static void register_stacks(void)
{
	(void)VALGRIND_STACK_REGISTER((void *)kernel_hook_stack_low,
				      (void *)(kernel_hook_stack_top - 1));
	for (unsigned slot = 0; slot < KF_STACKS; slot++)
		(void)VALGRIND_STACK_REGISTER((void *)KF_STACK_LOW(slot),
					      (void *)(KF_STACK_TOP(slot) - 1));
}

int kernel_call_init(void)
{
	char *stack;

	armed_ms = 0;
	if (!kernel_hook_stack_top) {
		stack = mmap(NULL, HOOK_STACK_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (stack == MAP_FAILED)
			return -errno;
		mprotect(stack, KF_PAGE_SIZE, PROT_NONE);
		kernel_hook_stack_low = (uint64_t)stack + KF_PAGE_SIZE;
		kernel_hook_stack_top = (uint64_t)stack + HOOK_STACK_SIZE;
		if (RUNNING_ON_VALGRIND)
			register_stacks();
	}
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, PERCPU_BASE))
		return -errno;
	return 0;
}

static enum kernel_how left(uint64_t value, int64_t *result)
{
	memcheck_report(false);
	if (how == KERNEL_YIELDED)
		*result = yielded;
	else
		*result = (int64_t)value;
	kernel_hook_frame = 0;
	return how;
}

enum kernel_how kernel_call(uint64_t fn, uint64_t a, uint64_t b, uint64_t c, uint64_t *value)
{
	int64_t result;
	uint64_t raw;

	how = KERNEL_RETURNED;
	memcheck_report(true);
	raw = kernel_enter(fn, a, b, c, KF_STACK_TOP(0) - 64);
	left(raw, &result);
	if (value)
		*value = (uint64_t)result;
	return how;
}

enum kernel_how kernel_continue(uint64_t value, int64_t *result)
{
	how = KERNEL_RETURNED;
	memcheck_report(true);
	return left(kernel_resume(value, agent_frame), result);
}

uint64_t kernel_agent_frame(void)
{
	return agent_frame;
}

void kernel_set_agent_frame(uint64_t frame)
{
	agent_frame = frame;
}

void kernel_stacks(struct target_stacks *out)
{
	*out = (struct target_stacks){kernel_host_sp, kernel_hook_stack_low, kernel_hook_stack_top};
}

bool kernel_running(void)
{
	return kernel_host_sp != 0;
}

const struct death *kernel_death(void)
{
	return &death;
}

static void leave(void)
{
	__asm__ volatile("jmp kernel_leave");
	__builtin_unreachable();
}

void kernel_yield(int64_t result)
{
	yielded = result;
	how = KERNEL_YIELDED;
	agent_frame = kernel_hook_frame;
	leave();
	__builtin_unreachable();
}

unsigned kernel_hook_stack(uint64_t *pcs, unsigned max, unsigned *crossed)
{
	const uint64_t *frame = (const uint64_t *)kernel_hook_frame;
	struct orc_regs regs;

	if (!frame) {
		if (crossed)
			*crossed = 0;
		return 0;
	}
	regs = (struct orc_regs){.ip = frame[1], .sp = kernel_hook_frame + 16, .bp = frame[0]};
	return orc_walk(regs, false, stack_limit(regs.sp), world_boundary(), pcs, max, crossed);
}

uint64_t kernel_hook_sp(void)
{
	return kernel_hook_frame;
}

void kernel_die(enum death_kind kind, const char *what)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n = kernel_hook_stack(pcs, DEPOT_FRAMES_MAX, NULL);

	death = (struct death){.kind = kind, .stack = depot_save(pcs, n)};
	strncpy(death.what, what, sizeof(death.what) - 1);
	how = KERNEL_DIED;
	leave();
	__builtin_unreachable();
}

void kernel_die_in_signal(void *context, const struct death *why)
{
	ucontext_t *uc = context;

	death = *why;
	how = KERNEL_DIED;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)kernel_leave;
	/* The handler's return restores the mask of the interrupted code. */
	uc->uc_mcontext.gregs[REG_EFL] &= ~0x400;
}

/*
 * One CPU-time timer for the process, armed by the first call and left running; it ticks at a
 * quarter of the limit, and a call that sees four ticks is over its time (trap.c). So a call costs
 * no system call.
 */
void kernel_set_timeout(unsigned ms)
{
	struct itimerval timer = {0};

	world_timeout_ticks = 0;
	if (!ms || armed_ms == ms)
		return;
	armed_ms = ms;
	timer.it_interval.tv_sec = ms / 4 / 1000;
	timer.it_interval.tv_usec = ms / 4 % 1000 * 1000 + (ms && ms < 4);
	timer.it_value = timer.it_interval;
	setitimer(ITIMER_PROF, &timer, NULL);
}
