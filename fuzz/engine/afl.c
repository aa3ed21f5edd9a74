// SPDX-License-Identifier: GPL-2.0-only
/*
 * AFL++: its fork server with the target opened once, persistent mode, test cases in shared memory.
 *
 * A program that AFL++'s compiler made brings AFL++'s runtime along, whose functions are weak names here: in any other kfail
 * they are nobody's, and fuzz_can_afl() is false. So there is one program, and no macro that a plain compiler does not
 * know. What AFL++ looks for in the file itself are the two signatures below, which its macros __AFL_LOOP() and
 * __AFL_INIT() would put there (AFL++ 4, include/config.h), and `__afl_sharedmem_fuzzing`, which tells its runtime
 * that test cases are taken from shared memory.
 *
 *	open()  __afl_manual_init() ---fork--->	adopt()
 *		   the fork server		while (__afl_persistent_loop()) run(test case)
 *
 * A finding is printed and ends the process by abort(), which AFL++ calls a crash; it keeps the input in its folder crashes/.
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../reports/report.h"

#define INPUTS_PER_PROCESS 1000000u

/* AFL++'s runtime (instrumentation/afl-compiler-rt.o.c); all of them NULL in a program without it. */
extern void __afl_manual_init(void) __attribute__((weak));
extern int __afl_persistent_loop(unsigned count) __attribute__((weak));
extern unsigned int *__afl_fuzz_len __attribute__((weak));
extern unsigned char *__afl_fuzz_ptr __attribute__((weak));
int __afl_sharedmem_fuzzing = 1;

static const char persistent_signature[] __attribute__((used)) = "##SIG_AFL_PERSISTENT##";
static const char deferred_signature[] __attribute__((used)) = "##SIG_AFL_DEFER_FORKSRV##";

bool fuzz_can_afl(void)
{
	return __afl_manual_init && __afl_persistent_loop;
}

bool fuzz_under_afl(void)
{
	return fuzz_can_afl() && getenv("__AFL_SHM_ID");
}

static void run(const struct fuzz_target *target, const uint8_t *data, size_t size)
{
	struct fuzz_outcome outcome = {0};

	target->run(data, size < FUZZ_INPUT_MAX ? size : FUZZ_INPUT_MAX, false, &outcome);
	if (!outcome.count) {
		if (outcome.lost)
			_exit(0);
		fuzz_outcome_clear(&outcome);
		return;
	}
	for (unsigned i = 0; i < outcome.count; i++)
		report_finding_text(stderr, &outcome.findings[i], i + 1, false, false);
	fflush(stderr);
	abort();
}

/* Without AFL++ (or with one that has no shared memory) a test case is standard input, and there is one. */
static int run_stdin(const struct fuzz_target *target)
{
	static uint8_t data[FUZZ_INPUT_MAX];
	size_t size = 0;
	ssize_t n;

	while (size < sizeof(data) &&
	       (n = read(STDIN_FILENO, data + size, sizeof(data) - size)) > 0)
		size += (size_t)n;
	run(target, data, size);
	return 0;
}

int fuzz_afl(const struct fuzz_target *target)
{
	bool adopted = false;

	if (!fuzz_can_afl())
		return run_stdin(target);
	__afl_manual_init();
	while (__afl_persistent_loop(INPUTS_PER_PROCESS)) {
		if (!adopted && target->adopt && target->adopt())
			_exit(4);
		adopted = true;
		if (__afl_fuzz_ptr)
			run(target, __afl_fuzz_ptr, *__afl_fuzz_len);
		else
			return run_stdin(target);
	}
	return 0;
}
