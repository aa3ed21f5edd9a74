// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of reports/ and of the findings that they print.
 */
#include <CUnit/Basic.h>
#include "suites.h"

static CU_SuiteInfo suites[] = {
	{.pName = "finding", .pTests = finding_tests},
	{.pName = "text", .pTests = text_tests},
	{.pName = "json", .pTests = json_tests},
	{.pName = "junit", .pTests = junit_tests},
	{.pName = "sarif", .pTests = sarif_tests},
	{.pName = "annotations", .pTests = annotation_tests},
	{.pName = "accepted", .pTests = accepted_tests},
	{.pName = "suppressions", .pTests = suppression_tests},
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
