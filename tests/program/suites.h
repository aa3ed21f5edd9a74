/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_PROGRAM_SUITES_H
#define KFAIL_TESTS_PROGRAM_SUITES_H

#include <CUnit/CUnit.h>
#include "../../harness/program/program.h"

extern CU_TestInfo load_tests[];
extern CU_TestInfo program_tests[];
int open_program(void);

#endif
