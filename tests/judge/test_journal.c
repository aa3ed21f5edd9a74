// SPDX-License-Identifier: GPL-2.0-only
/*
 * The journal's words: what is put in comes out again, near and far apart, in the window of stacks and behind it.
 */
#include "suites.h"

#include "../../harness/judge/evidence.h"

/* The i-th of entries that are `step` numbers apart. */
static struct journal_entry made(uint32_t i, uint64_t step)
{
	return (struct journal_entry){.addr = 0x7fff00000000 + 4ull * i,
				      .seq = 0x123456789aull + i * step,
				      .stack = i + 1,
				      .point = 3 * i,
				      .kind = (uint8_t)(i % KF_NR_KINDS),
				      .on_behalf = i % 3 == 0};
}

static void fill(uint32_t n, uint64_t step)
{
	journal_open();
	journal_reset();
	judge.refused_at = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct journal_entry entry = made(i, step);

		CU_ASSERT_PTR_NULL_FATAL(journal_add(&entry));
	}
}

static bool is_made(const struct journal_entry *entry, uint32_t i, uint64_t step)
{
	const struct journal_entry want = made(i, step);

	return entry->addr == want.addr && entry->seq == want.seq && entry->kind == want.kind &&
	       entry->on_behalf == want.on_behalf && !entry->told;
}

static void all_come_back(uint32_t n, uint64_t step)
{
	struct journal_entry entry;
	uint32_t at = 0, i = 0;

	fill(n, step);
	for (; journal_next(&at, &entry); i++)
		CU_ASSERT_TRUE_FATAL(i < n && is_made(&entry, i, step));
	CU_ASSERT_EQUAL(i, n);
}

/* Expect: whatever lies between their numbers, entries keep order, address, number, kind and whose they are. */
static void test_numbers(void)
{
	all_come_back(1000, 1);
	all_come_back(1000, 300);
	all_come_back(1000, 20000);
	all_come_back(1000, 1ull << 30);
	all_come_back(200000, 2);
}

/* Expect: stack and point of the first and of the newest entries are exact; further back the point is so to within a block. */
static void test_window(void)
{
	const uint32_t n = 200000;
	struct journal_entry entry;

	fill(n, 1);
	CU_ASSERT_TRUE(journal_at(JOURNAL_KEPT - 1, &entry));
	CU_ASSERT_TRUE(entry.stack == JOURNAL_KEPT && entry.point == 3 * (JOURNAL_KEPT - 1));
	CU_ASSERT_TRUE(journal_at(n - 1, &entry));
	CU_ASSERT_TRUE(entry.stack == n && entry.point == 3 * (n - 1));
	CU_ASSERT_TRUE(journal_at(100000, &entry));
	CU_ASSERT_EQUAL(entry.stack, 0);
	CU_ASSERT_TRUE(entry.point <= 300000 && entry.point + 3 * 64 > 300000);
}

/* Expect: around the refused request nothing is forgotten, however long the run goes on. */
static void test_window_of_refusal(void)
{
	struct journal_entry entry;

	fill(100000, 1);
	judge.refused_at = judge.journal_count;
	for (uint32_t i = 100000; i < 300000; i++) {
		const struct journal_entry more = made(i, 1);

		journal_add(&more);
	}
	for (uint32_t i = 90000; i < 160000; i += 1000)
		CU_ASSERT_TRUE(journal_at(i, &entry) && entry.stack == i + 1);
	judge.refused_at = 0;
}

/* Expect: a leftover is told once, and can be untold. */
static void test_told(void)
{
	const struct kf_object object = {.kind = KF_KMALLOC_LARGE, .size = 77};
	struct journal_entry entry;

	fill(100, 1);
	journal_at(50, &entry);
	CU_ASSERT_EQUAL(journal_tell(&entry, &object), 0);
	CU_ASSERT_TRUE(judge.left[0].size == 77 && judge.left[0].index == 50);
	CU_ASSERT_TRUE(journal_at(50, &entry) && entry.told);
	journal_untell();
	CU_ASSERT_TRUE(journal_at(50, &entry) && is_made(&entry, 50, 1));
	CU_ASSERT_EQUAL(judge.left_count, 0);
}

/* Expect: what cannot be noted is said, and not noted wrongly. */
static void test_refuses(void)
{
	struct journal_entry entry = made(0, 1);

	fill(1, 1);
	entry.addr = 0x1001;
	CU_ASSERT_PTR_NOT_NULL(journal_add(&entry));
	entry.addr = 1ull << 47;
	CU_ASSERT_PTR_NOT_NULL(journal_add(&entry));
	CU_ASSERT_EQUAL(judge.journal_count, 1);
}

CU_TestInfo journal_tests[] = {
	{"numbers near and far apart", test_numbers},
	{"stacks in the window", test_window},
	{"stacks around the refusal", test_window_of_refusal},
	{"told and untold", test_told},
	{"what cannot be noted", test_refuses},
	CU_TEST_INFO_NULL,
};
