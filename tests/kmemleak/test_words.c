// SPDX-License-Identifier: GPL-2.0-only
/* The compare of four words at a time gives what one by one would. */
#include "leak_test.h"

#include "../../harness/kmemleak/internal.h"

static uint64_t one_by_one(const uint64_t *words, unsigned n, uint64_t min, uint64_t span)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < n; i++)
		if (words[i] >= min && words[i] - min < span)
			found |= 1ull << i;
	return found;
}

static void check(uint64_t min, uint64_t span)
{
	const uint64_t edges[] = {0,	      1,
				  min - 1,    min,
				  min + 1,    min + span - 1,
				  min + span, UINT64_MAX,
				  1ull << 63, (1ull << 63) - 1,
				  min / 2,    min + span / 2};
	uint64_t words[64];

	for (unsigned i = 0; i < 64; i++)
		words[i] = edges[(i * 7 + i / 5) % (sizeof(edges) / sizeof(edges[0]))];
	for (unsigned n = 0; n <= 64; n++)
		CU_ASSERT_EQUAL(kml_words(words, n, min, span), one_by_one(words, n, min, span));
}

static void test_edges(void)
{
	check(0x200000000000, 1ull << 40);
	check(0x40000000, 0x80000000);
	check(1, 1);
	check((1ull << 63) - 4096, 8192);
	check(UINT64_MAX - 100, 50);
	check(4096, 0);
}

CU_TestInfo word_tests[] = {
	{"edges", test_edges},
	CU_TEST_INFO_NULL,
};
