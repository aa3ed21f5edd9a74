// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/program/: compiling and loading a scenario, what it may import, running its parts, and coming back
 * from them.
 */
#include <CUnit/Basic.h>
#include "suites.h"

static CU_SuiteInfo suites[] = {
	{.pName = "load", .pTests = load_tests},
	{.pName = "program", .pInitFunc = open_program, .pTests = program_tests},
	CU_SUITE_INFO_NULL,
};

int main(void)
{
	unsigned failures;

	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
