// SPDX-License-Identifier: GPL-2.0-only
/*
 * A custom mutator of AFL++ (docs/custom_mutators.md) for inputs of drivers: whole calls are put in, taken out, doubled, moved and
 * taken from other inputs; a field of a call gets a value that means something; the schedule changes by itself. AFL++'s own
 * mutations of bytes go on beside it.
 *
 * It knows the form of inputs (input.h, ../input/grammar.h) and nothing of the driver: what counts modulo the length of a list may
 * be any number. So it is a shared object of one file, which needs nothing of kfail.
 *
 *	calls:	 [cell, its further cells] [cell] ...		taken apart, changed, put together
 *	ranges:	 4 bytes each, the last byte of the input says how many
 */
#include "mutator.h"

#include <stdlib.h>
#include <string.h>
#include "input.h"

#define STACKED	   6   /* changes to one input, at most */
#define SMALL	   64  /* numbers of lists: mostly below */
#define REQUESTS   256 /* of an input; mostly few */
#define INPUT_MOST (256u * CELL_SIZE)

struct mutator {
	uint64_t random;
	uint8_t cells[INPUT_MOST];
	unsigned size; /* of cells, in bytes */
	uint8_t ranges[FUZZ_RANGES_MAX][FUZZ_RANGE_BYTES];
	unsigned range_count;
	uint8_t out[INPUT_MOST + FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES + 1];
	char what[64];
};

static uint64_t next(struct mutator *m)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random;
}

/* From 0 to n - 1. */
static unsigned below(struct mutator *m, unsigned n)
{
	return (unsigned)(next(m) >> 11) % n;
}

/* Small ones more often. */
static unsigned small(struct mutator *m, unsigned n)
{
	return below(m, 1 + below(m, n));
}

/* A number where limits are: small, a power of two and its neighbours, the ends of types. */
static uint64_t value(struct mutator *m)
{
	switch (below(m, 5)) {
	case 0:
		return small(m, 32);
	case 1:
		return (1ull << below(m, 64)) + below(m, 3) - 1;
	case 2:
		return 0 - (uint64_t)small(m, 16);
	case 3:
		return below(m, 4096);
	default:
		return (next(m) >> 8) >> below(m, 56);
	}
}

/* ---- an input, taken apart ---- */

/* How the bytes divide: as fuzz_decode() does it. */
static void read_input(struct mutator *m, const uint8_t *data, size_t size)
{
	size_t tail;

	m->size = m->range_count = 0;
	if (!size)
		return;
	size--;
	m->range_count = data[size] % (FUZZ_RANGES_MAX + 1);
	if (m->range_count > size / FUZZ_RANGE_BYTES)
		m->range_count = (unsigned)(size / FUZZ_RANGE_BYTES);
	tail = m->range_count * (size_t)FUZZ_RANGE_BYTES;
	memcpy(m->ranges, data + size - tail, tail);
	size -= tail;
	if (size > INPUT_MOST)
		size = INPUT_MOST;
	m->size = (unsigned)(size / CELL_SIZE * CELL_SIZE);
	memcpy(m->cells, data, m->size);
	if (size % CELL_SIZE && m->size < INPUT_MOST) {
		memset(m->cells + m->size, 0, CELL_SIZE);
		memcpy(m->cells + m->size, data + m->size, size % CELL_SIZE);
		m->size += CELL_SIZE;
	}
}

static size_t write_input(struct mutator *m, size_t most)
{
	size_t tail = m->range_count * (size_t)FUZZ_RANGE_BYTES;

	if (most < tail + 1)
		return 0;
	while (m->size + tail + 1 > most)
		m->size -= CELL_SIZE;
	memcpy(m->out, m->cells, m->size);
	memcpy(m->out + m->size, m->ranges, tail);
	m->out[m->size + tail] = (uint8_t)m->range_count;
	return m->size + tail + 1;
}

/* Bytes of the call whose cell is at `at` of `size`. */
static unsigned call_size(const uint8_t *cells, unsigned at, unsigned size)
{
	unsigned n = CELL_SIZE * (1 + (cells[at + 3] & CELL_MORE_MAX));

	return n < size - at ? n : size - at;
}

/* Where a call begins, each with the same chance; `size`: behind the last is one, too. */
static unsigned any_call(struct mutator *m, const uint8_t *cells, unsigned size, bool end)
{
	unsigned count = end, pick, at = 0;

	for (unsigned i = 0; i < size; i += call_size(cells, i, size))
		count++;
	for (pick = below(m, count); pick--;)
		at += call_size(cells, at, size);
	return at;
}

/* ---- whole calls ---- */

static bool make_room(struct mutator *m, unsigned at, unsigned size)
{
	if (m->size + size > INPUT_MOST)
		return false;
	memmove(m->cells + at + size, m->cells + at, m->size - at);
	m->size += size;
	return true;
}

static void take_out(struct mutator *m, unsigned at, unsigned size)
{
	memmove(m->cells + at, m->cells + at + size, m->size - at - size);
	m->size -= size;
}

static void put16(uint8_t *p, unsigned number)
{
	p[0] = (uint8_t)number;
	p[1] = (uint8_t)(number >> 8);
}

static void put_word(struct mutator *m, uint8_t *p, unsigned room)
{
	unsigned bytes = 1u << below(m, 4), at;
	uint64_t word = value(m);

	if (bytes > room)
		return;
	at = below(m, room / bytes) * bytes;
	memcpy(p + at, &word, bytes);
}

/* A call as somebody might make it; ioctls more often than others. */
static void put_call(struct mutator *m, uint8_t *cell)
{
	uint64_t number = value(m);

	memset(cell, 0, CELL_SIZE);
	cell[0] = (uint8_t)(below(m, 3) ? below(m, CALL_OPS) : CALL_ioctl);
	cell[1] = (uint8_t)small(m, 3);
	cell[2] = (uint8_t)(below(m, 4) ? below(m, 2) : below(m, ARGUMENT_KINDS));
	put16(cell + 4, below(m, SMALL));
	put16(cell + 6, cell[0] == CALL_open ? 2 : small(m, SMALL));
	memcpy(cell + 8, &number, 8);
	for (unsigned i = below(m, 4); i--;)
		put_word(m, cell + CELL_MEMORY, CELL_SIZE - CELL_MEMORY);
}

static void insert_call(struct mutator *m)
{
	unsigned at = any_call(m, m->cells, m->size, true);

	if (make_room(m, at, CELL_SIZE))
		put_call(m, m->cells + at);
}

static void delete_call(struct mutator *m)
{
	unsigned at = any_call(m, m->cells, m->size, false);

	take_out(m, at, call_size(m->cells, at, m->size));
}

static void double_call(struct mutator *m)
{
	unsigned from = any_call(m, m->cells, m->size, false);
	unsigned n = call_size(m->cells, from, m->size), to = any_call(m, m->cells, m->size, true);
	uint8_t copy[INPUT_MEMORY_MAX + CELL_SIZE];

	memcpy(copy, m->cells + from, n);
	if (make_room(m, to, n))
		memcpy(m->cells + to, copy, n);
}

/* Some calls that follow each other in another input. */
static void splice(struct mutator *m, const uint8_t *other, unsigned size)
{
	unsigned from = any_call(m, other, size, false), n = 0;
	unsigned to = any_call(m, m->cells, m->size, true);

	for (unsigned i = 1 + below(m, 4); i && from + n < size; i--)
		n += call_size(other, from + n, size);
	if (make_room(m, to, n))
		memcpy(m->cells + to, other + from, n);
}

/* ---- fields ---- */

static void change_memory(struct mutator *m, unsigned at)
{
	unsigned n = call_size(m->cells, at, m->size);
	uint8_t *cell = m->cells + at;

	if (!below(m, 8) && (cell[3] & CELL_MORE_MAX) < CELL_MORE_MAX &&
	    make_room(m, at + n, CELL_SIZE)) {
		memset(m->cells + at + n, 0, CELL_SIZE);
		cell[3] = (uint8_t)((cell[3] & CELL_MORE_MAX) + 1);
		n += CELL_SIZE;
	}
	put_word(m, cell + CELL_MEMORY, n - CELL_MEMORY);
}

static void change_value(struct mutator *m, uint8_t *cell)
{
	uint64_t old, number = value(m);

	memcpy(&old, cell + 8, 8);
	if (!below(m, 3))
		number = old + small(m, 16) - small(m, 16);
	memcpy(cell + 8, &number, 8);
}

static void change_call(struct mutator *m)
{
	unsigned at = any_call(m, m->cells, m->size, false);
	uint8_t *cell = m->cells + at;

	switch (below(m, 8)) {
	case 0:
		cell[1] = (uint8_t)small(m, HANDLES);
		break;
	case 1:
		cell[2] = (uint8_t)below(m, ARGUMENT_KINDS);
		break;
	case 2:
	case 3:
		put16(cell + 4, below(m, SMALL));
		break;
	case 4:
		put16(cell + 6, below(m, 2) ? 1u << below(m, 16) : below(m, 1u << 16));
		break;
	case 5:
		change_value(m, cell);
		break;
	default:
		change_memory(m, at);
	}
}

/* ---- the schedule ---- */

static void change_schedule(struct mutator *m)
{
	unsigned first = below(m, 2) ? below(m, 12) : small(m, REQUESTS), what = below(m, 4);
	uint8_t *range;

	if (!what && m->range_count) {
		m->range_count--;
		return;
	}
	if (m->range_count < FUZZ_RANGES_MAX && (!m->range_count || !below(m, 4)))
		m->range_count++;
	range = m->ranges[below(m, m->range_count)];
	put16(range, first);
	range[2] = (uint8_t)(below(m, 4) ? 0 : below(m, 2) ? 255 : small(m, 8));
	range[3] = 0;
}

/* ---- AFL++ ---- */

void *afl_custom_init(void *afl, unsigned seed)
{
	struct mutator *m = calloc(1, sizeof(*m));

	if (m)
		m->random = seed * 0x9e3779b97f4a7c15ull + 1;
	return m;
}

void afl_custom_deinit(void *data)
{
	free(data);
}

static const char *change(struct mutator *m, const struct mutator *other)
{
	unsigned what = m->size ? below(m, 10) : 0;

	switch (what) {
	case 0:
	case 1:
		insert_call(m);
		return "insert";
	case 2:
		delete_call(m);
		return "delete";
	case 3:
		double_call(m);
		return "double";
	case 4:
		if (other->size)
			splice(m, other->cells, other->size);
		return "splice";
	case 5:
	case 6:
		change_schedule(m);
		return "schedule";
	default:
		change_call(m);
		return "field";
	}
}

size_t afl_custom_fuzz(void *data, uint8_t *input, size_t size, uint8_t **out, uint8_t *add,
		       size_t add_size, size_t most)
{
	static struct mutator other;
	struct mutator *m = data;

	read_input(m, input, size);
	read_input(&other, add, add ? add_size : 0);
	m->what[0] = '\0';
	for (unsigned i = 1 + below(m, STACKED); i; i--) {
		const char *what = change(m, &other);

		if (strlen(m->what) + strlen(what) + 2 < sizeof(m->what)) {
			strcat(m->what, m->what[0] ? "-" : "");
			strcat(m->what, what);
		}
	}
	*out = m->out;
	return write_input(m, most);
}

/* A part of the name of the file that AFL++ keeps. */
const char *afl_custom_describe(void *data, size_t most)
{
	struct mutator *m = data;

	if (strlen(m->what) > most)
		m->what[most] = '\0';
	return m->what;
}
