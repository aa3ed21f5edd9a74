/* SPDX-License-Identifier: GPL-2.0-only */
/* The suites of tests/fuzz/, for main.c. */
#include <CUnit/CUnit.h>

extern CU_TestInfo minimise_tests[], findings_tests[], campaign_tests[];
