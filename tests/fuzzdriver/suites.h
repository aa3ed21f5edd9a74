/* SPDX-License-Identifier: GPL-2.0-only */
/* The suites of this room, one per file. */
#ifndef KFAIL_TESTS_FUZZDRIVER_SUITES_H
#define KFAIL_TESTS_FUZZDRIVER_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo input_tests[];
extern CU_TestInfo text_tests[];
extern CU_TestInfo model_tests[];
extern CU_TestInfo mutator_tests[];

#endif
