// SPDX-License-Identifier: GPL-2.0-only
/* The mutator: what it makes is an input in its plain form, means something, and can be made again. */
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#include "../../fuzz/allocator/calls.h"
#include "../../fuzz/mutator/mutate.h"

static struct mutator m;

static size_t program(const char *text, uint8_t *data)
{
	struct fuzz_syntax wrong;
	size_t size = 0;

	CU_ASSERT_EQUAL_FATAL(
		fuzz_assemble(&allocator_grammar, text, data, DRAFT_BYTES, &size, &wrong), 0);
	return size;
}

static const char text[] = "kmalloc to=1 size=96 gfp=kernel\n"
			   "krealloc of=1 size=200 gfp=kernel\n"
			   "cache_create cache=2 kind=plain size=64\n"
			   "cache_alloc to=5 cache=2 gfp=kernel\n"
			   "free of=1\n"
			   "refuse 2\n";

/* Expect plain inputs that fit, never the same for long, and the same again from the same seed. */
static void mutations(void)
{
	static uint8_t data[DRAFT_BYTES], one[DRAFT_BYTES], two[DRAFT_BYTES], plain[DRAFT_BYTES];
	size_t size = program(text, data), n, k;
	struct fuzz_program p;
	unsigned same = 0;

	for (unsigned seed = 0; seed < 3000; seed++) {
		size_t max = seed % 3 ? DRAFT_BYTES : 1 + seed % 60;

		mutator_init(&m, &allocator_grammar, seed);
		n = mutate(&m, data, size, data, seed % 2 ? size : 0, one, max);
		CU_ASSERT_FATAL(n > 0 && n <= max);
		CU_ASSERT(m.description[0]);
		mutator_init(&m, &allocator_grammar, seed);
		k = mutate(&m, data, size, data, seed % 2 ? size : 0, two, max);
		CU_ASSERT(n == k && !memcmp(one, two, n));
		fuzz_decode(one, n, &p);
		k = fuzz_encode(&allocator_grammar, &p, plain, sizeof(plain));
		CU_ASSERT(n == k && !memcmp(one, plain, n));
		same += n == size && !memcmp(one, data, n);
	}
	CU_ASSERT(same < 300);
}

/* Expect that from nothing something comes, and that the longest input grows no more. */
static void ends(void)
{
	static uint8_t longest[DRAFT_BYTES], out[DRAFT_BYTES];
	struct fuzz_program p;
	unsigned some = 0;

	for (unsigned i = 0; i < FUZZ_CALLS_MAX; i++)
		longest[i * FUZZ_CALL_BYTES] = CALL_KMALLOC;
	for (unsigned seed = 0; seed < 100; seed++) {
		size_t n;

		mutator_init(&m, &allocator_grammar, seed);
		n = mutate(&m, NULL, 0, NULL, 0, out, sizeof(out));
		fuzz_decode(out, n, &p);
		some += p.count || p.schedule.count;
		n = mutate(&m, longest, FUZZ_CALLS_MAX * FUZZ_CALL_BYTES + 1, longest,
			   FUZZ_CALLS_MAX * FUZZ_CALL_BYTES + 1, out, sizeof(out));
		CU_ASSERT(n <= sizeof(out));
	}
	CU_ASSERT(some > 80);
}

/* Expect handles that nothing was put into to become some that have something. */
static void handles(void)
{
	static uint8_t data[DRAFT_BYTES];
	size_t size = program("kmalloc to=7 size=96\nfree of=3\ncache_alloc to=1 cache=4\n", data);

	mutator_init(&m, &allocator_grammar, 1);
	draft_read(&m.draft, data, size);
	mutate_mend_handles(&m);
	CU_ASSERT_EQUAL(fuzz_get(&field_of, draft_call(&m.draft, 1)), 7);
	CU_ASSERT_EQUAL(fuzz_get(&field_cache, draft_call(&m.draft, 2)), 4); /* there is none */
}

/* Expect sizes around the limits of classes: at least a third within 8 of a power of two. */
static void sizes(void)
{
	static uint8_t data[DRAFT_BYTES];
	size_t size = program("kmalloc to=7 size=1000\n", data);
	unsigned near = 0;

	mutator_init(&m, &allocator_grammar, 1);
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t value, power;

		draft_read(&m.draft, data, size);
		mutate_field(&m, &field_size, 0);
		value = fuzz_get(&field_size, draft_call(&m.draft, 0));
		power = value ? 1u << (31 - __builtin_clz(value)) : 1;
		near += value - power <= 8 || 2 * power - value <= 8;
	}
	CU_ASSERT(near > 333);
}

/* Does the draft that was tried keep the call that matters? */
static bool keeps(const uint8_t *data, size_t size, unsigned number)
{
	struct fuzz_program p;

	fuzz_decode(data, size, &p);
	for (unsigned i = 0; i < p.count; i++)
		if (p.calls[i * FUZZ_CALL_BYTES] == number)
			return true;
	return false;
}

/* Expect all but the one call that matters to be trimmed away, the schedule too, in no more steps than were said. */
static void trimming(void)
{
	static uint8_t data[DRAFT_BYTES], out[DRAFT_BYTES], best[DRAFT_BYTES];
	size_t size = program(text, data), best_size = size;
	unsigned steps = trim_begin(&m, data, size), step = 0, made = 0;

	CU_ASSERT(steps > 0);
	while (step < steps) {
		size_t n = trim_next(&m, out, sizeof(out));
		bool same = keeps(out, n, CALL_CACHE_ALLOC);

		CU_ASSERT_FATAL(++made <= steps);
		if (same) {
			CU_ASSERT(n <= best_size);
			memcpy(best, out, n);
			best_size = n;
		}
		step = trim_done(&m, same);
	}
	CU_ASSERT_EQUAL(best_size, FUZZ_CALL_BYTES + 1);
	CU_ASSERT_EQUAL(best[0], CALL_CACHE_ALLOC);
	CU_ASSERT_EQUAL(trim_begin(&m, best, 0), 0);
}

CU_TestInfo mutator_tests[] = {
	{"mutations", mutations}, {"ends", ends},	  {"handles", handles},
	{"sizes", sizes},	  {"trimming", trimming}, CU_TEST_INFO_NULL,
};
