// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail minimise: the fewest refusals that still show a finding. What counts is that a finding of the same group is there
 * again, not that it has the same id: with another request refused the same bug has another one.
 *
 *	the request alone that was refused last before it went wrong
 *	"7+" becomes 7, 7x2, 7x4, ...: the first that shows it
 *	then parts are left out, halves first, single requests in the end (Zeller and Hildebrandt, "Simplifying and
 *	isolating failure-inducing input", 2002), until none can be spared
 *
 * Then operations of the scenario's program, but for the one that is swept: all that can be spared are left out
 * (--without), as long as the same schedule still shows it.
 *
 * Each try is a sweep of one schedule in a process of its own, with its own baseline.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../program/program.h"
#include "../sweep/scenario.h"
#include "../trace/util.h"
#include "keep.h"
#include "recall.h"

#define POINTS_MAX 4096	      /* refusals that are looked at one by one */
#define BURST_MAX  (1u << 20) /* of "and all after" */

struct minimise {
	const struct cli *cli; /* as the finding was made */
	const struct target *target;
	const char *group;
	unsigned tries;
	uint32_t last_refused; /* in the last try that showed it; 0: not known */
	int status;	       /* kfail itself failed: stop */
};

/* With an operation less, something may go wrong without any refusal: then only what the schedule shows counts. */
static uint32_t refused_in(const struct sweep_result *result, const char *group,
			   const char *schedule, bool *seen)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		if (!strcmp(result->findings[i].group, group) &&
		    (!cli_left_out() || !strcmp(result->findings[i].schedule, schedule))) {
			*seen = true;
			return result->findings[i].has_point ? result->findings[i].point.n : 0;
		}
	return 0;
}

/* " --without read,close"; "": none is left out. malloc()ed. */
static char *without_text(const struct minimise *m)
{
	char *text = xstrdup(""), *longer;

	for (unsigned i = 1; i <= scenario_program_operations(m->target); i++) {
		if (!(cli_left_out() >> (i - 1) & 1))
			continue;
		longer = xasprintf("%s%s%s", text, text[0] ? "," : " --without ",
				   program_operation_name(i - 1));
		free(text);
		text = longer;
	}
	return text;
}

/* Does this schedule show the finding? */
static bool shows(struct minimise *m, const struct schedule *schedule)
{
	struct sweep_options options = cli_sweep_options(m->cli);
	char text[SCHEDULE_TEXT_MAX], err[256];
	struct sweep_result result;
	char *without;
	bool seen = false;

	if (m->status)
		return false;
	options.jobs = 1;
	options.verbose = options.confirm = false;
	options.schedules = schedule;
	options.schedule_count = 1;
	m->tries++;
	if (sweep(m->target, &options, &result, err)) {
		cli_complain("%s", err);
		m->status = STATUS_FAILED;
		return false;
	}
	schedule_print(schedule, text, sizeof(text));
	m->last_refused = refused_in(&result, m->group, text, &seen) ?: m->last_refused;
	sweep_result_clear(&result);
	without = without_text(m);
	printf("  %s%-*s %s\n", text, 40 - (int)strlen(text), without,
	       seen ? "shows it" : "does not");
	fflush(stdout);
	free(without);
	return seen;
}

/* ---- schedules as lists of points ---- */

static struct schedule one_range(uint32_t first, uint32_t last)
{
	return (struct schedule){.ranges = {{first, last}}, .count = 1};
}

/* False: there are more points than are looked at one by one, or they have no end. */
static bool to_points(const struct schedule *schedule, uint32_t *points, unsigned *count)
{
	*count = 0;
	for (unsigned i = 0; i < schedule->count; i++) {
		const struct schedule_range *r = &schedule->ranges[i];

		if (r->last - r->first >= POINTS_MAX - *count)
			return false;
		for (uint32_t n = r->first; n <= r->last; n++)
			points[(*count)++] = n;
	}
	return true;
}

/* False: as a schedule it would have too many ranges. */
static bool from_points(const uint32_t *points, unsigned count, struct schedule *out)
{
	*out = (struct schedule){0};
	for (unsigned i = 0; i < count; i++) {
		struct schedule_range *last = out->count ? &out->ranges[out->count - 1] : NULL;

		if (last && last->last + 1 == points[i]) {
			last->last++;
			continue;
		}
		if (out->count == SCHEDULE_RANGES)
			return false;
		out->ranges[out->count++] = (struct schedule_range){points[i], points[i]};
	}
	return true;
}

/* ---- steps ---- */

/* "7+" and the like get an end, if one is found with which the finding stays. */
static void end_tail(struct minimise *m, struct schedule *schedule)
{
	struct schedule_range *tail = &schedule->ranges[schedule->count - 1];
	struct schedule try = *schedule;

	if (tail->last != UINT32_MAX)
		return;
	for (uint32_t length = 1; length <= BURST_MAX && !m->status; length *= 2) {
		try.ranges[try.count - 1].last = tail->first + length - 1;
		if (shows(m, &try)) {
			*schedule = try;
			return;
		}
	}
}

/* Leave out points from..to-1; true if the finding stays. */
static bool leave_out(struct minimise *m, uint32_t *points, unsigned *count, unsigned from,
		      unsigned to)
{
	uint32_t *rest = xreallocarray(NULL, *count, sizeof(*rest));
	unsigned left = *count - (to - from);
	struct schedule try;
	bool good;

	memcpy(rest, points, from * sizeof(*rest));
	memcpy(rest + from, points + to, (*count - to) * sizeof(*rest));
	good = left && from_points(rest, left, &try) && shows(m, &try);
	if (good) {
		memcpy(points, rest, left * sizeof(*rest));
		*count = left;
	}
	free(rest);
	return good;
}

static void drop_points(struct minimise *m, uint32_t *points, unsigned *count)
{
	unsigned chunk = (*count + 1) / 2;

	while (*count > 1 && chunk) {
		bool dropped = false;

		for (unsigned from = 0; from<*count && * count> 1;) {
			unsigned to = from + chunk < *count ? from + chunk : *count;

			if (to - from < *count && leave_out(m, points, count, from, to))
				dropped = true;
			else
				from = to;
		}
		if (!dropped || chunk > *count)
			chunk = chunk > 1 ? (chunk + 1) / 2 : 0;
	}
}

static void reduce(struct minimise *m, struct schedule *schedule)
{
	uint32_t *points = xreallocarray(NULL, POINTS_MAX, sizeof(*points));
	struct schedule alone = one_range(m->last_refused, m->last_refused);
	unsigned count;

	if (m->last_refused && shows(m, &alone)) {
		*schedule = alone;
	} else {
		end_tail(m, schedule);
		if (to_points(schedule, points, &count)) {
			drop_points(m, points, &count);
			from_points(points, count, schedule);
		}
	}
	free(points);
}

/* A budget or a chance has no points to leave out. */
static bool is_one_refusal(const struct schedule *s)
{
	return !schedule_is_numbers(s) ||
	       (s->count == 1 && s->ranges[0].first == s->ranges[0].last);
}

/* ---- operations ---- */

static bool shows_without(struct minimise *m, const struct schedule *schedule, uint64_t without)
{
	uint64_t before = cli_left_out();

	cli_leave_out(without);
	if (shows(m, schedule))
		return true;
	cli_leave_out(before);
	return false;
}

static void drop_operations(struct minimise *m, const struct schedule *schedule)
{
	unsigned count = scenario_program_operations(m->target);
	int swept = m->target->scenario ? m->target->scenario->only : -1;
	uint64_t all = 0;

	for (unsigned i = 1; i <= count; i++)
		if ((int)i != swept)
			all |= 1ull << (i - 1);
	if (all == cli_left_out() || (swept >= 0 && shows_without(m, schedule, all)))
		return;
	for (unsigned i = count; i >= 1; i--) {
		uint64_t one = all & 1ull << (i - 1);

		if (one & ~cli_left_out())
			shows_without(m, schedule, cli_left_out() | one);
	}
}

/* ---- the command ---- */

static int keep(const struct cli *cli, const struct recall *recall, const char *schedule)
{
	char *path = keep_path(cli), err[STORE_ERR];
	struct store *store = store_open(path, err);
	int status = 0;

	if (!store)
		status = cli_complain("%s", err);
	else if (store_put_minimised(store, &recall->place, schedule))
		status = cli_complain("%s", store_error(store));
	store_close(store);
	free(path);
	return status;
}

static int minimise(const struct cli *own, const struct cli *cli, const struct recall *recall,
		    const struct target *target)
{
	struct minimise m = {.cli = cli, .target = target, .group = recall->place.group};
	struct schedule schedule = cli->parsed;
	struct sweep_options options = cli_sweep_options(cli);
	char text[SCHEDULE_TEXT_MAX], *without, *rest, *tail, *line;
	int status;

	if (!shows(&m, &schedule)) {
		if (m.status)
			return m.status;
		cli_complain("finding %s does not show under schedule \"%s\" any more",
			     recall->place.id, recall->place.schedule);
		return STATUS_NOT_JUDGED;
	}
	if (!is_one_refusal(&schedule))
		reduce(&m, &schedule);
	drop_operations(&m, &schedule);
	if (m.status)
		return m.status;
	schedule_print(&schedule, text, sizeof(text));
	printf("smallest schedule: %s (%u %s)\n", text[0] ? text : "none is needed", m.tries,
	       m.tries == 1 ? "try" : "tries");
	/* What is kept is the schedule: it shows it with the whole scenario, too. */
	status = strcmp(text, recall->place.schedule) ? keep(own, recall, text) : 0;
	without = without_text(&m);
	rest = cli_replay_tail(cli);
	tail = xasprintf("%s%s", without, rest);
	options.replay_tail = tail;
	line = sweep_replay_line(&options, cli->operation, text);
	printf("replay: %s\n", line);
	free(line);
	free(tail);
	free(rest);
	free(without);
	return status;
}

int cli_minimise(const struct cli *cli)
{
	struct recall recall;
	struct target *target;
	struct cli made, own = *cli;
	int status;

	if (!recall_is_id(cli->files[0]))
		return cli_complain("\"%s\" is no finding's id, which is 4 to 16 digits 0-9a-f",
				    cli->files[0]);
	status = recall_find(cli, cli->files[0], &recall);
	if (!status)
		status = recall_command(cli, &recall, &made);
	own.store = status ? NULL : made.store;
	if (!status)
		status = cli_prepare(&made, &target);
	if (!status)
		status = minimise(&own, &made, &recall, target);
	recall_clear(&recall);
	return status;
}
