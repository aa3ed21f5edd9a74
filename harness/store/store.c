// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sweep puts while it runs:
 *
 *	run		a single point behind the newest one, with the same outcome: the newest row grows (open_runs);
 *			anything else: that row is queued, a new one begins
 *	finding		the first of an id, or one with a smaller schedule: in full; else only its schedule
 *
 * and what it asks when it is resumed. A row of runs that was written while it was growing is written again, over
 * itself.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../inject/inject.h"
#include "../trace/util.h"

/* ---- schedules, as far as a store must understand them ---- */

int64_t schedule_weight(const char *schedule, uint32_t *first)
{
	struct schedule parsed;
	char err[STORE_ERR];
	int64_t weight = 0;

	*first = 0;
	if (!schedule[0])
		return 0;
	if (schedule_parse(schedule, &parsed, err) || (!parsed.count && !parsed.irq))
		return UINT32_MAX;
	weight = parsed.irq != 0;
	*first = parsed.count ? parsed.ranges[0].first : parsed.irq;
	for (unsigned i = 0; i < parsed.count; i++)
		weight += (int64_t)parsed.ranges[i].last - parsed.ranges[i].first + 1;
	return weight < UINT32_MAX ? weight : UINT32_MAX;
}

uint32_t schedule_single(const char *schedule)
{
	char *end;
	unsigned long n;

	if (schedule[0] < '1' || schedule[0] > '9')
		return 0;
	n = strtoul(schedule, &end, 10);
	return *end || n > UINT32_MAX ? 0 : (uint32_t)n;
}

/* ---- what is put ---- */

static bool continues(const struct pending *open, const struct pending *p)
{
	return p->n && open->n && p->n == open->n + open->count && p->sweep == open->sweep &&
	       p->operation == open->operation && p->round == open->round &&
	       p->flags == open->flags && p->result == open->result && p->beyond == open->beyond &&
	       !p->text && !open->text;
}

static void close_runs(struct store *store)
{
	if (store->open_used && store->open_dirty)
		store_push(store, &store->open_runs);
	else
		pending_clear(&store->open_runs);
	store->open_used = store->open_dirty = false;
}

int store_put_run(struct store *store, int64_t sweep, const struct store_run *run)
{
	uint32_t n = schedule_single(run->schedule);
	struct pending p = {
		.what = PENDING_RUNS,
		.sweep = sweep,
		.operation = run->operation,
		.round = run->round,
		.n = n,
		.count = 1,
		.flags = run->flags,
		.result = run->result,
		.beyond = (int64_t)run->points - n,
	};

	if (store->broken)
		return -1;
	if (store->open_used && !run->fresh && continues(&store->open_runs, &p)) {
		store->open_runs.count++;
		store->open_dirty = true;
		return 0;
	}
	close_runs(store);
	p.schedule = n ? NULL : xstrdup(run->schedule);
	p.text = xstrdup_or_null(run->fresh);
	store->open_runs = p;
	store->open_used = store->open_dirty = true;
	return 0;
}

static struct told *find_told(struct store *store, int64_t sweep, unsigned operation,
			      const char *id)
{
	for (unsigned i = 0; i < store->told_count; i++) {
		struct told *t = &store->told[i];

		if (t->sweep == sweep && t->operation == operation && !strcmp(t->id, id))
			return t;
	}
	return NULL;
}

static struct told *add_told(struct store *store, const struct pending *p)
{
	struct told *t;

	store->told = xreallocarray(store->told, store->told_count + 1, sizeof(*store->told));
	t = &store->told[store->told_count++];
	*t = (struct told){.sweep = p->sweep, .operation = p->operation};
	memcpy(t->id, p->id, sizeof(t->id));
	return t;
}

static bool is_smaller(const struct pending *p, const struct told *t)
{
	if (p->weight != t->weight)
		return p->weight < t->weight;
	if (p->n != t->n)
		return p->n < t->n;
	return strcmp(p->schedule, t->schedule) < 0;
}

/* Must this one be kept in full? It then stands for the others of its id. */
static bool stands_for(struct store *store, const struct pending *p)
{
	struct told *t = find_told(store, p->sweep, p->operation, p->id);

	if (t && !is_smaller(p, t))
		return false;
	if (!t)
		t = add_told(store, p);
	free(t->schedule);
	t->schedule = xstrdup(p->schedule);
	t->weight = p->weight;
	t->n = p->n;
	return true;
}

int store_put_finding(struct store *store, int64_t sweep, unsigned operation,
		      const struct finding *finding)
{
	const char *schedule = finding->schedule ? finding->schedule : "";
	struct pending p = {
		.what = PENDING_FINDING,
		.sweep = sweep,
		.operation = operation,
		.kind = finding->kind,
		.core = finding->core,
		.schedule = xstrdup(schedule),
	};

	if (store->broken) {
		pending_clear(&p);
		return -1;
	}
	p.weight = schedule_weight(schedule, &p.n);
	memcpy(p.id, finding->id, sizeof(p.id));
	memcpy(p.group, finding->group, sizeof(p.group));
	if (stands_for(store, &p))
		p.text = finding_to_json(finding);
	store_push(store, &p);
	return 0;
}

int store_put_not_judged(struct store *store, int64_t sweep, unsigned operation,
			 const struct not_judged *entry)
{
	struct pending p = {.what = PENDING_NOT_JUDGED, .sweep = sweep, .operation = operation};

	if (store->broken)
		return -1;
	p.schedule = xstrdup(entry->schedule ? entry->schedule : "");
	p.why = xstrdup(entry->why ? entry->why : "");
	p.text = not_judged_to_json(entry);
	store_push(store, &p);
	return 0;
}

int store_put_baseline(struct store *store, int64_t sweep, const struct store_baseline *baseline)
{
	struct pending p = {
		.what = PENDING_BASELINE,
		.sweep = sweep,
		.operation = baseline->operation,
		.result = baseline->result,
		.beyond = baseline->points,
		.weight = (int64_t)baseline->sites,
		.text = xstrdup_or_null(baseline->name),
	};
	int64_t points = store_number(store,
				      "SELECT points FROM operation WHERE sweep = ?1 AND "
				      "number = ?2",
				      sweep, p.operation, -1);
	int64_t sites = store_number(store,
				     "SELECT sites FROM operation WHERE sweep = ?1 AND "
				     "number = ?2",
				     sweep, p.operation, 0);

	if (store->broken) {
		pending_clear(&p);
		return -1;
	}
	if (points < 0) {
		store_push(store, &p);
		return 0;
	}
	pending_clear(&p);
	return points != baseline->points || sites != (int64_t)baseline->sites;
}

/* ---- what is in the file already ---- */

static void fill_run(struct store *store, sqlite3_stmt *s, unsigned operation, const char *schedule,
		     struct store_run *out)
{
	free(store->fresh);
	store->fresh = xstrdup_or_null((const char *)sqlite3_column_text(s, 6));
	*out = (struct store_run){
		.operation = operation,
		.schedule = schedule,
		.round = (unsigned)sqlite3_column_int64(s, 2),
		.flags = (uint8_t)sqlite3_column_int64(s, 3),
		.result = sqlite3_column_int64(s, 4),
		.points = (uint32_t)(sqlite3_column_int64(s, 5) + schedule_single(schedule)),
		.fresh = store->fresh,
	};
}

bool store_find_run(struct store *store, int64_t sweep, unsigned operation, const char *schedule,
		    struct store_run *out)
{
	uint32_t n = schedule_single(schedule);
	sqlite3_stmt *s =
		store->broken ? NULL : store_statement(store, n ? FIND_SINGLE : FIND_OTHER);
	bool found;

	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, sweep);
	sqlite3_bind_int64(s, 2, operation);
	if (n)
		sqlite3_bind_int64(s, 3, n);
	else
		store_bind_text(s, 3, schedule);
	found = sqlite3_step(s) == SQLITE_ROW;
	if (found)
		fill_run(store, s, operation, schedule, out);
	sqlite3_reset(s);
	return found;
}

void store_remember_told(struct store *store, int64_t sweep)
{
	static const char sql[] = "SELECT operation, name, schedule, weight, n FROM finding WHERE "
				  "sweep = ?1";
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return;
	sqlite3_bind_int64(s, 1, sweep);
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct pending p = {.sweep = sweep,
				    .operation = (unsigned)sqlite3_column_int64(s, 0),
				    .schedule = (char *)sqlite3_column_text(s, 2),
				    .weight = sqlite3_column_int64(s, 3),
				    .n = (uint32_t)sqlite3_column_int64(s, 4)};

		snprintf(p.id, sizeof(p.id), "%s", sqlite3_column_text(s, 1));
		stands_for(store, &p);
	}
	sqlite3_finalize(s);
}
