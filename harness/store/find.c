// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which sweeps and findings a store has, and what a replay must know of one.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

static int cannot_read(struct store *store)
{
	return store_fail(store, "results cannot be read");
}

static const char *text(sqlite3_stmt *s, int index)
{
	return (const char *)sqlite3_column_text(s, index);
}

/* ---- sweeps ---- */

int store_describe(struct store *store, int64_t sweep, struct store_sweep *out)
{
	static const char sql[] =
		"SELECT version, kernel, module, module_hash, parameters, scenario, "
		"scenario_hash, settings, policy, plan, environment, files, options, directory, "
		"shard, shards FROM sweep WHERE id = ?1";
	const char **to[] = {&out->version,	  &out->kernel,	     &out->module,
			     &out->module_hash,	  &out->parameters,  &out->scenario,
			     &out->scenario_hash, &out->settings,    &out->policy,
			     &out->plan,	  &out->environment, &out->files,
			     &out->options,	  &out->directory};
	sqlite3_stmt *s;

	*out = (struct store_sweep){0};
	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return cannot_read(store);
	sqlite3_bind_int64(s, 1, sweep);
	if (sqlite3_step(s) != SQLITE_ROW) {
		sqlite3_finalize(s);
		return -1;
	}
	for (int i = 0; i < 14; i++)
		*to[i] = xstrdup(text(s, i));
	out->shard = (unsigned)sqlite3_column_int64(s, 14);
	out->shards = (unsigned)sqlite3_column_int64(s, 15);
	sqlite3_finalize(s);
	return 0;
}

void store_sweep_clear(struct store_sweep *what)
{
	const char *owned[] = {what->version,	    what->kernel,      what->module,
			       what->module_hash,   what->parameters,  what->scenario,
			       what->scenario_hash, what->settings,    what->policy,
			       what->plan,	    what->environment, what->files,
			       what->options,	    what->directory};

	for (unsigned i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		free((char *)owned[i]);
	*what = (struct store_sweep){0};
}

int store_list(struct store *store, void (*fn)(const struct store_line *line, void *arg), void *arg)
{
	static const char sql[] =
		"SELECT id, started, kernel, module, plan, status, shard, shards, "
		"coalesce(points, (SELECT sum(points) FROM operation WHERE sweep = sweep.id)), "
		"(SELECT count(*) FROM finding WHERE sweep = sweep.id AND NOT core), "
		"(SELECT count(DISTINCT grp) FROM finding WHERE sweep = sweep.id AND NOT core) "
		"FROM sweep ORDER BY id DESC";
	sqlite3_stmt *s;
	int code;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return cannot_read(store);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		const struct store_line line = {
			.id = sqlite3_column_int64(s, 0),
			.started = text(s, 1),
			.kernel = text(s, 2),
			.module = text(s, 3),
			.plan = text(s, 4),
			.status = text(s, 5),
			.shard = (unsigned)sqlite3_column_int64(s, 6),
			.shards = (unsigned)sqlite3_column_int64(s, 7),
			.points = (unsigned)sqlite3_column_int64(s, 8),
			.findings = (unsigned)sqlite3_column_int64(s, 9),
			.groups = (unsigned)sqlite3_column_int64(s, 10),
		};

		fn(&line, arg);
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE ? 0 : cannot_read(store);
}

int64_t store_newest(struct store *store)
{
	return store_number(store, "SELECT max(id) FROM sweep", 0, 0, 0);
}

char *store_operation(struct store *store, int64_t sweep, unsigned operation)
{
	static const char sql[] = "SELECT name FROM operation WHERE sweep = ?1 AND number = ?2";
	sqlite3_stmt *s;
	char *name = NULL;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(s, 1, sweep);
	sqlite3_bind_int64(s, 2, operation);
	if (sqlite3_step(s) == SQLITE_ROW)
		name = xstrdup_or_null(text(s, 0));
	sqlite3_finalize(s);
	return name;
}

/* ---- findings ---- */

static int fill_place(struct store *store, const char *id, struct store_place *out)
{
	static const char sql[] =
		"SELECT sweep, operation, name, grp, coalesce(minimised, schedule), "
		"json_extract(json, '$.together') FROM finding "
		"WHERE name = ?1 ORDER BY sweep DESC, weight, n LIMIT 1";
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return cannot_read(store);
	store_bind_text(s, 1, id);
	if (sqlite3_step(s) != SQLITE_ROW) {
		sqlite3_finalize(s);
		return cannot_read(store);
	}
	out->sweep = sqlite3_column_int64(s, 0);
	out->operation = (unsigned)sqlite3_column_int64(s, 1);
	snprintf(out->id, sizeof(out->id), "%s", text(s, 2));
	snprintf(out->group, sizeof(out->group), "%s", text(s, 3));
	out->schedule = xstrdup(text(s, 4));
	out->together = sqlite3_column_type(s, 5) == SQLITE_NULL ? NULL : xstrdup(text(s, 5));
	sqlite3_finalize(s);
	return 0;
}

int store_find_finding(struct store *store, const char *prefix, struct store_place *out, char *err)
{
	static const char sql[] = "SELECT DISTINCT name FROM finding WHERE name >= ?1 AND "
				  "name < ?1 || 'g' LIMIT 2";
	char names[2][17];
	sqlite3_stmt *s;
	unsigned count = 0;
	int code;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK) {
		cannot_read(store);
		snprintf(err, STORE_ERR, "%s", store->error);
		return -1;
	}
	store_bind_text(s, 1, prefix);
	while ((code = sqlite3_step(s)) == SQLITE_ROW && count < 2)
		snprintf(names[count++], sizeof(names[0]), "%s", text(s, 0));
	sqlite3_finalize(s);
	if (code != SQLITE_DONE && !count) {
		cannot_read(store);
		snprintf(err, STORE_ERR, "%s", store->error);
		return -1;
	}
	if (count == 1)
		return fill_place(store, names[0], out);
	if (count)
		snprintf(err, STORE_ERR, "\"%s\" is not unique in %s: %s and %s begin with it",
			 prefix, store->path, names[0], names[1]);
	else
		snprintf(err, STORE_ERR, "%s has no finding \"%s\"", store->path, prefix);
	return -1;
}

int store_put_minimised(struct store *store, const struct store_place *place, const char *schedule)
{
	static const char sql[] = "UPDATE finding SET minimised = ?4 WHERE sweep = ?1 AND "
				  "operation = ?2 AND name = ?3";
	static const char what[] = "the smaller schedule cannot be kept";
	sqlite3_stmt *s;
	bool good;

	if (store_transaction(store, STORE_PATIENCE_MS, what))
		return -1;
	good = sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) == SQLITE_OK;
	if (good) {
		sqlite3_bind_int64(s, 1, place->sweep);
		sqlite3_bind_int64(s, 2, place->operation);
		store_bind_text(s, 3, place->id);
		store_bind_text(s, 4, schedule);
		good = store_step(s);
		sqlite3_finalize(s);
	}
	return store_commit(store, good, what);
}
