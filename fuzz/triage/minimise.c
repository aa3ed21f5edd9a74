// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making an input smaller. The steps, until none of them changes anything:
 *
 *	calls		ddmin (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002): chunks of half,
 *			a quarter, ... of the calls are left out, down to single ones
 *	schedule	ranges are left out; one of several points becomes one point
 *	fields		each to 0, else towards it by halves; flags one by one; handles to the lowest that is free
 *
 * A call that is left out takes its requests with it, so that the refused one has a lower number
 * then. So a candidate that no longer shows it is tried again with the schedule moved down by one,
 * two, ... requests: without that, nothing before a refusal could ever go.
 *
 * The oracle is the only judge. A step is kept when it says yes, so whoever asks for the same
 * finding gets the same finding.
 */
#include "minimise.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"

#define ROUNDS_MAX 8
#define MOVES_MAX  12u /* so far the schedule is moved for one candidate */

struct form_state {
	const struct fuzz_form *form;
	struct fuzz_oracle *oracle;
	uint8_t *calls; /* form->unit bytes each */
	unsigned count;
	struct schedule schedule;
	uint8_t *scratch; /* room for an input */
	size_t room;
};

struct fuzz_form fuzz_form_of(const struct fuzz_target *target)
{
	if (target->grammar)
		return (struct fuzz_form){target->grammar, FUZZ_CALL_BYTES};
	return (struct fuzz_form){NULL, target->unit ? target->unit : 1};
}

/* ---- candidates ---- */

/* The bytes of the calls and the schedule, into `to`. 0: they cannot be told. */
static size_t put_together(const struct form_state *s, const uint8_t *calls, unsigned count,
			   const struct schedule *schedule, uint8_t *to)
{
	size_t size = (size_t)count * s->form->unit;
	int ranges;

	memmove(to, calls, size);
	if (s->form->unit == 1)
		return size;
	ranges = fuzz_encode_schedule(schedule, to + size);
	if (ranges < 0)
		return 0;
	size += (size_t)ranges * FUZZ_RANGE_BYTES;
	to[size] = (uint8_t)ranges;
	return size + 1;
}

static bool ask(struct form_state *s, const uint8_t *data, size_t size)
{
	if (!s->oracle->left)
		return false;
	s->oracle->left--;
	return s->oracle->shows(data, size, s->oracle->arg);
}

static bool shows(struct form_state *s, const uint8_t *calls, unsigned count,
		  const struct schedule *schedule)
{
	size_t size = put_together(s, calls, count, schedule, s->scratch);

	return (size || (s->form->unit == 1 && !count)) && ask(s, s->scratch, size);
}

/* What the calls and schedule are now. */
static bool still_shows(struct form_state *s)
{
	return shows(s, s->calls, s->count, &s->schedule);
}

/* All points earlier by `by`; false: one would be before the first. */
static bool move_schedule(const struct schedule *from, uint32_t by, struct schedule *to)
{
	*to = *from;
	for (unsigned i = 0; i < to->count; i++) {
		if (to->ranges[i].first <= by)
			return false;
		to->ranges[i].first -= by;
		if (to->ranges[i].last != UINT32_MAX)
			to->ranges[i].last -= by;
	}
	return true;
}

/* ---- calls ---- */

/* With these calls instead, and the schedule where it is or moved down; then they are it. */
static bool take_calls(struct form_state *s, const uint8_t *calls, unsigned count)
{
	unsigned moves = (s->count - count) * 2;
	struct schedule moved;

	moves = !s->schedule.count ? 0 : moves < MOVES_MAX ? moves : MOVES_MAX;
	for (uint32_t by = 0; by <= moves; by++) {
		if (!move_schedule(&s->schedule, by, &moved))
			return false;
		if (!shows(s, calls, count, &moved))
			continue;
		memcpy(s->calls, calls, (size_t)count * s->form->unit);
		s->count = count;
		s->schedule = moved;
		return true;
	}
	return false;
}

static bool leave_out(struct form_state *s, unsigned from, unsigned n, uint8_t *buffer)
{
	unsigned unit = s->form->unit;

	memcpy(buffer, s->calls, (size_t)from * unit);
	memcpy(buffer + (size_t)from * unit, s->calls + (size_t)(from + n) * unit,
	       (size_t)(s->count - from - n) * unit);
	return take_calls(s, buffer, s->count - n);
}

static bool fewer_calls(struct form_state *s)
{
	uint8_t *buffer = xmalloc((size_t)s->count * s->form->unit + 1);
	bool any = false;

	for (unsigned chunk = s->count; chunk; chunk /= 2)
		/* From the end: what comes last often only cleans up. */
		for (unsigned end = s->count; end && s->oracle->left;) {
			unsigned n = end < chunk ? end : chunk;

			any |= leave_out(s, end - n, n, buffer);
			end -= n;
		}
	free(buffer);
	return any;
}

/* ---- the schedule ---- */

static bool take_schedule(struct form_state *s, const struct schedule *schedule)
{
	if (!shows(s, s->calls, s->count, schedule))
		return false;
	s->schedule = *schedule;
	return true;
}

static bool without_range(struct form_state *s, unsigned i)
{
	struct schedule fewer = s->schedule;

	fewer.count--;
	memmove(&fewer.ranges[i], &fewer.ranges[i + 1],
		(fewer.count - i) * sizeof(fewer.ranges[0]));
	return take_schedule(s, &fewer);
}

/* A range becomes one point, or half of itself. */
static bool narrower_range(struct form_state *s, unsigned i)
{
	struct schedule_range r = s->schedule.ranges[i];
	uint32_t last = r.last == UINT32_MAX ? r.first + 255 : r.last;
	uint32_t middle = r.first + (last - r.first) / 2;
	const struct schedule_range candidates[] = {
		{r.first, r.first}, {last, last}, {r.first, middle}, {middle + 1, last}};

	if (r.first == r.last)
		return false;
	for (unsigned c = 0; c < sizeof(candidates) / sizeof(candidates[0]); c++) {
		struct schedule narrow = s->schedule;

		narrow.ranges[i] = candidates[c];
		if (candidates[c].first <= candidates[c].last && take_schedule(s, &narrow))
			return true;
	}
	return false;
}

static bool fewer_refusals(struct form_state *s)
{
	bool any = false;

	for (unsigned i = s->schedule.count; i-- && s->oracle->left;) {
		if (without_range(s, i)) {
			any = true;
			continue;
		}
		while (narrower_range(s, i))
			any = true;
	}
	return any;
}

/* ---- fields ---- */

static bool is_handle(const struct fuzz_field *field)
{
	return field->kind == FUZZ_NEW || field->kind == FUZZ_OLD;
}

static bool is_bits(const struct fuzz_field *field)
{
	return field->kind == FUZZ_FLAGS || field->kind == FUZZ_GFP;
}

/* Give the field this value; keep it when it still shows. */
static bool try_value(struct form_state *s, const struct fuzz_field *field, uint8_t *call,
		      uint32_t value)
{
	uint32_t old = fuzz_get(field, call);

	if (value == old)
		return false;
	fuzz_set(field, call, value);
	if (still_shows(s))
		return true;
	fuzz_set(field, call, old);
	return false;
}

static bool simpler_bits(struct form_state *s, const struct fuzz_field *field, uint8_t *call)
{
	bool any = false;

	for (uint32_t bit = 1; bit && bit <= fuzz_get(field, call); bit <<= 1)
		if (fuzz_get(field, call) & bit)
			any |= try_value(s, field, call, fuzz_get(field, call) & ~bit);
	return any;
}

/* The largest step down that still shows it, again and again. */
static bool smaller_number(struct form_state *s, const struct fuzz_field *field, uint8_t *call)
{
	bool any = false;

	for (uint32_t step = fuzz_get(field, call) / 2; step; step /= 2)
		while (fuzz_get(field, call) >= step &&
		       try_value(s, field, call, fuzz_get(field, call) - step))
			any = true;
	return any;
}

static bool simpler_field(struct form_state *s, const struct fuzz_field *field, uint8_t *call)
{
	if (is_handle(field) || !fuzz_get(field, call))
		return false;
	if (try_value(s, field, call, 0))
		return true;
	if (is_bits(field))
		return simpler_bits(s, field, call);
	return field->kind != FUZZ_WORD && smaller_number(s, field, call);
}

static uint8_t *call_at(const struct form_state *s, unsigned i)
{
	return s->calls + (size_t)i * s->form->unit;
}

/* Each place where a handle of this table stands, that has this value, gets another. How many. */
static unsigned rename_handle(struct form_state *s, unsigned table, uint32_t from, uint32_t to)
{
	unsigned places = 0;

	for (unsigned i = 0; i < s->count; i++) {
		const struct fuzz_call *kind = fuzz_call_of(s->form->grammar, call_at(s, i));

		for (unsigned f = 0; kind && kind->fields[f]; f++) {
			const struct fuzz_field *field = kind->fields[f];

			if (!is_handle(field) || field->table != table ||
			    fuzz_get(field, call_at(s, i)) != from)
				continue;
			fuzz_set(field, call_at(s, i), to);
			places++;
		}
	}
	return places;
}

static bool handle_is_used(struct form_state *s, unsigned table, uint32_t handle)
{
	return rename_handle(s, table, handle, handle) > 0;
}

static bool lower_handle(struct form_state *s, const struct fuzz_field *field, uint32_t handle)
{
	for (uint32_t lower = 0; lower < handle; lower++) {
		if (handle_is_used(s, field->table, lower))
			continue;
		rename_handle(s, field->table, handle, lower);
		if (still_shows(s))
			return true;
		rename_handle(s, field->table, lower, handle);
		return false;
	}
	return false;
}

static bool simpler_call(struct form_state *s, unsigned i)
{
	const struct fuzz_call *kind = fuzz_call_of(s->form->grammar, call_at(s, i));
	bool any = false;

	for (unsigned f = 0; kind && kind->fields[f] && s->oracle->left; f++) {
		const struct fuzz_field *field = kind->fields[f];

		any |= simpler_field(s, field, call_at(s, i));
		if (is_handle(field))
			any |= lower_handle(s, field, fuzz_get(field, call_at(s, i)));
	}
	return any;
}

/* Of a call that nothing is known of each byte stands for a field. */
static bool simpler_bytes(struct form_state *s, unsigned i)
{
	bool any = false;

	for (unsigned b = 0; b < s->form->unit && s->oracle->left; b++) {
		uint8_t *byte = call_at(s, i) + b, old = *byte;

		if (!old)
			continue;
		*byte = 0;
		if (still_shows(s))
			any = true;
		else
			*byte = old;
	}
	return any;
}

static bool simpler_fields(struct form_state *s)
{
	bool any = false;

	for (unsigned i = 0; i < s->count && s->oracle->left; i++)
		any |= s->form->grammar ? simpler_call(s, i) : simpler_bytes(s, i);
	return any;
}

/* ---- the whole ---- */

static void take_apart(struct form_state *s, const uint8_t *data, size_t size)
{
	struct fuzz_program program;

	s->count = (unsigned)size;
	if (s->form->unit > 1) {
		fuzz_decode(data, size, &program);
		s->schedule = program.schedule;
		/* Calls of several cells of the grammar's width; one that is cut off ends in zeros.
		 * */
		s->count = (program.count * FUZZ_CALL_BYTES + s->form->unit - 1) / s->form->unit;
		size = (size_t)program.count * FUZZ_CALL_BYTES;
	}
	memcpy(s->calls, data, size);
}

/* Bytes that mean nothing are gone, if that is all the same. Returns the size. */
static size_t settle(struct form_state *s, uint8_t *data)
{
	const struct fuzz_program program = {s->calls, s->count, s->schedule};
	size_t size;

	if (s->form->grammar) {
		size = fuzz_encode(s->form->grammar, &program, s->scratch, s->room);
		s->oracle->left++;
		if (size && ask(s, s->scratch, size)) {
			memcpy(data, s->scratch, size);
			return size;
		}
	}
	return put_together(s, s->calls, s->count, &s->schedule, data);
}

static void make_smaller(struct form_state *s)
{
	bool changed = true;

	for (unsigned round = 0; changed && round < ROUNDS_MAX && s->oracle->left; round++) {
		changed = fewer_calls(s);
		changed |= s->form->unit > 1 && fewer_refusals(s);
		changed |= simpler_fields(s);
	}
}

size_t fuzz_minimise(const struct fuzz_form *form, uint8_t *data, size_t size,
		     struct fuzz_oracle *oracle)
{
	struct form_state s = {.form = form, .oracle = oracle};

	s.room = FUZZ_INPUT_MAX;
	s.calls = xcalloc(s.room, 1);
	s.scratch = xmalloc(s.room);
	take_apart(&s, data, size);
	/* What does not fit into the form, or behind its limits, may be what it is about: then it
	 * stays as it is. */
	if (still_shows(&s)) {
		make_smaller(&s);
		size = settle(&s, data);
	}
	free(s.calls);
	free(s.scratch);
	return size;
}
