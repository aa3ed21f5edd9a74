/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The suites of this room, and the sample that they report.
 */
#ifndef KFAIL_TESTS_REPORTS_SUITES_H
#define KFAIL_TESTS_REPORTS_SUITES_H

#include <CUnit/CUnit.h>
#include "../../reports/report.h"

extern CU_TestInfo finding_tests[];
extern CU_TestInfo text_tests[];
extern CU_TestInfo json_tests[];
extern CU_TestInfo junit_tests[];
extern CU_TestInfo sarif_tests[];
extern CU_TestInfo annotation_tests[];
extern CU_TestInfo accepted_tests[];
extern CU_TestInfo suppression_tests[];

/* Add a frame; module, file NULL and size 0: unknown. */
struct stack_frame *add_frame(struct stack *stack, const char *function, uint64_t offset,
			      uint64_t size, const char *module, const char *file, int line);

/* A leak in `foo` with everything that a finding can have; for finding_clear(). */
struct finding sample_finding(void);
/* A sweep with two findings, one issue of the kernel's own and three points that were not
 * judged. */
struct sweep_result sample_result(void);
/* A sweep with a finding of each kind: with and without stacks, files, objects; the odd ones among them the kernel's own, or
 * accepted; names with characters that no format likes; stale entries. */
struct sweep_result wild_result(void);
/* A sweep in which nothing is wrong. */
struct sweep_result clean_result(void);

/* What an exporter writes to a file, malloc()ed. With $KFAIL_KEEP set, a copy stays in that directory under `name`. */
char *exported(int (*report)(const char *path, const struct sweep_result *result,
			     const struct report_about *about),
	       const struct sweep_result *result, const char *name);
/* What samples say beside the result: files below /src/foo. */
extern const struct report_about sample_about;

#endif
