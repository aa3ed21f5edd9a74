/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The suites of this room, and the sample that they report.
 */
#ifndef KFAIL_TESTS_REPORTS_SUITES_H
#define KFAIL_TESTS_REPORTS_SUITES_H

#include <CUnit/CUnit.h>
#include "../../harness/judge/finding.h"

extern CU_TestInfo finding_tests[];
extern CU_TestInfo text_tests[];
extern CU_TestInfo json_tests[];

/* Add a frame; module, file NULL and size 0: unknown. */
struct stack_frame *add_frame(struct stack *stack, const char *function, uint64_t offset,
			      uint64_t size, const char *module, const char *file, int line);

/* A leak in `foo` with everything that a finding can have; for finding_clear(). */
struct finding sample_finding(void);
/* A sweep with two findings, one issue of the kernel's own and three points that were not
 * judged. */
struct sweep_result sample_result(void);

#endif
