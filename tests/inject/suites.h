/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_INJECT_SUITES_H
#define KFAIL_TESTS_INJECT_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo schedule_tests[];
extern CU_TestInfo policy_tests[];

#endif
