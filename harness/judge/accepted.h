/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accepted findings: those that a project knows and lives with until a day, each with a reason, so that its gate is red
 * for new ones only. A text file, an entry a line:
 *
 *	# module  finding           until       reason
 *	vpoll     95904d5fef597711  2027-03-01  reported upstream; the next release has the fix
 *
 * The id is a finding's, of one kind, refused site and place, or that of a group: of one bug, whichever request was refused.
 * Another bug in the same function is not covered. What is accepted
 * is still told, in every report. An entry whose day has passed covers nothing any more, and one that matches nothing
 * should go: both are told, as stale.
 */
#ifndef KFAIL_JUDGE_ACCEPTED_H
#define KFAIL_JUDGE_ACCEPTED_H

#include "entries.h"
#include "finding.h"

#define ACCEPTED_ERR ENTRIES_ERR

struct accepted {
	char *path;
	struct accepted_entry {
		char *module;
		char id[17];
		char until[11]; /* "2027-03-01", the last day */
		char *reason;
		unsigned line;
		bool matched;
	} * entries;
	unsigned count;
};

/* 0; or -1: err (ACCEPTED_ERR bytes) is a sentence that names file and line, and there is nothing to clear. */
int accepted_read(const char *path, struct accepted *accepted, char *err);

/* The entry that covers a finding of this module on the day `today` ("YYYY-MM-DD"); NULL: none. */
struct accepted_entry *accepted_find(const struct accepted *accepted, const char *module,
				     const struct finding *finding, const char *today);

/* Mark the findings that are covered, put the result's status right, and tell what is stale. `whole`: all was swept, so
 * that an entry of this module that matches nothing is stale. */
void accepted_apply(struct accepted *accepted, struct sweep_result *result, const char *today,
		    bool whole);

/* For whoever else takes findings back (suppressions.h): the result's status, now that some are accepted; and an entry of
 * a file that no longer holds, as a sentence that the result owns from now on. */
void accepted_status(struct sweep_result *result);
void accepted_stale(struct sweep_result *result, char *sentence);

void accepted_clear(struct accepted *accepted);

#endif
