/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The closing summary: what its two files share. summary.c has what every sweep has, coverage.c what was run and
 * what was left out.
 */
#ifndef KFAIL_REPORTS_SUMMARY_H
#define KFAIL_REPORTS_SUMMARY_H

#include "../harness/judge/finding.h"
#include "line.h"

/* The column where values begin, behind the longest label. */
#define VALUES 12

/* Begin a line of the summary: its label, and blanks up to VALUES. */
void summary_label(struct line *line, const char *label);

/* What was planned; operations, if there are several. */
void coverage_plan(struct line *line, const struct sweep_result *result);
/* What was not run or not refused, and numbers of points that were not expected. */
void coverage_left_out(struct line *line, const struct sweep_result *result);

#endif
