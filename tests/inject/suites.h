/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_INJECT_SUITES_H
#define KFAIL_TESTS_INJECT_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo schedule_tests[];
extern CU_TestInfo policy_tests[];
extern CU_TestInfo calls_tests[];
extern CU_TestInfo attr_tests[];
extern CU_TestInfo chance_tests[];
extern CU_TestInfo filter_tests[];
extern CU_TestInfo benign_tests[];
extern CU_TestInfo program_tests[];
extern CU_TestInfo interrupts_tests[];

#endif
