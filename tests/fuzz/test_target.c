// SPDX-License-Identifier: GPL-2.0-only
/* Targets: the corpus is clean, an input comes to the same whatever ran before, and what is wrong is told. */
#include "suites.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "../../allocator/core/memory.h"
#include "../../fuzz/allocator/allocator.h"
#include "../../fuzz/engine/engine.h"
#include "../../fuzz/parsers/parsers.h"

static const struct fuzz_target *target(void)
{
	static bool opened;
	const struct fuzz_setup setup = {.settings = NULL};
	char err[FUZZ_ERR];

	if (!opened)
		CU_ASSERT_EQUAL_FATAL(fuzz_open(&allocator_target, &setup, err), 0);
	opened = true;
	return &allocator_target;
}

static size_t input(const char *text, uint8_t *data)
{
	struct fuzz_syntax wrong;
	size_t size = 0;

	CU_ASSERT_EQUAL_FATAL(target()->assemble(text, data, 4096, &size, &wrong), 0);
	return size;
}

/* What an input came to: the first finding's sentence, or "". */
static const char *outcome(const uint8_t *data, size_t size)
{
	static char what[256];
	struct fuzz_outcome out = {0};

	target()->run(data, size, true, &out);
	snprintf(what, sizeof(what), "%s", out.count ? out.findings[0].what : "");
	fuzz_outcome_clear(&out);
	return what;
}

/* All files of a folder of the corpus, in their order and backwards. */
static void run_corpus(const struct fuzz_target *t, const char *folder)
{
	char pattern[256], err[FUZZ_ERR];
	glob_t files;

	snprintf(pattern, sizeof(pattern), FUZZ_DIR "/../corpus/%s/*", folder);
	CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < 2 * files.gl_pathc; i++) {
		size_t n = i < files.gl_pathc ? i : 2 * files.gl_pathc - 1 - i, size;
		uint8_t *data = fuzz_load(t, files.gl_pathv[n], &size, err);
		struct fuzz_outcome out = {0};

		CU_ASSERT_PTR_NOT_NULL_FATAL(data);
		t->run(data, size, true, &out);
		if (out.count)
			fprintf(stderr, "%s: %s\n", files.gl_pathv[n], out.findings[0].what);
		CU_ASSERT_EQUAL(out.count, 0);
		fuzz_outcome_clear(&out);
		free(data);
	}
	globfree(&files);
}

/* Expect every input of the corpus to be clean, whatever ran before it. */
static void corpus(void)
{
	run_corpus(target(), "allocator");
}

/* The same of what kfail reads; a program as text is read as such. */
static void parsers(void)
{
	static const struct fuzz_target *const targets[] = {&schedule_target, &accepted_target,
							    &suppressions_target, &module_target,
							    &text_target};
	const struct fuzz_setup setup = {.settings = NULL};
	char err[FUZZ_ERR];

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		bool text = targets[i] == &text_target;

		CU_ASSERT_EQUAL_FATAL(fuzz_open(targets[i], &setup, err), 0);
		run_corpus(targets[i], text ? "allocator" : targets[i]->name);
	}
	CU_ASSERT_TRUE(fuzz_catch(&allocator_target, NULL)); /* its faults again */
}

/* Expect a damaged store to give a sentence, wherever it is cut. */
static void damaged_stores(void)
{
	const struct fuzz_setup setup = {.settings = NULL};
	static uint8_t bytes[8192] = "SQLite format 3";
	struct fuzz_outcome out = {0};
	char err[FUZZ_ERR];

	CU_ASSERT_EQUAL_FATAL(fuzz_open(&store_target, &setup, err), 0);
	for (size_t size = 0; size < sizeof(bytes); size = 2 * size + 1)
		store_target.run(bytes, size, true, &out);
	CU_ASSERT_EQUAL(out.count, 0);
	fuzz_outcome_clear(&out);
	CU_ASSERT_TRUE(fuzz_catch(&allocator_target, NULL));
}

/* Write to a byte in each MiB of zone Normal. */
static void scribble(char value)
{
	const struct kf_layout *l = kf_layout();

	for (u64 at = l->zone[KF_ZONE_NORMAL].start; at < l->zone[KF_ZONE_NORMAL].end;
	     at += 1 << 20)
		*(char *)kf_phys_to_virt(at) = value;
}

/* Expect a finding, and a clean input when its cause is gone: memory is written to that nobody has. */
static void finding(void)
{
	uint8_t large[64], none[64];
	size_t large_size = input("alloc_pages to=1 order=10\n", large), size = input("", none);

	CU_ASSERT_STRING_EQUAL(outcome(large, large_size), "");
	scribble(1);
	CU_ASSERT_STRING_EQUAL(outcome(none, size), "memory was written that nobody has");
	scribble(0);
	CU_ASSERT_STRING_EQUAL(outcome(none, size), "");
}

/* Expect an input that waits for what never comes to end, and to leave nothing behind. */
static void starving(void)
{
	uint8_t data[512], none[64];
	size_t size = input("mempool_create pool=0 kind=pages count=0 size=2\n"
			    "alloc_pages to=0 order=10\nalloc_pages to=1 order=10\n"
			    "alloc_pages to=2 order=10\nalloc_pages to=3 order=10\n"
			    "alloc_pages to=4 order=10\nalloc_pages to=5 order=10\n"
			    "alloc_pages to=6 order=10\nalloc_pages to=7 order=10\n"
			    "alloc_pages to=8 order=9\nalloc_pages to=9 order=9\n"
			    "alloc_pages to=10 order=9\nalloc_pages to=11 order=9\n"
			    "mempool_alloc to=12 pool=0 gfp=kernel\n",
			    data);

	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_STRING_EQUAL(outcome(data, size), "");
	size = input("", none);
	CU_ASSERT_STRING_EQUAL(outcome(none, size), "");
}

CU_TestInfo target_tests[] = {
	{"corpus", corpus},   {"parsers", parsers},   {"damaged stores", damaged_stores},
	{"finding", finding}, {"starving", starving}, CU_TEST_INFO_NULL,
};
