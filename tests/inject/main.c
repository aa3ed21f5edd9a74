// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/inject/: the grammar of schedules, who is refused, by chance or at a
 * program's own wish, and which requests are points at all.
 */
#include <CUnit/Basic.h>
#include "suites.h"

static CU_SuiteInfo suites[] = {
	{.pName = "schedule", .pTests = schedule_tests},
	{.pName = "policy", .pTests = policy_tests},
	{.pName = "calls", .pTests = calls_tests},
	{.pName = "attr", .pTests = attr_tests},
	{.pName = "chance", .pTests = chance_tests},
	{.pName = "filter", .pTests = filter_tests},
	{.pName = "benign", .pTests = benign_tests},
	{.pName = "program", .pTests = program_tests},
	{.pName = "interrupts", .pTests = interrupts_tests},
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
