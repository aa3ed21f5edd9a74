// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of fuzz/: what makes inputs smaller, folders of findings, and what campaigns are made of. AFL++ itself runs in
 * tests/campaign.sh.
 */
#include <CUnit/Basic.h>
#include "suites.h"

static CU_SuiteInfo suites[] = {
	{.pName = "minimise", .pTests = minimise_tests},
	{.pName = "findings", .pTests = findings_tests},
	{.pName = "campaign", .pTests = campaign_tests},
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
