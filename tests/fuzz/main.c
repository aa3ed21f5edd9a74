// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of fuzz/: the form of inputs, their text, the mutator, and that targets tell what is wrong and clean up. (What the targets
 * find in the allocators is shown by planted.sh.) What makes inputs smaller, folders of findings, and what campaigns are made of;
 * AFL++ itself runs in tests/campaign.sh.
 */
#include <CUnit/Basic.h>

#include "suites.h"

static CU_SuiteInfo suites[] = {
	{.pName = "program", .pTests = program_tests},
	{.pName = "text", .pTests = text_tests},
	{.pName = "mutator", .pTests = mutator_tests},
	{.pName = "target", .pTests = target_tests},
	{.pName = "minimise", .pTests = minimise_tests},
	{.pName = "findings", .pTests = findings_tests},
	{.pName = "campaign", .pTests = campaign_tests},
	CU_SUITE_INFO_NULL,
};

int main(void)
{
	unsigned failures;

	if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures != 0;
}
