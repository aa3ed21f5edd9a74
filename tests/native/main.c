// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/native/: what drivers see of it, how they die in it, and what is found in them.
 * Runs from the top of the repository.
 */
#include "native_test.h"

#include <stdlib.h>
#include <unistd.h>

static CU_SuiteInfo suites[] = {
	{.pName = "headers", .pTests = header_tests},
	{.pName = "deaths", .pTests = death_tests},
	{.pName = "contexts", .pTests = context_tests},
	{.pName = "compiling and loading", .pTests = compile_tests},
	{.pName = "target", .pTests = target_tests},
	{.pName = "one-bug drivers", .pTests = driver_tests},
	CU_SUITE_INFO_NULL,
};

int main(void)
{
	unsigned failures;

	if (access(DRIVERS "check.h", R_OK)) {
		fprintf(stderr, "run this from the top of the repository\n");
		return 2;
	}
	unsetenv("KFAIL_CFLAGS");
	unsetenv("KFAIL_DATADIR");
	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
