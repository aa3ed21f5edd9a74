// SPDX-License-Identifier: GPL-2.0-only
/*
 * One to eight changes, each to whole calls, to a field of one, or to the schedule.
 */
#include "mutate.h"

#include <stdio.h>
#include <string.h>

#define RUN_MAX 8 /* calls that are moved, copied or deleted together */

static const struct fuzz_call *some_call(struct mutator *m)
{
	unsigned n = 0;

	while (m->grammar->calls[n].name)
		n++;
	return &m->grammar->calls[mutator_below(m, n)];
}

/* A run of calls of a draft that has any: where it begins, and its length. */
static unsigned some_run(struct mutator *m, const struct draft *draft, unsigned *n)
{
	unsigned at = mutator_below(m, draft->count);

	*n = 1 + mutator_below(m, RUN_MAX);
	if (*n > draft->count - at)
		*n = draft->count - at;
	return at;
}

static bool insert_call(struct mutator *m)
{
	unsigned at = mutator_below(m, m->draft.count + 1);

	if (!draft_open(&m->draft, at, 1))
		return false;
	mutate_fill(m, some_call(m), at);
	return true;
}

static bool delete_calls(struct mutator *m)
{
	unsigned n, at;

	if (m->draft.count < 2)
		return false;
	at = some_run(m, &m->draft, &n);
	draft_cut(&m->draft, at, n < m->draft.count ? n : 1);
	return true;
}

/* Calls from one draft, before call `to` of the other. */
static bool copy_run(struct mutator *m, struct draft *from, unsigned at, unsigned n, unsigned to)
{
	uint8_t run[RUN_MAX * FUZZ_CALL_BYTES];

	memcpy(run, draft_call(from, at), (size_t)n * FUZZ_CALL_BYTES);
	n = draft_open(&m->draft, to, n);
	memcpy(draft_call(&m->draft, to), run, (size_t)n * FUZZ_CALL_BYTES);
	return n;
}

static bool duplicate(struct mutator *m)
{
	unsigned n, at;

	if (!m->draft.count)
		return false;
	at = some_run(m, &m->draft, &n);
	return copy_run(m, &m->draft, at, n, mutator_below(m, m->draft.count + 1));
}

static bool move(struct mutator *m)
{
	uint8_t run[RUN_MAX * FUZZ_CALL_BYTES];
	unsigned n, at, to;

	if (m->draft.count < 2)
		return false;
	at = some_run(m, &m->draft, &n);
	memcpy(run, draft_call(&m->draft, at), (size_t)n * FUZZ_CALL_BYTES);
	draft_cut(&m->draft, at, n);
	to = mutator_below(m, m->draft.count + 1);
	draft_open(&m->draft, to, n);
	memcpy(draft_call(&m->draft, to), run, (size_t)n * FUZZ_CALL_BYTES);
	return true;
}

static bool splice(struct mutator *m)
{
	unsigned n, at;

	if (!m->other.count)
		return false;
	at = some_run(m, &m->other, &n);
	return copy_run(m, &m->other, at, n, mutator_below(m, m->draft.count + 1));
}

/* The beginning of this one, the end of the other, and whose schedule it is by chance. */
static bool cross(struct mutator *m)
{
	unsigned keep, from;

	if (!m->other.count)
		return false;
	keep = mutator_below(m, m->draft.count + 1);
	from = mutator_below(m, m->other.count);
	m->draft.count = keep;
	keep = draft_open(&m->draft, keep, m->other.count - from);
	memcpy(draft_call(&m->draft, m->draft.count - keep), draft_call(&m->other, from),
	       (size_t)keep * FUZZ_CALL_BYTES);
	if (mutator_below(m, 2))
		m->draft.schedule = m->other.schedule;
	return true;
}

static bool change_field(struct mutator *m)
{
	const struct fuzz_call *call;
	unsigned i, n = 0;

	if (!m->draft.count)
		return false;
	i = mutator_below(m, m->draft.count);
	call = fuzz_call_of(m->grammar, draft_call(&m->draft, i));
	while (call && call->fields[n])
		n++;
	if (!n)
		return false;
	mutate_field(m, call->fields[mutator_below(m, n)], i);
	return true;
}

/* Another call with the fields of this one: what they have in common means the same. */
static bool change_call(struct mutator *m)
{
	if (!m->draft.count)
		return false;
	draft_call(&m->draft, mutator_below(m, m->draft.count))[0] = some_call(m)->number;
	return true;
}

/* ---- the schedule ---------------------------------------------------------------------------------------------------- */

/* A request that the program may come to: each call makes one or two. */
static uint32_t some_point(struct mutator *m)
{
	return 1 + mutator_below(m, 2 * m->draft.count + 2);
}

/* Ranges as bytes, so that they become a schedule again whatever was done to them. */
static bool change_schedule(struct mutator *m)
{
	uint8_t bytes[FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES + FUZZ_RANGE_BYTES + 1];
	int n = fuzz_encode_schedule(&m->draft.schedule, bytes);
	struct fuzz_program program;
	uint8_t *range;
	uint32_t point = some_point(m) - 1;

	if (n < 0)
		n = 0;
	if (!n || (n < (int)FUZZ_RANGES_MAX && mutator_below(m, 3) == 0)) {
		range = bytes + n++ * (int)FUZZ_RANGE_BYTES;
		memset(range, 0, FUZZ_RANGE_BYTES);
		range[2] = mutator_below(m, 4) ? 0 : (uint8_t)mutator_below(m, 256);
		range[0] = (uint8_t)point;
		range[1] = (uint8_t)(point >> 8);
	} else {
		range = bytes + mutator_below(m, (uint32_t)n) * FUZZ_RANGE_BYTES;
		switch (mutator_below(m, 4)) {
		case 0:
			memmove(range, bytes + --n * (int)FUZZ_RANGE_BYTES, FUZZ_RANGE_BYTES);
			break;
		case 1:
			range[2] = mutator_below(m, 4) ? (uint8_t)mutator_below(m, 8) : 255;
			break;
		case 2:
			range[0] = (uint8_t)(range[0] + (mutator_below(m, 2) ? 1 : 255));
			break;
		default:
			range[0] = (uint8_t)point;
			range[1] = (uint8_t)(point >> 8);
		}
	}
	bytes[n * (int)FUZZ_RANGE_BYTES] = (uint8_t)n;
	fuzz_decode(bytes, (size_t)n * FUZZ_RANGE_BYTES + 1, &program);
	m->draft.schedule = program.schedule;
	return true;
}

/* ---- all ------------------------------------------------------------------------------------------------------------------ */

static const struct mutation {
	const char *name;
	unsigned weight;
	bool (*fn)(struct mutator *m); /* false: it cannot be done with this input */
} mutations[] = {
	{"insert", 6, insert_call},  {"delete", 3, delete_calls}, {"duplicate", 3, duplicate},
	{"move", 2, move},	     {"splice", 3, splice},	  {"cross", 1, cross},
	{"field", 10, change_field}, {"call", 2, change_call},	  {"schedule", 5, change_schedule},
};
#define MUTATIONS (sizeof(mutations) / sizeof(mutations[0]))

static const struct mutation *some_mutation(struct mutator *m)
{
	unsigned sum = 0, dice, i = 0;

	for (unsigned k = 0; k < MUTATIONS; k++)
		sum += mutations[k].weight;
	for (dice = mutator_below(m, sum); dice >= mutations[i].weight; i++)
		dice -= mutations[i].weight;
	return &mutations[i];
}

static void describe(struct mutator *m, const char *name)
{
	size_t n = strlen(m->description);

	snprintf(m->description + n, sizeof(m->description) - n, "%s%s", n ? "+" : "", name);
}

size_t mutate(struct mutator *m, const uint8_t *data, size_t size, const uint8_t *other,
	      size_t other_size, uint8_t *out, size_t max)
{
	unsigned changes = 1u << mutator_below(m, 4);

	draft_read(&m->draft, data, size);
	draft_read(&m->other, other, other_size);
	m->description[0] = 0;
	while (changes) {
		const struct mutation *mutation = some_mutation(m);

		if (!mutation->fn(m))
			continue; /* inserting, and the schedule, always can be done but for the longest programs */
		describe(m, mutation->name);
		changes--;
	}
	if (mutator_below(m, 4))
		mutate_mend_handles(m);
	return draft_write(m->grammar, &m->draft, out, max);
}
