// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a part of a program, and coming back from it in any case.
 *
 * The program runs on its own stack, in user code of this very process. Three things end a part before it returns:
 * a system call in which the world died or lost its balance, kfail_skip() and its kin, and a fault of the
 * program itself. All of them drop the stack as it is and go on where program_run() waits; the world is
 * as good as the last system call left it.
 *
 * Signals: the target's handlers are there first. Those here look whether the program's own code runs; if it does not, they
 * call the target's. A write to a page of the snapshot is no fault, whoever makes it. The target's timer ticks in
 * CPU time; a program that goes on for too long is ended at a tick, or at its next system call.
 */
#include "internal.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ucontext.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include "../trace/run_state.h"

#define ERRNO_MAX   4095
#define PARTS_LIMIT 4 /* a part may take so many times the limit of one system call */

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGPROF, SIGVTALRM};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static RUN_STATE struct {
	const struct target *target;
	const struct program_options *options;
	struct program_outcome *out;
	volatile bool in_program;     /* the program's own code runs */
	volatile uint64_t crashed_at; /* 0: it has not */
	/* The clock, in CPU time. */
	volatile unsigned limit_ms; /* that was exceeded; 0: none yet */
	double deadline;	    /* of the part */
	unsigned calls, seen_calls; /* system calls; how many there were at the last tick */
	double since;		    /* the first tick behind the last system call */
	enum program_end end;
	int64_t (*fn)(void);
	ucontext_t host, program;
	char where[80];
} run;

/* The target's handlers, which were there first. */
static struct {
	struct sigaction next[SIGNAL_COUNT];
	bool open;
} handlers;

static double cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

const char *program_where(void)
{
	return run.where;
}

bool program_prints(void)
{
	return run.options && run.options->print;
}

_Noreturn void program_leave(enum program_end end)
{
	run.end = end;
	run.in_program = false;
	setcontext(&run.host);
	__builtin_unreachable();
}

_Noreturn void program_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(run.out->why, sizeof(run.out->why), format, args);
	va_end(args);
	program_leave(PROGRAM_SKIPPED);
}

static _Noreturn void skip_expired(void)
{
	program_skip("%s did not end within %u ms of CPU time: its program loops", run.where,
		     run.limit_ms);
}

/* ---- signals ---- */

static const char *fault_name(int signal, uint64_t addr)
{
	if (signal == SIGFPE)
		return "a division by zero";
	if (signal == SIGILL || signal == SIGTRAP)
		return "an invalid instruction";
	return program_stack_guard(addr) ? "its stack is used up" : "a bad pointer";
}

static _Noreturn void skip_crash(int signal, uint64_t addr, uint64_t pc)
{
	run.crashed_at = pc;
	program_skip("the scenario crashed (%s) in %s", fault_name(signal, addr), run.where);
}

/* Reading debug information takes more stack than a signal handler has. */
static void tell_place(struct program_outcome *out)
{
	size_t used = strlen(out->why);
	char place[128];

	program_describe(run.crashed_at, place, sizeof(place));
	snprintf(out->why + used, sizeof(out->why) - used, ": %s", place);
}

static struct sigaction *next_of(int signal)
{
	unsigned i = 0;

	while (signals[i] != signal)
		i++;
	return &handlers.next[i];
}

static void pass_on(int signal, siginfo_t *info, void *context)
{
	const struct sigaction *next = next_of(signal);

	if (next->sa_flags & SA_SIGINFO)
		next->sa_sigaction(signal, info, context);
	else if (next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN)
		next->sa_handler(signal);
	else if (next->sa_handler == SIG_DFL && signal != SIGPROF && signal != SIGVTALRM)
		sigaction(signal, next,
			  NULL); /* the instruction is repeated, and ends the process */
}

static bool is_snapshot_page(int signal, const siginfo_t *info)
{
	return signal == SIGSEGV && info->si_code == SEGV_ACCERR &&
	       !program_stack_guard((uint64_t)info->si_addr) &&
	       snapshot_fault((uint64_t)info->si_addr, true);
}

/* The program, or kernel code on its behalf, goes on: with the errno that it had. */
static void on_signal(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	int saved_errno = errno;

	if (!run.in_program) {
		if ((signal == SIGTRAP && program_stepped(context)) ||
		    (signal == SIGSEGV &&
		     program_hidden_fault(run.target, (uint64_t)info->si_addr, context)))
			goto out;
		program_hidden_death();
		pass_on(signal, info, context);
		goto out;
	}
	if (is_snapshot_page(signal, info))
		goto out;
	skip_crash(signal, (uint64_t)info->si_addr, (uint64_t)uc->uc_mcontext.gregs[REG_RIP]);
out:
	errno = saved_errno;
}

/* Too long without a system call, or all in all. */
static void check_clock(double now)
{
	if (run.calls != run.seen_calls || !run.since) {
		run.seen_calls = run.calls;
		run.since = now;
	} else if (run.in_program && now - run.since > run.options->timeout_ms / 1e3) {
		run.limit_ms = run.options->timeout_ms;
	}
	if (now > run.deadline)
		run.limit_ms = PARTS_LIMIT * run.options->timeout_ms;
}

static void on_tick(int signal, siginfo_t *info, void *context)
{
	if (run.fn)
		check_clock(cpu_time());
	if (run.limit_ms && run.in_program)
		skip_expired();
	pass_on(signal, info, context);
}

/* Behind the target's own, which are there since it was prepared. */
static void open_signals(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	for (unsigned i = 0; i < SIGNAL_COUNT && !handlers.open; i++) {
		bool tick = signals[i] == SIGPROF || signals[i] == SIGVTALRM;

		action.sa_sigaction = tick ? on_tick : on_signal;
		action.sa_flags = SA_SIGINFO | SA_ONSTACK | (tick ? SA_RESTART : SA_NODEFER);
		sigaction(signals[i], &action, &handlers.next[i]);
	}
	handlers.open = true;
}

/* ---- system calls ---- */

static void check_errno(const char *name, int64_t result)
{
	if (result >= 0 || (result >= -ERRNO_MAX && strerrorname_np((int)-result)))
		return;
	judge_note(FINDING_WRONG_RETURN, "%s() in %s returned %lld, which is no errno", name,
		   run.where, (long long)result);
}

static int64_t make_call(struct target_syscall *call)
{
	struct target_context before, after;
	int64_t result = 0;
	bool alive;

	if (run.options->beat)
		run.options->beat();
	run.target->context(&before);
	snprintf(run.out->operation, sizeof(run.out->operation), "%s() of %s", call->name,
		 run.where);
	run.in_program = false;
	judge_call_begin(run.out->operation, call->number, call->args);
	if (program_hides())
		alive = program_hidden_call(run.target, call, &result, &run.out->death,
					    run.options->timeout_ms);
	else
		alive = run.target->syscall(call, &result, &run.out->death,
					    run.options->timeout_ms);
	if (!alive)
		program_leave(PROGRAM_DIED);
	run.in_program = true;
	judge_call_end(result);
	if (call->missing)
		program_skip("%s makes the system call %s(), which this world does not have",
			     run.where, call->name);
	run.target->context(&after);
	if (!judge_check_context(&before, &after, run.out->operation) || call->unbalanced)
		program_leave(PROGRAM_STOPPED);
	run.calls++;
	if (run.limit_ms)
		skip_expired();
	check_errno(call->name, result);
	return result;
}

int64_t program_raw_call(const char *name, long number, const uint64_t args[6])
{
	struct target_syscall call = {.name = name, .number = (uint64_t)number};

	memcpy(call.args, args, sizeof(call.args));
	return make_call(&call);
}

long program_call(const char *name, long number, const uint64_t args[6])
{
	int64_t result = program_raw_call(name, number, args);

	if (result >= 0 || result < -ERRNO_MAX)
		return result;
	errno = (int)-result;
	return -1;
}

/* ---- parts ---- */

static void start(void)
{
	run.out->result = run.fn();
	program_leave(PROGRAM_RETURNED);
}

static void describe(enum program_part part, unsigned i)
{
	static const char *const formats[] = {
		[PROGRAM_SETUP] = "setup of the scenario",
		[PROGRAM_BEFORE] = "setup of %s",
		[PROGRAM_RUN] = "operation %s",
		[PROGRAM_CHECK] = "check of %s",
		[PROGRAM_AFTER] = "teardown of %s",
		[PROGRAM_TEARDOWN] = "teardown of the scenario",
		[PROGRAM_END] = "the end of the program",
	};

	snprintf(run.where, sizeof(run.where), formats[part], program_operation_name(i));
}

uint64_t program_host_stack(void)
{
	return run.fn ? (uint64_t)run.host.uc_mcontext.gregs[REG_RSP] : 0;
}

void program_rearm(void)
{
	if (!run.fn)
		return;
	run.limit_ms = 0;
	run.since = 0;
	run.deadline = cpu_time() + run.options->timeout_ms * PARTS_LIMIT / 1e3;
}

enum program_end program_run(const struct target *target, const struct program_options *options,
			     enum program_part part, unsigned i, struct program_outcome *out)
{
	size_t size;

	memset(out, 0, sizeof(*out));
	run.fn = program_function(part, i);
	if (!run.fn)
		return PROGRAM_RETURNED;
	open_signals();
	run.target = target;
	run.options = options;
	run.out = out;
	run.crashed_at = 0;
	run.limit_ms = 0;
	run.since = 0;
	run.deadline = cpu_time() + options->timeout_ms * PARTS_LIMIT / 1e3;
	describe(part, i);
	getcontext(&run.program);
	run.program.uc_stack.ss_sp = program_stack(&size);
	run.program.uc_stack.ss_size = size;
	run.program.uc_link = NULL;
	makecontext(&run.program, start, 0);
	run.in_program = true;
	swapcontext(&run.host, &run.program);
	run.fn = NULL;
	if (run.crashed_at)
		tell_place(out);
	return run.end;
}
