// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/judge/ on the real allocators: each bug is planted, and must be found for what it is.
 */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/inject.h"
#include "../../harness/sweep/run.h"
#include "suites.h"

struct finding *findings;
unsigned finding_count;

static CU_SuiteInfo suites[] = {
	{.pName = "journal", .pTests = journal_tests},
	{.pName = "leaks", .pTests = leak_tests},
	{.pName = "blame", .pTests = blame_tests},
	{.pName = "memory", .pTests = memory_tests},
	{.pName = "context", .pTests = context_tests},
	{.pName = "locks", .pTests = lock_tests},
	{.pName = "tables", .pTests = table_tests},
	{.pName = "groups", .pTests = group_tests},
	{.pName = "what a finding tells", .pTests = told_tests},
	CU_SUITE_INFO_NULL,
};

void judge_forget(void)
{
	for (unsigned i = 0; i < finding_count; i++)
		finding_clear(&findings[i]);
	free(findings);
	findings = NULL;
	finding_count = 0;
}

int64_t judge_run(int64_t (*init)(void), const char *text)
{
	const struct fake_driver driver = {.init = init};
	const struct target *target = fake_target(&driver);
	struct target_context before, after;
	struct schedule schedule;
	struct death death;
	char err[256];
	int64_t result = -1;

	judge_forget();
	CU_ASSERT_EQUAL_FATAL(schedule_parse(text, &schedule, err), 0);
	target->restore();
	run_attach(target);
	inject_begin(&schedule, false);
	judge_begin();
	target->context(&before);
	if (target->call(TARGET_INIT, &result, &death, 1000)) {
		target->context(&after);
		judge_check_context(&before, &after, "init");
		judge_check_leftovers("after the test", result < 0 && inject_refused());
		judge_check_memory();
	} else {
		judge_died(&death, "init");
	}
	finding_count = judge_verdict(&findings);
	judge_end();
	return result;
}

void no_finding(void)
{
	CU_ASSERT_EQUAL(finding_count, 0);
	for (unsigned i = 0; i < finding_count; i++)
		printf("  unexpected: %s: %s\n", finding_kind_name(findings[i].kind),
		       findings[i].what);
}

const struct finding *the_finding(enum finding_kind kind)
{
	CU_ASSERT_EQUAL(finding_count, 1);
	for (unsigned i = 0; i < finding_count; i++)
		if (finding_count > 1 || findings[i].kind != kind)
			printf("  found: %s: %s\n", finding_kind_name(findings[i].kind),
			       findings[i].what);
	CU_ASSERT_FATAL(finding_count > 0);
	CU_ASSERT_EQUAL(findings[0].kind, kind);
	return &findings[0];
}

bool stack_has(const struct stack *stack, const char *function)
{
	for (unsigned i = 0; i < stack->count; i++)
		if (!strcmp(stack->frames[i].function, function))
			return true;
	return false;
}

bool says(const struct finding *finding, const char *text)
{
	if (strstr(finding->what, text))
		return true;
	printf("  \"%s\" does not say \"%s\"\n", finding->what, text);
	return false;
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
	judge_forget();
	return failures ? 1 : 0;
}
