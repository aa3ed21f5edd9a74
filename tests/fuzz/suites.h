/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_FUZZ_H
#define KFAIL_TESTS_FUZZ_H

#include <CUnit/CUnit.h>

extern CU_TestInfo program_tests[], text_tests[], mutator_tests[], target_tests[];
extern CU_TestInfo minimise_tests[], findings_tests[], campaign_tests[];

#endif
