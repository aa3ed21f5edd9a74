// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of a store: what has been put waits in host memory, and is written in one transaction.
 *
 * What is in the queue only goes when it has been committed: a transaction that cannot begin because another process is writing
 * leaves the queue as it was, and the next tick tries again. One that fails leaves the file as it was, and the
 * store is broken.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../trace/util.h"

const char store_cannot_keep[] = "results can no longer be kept";

static const char *const statements[NR_STATEMENTS] = {
	[PUT_RUNS] = "INSERT OR REPLACE INTO run (sweep, operation, n, schedule, round, count, "
		     "flags, result, beyond, fresh) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		     "?10)",
	[PUT_FINDING] = "INSERT INTO finding (sweep, operation, name, kind, grp, schedule, weight, "
			"n, json, core) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
			"ON CONFLICT (sweep, operation, name) DO UPDATE SET schedule = ?6, "
			"weight = ?7, n = ?8, json = ?9 WHERE (?7, ?8, ?6) < (weight, n, schedule)",
	[PUT_SHOWN] = "INSERT OR IGNORE INTO shown (finding, schedule) SELECT id, ?4 FROM finding "
		      "WHERE sweep = ?1 AND operation = ?2 AND name = ?3",
	[PUT_NOT_JUDGED] = "INSERT OR IGNORE INTO not_judged (sweep, operation, schedule, why, "
			   "json) VALUES (?1, ?2, ?3, ?4, ?5)",
	[PUT_BASELINE] = "INSERT OR REPLACE INTO operation (sweep, number, name, result, points, "
			 "sites) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[FIND_SINGLE] =
		"SELECT n, count, round, flags, result, beyond, fresh FROM run WHERE sweep = ?1 "
		"AND operation = ?2 AND n > 0 AND n <= ?3 AND n + count > ?3 "
		"ORDER BY n DESC, round DESC LIMIT 1",
	[FIND_OTHER] =
		"SELECT n, count, round, flags, result, beyond, fresh FROM run WHERE sweep = ?1 "
		"AND operation = ?2 AND n = 0 AND schedule = ?3 ORDER BY round DESC LIMIT 1",
};

double store_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- statements ---- */

sqlite3_stmt *store_statement(struct store *store, enum store_statement which)
{
	if (!store->statements)
		store->statements = xcalloc(NR_STATEMENTS, sizeof(*store->statements));
	if (!store->statements[which] &&
	    sqlite3_prepare_v3(store->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
			       &store->statements[which], NULL) != SQLITE_OK)
		return NULL;
	return store->statements[which];
}

void store_bind_text(sqlite3_stmt *s, int index, const char *text)
{
	sqlite3_bind_text(s, index, text, -1, SQLITE_STATIC);
}

bool store_step(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return code == SQLITE_DONE;
}

void store_finalize_all(struct store *store)
{
	for (unsigned i = 0; store->statements && i < NR_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	free(store->statements);
}

/* ---- the queue ---- */

void pending_clear(struct pending *p)
{
	free(p->schedule);
	free(p->text);
	free(p->why);
	*p = (struct pending){0};
}

void store_push(struct store *store, const struct pending *p)
{
	if (store->pending_count == store->pending_room) {
		store->pending_room = store->pending_room ? 2 * store->pending_room : 64;
		store->pending =
			xreallocarray(store->pending, store->pending_room, sizeof(*store->pending));
	}
	store->pending[store->pending_count++] = *p;
}

void store_forget_queue(struct store *store)
{
	for (unsigned i = 0; i < store->pending_count; i++)
		pending_clear(&store->pending[i]);
	store->pending_count = 0;
}

static bool write_runs(struct store *store, const struct pending *p)
{
	sqlite3_stmt *s = store_statement(store, PUT_RUNS);

	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, p->sweep);
	sqlite3_bind_int64(s, 2, p->operation);
	sqlite3_bind_int64(s, 3, p->n);
	store_bind_text(s, 4, p->schedule ? p->schedule : "");
	sqlite3_bind_int64(s, 5, p->round);
	sqlite3_bind_int64(s, 6, p->count);
	sqlite3_bind_int64(s, 7, p->flags);
	sqlite3_bind_int64(s, 8, p->result);
	sqlite3_bind_int64(s, 9, p->beyond);
	store_bind_text(s, 10, p->text);
	return store_step(s);
}

static bool write_shown(struct store *store, const struct pending *p)
{
	sqlite3_stmt *s = store_statement(store, PUT_SHOWN);

	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, p->sweep);
	sqlite3_bind_int64(s, 2, p->operation);
	store_bind_text(s, 3, p->id);
	store_bind_text(s, 4, p->schedule);
	return store_step(s);
}

bool store_write_finding(struct store *store, const struct pending *p)
{
	sqlite3_stmt *s;

	if (!p->text)
		return write_shown(store, p);
	s = store_statement(store, PUT_FINDING);
	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, p->sweep);
	sqlite3_bind_int64(s, 2, p->operation);
	store_bind_text(s, 3, p->id);
	store_bind_text(s, 4, finding_kind_name((enum finding_kind)p->kind));
	store_bind_text(s, 5, p->group);
	store_bind_text(s, 6, p->schedule);
	sqlite3_bind_int64(s, 7, p->weight);
	sqlite3_bind_int64(s, 8, p->n);
	store_bind_text(s, 9, p->text);
	sqlite3_bind_int64(s, 10, p->core);
	return store_step(s) && write_shown(store, p);
}

bool store_write_not_judged(struct store *store, const struct pending *p)
{
	sqlite3_stmt *s = store_statement(store, PUT_NOT_JUDGED);

	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, p->sweep);
	sqlite3_bind_int64(s, 2, p->operation);
	store_bind_text(s, 3, p->schedule);
	store_bind_text(s, 4, p->why);
	store_bind_text(s, 5, p->text);
	return store_step(s);
}

static bool write_baseline(struct store *store, const struct pending *p)
{
	sqlite3_stmt *s = store_statement(store, PUT_BASELINE);

	if (!s)
		return false;
	sqlite3_bind_int64(s, 1, p->sweep);
	sqlite3_bind_int64(s, 2, p->operation);
	store_bind_text(s, 3, p->text);
	sqlite3_bind_int64(s, 4, p->result);
	sqlite3_bind_int64(s, 5, p->beyond);
	sqlite3_bind_int64(s, 6, p->weight);
	return store_step(s);
}

static bool write_pending(struct store *store, const struct pending *p)
{
	switch (p->what) {
	case PENDING_RUNS:
		return write_runs(store, p);
	case PENDING_FINDING:
		return store_write_finding(store, p);
	case PENDING_NOT_JUDGED:
		return store_write_not_judged(store, p);
	case PENDING_BASELINE:
		return write_baseline(store, p);
	}
	return false;
}

bool store_write_queue(struct store *store)
{
	for (unsigned i = 0; i < store->pending_count; i++)
		if (!write_pending(store, &store->pending[i]))
			return false;
	return !store->open_dirty || write_runs(store, &store->open_runs);
}

bool store_command(struct store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool is_busy(struct store *store)
{
	return (sqlite3_extended_errcode(store->db) & 0xff) == SQLITE_BUSY;
}

int store_transaction(struct store *store, int patience_ms, const char *what)
{
	bool begun;

	if (store->broken)
		return -1;
	sqlite3_busy_timeout(store->db, patience_ms);
	begun = store_command(store, "BEGIN IMMEDIATE");
	sqlite3_busy_timeout(store->db, STORE_PATIENCE_MS);
	if (begun)
		return 0;
	if (is_busy(store) && !patience_ms)
		return 1;
	return store_fail(store, what);
}

int store_commit(struct store *store, bool good, const char *what)
{
	int ret = 0;

	if (!good || !store_command(store, "COMMIT")) {
		ret = store_fail(store, what);
		store_command(store, "ROLLBACK");
		return ret;
	}
	store_forget_queue(store);
	store->open_dirty = false;
	return 0;
}

static int flush(struct store *store, int patience_ms)
{
	int ret = store_transaction(store, patience_ms, store_cannot_keep);

	store->last_tick = store_now();
	if (ret)
		return ret < 0 ? ret : 0;
	return store_commit(store, store_write_queue(store), store_cannot_keep);
}

int store_flush(struct store *store)
{
	return store->broken ? -1 : flush(store, STORE_PATIENCE_MS);
}

int store_tick(struct store *store)
{
	if (store->broken)
		return -1;
	if (!store->pending_count && !store->open_dirty)
		return 0;
	if (store_now() - store->last_tick < STORE_TICK_MS / 1e3)
		return 0;
	return flush(store, 0);
}

/* ---- single statements ---- */

bool store_execute(struct store *store, const char *sql, int64_t a, int64_t b)
{
	sqlite3_stmt *s;
	bool good;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(s, 1, a);
	if (sqlite3_bind_parameter_count(s) > 1)
		sqlite3_bind_int64(s, 2, b);
	good = store_step(s);
	sqlite3_finalize(s);
	return good;
}

bool store_is_finished(struct store *store, int64_t here)
{
	return store_number(store, "SELECT status IS NOT NULL FROM sweep WHERE id = ?1", here, 0,
			    0);
}
