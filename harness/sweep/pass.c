// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pass is the course of an ordinary run (run.c), without a refusal, that is cut at every point:
 *
 *	run  ---- point n ------------------- point n+1 ---------------- point n+2 ---> ...
 *	             |                            |
 *	        checkpoint; refuse           checkpoint; refuse
 *	             |                            |
 *	          the run's end: verdict,      the run's end: verdict,
 *	          report, return to n,         report, return to n+1,
 *	          serve the request            serve the request
 *
 * So until it comes to point n + 1, what runs is just what a run with the schedule "n+1" does; if it ends before that, or
 * dies, it has been that run, and is reported as such.
 *
 * The course runs on a host stack of its own, since it is left and entered again in its midst; whoever comes back to a
 * checkpoint stands on the process's own stack. Ways between the two:
 *
 *	pass_run() --setcontext--> course() ... at_point() --returns true--> ... course() --_longjmp--> pass_run()
 *	pass_run() --_longjmp--> at_point() --returns false--> ...
 *
 * A death ends the pass, as it ends a worker: what a driver did to the host's side of an allocator that it died in, nobody
 * knows.
 *
 * Sanitizers and Valgrind keep books of their own about stacks, which cannot be put back: under them, each point gets
 * a run of its own.
 */
#include "pass.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "../memcheck/client.h"
#include "../program/program.h"
#include "../trace/run_state.h"
#include "../trace/sanitized.h"
#include "../trace/util.h"
#include "checkpoint.h"

#define COURSE_STACK (8ul << 20) /* naming findings takes as much as anywhere */
#define GUARD	     4096ul

static struct {
	const struct target *target;
	const struct run_options *options;
	const struct run_expect *expect;
	struct schedule schedule; /* of the run that goes on: one point */
	uint32_t next;		  /* that point */
	jmp_buf ended, point;
	char *stack;
	ucontext_t start;
} pass;

/* Of the run that goes on. */
static RUN_STATE struct run_result result;
static RUN_STATE bool refused;

const char *pass_unable(const struct target *target)
{
	if (!target->stacks)
		return "this target cannot come back to a point";
	if (WITH_ASAN)
		return "built with AddressSanitizer";
	if (RUNNING_ON_VALGRIND)
		return "running under Valgrind";
	return NULL;
}

static void rearm(void)
{
	if (pass.options->beat)
		pass.options->beat();
	program_rearm();
	if (pass.target->rearm)
		pass.target->rearm();
}

/* inject's question, in a hook. */
static bool at_point(uint32_t n)
{
	if (refused || n != pass.next)
		return false;
	rearm();
	if (_setjmp(pass.point)) {
		rearm();
		return false;
	}
	checkpoint_take(pass.target, (uint64_t)pass.stack + COURSE_STACK);
	refused = true;
	return true;
}

static void course(void)
{
	run_schedule(pass.target, pass.options, pass.expect, &pass.schedule, &result);
	_longjmp(pass.ended, 1);
}

static void aim(uint32_t n)
{
	pass.next = n;
	pass.schedule = (struct schedule){.ranges = {{n, n}}, .count = 1};
}

static void open_stack(void)
{
	if (pass.stack)
		return;
	pass.stack = mmap(NULL, COURSE_STACK, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pass.stack == MAP_FAILED)
		out_of_host_memory(COURSE_STACK);
	mprotect(pass.stack, GUARD, PROT_NONE);
}

/* Until the run's end: from its beginning, or from the checkpoint that was taken last. */
static void run_on(bool from_checkpoint)
{
	if (_setjmp(pass.ended))
		return;
	if (from_checkpoint)
		_longjmp(pass.point, 1);
	getcontext(&pass.start);
	pass.start.uc_stack = (stack_t){.ss_sp = pass.stack, .ss_size = COURSE_STACK};
	pass.start.uc_link = NULL;
	makecontext(&pass.start, course, 0);
	setcontext(&pass.start);
}

/* True: the run that has just ended can be gone back from, to the point that it was refused at. */
static bool can_return(void)
{
	return refused && checkpoint_valid();
}

static uint32_t run_singly(uint32_t n, uint32_t last,
			   bool (*report)(uint32_t n, struct run_result *result, void *arg),
			   void *arg)
{
	for (;; n++) {
		bool go_on;

		aim(n);
		run_schedule(pass.target, pass.options, pass.expect, &pass.schedule, &result);
		go_on = !result.died && n != last;
		go_on &= report(n, &result, arg);
		run_result_clear(&result);
		if (!go_on)
			return n;
	}
}

uint32_t pass_run(const struct target *target, const struct run_options *options,
		  const struct run_expect *expect, uint32_t first, uint32_t last,
		  bool (*report)(uint32_t n, struct run_result *result, void *arg), void *arg)
{
	struct run_options plain = *options;
	bool go_on, back = false;

	plain.trace = plain.unload = false;
	plain.alive = NULL;
	pass.target = target;
	pass.options = &plain;
	pass.expect = expect;
	if (pass_unable(target))
		return run_singly(first, last, report, arg);
	open_stack();
	inject_choose(at_point);
	for (aim(first);; aim(pass.next + 1)) {
		if (!back)
			refused = false;
		run_on(back);
		go_on = !result.died && pass.next != last;
		go_on &= report(pass.next, &result, arg);
		run_result_clear(&result);
		if (!go_on)
			break;
		back = can_return();
		if (back)
			checkpoint_return();
	}
	inject_choose(NULL);
	return pass.next;
}
