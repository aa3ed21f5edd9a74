/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_SWEEP_SUITES_H
#define KFAIL_TESTS_SWEEP_SUITES_H

#include <CUnit/CUnit.h>
#include "../../harness/sweep/sweep.h"
#include "../judge/fake.h"

extern CU_TestInfo snapshot_tests[];
extern CU_TestInfo run_tests[];
extern CU_TestInfo baseline_tests[];
extern CU_TestInfo worker_tests[];
extern CU_TestInfo store_tests[];
extern CU_TestInfo confirm_tests[];
extern CU_TestInfo plan_tests[];
extern CU_TestInfo plan_text_tests[];
extern CU_TestInfo resume_tests[];
extern CU_TestInfo store_merge_tests[];
extern CU_TestInfo pass_tests[];
extern CU_TestInfo paranoid_tests[];
extern CU_TestInfo canary_tests[];
extern CU_TestInfo interrupt_tests[];

/* Sweep a driver; the result is valid until the next sweep. */
struct sweep_result *sweep_driver(const struct fake_driver *driver, unsigned jobs);
struct sweep_result *sweep_schedules(const struct fake_driver *driver, const char *const *texts);
struct sweep_result *sweep_options(const struct fake_driver *driver,
				   const struct sweep_options *options);
/* The finding with this kind and schedule, or NULL. */
const struct finding *find(const struct sweep_result *result, enum finding_kind kind,
			   const char *schedule);
/* What was found, one "kind@schedule" after another, as they stand in the result. */
const char *summary(const struct sweep_result *result);
void free_last_result(void);

#endif
