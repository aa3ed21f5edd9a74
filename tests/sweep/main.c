// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/sweep/: snapshot and restore, single runs, workers and their deaths, passes, the check of restores.
 */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "suites.h"

static CU_SuiteInfo suites[] = {
	{.pName = "snapshot", .pTests = snapshot_tests},
	{.pName = "run", .pTests = run_tests},
	{.pName = "baseline", .pTests = baseline_tests},
	{.pName = "workers", .pTests = worker_tests},
	{.pName = "confirm", .pTests = confirm_tests},
	{.pName = "store", .pTests = store_tests},
	{.pName = "plan", .pTests = plan_tests},
	{.pName = "plan, text", .pTests = plan_text_tests},
	{.pName = "resume", .pTests = resume_tests},
	{.pName = "merge", .pTests = store_merge_tests},
	{.pName = "pass", .pTests = pass_tests},
	{.pName = "paranoid", .pTests = paranoid_tests},
	{.pName = "canary", .pTests = canary_tests},
	{.pName = "interrupts", .pTests = interrupt_tests},
	CU_SUITE_INFO_NULL,
};

static struct sweep_result last;

void free_last_result(void)
{
	sweep_result_clear(&last);
}

struct sweep_result *sweep_options(const struct fake_driver *driver,
				   const struct sweep_options *options)
{
	char err[256] = "";

	free_last_result();
	CU_ASSERT_EQUAL_FATAL(sweep(fake_target(driver), options, &last, err), 0);
	return &last;
}

struct sweep_result *sweep_driver(const struct fake_driver *driver, unsigned jobs)
{
	const struct sweep_options options = {.jobs = jobs, .timeout_ms = 200};

	return sweep_options(driver, &options);
}

struct sweep_result *sweep_schedules(const struct fake_driver *driver, const char *const *texts)
{
	static struct schedule schedules[16];
	struct sweep_options options = {.jobs = 1, .timeout_ms = 200, .schedules = schedules};
	char err[256];

	while (texts[options.schedule_count]) {
		CU_ASSERT_EQUAL_FATAL(schedule_parse(texts[options.schedule_count],
						     &schedules[options.schedule_count], err),
				      0);
		options.schedule_count++;
	}
	return sweep_options(driver, &options);
}

const struct finding *find(const struct sweep_result *result, enum finding_kind kind,
			   const char *schedule)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		if (result->findings[i].kind == kind &&
		    !strcmp(result->findings[i].schedule, schedule))
			return &result->findings[i];
	return NULL;
}

const char *summary(const struct sweep_result *result)
{
	static char text[4096];

	text[0] = '\0';
	for (unsigned i = 0; i < result->finding_count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s@%s",
			 i ? " " : "", result->findings[i].core ? "core:" : "",
			 finding_kind_name(result->findings[i].kind), result->findings[i].schedule);
	return text;
}

int main(void)
{
	unsigned failures;

	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	fake_world();
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	free_last_result();
	return failures ? 1 : 0;
}
