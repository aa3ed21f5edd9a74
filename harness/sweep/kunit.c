// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a KUnit suite says of itself, in KTAP in the kernel's log (Documentation/dev-tools/ktap.rst):
 *
 *	    ok 1 - foo_test_adds		a case, inside of its suite
 *	    not ok 2 - foo_test_frees
 *	not ok 1 - foo				the suite, because of the case
 *
 * Without a refusal a case that fails is a finding ("check"). With one it is none: a test may fail when memory does, and
 * whether it then fell, leaked or hung is for the judges. A scenario in which no case reports anything has
 * tested nothing, and is not judged.
 */
#include <string.h>
#include "../trace/run_state.h"
#include "course.h"

static RUN_STATE struct {
	unsigned results; /* lines of either kind */
	unsigned cases_failed;
} kunit;

static bool is_skipped(const char *line)
{
	return strstr(line, "# SKIP") != NULL;
}

static void hear(const char *line)
{
	const char *text = line + strspn(line, " ");
	bool is_case = text != line;

	if (!strncmp(text, "ok ", 3))
		kunit.results++;
	if (strncmp(text, "not ok ", 7) != 0 || is_skipped(text))
		return;
	kunit.results++;
	if (inject_refused() || (!is_case && kunit.cases_failed))
		return;
	kunit.cases_failed += is_case;
	judge_note(FINDING_CHECK, "without any refusal, KUnit says: %s", text);
}

void kunit_begin(void)
{
	memset(&kunit, 0, sizeof(kunit));
	judge_listen(hear);
}

void kunit_end(struct run *run, bool suites_ran)
{
	judge_listen(NULL);
	if (!run->expect && suites_ran && !kunit.results && !run->out->died)
		run_not_judged(
			run, "no KUnit case has reported a result: is the kernel built with KUnit?",
			0);
}
