// SPDX-License-Identifier: GPL-2.0-only
/*
 * Import: each sweep of another store is copied, as a part of what is to be put together. The same sweep (identity, shard,
 * the moment it began) is copied once; if it was not finished the last time, the newer copy takes its place.
 */
#include "merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"
#include "internal.h"

const char store_cannot_merge[] = "the stores cannot be merged";

/* Run with ?1 the part in the other store and ?2 the part here. */
static const char *const copies[] = {
	"INSERT INTO operation SELECT ?2, number, name, result, points, sites FROM other.operation "
	"WHERE sweep = ?1",
	"INSERT INTO run SELECT ?2, operation, n, schedule, round, count, flags, result, beyond, "
	"fresh FROM other.run WHERE sweep = ?1",
	"INSERT INTO finding (sweep, operation, name, kind, core, grp, schedule, weight, n, also, "
	"confirmed, minimised, json) SELECT ?2, operation, name, kind, core, grp, schedule, "
	"weight, "
	"n, also, confirmed, minimised, json FROM other.finding WHERE sweep = ?1",
	"INSERT INTO shown SELECT here.id, s.schedule FROM other.finding there "
	"JOIN other.shown s ON s.finding = there.id "
	"JOIN finding here ON here.sweep = ?2 AND here.operation = there.operation AND "
	"here.name = there.name WHERE there.sweep = ?1",
	"INSERT INTO not_judged (sweep, operation, schedule, why, json) "
	"SELECT ?2, operation, schedule, why, json FROM other.not_judged WHERE sweep = ?1",
};

static bool copy_sweep(struct store *store, int64_t there)
{
	int64_t here;

	if (!store_execute(store,
			   "INSERT INTO sweep (" STORE_SWEEP_COLUMNS ") SELECT " STORE_SWEEP_COLUMNS
			   " FROM other.sweep WHERE id = ?1",
			   there, 0))
		return false;
	here = sqlite3_last_insert_rowid(store->db);
	for (unsigned i = 0; i < sizeof(copies) / sizeof(copies[0]); i++)
		if (!store_execute(store, copies[i], there, here))
			return false;
	return true;
}

/* The same sweep, copied earlier; 0: it is new. */
static int64_t find_copy(struct store *store, int64_t there)
{
	return store_number(store,
			    "SELECT here.id FROM sweep here JOIN other.sweep there ON "
			    "here.identity = there.identity AND here.shard = there.shard AND "
			    "here.shards = there.shards AND here.started = there.started "
			    "WHERE there.id = ?1",
			    there, 0, 0);
}

static bool import_sweep(struct store *store, int64_t there)
{
	int64_t here = find_copy(store, there);

	if (here && store_is_finished(store, here))
		return true;
	if (here && !store_execute(store, "DELETE FROM sweep WHERE id = ?1", here, 0))
		return false;
	return copy_sweep(store, there);
}

/* Wholes are made anew here. */
static bool import_all(struct store *store)
{
	static const char sql[] =
		"SELECT id FROM other.sweep WHERE NOT (shards > 0 AND shard = 0) ORDER BY id";
	sqlite3_stmt *s;
	bool good = true;
	int code;

	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	while (good && (code = sqlite3_step(s)) == SQLITE_ROW)
		good = import_sweep(store, sqlite3_column_int64(s, 0));
	sqlite3_finalize(s);
	return good && code == SQLITE_DONE;
}

static bool attach(struct store *store, const char *path)
{
	sqlite3_stmt *s;
	bool good;

	if (sqlite3_prepare_v2(store->db, "ATTACH DATABASE ?1 AS other", -1, &s, NULL) != SQLITE_OK)
		return false;
	store_bind_text(s, 1, path);
	good = store_step(s);
	sqlite3_finalize(s);
	return good;
}

int store_import(struct store *store, const char *path, char *err)
{
	struct store *other = store_open_reader(path, err);
	char *name;
	bool good;

	/* It says what is wrong with the file better than ATTACH does. */
	if (!other)
		return -1;
	name = xstrdup(store_uri(other));
	store_close(other);
	good = attach(store, name);
	free(name);
	if (good) {
		good = !store_transaction(store, STORE_PATIENCE_MS, store_cannot_merge);
		good = good && !store_commit(store, import_all(store), store_cannot_merge);
		store_command(store, "DETACH DATABASE other");
	}
	if (good)
		return 0;
	if (!store->broken)
		store_fail(store, store_cannot_merge);
	snprintf(err, STORE_ERR, "%.100s: %.150s", path, store->error);
	return -1;
}
