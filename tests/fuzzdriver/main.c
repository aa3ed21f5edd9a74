// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of fuzz/driver: inputs as bytes and as text, descriptions, the mutator.
 */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include "suites.h"

int main(void)
{
	CU_SuiteInfo suites[] = {
		{"input", NULL, NULL, NULL, NULL, input_tests},
		{"text", NULL, NULL, NULL, NULL, text_tests},
		{"model", NULL, NULL, NULL, NULL, model_tests},
		{"mutator", NULL, NULL, NULL, NULL, mutator_tests},
		CU_SUITE_INFO_NULL,
	};
	unsigned failures;

	if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
		return EXIT_FAILURE;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
