// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a sweep begins and ends in the store: its row with the identity, or the row of the one that is resumed; in the
 * end its counts and status, and the findings as they were told.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../trace/util.h"

/* How many finished sweeps keep their single runs, and how many clean ones are kept at all. Looked at now and then. */
#define RUNS_KEPT   64
#define CLEAN_KEPT  4096
#define PRUNE_EVERY 32

/* ---- a sweep begins ---- */

/* In the order of the table, from version on; the files, where they are, are no part of the identity. */
#define IDENTITY_COLUMNS 12
#define NR_COLUMNS	 13

static void columns_of(const struct store_sweep *w, const char *columns[NR_COLUMNS])
{
	const char *const all[NR_COLUMNS] = {
		w->version,	w->kernel,	  w->module,   w->module_hash, w->parameters,
		w->scenario,	w->scenario_hash, w->settings, w->policy,      w->plan,
		w->environment, w->options,	  w->files};

	for (unsigned i = 0; i < NR_COLUMNS; i++)
		columns[i] = all[i] ? all[i] : "";
}

static void identity_of(const struct store_sweep *what, char out[17])
{
	const char *columns[NR_COLUMNS];
	uint64_t hash = 0;

	columns_of(what, columns);
	for (unsigned i = 0; i < IDENTITY_COLUMNS; i++)
		hash = XXH64(columns[i], strlen(columns[i]) + 1, hash);
	snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

static int64_t find_unfinished(struct store *store, const char *identity,
			       const struct store_sweep *what)
{
	static const char sql[] = "SELECT max(id) FROM sweep WHERE identity = ?1 AND shard = ?2 "
				  "AND shards = ?3 AND status IS NULL";
	sqlite3_stmt *s;
	int64_t id = -1;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return -1;
	store_bind_text(s, 1, identity);
	sqlite3_bind_int64(s, 2, what->shard);
	sqlite3_bind_int64(s, 3, what->shards);
	if (sqlite3_step(s) == SQLITE_ROW)
		id = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return id;
}

static int64_t insert_sweep(struct store *store, const char *identity,
			    const struct store_sweep *what)
{
	static const char sql[] =
		"INSERT INTO sweep (identity, shard, shards, version, kernel, module, "
		"module_hash, parameters, scenario, scenario_hash, settings, policy, plan, "
		"environment, options, files, directory) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		"?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
	const char *columns[NR_COLUMNS];
	sqlite3_stmt *s;
	bool inserted;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return -1;
	columns_of(what, columns);
	store_bind_text(s, 1, identity);
	sqlite3_bind_int64(s, 2, what->shard);
	sqlite3_bind_int64(s, 3, what->shards);
	for (int i = 0; i < NR_COLUMNS; i++)
		store_bind_text(s, 4 + i, columns[i]);
	store_bind_text(s, 4 + NR_COLUMNS, what->directory ? what->directory : "");
	inserted = store_step(s);
	sqlite3_finalize(s);
	return inserted ? sqlite3_last_insert_rowid(store->db) : -1;
}

/* A store does not grow for ever: of old finished sweeps the runs go, of very old clean ones everything. */
static bool prune(struct store *store, int64_t newest)
{
	char *sql;
	bool good;

	if (newest % PRUNE_EVERY)
		return true;
	sql = xasprintf("DELETE FROM run WHERE sweep IN (SELECT id FROM sweep WHERE status IS NOT "
			"NULL AND id <= %lld);"
			"DELETE FROM sweep WHERE status = 'clean' AND id <= %lld",
			(long long)newest - RUNS_KEPT, (long long)newest - CLEAN_KEPT);
	good = store_command(store, sql);
	free(sql);
	return good;
}

int64_t store_begin(struct store *store, const struct store_sweep *what, bool resume, char *err)
{
	static const char cannot_begin[] = "the sweep cannot be kept";
	char identity[17];
	int64_t id = -1;

	identity_of(what, identity);
	if (resume) {
		id = find_unfinished(store, identity, what);
		if (id > 0)
			store_remember_told(store, id);
		if (id < 0)
			store_sentence(store->db, store->path, sqlite3_extended_errcode(store->db),
				       err);
		return id;
	}
	if (!store_transaction(store, STORE_PATIENCE_MS, cannot_begin)) {
		id = insert_sweep(store, identity, what);
		if (store_commit(store, id > 0 && prune(store, id), cannot_begin))
			id = -1;
	}
	if (id < 0)
		snprintf(err, STORE_ERR, "%s", store->error);
	store->last_tick = store_now();
	return id;
}

/* ---- a sweep ends ---- */

static unsigned operation_of(struct store *store, int64_t sweep, const char *name)
{
	static const char sql[] = "SELECT number FROM operation WHERE sweep = ?1 AND name = ?2";
	sqlite3_stmt *s;
	unsigned number = 0;

	if (!name || sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return 0;
	sqlite3_bind_int64(s, 1, sweep);
	store_bind_text(s, 2, name);
	if (sqlite3_step(s) == SQLITE_ROW)
		number = (unsigned)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return number;
}

/* A finding as it was told in the end; one that only the conclusion knows is added. */
static bool finish_finding(struct store *store, int64_t sweep, const struct finding *finding)
{
	static const char sql[] =
		"UPDATE finding SET also = ?4, confirmed = ?5, grp = ?6, json = ?7 WHERE "
		"sweep = ?1 AND operation = ?2 AND name = ?3";
	unsigned operation = operation_of(store, sweep, finding->operation);
	struct pending p = {.sweep = sweep,
			    .operation = operation,
			    .kind = finding->kind,
			    .core = finding->core};
	sqlite3_stmt *s;
	bool good;

	p.schedule = xstrdup(finding->schedule ? finding->schedule : "");
	p.weight = schedule_weight(p.schedule, &p.n);
	p.text = finding_to_json(finding);
	memcpy(p.id, finding->id, sizeof(p.id));
	memcpy(p.group, finding->group, sizeof(p.group));
	good = store_write_finding(store, &p) &&
	       sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) == SQLITE_OK;
	if (good) {
		sqlite3_bind_int64(s, 1, sweep);
		sqlite3_bind_int64(s, 2, operation);
		store_bind_text(s, 3, p.id);
		sqlite3_bind_int64(s, 4, finding->also);
		sqlite3_bind_int64(s, 5, finding->confirmed);
		store_bind_text(s, 6, p.group);
		store_bind_text(s, 7, p.text);
		good = store_step(s);
		sqlite3_finalize(s);
	}
	pending_clear(&p);
	return good;
}

/* Those of runs are there already, each under its operation; what only the conclusion knows is added. */
static bool finish_not_judged(struct store *store, int64_t sweep, const struct not_judged *entry)
{
	static const char sql[] = "SELECT count(*) FROM not_judged WHERE sweep = ?1 AND "
				  "schedule = ?2 AND why = ?3";
	struct pending p = {.sweep = sweep};
	sqlite3_stmt *s;
	bool there;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	p.schedule = xstrdup(entry->schedule ? entry->schedule : "");
	p.why = xstrdup(entry->why ? entry->why : "");
	p.text = not_judged_to_json(entry);
	sqlite3_bind_int64(s, 1, sweep);
	store_bind_text(s, 2, p.schedule);
	store_bind_text(s, 3, p.why);
	there = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	there = there || store_write_not_judged(store, &p);
	pending_clear(&p);
	return there;
}

static bool finish_sweep(struct store *store, int64_t sweep, const struct sweep_result *r)
{
	static const char sql[] =
		"UPDATE sweep SET finished = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), status = ?2, "
		"result = ?3, baseline_points = ?4, points = ?5, injected = ?6, absorbed = ?7, "
		"clean = ?8, seconds = ?9, runs_per_second = ?10, details = ?11 WHERE id = ?1";
	char *details = store_details(r);
	sqlite3_stmt *s;
	bool good;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK) {
		free(details);
		return false;
	}
	sqlite3_bind_int64(s, 1, sweep);
	store_bind_text(s, 2, sweep_status_name(r->status));
	sqlite3_bind_int64(s, 3, r->baseline.result);
	sqlite3_bind_int64(s, 4, r->baseline.points);
	sqlite3_bind_int64(s, 5, r->points);
	sqlite3_bind_int64(s, 6, r->injected);
	sqlite3_bind_int64(s, 7, r->absorbed);
	sqlite3_bind_int64(s, 8, r->clean);
	sqlite3_bind_double(s, 9, r->seconds);
	sqlite3_bind_double(s, 10, r->runs_per_second);
	store_bind_text(s, 11, details);
	good = store_step(s);
	sqlite3_finalize(s);
	free(details);
	return good;
}

int store_finish(struct store *store, int64_t sweep, const struct sweep_result *result)
{
	bool good;

	if (store_transaction(store, STORE_PATIENCE_MS, store_cannot_keep))
		return -1;
	good = store_write_queue(store);
	for (unsigned i = 0; good && i < result->finding_count; i++)
		good = finish_finding(store, sweep, &result->findings[i]);
	for (unsigned i = 0; good && i < result->not_judged_count; i++)
		good = finish_not_judged(store, sweep, &result->not_judged[i]);
	return store_commit(store, good && finish_sweep(store, sweep, result), store_cannot_keep);
}
