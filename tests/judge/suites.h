/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_JUDGE_SUITES_H
#define KFAIL_TESTS_JUDGE_SUITES_H

#include <CUnit/CUnit.h>
#include "../../harness/judge/finding.h"
#include "fake.h"

extern CU_TestInfo journal_tests[], leak_tests[];
extern CU_TestInfo blame_tests[];
extern CU_TestInfo memory_tests[];
extern CU_TestInfo context_tests[], lock_tests[];
extern CU_TestInfo table_tests[];
extern CU_TestInfo group_tests[];
extern CU_TestInfo told_tests[];

/* What the judges said of the last run; valid until the next. */
extern struct finding *findings;
extern unsigned finding_count;

/* Run `init` under a schedule, bring the world to rest, judge. Returns what init returned; -1 when it died. */
int64_t judge_run(int64_t (*init)(void), const char *schedule);
/* What the judges said is freed; judge_run() does so itself. */
void judge_forget(void);
/* The only finding of the last run, or a failed assertion. */
const struct finding *the_finding(enum finding_kind kind);
void no_finding(void);
/* Some frame of the stack has this function. */
bool stack_has(const struct stack *stack, const char *function);
bool says(const struct finding *finding, const char *text);

#endif
