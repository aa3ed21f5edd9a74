// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trimming: pieces of half of all calls are left out, then of a quarter, and so on down to single calls; then the ranges of the
 * schedule, one by one. What was left out and changed nothing stays out. Each step makes the program smaller, or goes on to the
 * next piece; so there are at most four for each call.
 */
#include "mutate.h"

unsigned trim_begin(struct mutator *m, const uint8_t *data, size_t size)
{
	struct trim *trim = &m->trim;

	draft_read(&trim->kept, data, size);
	trim->chunk = (trim->kept.count + 1) / 2;
	trim->at = trim->step = 0;
	trim->ranges = !trim->kept.count;
	if (trim->ranges && !trim->kept.schedule.count)
		return trim->steps = 0;
	return trim->steps = 4 * trim->kept.count + trim->kept.schedule.count + 32;
}

static unsigned piece(const struct trim *trim)
{
	unsigned rest = trim->kept.count - trim->at;

	return trim->chunk < rest ? trim->chunk : rest;
}

size_t trim_next(struct mutator *m, uint8_t *out, size_t max)
{
	struct trim *trim = &m->trim;

	trim->tried = trim->kept;
	if (trim->ranges) {
		struct schedule *schedule = &trim->tried.schedule;

		if (trim->at < schedule->count)
			schedule->ranges[trim->at] = schedule->ranges[--schedule->count];
	} else {
		draft_cut(&trim->tried, trim->at, piece(trim));
	}
	return draft_write(m->grammar, &trim->tried, out, max);
}

/* Past the last piece: smaller ones; past the last call: ranges; past those: false. */
static bool go_on(struct trim *trim)
{
	if (trim->ranges)
		return trim->at < trim->kept.schedule.count;
	if (trim->at < trim->kept.count)
		return true;
	trim->at = 0;
	if (trim->chunk > 1 && trim->kept.count) {
		trim->chunk /= 2;
		return true;
	}
	trim->ranges = true;
	return trim->kept.schedule.count;
}

unsigned trim_done(struct mutator *m, bool same)
{
	struct trim *trim = &m->trim;

	if (same)
		trim->kept = trim->tried;
	else
		trim->at += trim->ranges ? 1 : trim->chunk;
	trim->step++;
	if (!go_on(trim) || trim->step > trim->steps)
		trim->step = trim->steps;
	return trim->step;
}
