/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exporters of a sweep's result. They read struct sweep_result and nothing else.
 */
#ifndef KFAIL_REPORTS_REPORT_H
#define KFAIL_REPORTS_REPORT_H

#include <stdio.h>
#include "../harness/judge/finding.h"

/* One finding for people: the refused request, what went wrong and where, the replay line. `number`
 * counts findings from 1. Colours when `colour`. */
void report_finding_text(FILE *out, const struct finding *finding, unsigned number, bool colour);

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
/* Whether `path` can be written, checked before a long sweep: 0 or -errno; leaves no file behind. */
int report_json_check(const char *path);

#endif
