/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Suppressions, in the format that LeakSanitizer and its kin made known: a text file, an entry a line,
 *
 *	# comment
 *	leak:v4l2_async_*
 *	leak:^drm_core_init$
 *	sleep-in-atomic:legacy.c
 *
 * A type and a template. The type is a kind of finding; `leak` stands for resource-leak as well. The template must occur in
 * a function, a file or a module of the stack that counts: where what was left or damaged was allocated, or where it went
 * wrong. `*` is any text; `^` at its start and `$` at its end are the name's ends.
 *
 * What is suppressed is still told, in every report, as accepted. An entry that matches nothing is told as stale.
 */
#ifndef KFAIL_JUDGE_SUPPRESSIONS_H
#define KFAIL_JUDGE_SUPPRESSIONS_H

#include "entries.h"
#include "finding.h"

#define SUPPRESSIONS_ERR ENTRIES_ERR

struct suppressions {
	char *path; /* NULL: none were read */
	struct suppression {
		char *type, *template;
		enum finding_kind kind;
		unsigned line;
		bool matched;
	} * entries;
	unsigned count;
};

/* 0; or -1: err (SUPPRESSIONS_ERR bytes) is a sentence that names file and line, and there is nothing to clear. */
int suppressions_read(const char *path, struct suppressions *suppressions, char *err);

/* The entry that covers a finding; NULL: none. */
struct suppression *suppressions_find(const struct suppressions *suppressions,
				      const struct finding *finding);

/* Mark the findings that are covered and are not accepted already, and put the result's status right. `whole`: all was run,
 * so that an entry that matches nothing is stale. */
void suppressions_apply(struct suppressions *suppressions, struct sweep_result *result, bool whole);

void suppressions_clear(struct suppressions *suppressions);

#endif
