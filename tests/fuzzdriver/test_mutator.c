// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mutator: what it makes is an input of whole cells, of the size that it may have; the same seed makes the same; and
 * calls and refusals both come and go.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../fuzz/driver/input.h"
#include "../../fuzz/driver/mutator.h"

#define ROUNDS 20000
#define MOST   2048

static struct driver_model model;
static struct input input;
static uint8_t now[MOST], other[MOST];

/* Expect: each output is within bounds and decodes; over many, there are more calls and fewer, with and without refusals. */
static void test_outputs(void)
{
	void *m = afl_custom_init(NULL, 1);
	unsigned calls[3] = {0}, refused[2] = {0};
	size_t size = 0, other_size = 0;

	model_add_node(&model, "/dev/a");
	for (int i = 0; i < ROUNDS; i++) {
		unsigned before = input.count;
		uint8_t *out = NULL;
		size_t n = afl_custom_fuzz(m, now, size, &out, i % 3 ? other : NULL,
					   i % 3 ? other_size : 0, MOST);

		CU_ASSERT_FATAL(n > 0 && n <= MOST && out);
		memcpy(other, now, size);
		other_size = size;
		memcpy(now, out, n);
		size = n;
		input_decode(&model, now, size, &input);
		calls[input.count > before ? 2 : input.count < before ? 0 : 1]++;
		refused[input.schedule.count > 0]++;
		CU_ASSERT(strlen(afl_custom_describe(m, 60)) <= 60);
		if (i % 50 == 49)
			size = 0;
	}
	CU_ASSERT(calls[0] > ROUNDS / 20 && calls[2] > ROUNDS / 20);
	CU_ASSERT(refused[0] > ROUNDS / 20 && refused[1] > ROUNDS / 20);
	afl_custom_deinit(m);
}

/* Expect: bytes that are no whole cells, and room for one byte only, do no harm. */
static void test_odd_sizes(void)
{
	void *m = afl_custom_init(NULL, 2);
	uint8_t *out;

	srand(3);
	for (unsigned i = 0; i < 3000; i++) {
		size_t size = (size_t)rand() % 300, most = 1 + (size_t)rand() % 400;

		for (size_t k = 0; k < size; k++)
			now[k] = (uint8_t)rand();
		CU_ASSERT(afl_custom_fuzz(m, now, size, &out, now, size / 2, most) <= most);
	}
	afl_custom_deinit(m);
}

static void test_seed(void)
{
	void *a = afl_custom_init(NULL, 7), *b = afl_custom_init(NULL, 7);
	uint8_t *one, *two;

	for (int i = 0; i < 100; i++) {
		size_t n = afl_custom_fuzz(a, now, 0, &one, NULL, 0, MOST);

		CU_ASSERT_EQUAL(n, afl_custom_fuzz(b, now, 0, &two, NULL, 0, MOST));
		CU_ASSERT(!memcmp(one, two, n));
	}
	afl_custom_deinit(a);
	afl_custom_deinit(b);
}

CU_TestInfo mutator_tests[] = {
	{"inputs that it makes", test_outputs},
	{"odd sizes", test_odd_sizes},
	{"the same seed, the same inputs", test_seed},
	CU_TEST_INFO_NULL,
};
