// SPDX-License-Identifier: GPL-2.0-only
/*
 * Targets for texts: schedules, files of accepted and of suppressed findings, programs in text form. What is printed again has to
 * mean the same.
 */
#include "parsers.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/inject.h"
#include "../../harness/judge/accepted.h"
#include "../../harness/judge/suppressions.h"
#include "../allocator/calls.h"

/* ---- schedules ------------------------------------------------------------------------------------------------ */

static void reread_schedule(const struct schedule *schedule, struct fuzz_outcome *out)
{
	char text[SCHEDULE_TEXT_MAX], twice[SCHEDULE_TEXT_MAX], err[256];
	struct schedule again;

	schedule_print(schedule, text, sizeof(text));
	if (schedule_parse(text, &again, err))
		fuzz_found(out, FINDING_CHECK, "a schedule that was printed cannot be read: %s",
			   err);
	else if (strcmp(schedule_print(&again, twice, sizeof(twice)), text) != 0)
		fuzz_found(out, FINDING_CHECK, "a schedule that was read again prints otherwise");
}

static void run_schedule(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	char *text = parsers_text(data, size), err[256] = "";
	struct schedule schedule;

	if (schedule_parse(text, &schedule, err))
		parsers_judge(out, "a schedule is", err);
	else
		reread_schedule(&schedule, out);
	free(text);
}

/* ---- findings that are known --------------------------------------------------------------------------------------- */

static void run_accepted(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	char err[ACCEPTED_ERR] = "";
	struct accepted accepted = {.count = 0};

	if (accepted_read(parsers_file(data, size), &accepted, err))
		parsers_judge(out, "a file of accepted findings is", err);
	else
		accepted_clear(&accepted);
}

static void run_suppressions(const uint8_t *data, size_t size, bool careful,
			     struct fuzz_outcome *out)
{
	char err[SUPPRESSIONS_ERR] = "";
	struct suppressions suppressions = {.count = 0};

	if (suppressions_read(parsers_file(data, size), &suppressions, err))
		parsers_judge(out, "a file of suppressions is", err);
	else
		suppressions_clear(&suppressions);
}

/* ---- programs -------------------------------------------------------------------------------------------------------- */

static void reread_program(const uint8_t *program, size_t size, struct fuzz_outcome *out)
{
	static uint8_t again[FUZZ_CALLS_MAX * FUZZ_CALL_BYTES + 100];
	struct fuzz_syntax wrong;
	char *text = NULL;
	size_t length, n;
	FILE *file = open_memstream(&text, &length);

	if (!file)
		return;
	fuzz_print(&allocator_grammar, program, size, file);
	fclose(file);
	if (fuzz_assemble(&allocator_grammar, text, again, sizeof(again), &n, &wrong))
		fuzz_found(out, FINDING_CHECK, "a program that was printed cannot be read: %s",
			   wrong.what);
	else if (n != size || memcmp(again, program, n) != 0)
		fuzz_found(out, FINDING_CHECK, "a program that was read again is another one");
	free(text);
}

static void run_text(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	static uint8_t program[FUZZ_CALLS_MAX * FUZZ_CALL_BYTES + 100];
	char *text = parsers_text(data, size);
	struct fuzz_syntax wrong = {.line = 0};
	size_t n;

	if (!fuzz_assemble(&allocator_grammar, text, program, sizeof(program), &n, &wrong))
		reread_program(program, n, out);
	else if (!wrong.line || !wrong.column)
		fuzz_found(out, FINDING_CHECK, "a program is refused, and not said where");
	else
		parsers_judge(out, "a program is", wrong.what);
	free(text);
}

const struct fuzz_target schedule_target = {
	.name = "schedule",
	.about = "Schedules (--schedule, \"refuse\" of an input)",
	.open = parsers_open,
	.run = run_schedule,
};

const struct fuzz_target accepted_target = {
	.name = "accepted",
	.about = "Files of accepted findings (--accepted)",
	.open = parsers_open,
	.run = run_accepted,
};

const struct fuzz_target suppressions_target = {
	.name = "suppressions",
	.about = "Files of suppressed findings (--suppressions)",
	.open = parsers_open,
	.run = run_suppressions,
};

const struct fuzz_target text_target = {
	.name = "text",
	.about = "The text form of inputs (.kfuzz)",
	.open = parsers_open,
	.run = run_text,
};
