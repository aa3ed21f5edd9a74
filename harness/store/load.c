// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others read from the store: a sweep as it was, or as far as it came. Findings come in the order in which schedules
 * grow: by operation, then by how many points are refused, then by the first of them.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include "../judge/finding_json.h"
#include "../trace/util.h"

static const char *const status_names[] = {
	[SWEEP_CLEAN] = "clean",
	[SWEEP_FINDINGS] = "findings",
	[SWEEP_NOT_JUDGED] = "not-judged",
};

const char *sweep_status_name(enum sweep_status status)
{
	return status_names[status];
}

static enum sweep_status parse_status(const char *name)
{
	for (int i = SWEEP_CLEAN; i < SWEEP_NOT_JUDGED; i++)
		if (!strcmp(status_names[i], name))
			return (enum sweep_status)i;
	return SWEEP_NOT_JUDGED;
}

static int cannot_read(struct store *store)
{
	return store_fail(store, "results cannot be read");
}

static sqlite3_stmt *query(struct store *store, const char *sql, int64_t sweep)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(s, 1, sweep);
	return s;
}

/* Rows are all read: 0, or -1. */
static int end_query(struct store *store, sqlite3_stmt *s, int code)
{
	int ret = code == SQLITE_DONE ? 0 : cannot_read(store);

	sqlite3_finalize(s);
	return ret;
}

static char *column(sqlite3_stmt *s, int index)
{
	return xstrdup_or_null((const char *)sqlite3_column_text(s, index));
}

/* ---- findings ---- */

static void add_finding(struct sweep_result *out, sqlite3_stmt *s)
{
	struct finding f;

	if (finding_from_json((const char *)sqlite3_column_text(s, 0), &f))
		return;
	f.also = (unsigned)sqlite3_column_int64(s, 1);
	f.confirmed = (enum confirmation)sqlite3_column_int64(s, 2);
	free(f.minimised);
	f.minimised = column(s, 3);
	out->findings = xreallocarray(out->findings, out->finding_count + 1, sizeof(f));
	out->findings[out->finding_count++] = f;
}

static int load_findings(struct store *store, int64_t sweep, struct sweep_result *out)
{
	sqlite3_stmt *s = query(store,
				"SELECT json, coalesce(also, (SELECT count(*) - 1 FROM shown "
				"WHERE finding = finding.id)), confirmed, minimised FROM finding "
				"WHERE sweep = ?1 ORDER BY operation, weight, n, schedule, id",
				sweep);
	int code;

	if (!s)
		return cannot_read(store);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		add_finding(out, s);
	return end_query(store, s, code);
}

static void add_not_judged(struct sweep_result *out, const struct not_judged *entry)
{
	out->not_judged = xreallocarray(out->not_judged, out->not_judged_count + 1, sizeof(*entry));
	out->not_judged[out->not_judged_count++] = *entry;
}

static int load_not_judged(struct store *store, int64_t sweep, struct sweep_result *out)
{
	sqlite3_stmt *s =
		query(store, "SELECT json FROM not_judged WHERE sweep = ?1 ORDER BY operation, id",
		      sweep);
	struct not_judged entry;
	int code;

	if (!s)
		return cannot_read(store);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		if (!not_judged_from_json((const char *)sqlite3_column_text(s, 0), &entry))
			add_not_judged(out, &entry);
	return end_query(store, s, code);
}

/* ---- the sweep itself ---- */

char *store_details(const struct sweep_result *result)
{
	json_t *object = json_object();
	char *text;

	coverage_to_object(object, result);
	text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	if (!text)
		out_of_host_memory(0);
	return text;
}

void store_details_load(const char *text, struct sweep_result *result)
{
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	coverage_from_object(object, result);
	json_decref(object);
}

/* Counted from the runs, when there is no result yet. */
static int count_runs(struct store *store, int64_t sweep, struct sweep_result *out)
{
	sqlite3_stmt *s = query(
		store, "SELECT flags, sum(count) FROM run WHERE sweep = ?1 GROUP BY flags", sweep);
	int code;

	if (!s)
		return cannot_read(store);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		int flags = sqlite3_column_int(s, 0);
		unsigned count = (unsigned)sqlite3_column_int64(s, 1);

		if (!(flags & RUN_CONSUMED))
			continue;
		out->injected += count;
		if (flags & (RUN_ACCUSED | RUN_NOT_JUDGED))
			continue;
		*(flags & RUN_ABSORBED ? &out->absorbed : &out->clean) += count;
	}
	return end_query(store, s, code);
}

static void load_result(struct sweep_result *out, sqlite3_stmt *s)
{
	out->status = parse_status((const char *)sqlite3_column_text(s, 4));
	out->baseline.result = sqlite3_column_int(s, 5);
	out->baseline.points = (unsigned)sqlite3_column_int64(s, 6);
	out->points = (unsigned)sqlite3_column_int64(s, 7);
	out->injected = (unsigned)sqlite3_column_int64(s, 8);
	out->absorbed = (unsigned)sqlite3_column_int64(s, 9);
	out->clean = (unsigned)sqlite3_column_int64(s, 10);
	out->seconds = sqlite3_column_double(s, 11);
	out->runs_per_second = sqlite3_column_double(s, 12);
	store_details_load((const char *)sqlite3_column_text(s, 13), out);
}

static int load_sweep(struct store *store, int64_t sweep, struct sweep_result *out, bool *finished)
{
	sqlite3_stmt *s = query(store,
				"SELECT kernel, module, scenario, settings, status, result, "
				"baseline_points, points, injected, absorbed, clean, seconds, "
				"runs_per_second, details FROM sweep WHERE id = ?1",
				sweep);

	if (!s || sqlite3_step(s) != SQLITE_ROW) {
		sqlite3_finalize(s);
		return cannot_read(store);
	}
	out->kernel = column(s, 0);
	out->module = column(s, 1);
	out->scenario = column(s, 2);
	out->settings = column(s, 3);
	*finished = sqlite3_column_type(s, 4) != SQLITE_NULL;
	if (*finished)
		load_result(out, s);
	sqlite3_finalize(s);
	return 0;
}

static bool accuses(const struct sweep_result *out)
{
	for (unsigned i = 0; i < out->finding_count; i++)
		if (!out->findings[i].core)
			return true;
	return false;
}

/* A sweep that was killed, or still runs. */
static int load_unfinished(struct store *store, int64_t sweep, struct sweep_result *out)
{
	struct not_judged entry = {.schedule = xstrdup("")};

	entry.why =
		xstrdup("the sweep was interrupted, or has not ended yet: --resume goes on with "
			"it");
	add_not_judged(out, &entry);
	out->baseline.points = out->points = (unsigned)store_number(
		store, "SELECT sum(points) FROM operation WHERE sweep = ?1", sweep, 0, 0);
	out->baseline.result = (int)store_number(
		store, "SELECT result FROM operation WHERE sweep = ?1 AND number = 0", sweep, 0, 0);
	out->status = accuses(out) ? SWEEP_FINDINGS : SWEEP_NOT_JUDGED;
	return count_runs(store, sweep, out);
}

int store_load(struct store *store, int64_t sweep, struct sweep_result *out)
{
	bool finished = false;

	*out = (struct sweep_result){0};
	if (!load_sweep(store, sweep, out, &finished) && !load_findings(store, sweep, out) &&
	    !load_not_judged(store, sweep, out) &&
	    (finished || !load_unfinished(store, sweep, out)))
		return 0;
	sweep_result_clear(out);
	return -1;
}
