// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs as bytes: any bytes are one; what was decoded is encoded and decoded to the same.
 */
#include "suites.h"

#include <stdlib.h>
#include <string.h>
#include "../../fuzz/driver/input.h"

static struct driver_model model;
static struct input input, again;
static uint8_t data[INPUT_SIZE_MAX];

static void fill_model(void)
{
	memset(&model, 0, sizeof(model));
	CU_ASSERT(model_add_node(&model, "/dev/a"));
	CU_ASSERT(model_add_node(&model, "/dev/b"));
	CU_ASSERT(model_add_command(&model, 0x5e01, "A"));
	CU_ASSERT(model_add_command(&model, 0x40085e02, ""));
	CU_ASSERT(model_add_family(&model, 29, 3, 1));
}

static bool same_call(const struct call *a, const struct call *b)
{
	return a->op == b->op && a->handle == b->handle && a->argument == b->argument &&
	       a->which == b->which && a->flags == b->flags && a->value == b->value &&
	       a->size == b->size && !memcmp(a->memory, b->memory, a->size);
}

static bool same(const struct input *a, const struct input *b)
{
	const struct schedule *s = &a->schedule, *t = &b->schedule;

	if (a->count != b->count || s->count != t->count ||
	    memcmp(s->ranges, t->ranges, s->count * sizeof(s->ranges[0])) != 0)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!same_call(&a->calls[i], &b->calls[i]))
			return false;
	return true;
}

/* Nothing, less than a cell, all zeros, all ones. */
static void test_any_bytes(void)
{
	fill_model();
	input_decode(&model, NULL, 0, &input);
	CU_ASSERT_EQUAL(input.count, 0);
	memset(data, 0, sizeof(data));
	for (size_t size = 1; size < 200; size++)
		input_decode(&model, data, size, &input);
	CU_ASSERT_EQUAL(input.calls[0].op, CALL_open);
	CU_ASSERT_EQUAL(input.schedule.count, 0);
	memset(data, 0xff, sizeof(data));
	for (size_t size = 1; size < 200; size++)
		input_decode(&model, data, size, &input);
	input_decode(&model, data, sizeof(data), &input);
	CU_ASSERT(input.count <= INPUT_CALLS_MAX);
}

/* Expect: chance's inputs keep their meaning through encode() and decode(). */
static void test_round_trip(void)
{
	unsigned calls = 0;

	fill_model();
	srand(1);
	for (int i = 0; i < 5000; i++) {
		size_t size = (size_t)rand() % 1000, n;

		for (size_t k = 0; k < size; k++)
			data[k] = (uint8_t)rand();
		/* As often few cells behind one as many. */
		for (size_t k = 3; k < size && i & 1; k += CELL_SIZE)
			data[k] = 0;
		input_decode(&model, data, size, &input);
		calls += input.count;
		n = input_encode(&input, data, sizeof(data));
		CU_ASSERT(n > 0);
		input_decode(&model, data, n, &again);
		CU_ASSERT(same(&input, &again));
	}
	CU_ASSERT(calls > 5000);
}

/* What does not fit into the lists counts modulo their length; without a list the call is passed over. */
static void test_lists(void)
{
	uint8_t cell[CELL_SIZE + 1] = {CALL_open, 1, 0, 0, 5};

	fill_model();
	input_decode(&model, cell, sizeof(cell), &input);
	CU_ASSERT_EQUAL(input.count, 1);
	CU_ASSERT_EQUAL(input.calls[0].which, 1);
	model.node_count = 0;
	input_decode(&model, cell, sizeof(cell), &input);
	CU_ASSERT_EQUAL(input.count, 0);
	cell[0] = CALL_ioctl;
	input_decode(&model, cell, sizeof(cell), &input);
	CU_ASSERT_EQUAL(input.calls[0].which, 1);
	CU_ASSERT_EQUAL(input_command(&model, &input.calls[0]), 0x40085e02);
	cell[4] = cell[5] = 0xff;
	cell[12] = 0x77;
	input_decode(&model, cell, sizeof(cell), &input);
	CU_ASSERT_EQUAL(input.calls[0].which, WHICH_RAW);
	CU_ASSERT_EQUAL(input_command(&model, &input.calls[0]), 0x77);
	/* A number that no call has, now. */
	cell[0] = 63;
	input_decode(&model, cell, sizeof(cell), &input);
	CU_ASSERT_EQUAL(input.count, 0);
}

/* | cell, 2 more | memory | memory | schedule |: 80 bytes of memory; what is cut off is zero, and gone. */
static void test_memory(void)
{
	uint8_t bytes[3 * CELL_SIZE + 1];

	fill_model();
	memset(bytes, 0xaa, sizeof(bytes));
	bytes[0] = CALL_write;
	bytes[2] = ARGUMENT_MEMORY;
	bytes[3] = 2;
	bytes[sizeof(bytes) - 1] = 0;
	input_decode(&model, bytes, sizeof(bytes), &input);
	CU_ASSERT_EQUAL(input.count, 1);
	CU_ASSERT_EQUAL(input.calls[0].size, CELL_MEMORY + 2 * CELL_SIZE);
	bytes[2 * CELL_SIZE] = 0;
	input_decode(&model, bytes, 2 * CELL_SIZE + 1, &input);
	CU_ASSERT_EQUAL(input.calls[0].size, CELL_MEMORY + CELL_SIZE);
	bytes[2] = ARGUMENT_NULL;
	input_decode(&model, bytes, 2 * CELL_SIZE + 1, &input);
	CU_ASSERT_EQUAL(input.calls[0].size, 0);
}

/* An input that cannot be written down is not: too many calls, a schedule of chance. */
static void test_too_much(void)
{
	fill_model();
	memset(&input, 0, sizeof(input));
	input.schedule.random = 1;
	CU_ASSERT_EQUAL(input_encode(&input, data, sizeof(data)), 0);
	input.schedule.random = 0;
	CU_ASSERT_EQUAL(input_encode(&input, data, sizeof(data)), 1);
	CU_ASSERT_EQUAL(input_encode(&input, data, 0), 0);
	input.count = INPUT_CALLS_MAX;
	for (unsigned i = 0; i < input.count; i++) {
		input.calls[i] = (struct call){.op = CALL_write, .argument = ARGUMENT_MEMORY};
		input.calls[i].size = INPUT_MEMORY_MAX;
	}
	CU_ASSERT_EQUAL(input_encode(&input, data, sizeof(data)), 0);
}

CU_TestInfo input_tests[] = {
	{"any bytes are an input", test_any_bytes},
	{"decoded, encoded, decoded: the same", test_round_trip},
	{"numbers count modulo lists", test_lists},
	{"a call's memory goes on in further cells", test_memory},
	{"what cannot be written down", test_too_much},
	CU_TEST_INFO_NULL,
};
