// SPDX-License-Identifier: GPL-2.0-only
/*
 * The binary form of inputs (input.h).
 *
 * Decoding makes one thing of many: modulo the lengths of lists, without what a call does not look at. Encoding gives the
 * smallest bytes that mean the same, so that decode(encode(x)) == x for every x that was decoded.
 */
#include "input.h"

#include <string.h>
#include <sys/syscall.h>

#define NONE   false
#define MEMORY true
#define CALL(name, which, flags, value, argument, number, about) \
	{#name, about, WHICH_##which, flags, value, argument, number},
const struct call_kind call_kinds[CALL_OPS] = {
#include "calls.def"
};
#undef CALL
#undef NONE
#undef MEMORY

const char *const argument_names[ARGUMENT_KINDS] = {"number", "memory", "null",	 "unmapped",
						    "kernel", "edge",	"nested"};

static uint64_t get(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, p, bytes);
	return value;
}

static void put(uint8_t *p, uint64_t value, unsigned bytes)
{
	memcpy(p, &value, bytes);
}

/* ---- the schedule ---- */

static bool schedule_is_plain(const struct schedule *schedule)
{
	return schedule_is_empty(schedule) || schedule_is_numbers(schedule);
}

/* ---- calls ---- */

uint32_t input_command(const struct driver_model *model, const struct call *call)
{
	return call->which == WHICH_RAW ? (uint32_t)(call->value >> 32)
					: model->commands[call->which].number;
}

static uint16_t within(uint16_t which, unsigned count)
{
	return count ? (uint16_t)(which % count) : 0;
}

/* False: this driver has nothing of the kind. */
static bool settle_which(const struct driver_model *model, struct call *call)
{
	switch (call_kinds[call->op].which) {
	case WHICH_NONE:
		call->which = 0;
		return true;
	case WHICH_NODE:
		call->which = within(call->which, model->node_count);
		return model->node_count;
	case WHICH_COMMAND:
		if (call->which >= 0xff00 || !model->command_count)
			call->which = WHICH_RAW;
		else
			call->which = within(call->which, model->command_count);
		return true;
	case WHICH_FAMILY:
		call->which = within(call->which, model->family_count);
		return model->family_count;
	case WHICH_SLOT:
		call->which %= HANDLES;
		return true;
	case WHICH_OPTION:
		return true;
	}
	return false;
}

static bool has_memory(enum argument argument)
{
	return argument == ARGUMENT_MEMORY || argument == ARGUMENT_EDGE ||
	       argument == ARGUMENT_NESTED;
}

void input_settle(struct call *call)
{
	const struct call_kind *kind = &call_kinds[call->op];

	if (!kind->memory)
		call->argument = ARGUMENT_NUMBER;
	else if (call->argument == ARGUMENT_NUMBER && call->op != CALL_ioctl)
		call->argument = ARGUMENT_NULL;
	if (!kind->flags || (call->op == CALL_ioctl && call->argument != ARGUMENT_NESTED))
		call->flags = 0;
	if (!kind->value)
		call->value = 0;
	if (!kind->memory || !has_memory(call->argument))
		call->size = 0;
	while (call->size && !call->memory[call->size - 1])
		call->size--;
}

static void add_memory(struct call *call, const uint8_t *p, size_t size)
{
	memcpy(call->memory + call->size, p, size);
	call->size += (unsigned)size;
}

/* The call of the cell at p, of which `left` bytes are there. Returns how many it took. */
static size_t decode_call(const uint8_t *p, size_t left, struct call *call)
{
	uint8_t cell[CELL_SIZE] = {0};
	size_t taken = left < CELL_SIZE ? left : CELL_SIZE;

	memcpy(cell, p, taken);
	call->op = cell[0] & 63;
	call->handle = cell[1] % HANDLES;
	call->argument = (cell[2] & 7) % ARGUMENT_KINDS;
	call->which = (uint16_t)get(cell + 4, 2);
	call->flags = (uint16_t)get(cell + 6, 2);
	call->value = get(cell + 8, 8);
	call->size = 0;
	add_memory(call, cell + CELL_MEMORY, CELL_SIZE - CELL_MEMORY);
	for (unsigned more = cell[3] & CELL_MORE_MAX; more && taken < left; more--) {
		size_t n = left - taken < CELL_SIZE ? left - taken : CELL_SIZE;

		add_memory(call, p + taken, n);
		taken += n;
	}
	return taken;
}

void input_decode(const struct driver_model *model, const uint8_t *data, size_t size,
		  struct input *input)
{
	struct fuzz_program program;
	size_t at = 0, cells;

	fuzz_decode(data, size, &program);
	cells = program.count * (size_t)FUZZ_CALL_BYTES;
	input->count = 0;
	input->schedule = program.schedule;
	while (at < cells && input->count < INPUT_CALLS_MAX) {
		struct call *call = &input->calls[input->count];

		at += decode_call(data + at, cells - at, call);
		if ((unsigned)call->op >= CALL_OPS || !settle_which(model, call))
			continue;
		input_settle(call);
		input->count++;
	}
}

static unsigned more_cells(const struct call *call)
{
	unsigned rest = call->size > CELL_MEMORY ? call->size - CELL_MEMORY : 0;

	return (rest + CELL_SIZE - 1) / CELL_SIZE;
}

static void encode_call(const struct call *call, uint8_t *p)
{
	memset(p, 0, CELL_SIZE * (1 + more_cells(call)));
	p[0] = (uint8_t)call->op;
	p[1] = (uint8_t)call->handle;
	p[2] = (uint8_t)call->argument;
	p[3] = (uint8_t)more_cells(call);
	put(p + 4, call->which, 2);
	put(p + 6, call->flags, 2);
	put(p + 8, call->value, 8);
	memcpy(p + CELL_MEMORY, call->memory, call->size);
}

size_t input_encode(const struct input *input, uint8_t *data, size_t max)
{
	uint8_t ranges[FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES];
	int n = fuzz_encode_schedule(&input->schedule, ranges);
	size_t size = 0, tail = n < 0 ? 0 : (size_t)n * FUZZ_RANGE_BYTES;

	if (n < 0 || !schedule_is_plain(&input->schedule))
		return 0;
	for (unsigned i = 0; i < input->count; i++) {
		size_t cells = CELL_SIZE * (1 + more_cells(&input->calls[i]));

		if (size + cells + tail + 1 > max ||
		    size + cells > FUZZ_CALLS_MAX * FUZZ_CALL_BYTES)
			return 0;
		encode_call(&input->calls[i], data + size);
		size += cells;
	}
	if (size + tail + 1 > max)
		return 0;
	memcpy(data + size, ranges, tail);
	data[size + tail] = (uint8_t)n;
	return size + tail + 1;
}
