// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sweep that is interrupted and resumed, as often as it takes, comes to what an undisturbed one comes to. Interrupted
 * at a finding, so that no clock is needed.
 */
#include "suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUESTS 120

static DRIVER_DATA void *kept[8] = {NULL};
static DRIVER_DATA void *spare = NULL;

/* Each eighth request, when it is refused, forgets another one of eight objects; and its error path asks for two more,
 * of which the second is not looked at. */
DRIVER static int64_t clumsy_init(void)
{
	unsigned lost = 8;

	/* Told apart by their places. */
	kept[0] = kmalloc(32, GFP_KERNEL);
	kept[1] = kmalloc(32, GFP_KERNEL);
	kept[2] = kmalloc(32, GFP_KERNEL);
	kept[3] = kmalloc(32, GFP_KERNEL);
	kept[4] = kmalloc(32, GFP_KERNEL);
	kept[5] = kmalloc(32, GFP_KERNEL);
	kept[6] = kmalloc(32, GFP_KERNEL);
	kept[7] = kmalloc(32, GFP_KERNEL);
	STAY();
	for (unsigned i = 8, n = times(REQUESTS); i < n; i++) {
		spare = kmalloc(64, GFP_KERNEL);
		STAY();
		if (spare) {
			kfree(spare);
			continue;
		}
		spare = kmalloc(100, GFP_KERNEL);
		STAY();
		if (spare)
			kfree(spare);
		if (i % 8 == 0)
			lost = i / 16;
		break;
	}
	for (unsigned i = 0, n = times(8); i < n; i++)
		if (i != lost && kept[i])
			kfree(kept[i]);
	STAY();
	return ENOMEM_;
}

static const struct fake_driver clumsy = {clumsy_init, NULL, NULL, NULL};

static const struct store_sweep what = {.version = "test", .kernel = "native", .module = "fake"};

static char path[64];

static void remove_store(void)
{
	char name[80];

	unlink(path);
	snprintf(name, sizeof(name), "%s-wal", path);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", path);
	unlink(name);
}

static struct store *open_store(void)
{
	char err[STORE_ERR];
	struct store *store = store_open(path, err);

	CU_ASSERT_PTR_NOT_NULL_FATAL(store);
	return store;
}

static char *told(const struct sweep_result *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "%u %u %u %u %u %u %u %u\n", r->status, r->points, r->runs, r->injected,
		r->absorbed, r->clean, r->not_swept, r->not_judged_count);
	for (unsigned i = 0; i < r->finding_count; i++) {
		char *json = finding_to_json(&r->findings[i]);

		fprintf(out, "%s\n", json);
		free(json);
	}
	fclose(out);
	return text;
}

static void interrupt_at(const struct finding *finding, unsigned number, void *arg)
{
	unsigned *findings_left = arg;

	if (!--*findings_left)
		raise(SIGINT);
}

/* Sweep with the store until the given number of findings has been told; true: it came to its end. */
static bool sweep_some(struct sweep_options options, unsigned findings, char **text)
{
	struct store *store = open_store();
	const struct sweep_result *r;
	char err[STORE_ERR];
	bool ended;

	options.store = store;
	options.stored = store_begin(store, &what, options.resume, err);
	CU_ASSERT_FATAL(options.stored > 0);
	options.found = interrupt_at;
	options.arg = &findings;
	r = sweep_options(&clumsy, &options);
	ended = !r->interrupted;
	*text = told(r);
	store_close(store);
	return ended;
}

/* Expect: after any number of interruptions, with any number of workers, the same. */
static void compare_with_undisturbed(struct plan_options plan)
{
	struct sweep_options options = {.jobs = 1, .timeout_ms = 200, .plan = plan};
	char *undisturbed = told(sweep_options(&clumsy, &options)), *text;
	unsigned rounds = 0;

	snprintf(path, sizeof(path), "/tmp/kfail-resume-%d.db", getpid());
	remove_store();
	while (!sweep_some(options, ++rounds, &text)) {
		free(text);
		options.resume = true;
		options.jobs = 1 + rounds % 3;
		CU_ASSERT_FATAL(rounds < 100);
	}
	CU_ASSERT(rounds > 2);
	CU_ASSERT_STRING_EQUAL(undisturbed, text);
	free(text);
	free(undisturbed);
	remove_store();
}

static void test_resume(void)
{
	compare_with_undisturbed((struct plan_options){0});
}

static void test_resume_depth(void)
{
	compare_with_undisturbed((struct plan_options){.depth = 3});
}

static void test_resume_pairs(void)
{
	compare_with_undisturbed((struct plan_options){.modes = PLAN_PAIRS | PLAN_PERSISTENT});
}

DRIVER static int64_t other_init(void)
{
	kfree(kmalloc(64, GFP_KERNEL));
	STAY();
	return 0;
}

/* The baseline is another one now. Expect: a sentence, and what is stored stays. */
static void test_other_baseline(void)
{
	static const struct fake_driver other = {other_init, NULL, NULL, NULL};
	struct sweep_options options = {.jobs = 1, .timeout_ms = 200};
	struct sweep_result result;
	char *text, err[256] = "";

	snprintf(path, sizeof(path), "/tmp/kfail-resume-%d.db", getpid());
	remove_store();
	CU_ASSERT_FALSE(sweep_some(options, 1, &text));
	free(text);
	options.store = open_store();
	options.stored = store_begin(options.store, &what, true, err);
	CU_ASSERT_FATAL(options.stored > 0);
	options.resume = true;
	CU_ASSERT_EQUAL(sweep(fake_target(&other), &options, &result, err), SWEEP_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "baseline is another one"));
	store_close(options.store);
	options = (struct sweep_options){.jobs = 2, .timeout_ms = 200, .resume = true};
	CU_ASSERT_TRUE(sweep_some(options, 100, &text));
	free(text);
	remove_store();
}

CU_TestInfo resume_tests[] = {
	{"resume", test_resume},
	{"resume with depth", test_resume_depth},
	{"resume with pairs", test_resume_pairs},
	{"another baseline", test_other_baseline},
	CU_TEST_INFO_NULL,
};
