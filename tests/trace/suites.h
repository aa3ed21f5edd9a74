/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The suites of this room, one per file, and what they share.
 */
#ifndef KFAIL_TESTS_TRACE_SUITES_H
#define KFAIL_TESTS_TRACE_SUITES_H

#include <CUnit/CUnit.h>
#include <stdbool.h>

extern CU_TestInfo coverage_tests[];
extern CU_TestInfo depot_tests[];
extern CU_TestInfo gfp_tests[];
extern CU_TestInfo kernel_tests[];
extern CU_TestInfo module_tests[];
extern CU_TestInfo native_tests[];
extern CU_TestInfo tracing_tests[];
extern CU_TestInfo trace_file_tests[];
extern CU_TestInfo fentry_tests[];
extern CU_TestInfo instruction_tests[];
extern CU_TestInfo graph_tests[];
extern CU_TestInfo instruction_tests[];

/* A directory of the test's own, made at the first call and removed, with what is in it, by
 * scratch_remove(). */
const char *scratch(void);
void scratch_remove(void);
/* Write DIR/name. */
void scratch_write(const char *name, const char *text);
/* Run a shell command in that directory, $CC being a compiler. True when it ended with 0. */
bool scratch_run(const char *command);

#endif
