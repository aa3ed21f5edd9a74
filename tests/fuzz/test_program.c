// SPDX-License-Identifier: GPL-2.0-only
/* Bytes of inputs: any are one, and what they mean survives being put together again. */
#include "suites.h"

#include <string.h>

#include "../../fuzz/allocator/calls.h"

/* | kmalloc to=3 size=96 kernel | refuse 7x2, 100+ | */
static const uint8_t example[] = {1, 3, 0, 0, 0, 96, 0, 0, 6, 0, 1, 0, 99, 0, 255, 0, 2};

/* Expect calls from the front, ranges from the back. */
static void decoding(void)
{
	struct fuzz_program program;
	char text[SCHEDULE_TEXT_MAX];

	fuzz_decode(example, sizeof(example), &program);
	CU_ASSERT_EQUAL(program.count, 1);
	CU_ASSERT_PTR_EQUAL(program.calls, example);
	CU_ASSERT_STRING_EQUAL(schedule_print(&program.schedule, text, sizeof(text)), "7x2,100+");
	CU_ASSERT_EQUAL(fuzz_get(&field_to, program.calls), 3);
	CU_ASSERT_EQUAL(fuzz_get(&field_size, program.calls), 96);
}

/* Expect no input that cannot be taken apart: cut anywhere, and full of the largest numbers. */
static void any_bytes(void)
{
	uint8_t bytes[64];
	struct fuzz_program program;

	fuzz_decode(NULL, 0, &program);
	CU_ASSERT_EQUAL(program.count, 0);
	for (unsigned value = 0; value < 256; value += 51)
		for (size_t size = 0; size <= sizeof(bytes); size++) {
			memset(bytes, (int)value, size);
			fuzz_decode(bytes, size, &program);
			CU_ASSERT(program.count * FUZZ_CALL_BYTES <= size);
			CU_ASSERT(program.schedule.count <= FUZZ_RANGES_MAX);
		}
}

/* Expect as many calls as are made at most, and the schedule behind all that are left out. */
static void longest(void)
{
	static uint8_t bytes[(FUZZ_CALLS_MAX + 10) * FUZZ_CALL_BYTES + FUZZ_RANGE_BYTES + 1];
	struct fuzz_program program;

	memset(bytes, 0, sizeof(bytes));
	bytes[sizeof(bytes) - 5] = 41;
	bytes[sizeof(bytes) - 1] = 1;
	fuzz_decode(bytes, sizeof(bytes), &program);
	CU_ASSERT_EQUAL(program.count, FUZZ_CALLS_MAX);
	CU_ASSERT_EQUAL(program.schedule.count, 1);
	CU_ASSERT_EQUAL(program.schedule.ranges[0].first, 42);
}

/* Expect ranges in order and merged, whatever order their bytes have. */
static void ranges_are_merged(void)
{
	/* 12x3, 10x2, 5, 14+ */
	const uint8_t bytes[] = {11, 0, 2, 0, 9, 0, 1, 0, 4, 0, 0, 0, 13, 0, 255, 0, 4};
	struct fuzz_program program;
	char text[SCHEDULE_TEXT_MAX];

	fuzz_decode(bytes, sizeof(bytes), &program);
	CU_ASSERT_STRING_EQUAL(schedule_print(&program.schedule, text, sizeof(text)), "5,10+");
}

/* Expect the same program behind encoding and decoding, without what means nothing; and twice is as once. */
static void round_trip(void)
{
	uint8_t bytes[200], once[256], twice[256];
	struct fuzz_program a, b;
	uint64_t random = 1;

	for (unsigned round = 0; round < 2000; round++) {
		size_t size = round % sizeof(bytes), n, m;

		for (size_t i = 0; i < size; i++) {
			random = random * 6364136223846793005ull + 1442695040888963407ull;
			bytes[i] = (uint8_t)(random >> 56);
		}
		fuzz_decode(bytes, size, &a);
		n = fuzz_encode(&allocator_grammar, &a, once, sizeof(once));
		CU_ASSERT_FATAL(n > 0);
		fuzz_decode(once, n, &b);
		CU_ASSERT_EQUAL(a.count, b.count);
		CU_ASSERT_EQUAL(a.schedule.count, b.schedule.count);
		CU_ASSERT(!memcmp(a.schedule.ranges, b.schedule.ranges,
				  a.schedule.count * sizeof(a.schedule.ranges[0])));
		m = fuzz_encode(&allocator_grammar, &b, twice, sizeof(twice));
		CU_ASSERT(n == m && !memcmp(once, twice, n));
	}
}

/* Expect nothing written where there is no room. */
static void no_room(void)
{
	struct fuzz_program program;
	uint8_t bytes[sizeof(example)];

	fuzz_decode(example, sizeof(example), &program);
	CU_ASSERT_EQUAL(fuzz_encode(&allocator_grammar, &program, bytes, sizeof(example) - 1), 0);
	CU_ASSERT_EQUAL(fuzz_encode(&allocator_grammar, &program, bytes, sizeof(example)),
			sizeof(example));
	CU_ASSERT(!memcmp(bytes, example, sizeof(example)));
}

/* Expect a table that can be trusted: numbers and names once each, fields inside a call, none over another. */
static void table(void)
{
	uint64_t numbers = 0;

	for (const struct fuzz_call *call = allocator_grammar.calls; call->name; call++) {
		unsigned taken = 1; /* byte 0 */

		CU_ASSERT(call->number > 0 && call->number < FUZZ_CALL_NUMBERS);
		CU_ASSERT(!(numbers >> call->number & 1));
		numbers |= 1ull << call->number;
		CU_ASSERT_PTR_EQUAL(
			fuzz_call_named(&allocator_grammar, call->name, strlen(call->name)), call);
		for (unsigned i = 0; call->fields[i]; i++) {
			const struct fuzz_field *f = call->fields[i];
			unsigned bytes = ((1u << f->bytes) - 1) << f->at;

			CU_ASSERT(f->at + f->bytes <= FUZZ_CALL_BYTES);
			CU_ASSERT(!(taken & bytes));
			taken |= bytes;
		}
	}
}

CU_TestInfo program_tests[] = {
	{"decoding", decoding},	    {"any bytes", any_bytes},
	{"longest", longest},	    {"ranges are merged", ranges_are_merged},
	{"round trip", round_trip}, {"no room", no_room},
	{"table of calls", table},  CU_TEST_INFO_NULL,
};
