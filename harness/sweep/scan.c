// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scans for unreferenced objects in the midst of a run (../kmemleak). Exact accounting asks at the end what is left; a
 * scan asks in between what nobody can free any more, and so finds a leak in the operation that made it, also
 * when exit frees everything by another way (a pool that is drained, a cache that is destroyed, a list of all).
 *
 * Off unless somebody asks: --scan-every, --kmemleak; or a scenario's program itself, which then judges what it
 * reads. What a scan finds that was asked for on the command line is a finding of the kind `leak`.
 */
#include "scan.h"

#include <stdio.h>
#include <string.h>
#include "../kmemleak/kmemleak.h"
#include "../kmemleak/reach.h"
#include "../trace/run_state.h"

#define HZ	  250 /* of both modes */
#define WHENS_MAX 80
#define WORD_MAX  64

static struct {
	unsigned every;
	const char *commands;
} wanted;

static RUN_STATE struct {
	unsigned operations; /* that are over */
	bool commanded;
} scanned;

/* Sentences that evidence points to, by operation; the same text for the same operation in all runs. */
static char whens[WHENS_MAX][160];
static const struct target *scanned_target;

void scan_set(unsigned every, const char *commands)
{
	wanted.every = every;
	wanted.commands = commands;
}

static bool is_wanted(void)
{
	return wanted.every || wanted.commands;
}

static uint32_t stack_now(void)
{
	return scanned_target->caller().stack;
}

void scan_attach(const struct target *target)
{
	const struct kml_world world = {
		.roots = target->roots,
		.module_of = target->module_of,
		.stack = stack_now,
		.hz = HZ,
		.covered_start = target->covered_start,
		.covered_end = target->covered_end,
	};

	scanned_target = target;
	kml_attach(&world);
	if (is_wanted() || (target->scenario && target->scenario->kind == SCENARIO_PROGRAM))
		kml_record_tasks();
}

void scan_begin(void)
{
	kml_begin();
	reach_forget();
	scanned.operations = 0;
	scanned.commanded = false;
}

/* ---- what is found ---------------------------------------------------------------------------------------------- */

static const char *when_of(const char *operation)
{
	char text[sizeof(whens[0])];
	unsigned i = 0;

	snprintf(text, sizeof(text),
		 "when operation %s is over, and no pointer is left to free them by", operation);
	for (; i < WHENS_MAX - 1 && whens[i][0] && strcmp(whens[i], text) != 0; i++)
		continue;
	memcpy(whens[i], text, sizeof(text));
	return whens[i];
}

static void found(const struct kml_leak *leak, void *arg)
{
	judge_unreferenced(leak->seq, leak->size, leak->stack, arg);
}

static bool cannot(struct run *run)
{
	run_not_judged(run, kml_unable() ?: "a scan is asked for, and kmemleak is off", 0);
	return false;
}

/* ---- when ----------------------------------------------------------------------------------------------------------- */

static bool refused(struct run *run, const char *command, int error)
{
	char why[200], text[32];

	if (kml_unable())
		return cannot(run);
	snprintf(why, sizeof(why), "kmemleak refused the command \"%s\": %s", command,
		 run_errno_text(error, text, sizeof(text)));
	run_not_judged(run, why, 0);
	return false;
}

static bool run_commands(struct run *run)
{
	const char *at = wanted.commands;

	scanned.commanded = true;
	while (at && *at) {
		size_t n = strcspn(at, ",");
		char word[WORD_MAX];
		int error;

		snprintf(word, sizeof(word), "%.*s", (int)n, at);
		error = kml_command(word);
		if (error)
			return refused(run, word, error);
		at += n + (at[n] == ',');
	}
	return true;
}

static bool is_due(void)
{
	return wanted.every && scanned.operations % wanted.every == 0;
}

bool scan_after(struct run *run, const char *operation)
{
	void *when;

	if (!is_wanted()) {
		kml_scan_if_due();
		return true;
	}
	if (!run->target->roots) {
		run_not_judged(run, "this world cannot be scanned for unreferenced objects", 0);
		return false;
	}
	when = (void *)when_of(operation);
	kml_set_found(found, when);
	scanned.operations++;
	if (!scanned.commanded && !run_commands(run))
		return false;
	kml_scan_if_due();
	if (is_due() && !kml_scan(NULL, found, when))
		return cannot(run);
	return true;
}

void scan_end(struct run *run)
{
	if (is_wanted() && kml_unable())
		run_not_judged(run, kml_unable(), 0);
	kml_set_found(NULL, NULL);
	reach_forget();
	/* What a world that died has in its tables cannot be trusted. */
	judge_set_reach(run->out->died ? NULL : reach_text);
}
