// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is counted, who is refused, and what is printed about it.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/inject/inject.h"
#include "../../harness/trace/depot.h"
#include "capture.h"

static bool ours;
static unsigned walks;

static struct caller walk(void)
{
	const uint64_t pcs[] = {0x1000, 0x2000};

	walks++;
	return (struct caller){.stack = depot_save(pcs, 2), .on_behalf = ours};
}

static bool ask(enum kf_kind kind, uint32_t gfp)
{
	const struct kf_request request = {.kind = kind, .size = 96, .gfp = gfp};

	return inject_should_fail(&request, walk);
}

static void begin(const char *text, bool verbose)
{
	struct schedule schedule;
	char err[256];

	CU_ASSERT_EQUAL_FATAL(schedule_parse(text, &schedule, err), 0);
	inject_record(false);
	inject_begin(&schedule, verbose);
	ours = true;
	walks = 0;
}

static void test_every_kind_counts(void)
{
	begin("3,7", false);
	for (unsigned kind = 0; kind < KF_NR_KINDS; kind++)
		CU_ASSERT_EQUAL(ask((enum kf_kind)kind, KF_GFP_KERNEL),
				kind + 1 == 3 || kind + 1 == 7);
	CU_ASSERT_EQUAL(inject_points(), KF_NR_KINDS);
	CU_ASSERT_EQUAL(inject_refused(), 2);
	CU_ASSERT_EQUAL(inject_first()->n, 3);
	CU_ASSERT_EQUAL(inject_last()->n, 7);
}

static void test_nofail_is_never_refused_nor_counted(void)
{
	begin("1+", false);
	CU_ASSERT_FALSE(ask(KF_SLAB, KF_GFP_KERNEL | KF_GFP_NOFAIL));
	CU_ASSERT_EQUAL(inject_points(), 0);
	CU_ASSERT_TRUE(ask(KF_SLAB, KF_GFP_KERNEL));
	CU_ASSERT_EQUAL(inject_points(), 1);
}

static void test_others_do_not_count(void)
{
	begin("1", false);
	ours = false;
	CU_ASSERT_FALSE(ask(KF_SLAB, KF_GFP_KERNEL));
	CU_ASSERT_EQUAL(inject_points(), 0);
	ours = true;
	CU_ASSERT_TRUE(ask(KF_SLAB, KF_GFP_KERNEL));
}

static void test_suspended(void)
{
	begin("2", false);
	CU_ASSERT_FALSE(ask(KF_SLAB, 0));
	inject_suspend();
	CU_ASSERT_FALSE(ask(KF_SLAB, 0));
	CU_ASSERT_EQUAL(inject_points(), 1);
	inject_resume();
	CU_ASSERT_TRUE(ask(KF_SLAB, 0));
}

static void test_a_run_starts_at_zero(void)
{
	begin("1+", false);
	ask(KF_SLAB, 0);
	ask(KF_SLAB, 0);
	CU_ASSERT_EQUAL(inject_refused(), 2);
	begin("", false);
	CU_ASSERT_EQUAL(inject_points(), 0);
	CU_ASSERT_EQUAL(inject_refused(), 0);
	CU_ASSERT_PTR_NULL(inject_first());
	CU_ASSERT_PTR_NULL(inject_last());
}

/* A walk costs more than everything else: one for each request, refused or not; none where the answer is known. */
static void test_one_walk_at_most(void)
{
	begin("5", false);
	inject_record(true);
	for (unsigned i = 0; i < 10; i++)
		ask(KF_SLAB, 0);
	CU_ASSERT_EQUAL(inject_refused(), 1);
	CU_ASSERT_EQUAL(walks, 10);
	inject_suspend();
	ask(KF_SLAB, 0);
	inject_resume();
	ask(KF_SLAB, KF_GFP_NOFAIL);
	CU_ASSERT_EQUAL(walks, 10);
}

static void test_recording(void)
{
	begin("", false);
	inject_record(true);
	for (unsigned i = 0; i < 1000; i++)
		ask(i % 2 ? KF_PAGES : KF_SLAB, i);
	for (unsigned n = 1; n <= 1000; n++) {
		const struct refusal *point = inject_recorded(n);

		CU_ASSERT_PTR_NOT_NULL_FATAL(point);
		CU_ASSERT_EQUAL(point->n, n);
		CU_ASSERT_EQUAL(point->request.gfp, n - 1);
		CU_ASSERT_EQUAL(point->request.kind, n % 2 ? KF_SLAB : KF_PAGES);
		CU_ASSERT_NOT_EQUAL(point->stack, 0);
	}
	CU_ASSERT_PTR_NULL(inject_recorded(0));
	CU_ASSERT_PTR_NULL(inject_recorded(1001));
	inject_record(false);
	CU_ASSERT_PTR_NULL(inject_recorded(1));
}

static void refuse_one(void)
{
	ask(KF_SLAB, KF_GFP_KERNEL);
}

static void test_message(void)
{
	char *text;

	inject_describe("insmod", "6.1.0-56-amd64");
	begin("1", true);
	text = stderr_of(refuse_one);
	CU_ASSERT_PTR_EQUAL(strstr(text,
				   "FAULT_INJECTION: forcing a failure.\n"
				   "name failslab, interval 1, probability 0, space 0, times 1\n"
				   "CPU: 0 PID: 1 Comm: insmod Not tainted 6.1.0-56-amd64\n"),
			    text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nCall Trace:\n <TASK>\n "));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n </TASK>\n"));
	free(text);
}

static void test_silence(void)
{
	char *text;

	begin("1", false);
	text = stderr_of(refuse_one);
	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
}

static void test_capabilities(void)
{
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_SLAB), "failslab");
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_CACHE), "failslab");
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_KMALLOC_LARGE), "fail_page_alloc");
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_PAGES), "fail_page_alloc");
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_VMALLOC), "fail_vmalloc");
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_VMAP), "fail_vmalloc");
	CU_ASSERT_STRING_EQUAL(inject_capability(KF_PERCPU), "fail_percpu");
}

CU_TestInfo policy_tests[] = {
	{"every kind counts", test_every_kind_counts},
	{"__GFP_NOFAIL is never refused nor counted", test_nofail_is_never_refused_nor_counted},
	{"others do not count", test_others_do_not_count},
	{"suspended", test_suspended},
	{"a run starts at zero", test_a_run_starts_at_zero},
	{"one walk at most", test_one_walk_at_most},
	{"recording", test_recording},
	{"message", test_message},
	{"silence", test_silence},
	{"capabilities", test_capabilities},
	CU_TEST_INFO_NULL,
};
