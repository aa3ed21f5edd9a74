// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/trace: stacks are kept, and program counters get their right names.
 */
#include <CUnit/Basic.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "suites.h"

static char directory[4096];

static const char *compiler(void)
{
	const char *cc = getenv("CC");

	return cc && *cc ? cc : "cc";
}

const char *scratch(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*directory)
		return directory;
	snprintf(directory, sizeof(directory), "%s/kfail-trace-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(directory))
		CU_FAIL_FATAL("no temporary directory");
	return directory;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void scratch_remove(void)
{
	if (*directory)
		nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void scratch_write(const char *name, const char *text)
{
	char path[8192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scratch(), name);
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT(fputs(text, file) >= 0);
	CU_ASSERT_EQUAL(fclose(file), 0);
}

bool scratch_run(const char *command)
{
	char line[16384];

	snprintf(line, sizeof(line), "cd '%s' && CC='%s' && %s", scratch(), compiler(), command);
	return system(line) == 0;
}

static CU_SuiteInfo suites[] = {
	{.pName = "coverage", .pTests = coverage_tests},
	{.pName = "depot", .pTests = depot_tests},
	{.pName = "gfp", .pTests = gfp_tests},
	{.pName = "kernel", .pTests = kernel_tests},
	{.pName = "module", .pTests = module_tests},
	{.pName = "native", .pTests = native_tests},
	{.pName = "tracing", .pTests = tracing_tests},
	{.pName = "files of traces", .pTests = trace_file_tests},
	{.pName = "fentry", .pTests = fentry_tests},
	{.pName = "graph", .pTests = graph_tests},
	{.pName = "instruction", .pTests = instruction_tests},
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
	scratch_remove();
	return failures ? 1 : 0;
}
