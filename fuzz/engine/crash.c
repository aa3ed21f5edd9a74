// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deaths of a process that runs a target. A fault that is the target's own business (a page of its snapshot that is written
 * for the first time) goes to it. All others end the process: under AFL++ and libFuzzer as they would without anybody
 * watching, since that is what these look for; else as a finding with the stack of where it happened.
 *
 * The handler runs in a process that is broken, on a stack of its own. Should naming the stack break it once more, the
 * signals have their default action by then, and whoever waits for the process makes a finding of its status.
 */
#include "engine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include "../../harness/trace/symbols.h"
#include "../../harness/trace/util.h"

#define SIGNAL_STACK (1ul << 20)
#define HOST_STACK   (8ul << 20) /* addresses above a frame that are the same stack */

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF};
#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))

static bool (*own_fault)(uint64_t addr);
static void (*tell)(const struct finding *finding);
static uintptr_t outermost; /* a frame of who runs the target; 0: not known */

static enum finding_kind kind_of(int signal)
{
	switch (signal) {
	case SIGSEGV:
	case SIGBUS:
		return FINDING_WILD_ACCESS;
	case SIGPROF:
		return FINDING_HANG;
	default:
		return FINDING_BUG;
	}
}

static void let_die(void)
{
	for (unsigned i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

void fuzz_stack_ends_here(const void *frame)
{
	outermost = (uintptr_t)frame;
}

/* Whoever runs the target is not a part of where it went wrong. */
static bool is_outside(unw_cursor_t *cursor)
{
	unw_word_t sp;

	return outermost && !unw_get_reg(cursor, UNW_REG_SP, &sp) && sp >= outermost &&
	       sp - outermost < HOST_STACK;
}

static void name_stack(struct stack *stack, ucontext_t *context)
{
	uint64_t pcs[STACK_MAX];
	unw_cursor_t cursor;
	unw_word_t pc;
	unsigned n = 0;

	if (unw_init_local2(&cursor, context, UNW_INIT_SIGNAL_FRAME))
		return;
	do {
		if (unw_get_reg(&cursor, UNW_REG_IP, &pc) || (n && is_outside(&cursor)))
			break;
		pcs[n++] = pc;
	} while (n < STACK_MAX && unw_step(&cursor) > 0);
	symbols_add_self();
	stack_name(stack, pcs, n, true);
}

static void on_death(int signal, siginfo_t *info, void *context)
{
	struct finding finding = {.kind = kind_of(signal), .schedule = ""};
	char what[128];

	if (signal == SIGSEGV && own_fault && info->si_code == SEGV_ACCERR &&
	    own_fault((uint64_t)info->si_addr))
		return;
	let_die();
	/* The instruction faults once more; what was sent is sent again. */
	if (!tell) {
		if (info->si_code <= 0)
			raise(signal);
		return;
	}
	if (signal == SIGPROF)
		snprintf(what, sizeof(what),
			 "endless loop: the input did not come to its end in time");
	else if (signal == SIGSEGV || signal == SIGBUS)
		snprintf(what, sizeof(what), "%s at %p", strsignal(signal), info->si_addr);
	else
		snprintf(what, sizeof(what), "the process died: %s", strsignal(signal));
	finding.what = what;
	finding.moving = signal == SIGPROF;
	name_stack(&finding.stack, context);
	tell(&finding);
	_exit(1);
}

bool fuzz_catch(const struct fuzz_target *target, void (*died)(const struct finding *finding))
{
	struct sigaction action = {.sa_sigaction = on_death, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	stack_t stack = {.ss_size = SIGNAL_STACK};

	tell = died;
	own_fault = target->fault;
	if (target->own_signals)
		return true;
	stack.ss_sp = mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL))
		return false;
	/* Without a teller only the target's own faults are of interest: what a sanitizer has installed stays. */
	if (!died)
		return !sigaction(SIGSEGV, &action, NULL);
	for (unsigned i = 0; i < DEADLY; i++)
		if (sigaction(deadly[i], &action, NULL))
			return false;
	return true;
}

int fuzz_open(const struct fuzz_target *target, const struct fuzz_setup *setup, char *err)
{
	if (fuzz_catch(target, NULL))
		return target->open(setup, err);
	snprintf(err, FUZZ_ERR, "no handler for faults: %s", strerror(errno));
	return -1;
}

enum finding_kind fuzz_death(int status, char *what, size_t size)
{
	if (!WIFSIGNALED(status)) {
		snprintf(what, size, "the process ended in the midst of the input, with status %d",
			 WEXITSTATUS(status));
		return FINDING_BUG;
	}
	snprintf(what, size, "the process died: %s", strsignal(WTERMSIG(status)));
	return kind_of(WTERMSIG(status));
}
