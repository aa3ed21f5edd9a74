// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs, taken apart and put together: grammar.h draws their bytes. Nothing here fails on any bytes.
 */
#include "grammar.h"

#include <string.h>

static const struct fuzz_call *find(const struct fuzz_grammar *grammar, unsigned number)
{
	for (const struct fuzz_call *call = grammar->calls; call->name; call++)
		if (call->number == number)
			return call;
	return NULL;
}

const struct fuzz_call *fuzz_call_of(const struct fuzz_grammar *grammar, const uint8_t *bytes)
{
	return find(grammar, bytes[0] % FUZZ_CALL_NUMBERS);
}

const struct fuzz_call *fuzz_call_named(const struct fuzz_grammar *grammar, const char *name,
					size_t length)
{
	for (const struct fuzz_call *call = grammar->calls; call->name; call++)
		if (strlen(call->name) == length && !memcmp(call->name, name, length))
			return call;
	return NULL;
}

/* ---- the schedule ------------------------------------------------------------------------------------------- */

static struct schedule_range range_at(const uint8_t *bytes)
{
	uint32_t first = 1 + (bytes[0] | (uint32_t)bytes[1] << 8), last = first + bytes[2];

	if (bytes[2] == 255)
		last = UINT32_MAX;
	else if (last > FUZZ_POINT_MAX)
		last = FUZZ_POINT_MAX;
	return (struct schedule_range){.first = first, .last = last};
}

static bool touch(const struct schedule_range *a, const struct schedule_range *b)
{
	return a->last == UINT32_MAX || b->first <= a->last + 1;
}

/* Into an ascending list, whose ranges neither overlap nor touch. */
static void insert(struct schedule *schedule, struct schedule_range range)
{
	struct schedule_range *r = schedule->ranges;
	unsigned at = 0, end;

	while (at < schedule->count && !touch(&r[at], &range))
		at++;
	for (end = at; end < schedule->count && touch(&range, &r[end]); end++) {
		if (r[end].first < range.first)
			range.first = r[end].first;
		if (r[end].last > range.last)
			range.last = r[end].last;
	}
	/* [at, end) become one. */
	memmove(&r[at + 1], &r[end], (schedule->count - end) * sizeof(*r));
	r[at] = range;
	schedule->count += 1 - (end - at);
}

int fuzz_encode_schedule(const struct schedule *schedule, uint8_t *ranges)
{
	int n = 0;

	for (unsigned i = 0; i < schedule->count; i++) {
		uint64_t first = schedule->ranges[i].first, last = schedule->ranges[i].last, more;

		for (; first <= last; first += more, n++) {
			bool open = last == UINT32_MAX;

			if (n == (int)FUZZ_RANGES_MAX || first > FUZZ_POINT_MAX)
				return -1;
			more = open ? UINT32_MAX : last - first + 1 < 255 ? last - first + 1 : 255;
			ranges[n * 4] = (uint8_t)(first - 1);
			ranges[n * 4 + 1] = (uint8_t)((first - 1) >> 8);
			ranges[n * 4 + 2] = open ? 255 : (uint8_t)(more - 1);
			ranges[n * 4 + 3] = 0;
		}
	}
	return n;
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

void fuzz_decode(const uint8_t *data, size_t size, struct fuzz_program *out)
{
	size_t ranges;

	out->calls = data;
	out->count = 0;
	memset(&out->schedule, 0, sizeof(out->schedule));
	if (!size)
		return;
	size--;
	ranges = data[size] % (FUZZ_RANGES_MAX + 1);
	if (ranges > size / FUZZ_RANGE_BYTES)
		ranges = size / FUZZ_RANGE_BYTES;
	for (size_t i = 0; i < ranges; i++)
		insert(&out->schedule, range_at(data + size - (i + 1) * FUZZ_RANGE_BYTES));
	size -= ranges * FUZZ_RANGE_BYTES;
	out->count = (unsigned)(size / FUZZ_CALL_BYTES);
	if (size / FUZZ_CALL_BYTES > FUZZ_CALLS_MAX)
		out->count = FUZZ_CALLS_MAX;
}

/* What it means, and nothing else. */
static void put_call(const struct fuzz_grammar *grammar, const uint8_t *from, uint8_t *to)
{
	const struct fuzz_call *call = fuzz_call_of(grammar, from);
	uint8_t bytes[FUZZ_CALL_BYTES] = {0};

	bytes[0] = call ? call->number : 0;
	for (unsigned i = 0; call && call->fields[i]; i++)
		fuzz_set(call->fields[i], bytes, fuzz_get(call->fields[i], from));
	memcpy(to, bytes, sizeof(bytes));
}

size_t fuzz_encode(const struct fuzz_grammar *grammar, const struct fuzz_program *program,
		   uint8_t *data, size_t max)
{
	uint8_t ranges[FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES];
	int n = fuzz_encode_schedule(&program->schedule, ranges);
	size_t size = (size_t)program->count * FUZZ_CALL_BYTES, tail = (size_t)n * FUZZ_RANGE_BYTES;

	if (n < 0 || size + tail + 1 > max)
		return 0;
	for (unsigned i = 0; i < program->count; i++)
		put_call(grammar, program->calls + i * FUZZ_CALL_BYTES, data + i * FUZZ_CALL_BYTES);
	memcpy(data + size, ranges, tail);
	data[size + tail] = (uint8_t)n;
	return size + tail + 1;
}
