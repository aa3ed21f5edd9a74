/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exporters of a sweep's result. They read struct sweep_result and nothing else.
 */
#ifndef KFAIL_REPORTS_REPORT_H
#define KFAIL_REPORTS_REPORT_H

#include <stdio.h>
#include "../harness/judge/finding.h"
#include "../harness/trace/coverage.h"

/* One finding for people: the refused request, what went wrong and where, the replay line. `number`
 * counts findings from 1. Colours when `colour`; below it all the kernel's own report when `kernel_words`, if it has one. */
void report_finding_text(FILE *out, const struct finding *finding, unsigned number, bool colour,
			 bool kernel_words);

/* The policy that findings come from, at the head of a report. */
void report_policy_text(FILE *out, const char *policy, bool colour);

/* The closing summary of a sweep: counts, findings by kind, core issues apart, not judged, speed. */
void report_summary_text(FILE *out, const struct sweep_result *result, bool colour);

/* The sites that no run refused, and why; nothing when there are none. */
void report_never_refused_text(FILE *out, const struct sweep_result *result, bool colour);

/* The JSON object of the command line ("kfail", "kernel", "module", ..., "findings", "not_judged").
 * `path` "-" is standard output; a file is written beside its name and renamed, so that a reader never sees half of it.
 * 0, or -errno. */
int report_json(const char *path, const struct sweep_result *result, const char *version);

/* What an exporter says beside the result. */
struct report_about {
	const char *version; /* of kfail */
	const char *root;    /* absolute: files below it are named relative to it */
};

/* JUnit XML and SARIF 2.1.0; `path` and result as for report_json(). */
int report_junit(const char *path, const struct sweep_result *result,
		 const struct report_about *about);
int report_sarif(const char *path, const struct sweep_result *result,
		 const struct report_about *about);
/* A line for each finding and each reason why something was not judged, as GitHub Actions reads them from the output of
 * a job: "::error file=foo.c,line=12,title=...::...". */
void report_annotations(FILE *out, const struct sweep_result *result,
			const struct report_about *about);

/* Which lines ran, as lcov's tracefile; `path` and result as for report_json(). And in words, with what never ran. */
int report_lcov(const char *path, const struct coverage *coverage);
void report_coverage_text(FILE *out, const struct coverage *coverage);

/* Whether `path` can be written, checked before a long sweep: 0 or -errno; leaves no file behind. */
int report_check(const char *path);

/* "clean", "findings" or "not-judged". */
const char *report_status_name(enum sweep_status status);
/* It is held against the driver: not the kernel's own issue, and not accepted. */
bool report_is_accused(const struct finding *finding);
/* Nothing was left unjudged. */
bool report_all_judged(const struct sweep_result *result);

#endif
