// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store's file: an SQLite database with a write-ahead log, of which the header says that it is kfail's
 * (application_id) and of which version (user_version). The tables:
 *
 *	sweep		what was swept (the columns of its identity), where, when, and what it came to
 *	operation	the baseline of each operation
 *	run		what a schedule came to. Single points in a row that came to the same take one row: n is the
 *			first, count how many; all others have n 0 and their schedule's text. beyond: requests that
 *			were made behind the refused one (n 0: all requests).
 *	finding		one for each id and operation, in full, under the smallest schedule that shows it
 *	shown		all schedules that show it
 *	not_judged	what could not be judged, and why
 *
 * A sweep without `status` is not finished: it runs, or was killed and can be resumed.
 *
 * Durability: synchronous=NORMAL. A commit only appends to the log; a kill loses no commit, a power failure may lose the
 * newest but damages nothing. The log is folded back when the store is closed, or by one of the next commands.
 *
 * Two processes that make the same new file: the second finds the tables that the first made, since both look again
 * inside their transaction.
 */
#include "internal.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../trace/util.h"

#define APPLICATION_ID 0x6b66616c /* "kfal" */
#define SCHEMA_VERSION 1
#define LOG_MAX	       (512 * 1024)

#define TEXT_(x) #x
#define TEXT(x)	 TEXT_(x)

static const char schema[] =
	"CREATE TABLE sweep (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  identity TEXT NOT NULL,\n" /* a hash of version ... environment */
	"  shard INTEGER NOT NULL, shards INTEGER NOT NULL,\n"
	"  version TEXT NOT NULL, kernel TEXT NOT NULL, module TEXT NOT NULL,\n"
	"  module_hash TEXT NOT NULL, parameters TEXT NOT NULL,\n"
	"  scenario TEXT NOT NULL, scenario_hash TEXT NOT NULL, settings TEXT NOT NULL,\n"
	"  policy TEXT NOT NULL, plan TEXT NOT NULL, environment TEXT NOT NULL,\n"
	"  files TEXT NOT NULL, options TEXT NOT NULL, directory TEXT NOT NULL,\n"
	"  started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),\n"
	"  finished TEXT,\n"
	"  status TEXT,\n" /* clean, findings, not-judged */
	"  result INTEGER, baseline_points INTEGER, points INTEGER,\n"
	"  injected INTEGER, absorbed INTEGER, clean INTEGER,\n"
	"  seconds REAL, runs_per_second REAL,\n"
	"  details TEXT\n" /* JSON: what of the result has no column of its own */
	") STRICT;\n"
	"CREATE INDEX sweep_identity ON sweep (identity, shards, shard);\n"
	"CREATE TABLE operation (\n"
	"  sweep INTEGER NOT NULL REFERENCES sweep ON DELETE CASCADE,\n"
	"  number INTEGER NOT NULL, name TEXT, result INTEGER NOT NULL,\n"
	"  points INTEGER NOT NULL, sites INTEGER NOT NULL,\n"
	"  PRIMARY KEY (sweep, number)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE run (\n"
	"  sweep INTEGER NOT NULL REFERENCES sweep ON DELETE CASCADE,\n"
	"  operation INTEGER NOT NULL, n INTEGER NOT NULL, schedule TEXT NOT NULL,\n"
	"  round INTEGER NOT NULL, count INTEGER NOT NULL,\n"
	"  flags INTEGER NOT NULL, result INTEGER NOT NULL, beyond INTEGER NOT NULL,\n"
	"  fresh TEXT,\n"
	"  PRIMARY KEY (sweep, operation, n, schedule, round)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE finding (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  sweep INTEGER NOT NULL REFERENCES sweep ON DELETE CASCADE,\n"
	"  operation INTEGER NOT NULL,\n"
	"  name TEXT NOT NULL,\n" /* what reports call its id */
	"  kind TEXT NOT NULL, core INTEGER NOT NULL, grp TEXT NOT NULL,\n"
	"  schedule TEXT NOT NULL, weight INTEGER NOT NULL, n INTEGER NOT NULL,\n"
	"  also INTEGER, confirmed INTEGER NOT NULL DEFAULT 0,\n"
	"  minimised TEXT,\n"
	"  json TEXT NOT NULL,\n"
	"  UNIQUE (sweep, operation, name)\n"
	") STRICT;\n"
	"CREATE INDEX finding_name ON finding (name);\n"
	"CREATE TABLE shown (\n"
	"  finding INTEGER NOT NULL REFERENCES finding ON DELETE CASCADE,\n"
	"  schedule TEXT NOT NULL,\n"
	"  PRIMARY KEY (finding, schedule)\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE TABLE not_judged (\n"
	"  id INTEGER PRIMARY KEY,\n"
	"  sweep INTEGER NOT NULL REFERENCES sweep ON DELETE CASCADE,\n"
	"  operation INTEGER NOT NULL, schedule TEXT NOT NULL, why TEXT NOT NULL,\n"
	"  json TEXT NOT NULL,\n"
	"  UNIQUE (sweep, operation, schedule, why)\n"
	") STRICT;\n"
	"PRAGMA application_id = " TEXT(APPLICATION_ID) ";\n"
							"PRAGMA user_version = " TEXT(
								SCHEMA_VERSION) ";\n";

/* ---- sentences ---- */

static const char *system_reason(sqlite3 *db)
{
	int error = db ? sqlite3_system_errno(db) : 0;

	return error ? strerror(error) : "no reason given";
}

/* Why the file cannot be written, or cannot be made. SQLite tries again to read, and then only knows why that failed. */
static const char *write_reason(sqlite3 *db, const char *path)
{
	char *copy = xstrdup(path);
	int error = 0;

	if (access(access(path, F_OK) ? dirname(copy) : path, W_OK))
		error = errno;
	free(copy);
	return error ? strerror(error) : system_reason(db);
}

void store_sentence(sqlite3 *db, const char *path, int code, char *err)
{
	switch (code & 0xff) {
	case SQLITE_NOTADB:
		snprintf(err, STORE_ERR, "%s is no result store: it is not an SQLite database",
			 path);
		break;
	case SQLITE_CORRUPT:
		snprintf(err, STORE_ERR,
			 "%s is damaged; move it away (what is left of it: sqlite3 FILE .recover)",
			 path);
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		snprintf(err, STORE_ERR, "%s is locked by another process for more than %d seconds",
			 path, STORE_PATIENCE_MS / 1000);
		break;
	case SQLITE_FULL:
		snprintf(err, STORE_ERR, "%s cannot be written: the disk is full", path);
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		snprintf(err, STORE_ERR, "%s cannot be written: %s", path, write_reason(db, path));
		break;
	case SQLITE_CANTOPEN:
		snprintf(err, STORE_ERR, "%s cannot be opened: %s", path, write_reason(db, path));
		break;
	case SQLITE_IOERR:
		snprintf(err, STORE_ERR, "%s cannot be read or written: %s", path,
			 system_reason(db));
		break;
	default:
		snprintf(err, STORE_ERR, "%s: %s", path,
			 db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
	}
}

int store_fail(struct store *store, const char *what)
{
	char why[STORE_ERR];

	if (store->broken)
		return -1;
	store->broken = true;
	store_sentence(store->db, store->path, sqlite3_extended_errcode(store->db), why);
	snprintf(store->error, sizeof(store->error), "%.80s: %.170s", what, why);
	return -1;
}

/* ---- opening ---- */

int64_t store_number(struct store *store, const char *sql, int64_t a, int64_t b, int64_t otherwise)
{
	sqlite3_stmt *statement;
	int64_t value = otherwise;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
		return otherwise;
	if (sqlite3_bind_parameter_count(statement) > 0)
		sqlite3_bind_int64(statement, 1, a);
	if (sqlite3_bind_parameter_count(statement) > 1)
		sqlite3_bind_int64(statement, 2, b);
	if (sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

/* Can the tables be read? 1, or -1 (err). */
static int look_inside(struct store *store, char *err)
{
	if (store_number(store, "SELECT count(*) FROM (SELECT id FROM sweep LIMIT 1)", 0, 0, -1) >=
	    0)
		return 1;
	store_sentence(store->db, store->path, sqlite3_extended_errcode(store->db), err);
	return -1;
}

/* The header decides: 1 a store of ours, 0 an empty file, -1 (err) anything else. */
static int look(struct store *store, char *err)
{
	int64_t application = store_number(store, "PRAGMA application_id", 0, 0, -1);
	int64_t version = store_number(store, "PRAGMA user_version", 0, 0, -1);
	int code = sqlite3_extended_errcode(store->db);

	if (application == -1 || version == -1) {
		store_sentence(store->db, store->path, code, err);
		return -1;
	}
	if (application == APPLICATION_ID && version == SCHEMA_VERSION)
		return look_inside(store, err);
	if (application == APPLICATION_ID) {
		snprintf(err, STORE_ERR,
			 "%s is a store of version %lld; this kfail reads version %d: use the "
			 "kfail that wrote it, or another file",
			 store->path, (long long)version, SCHEMA_VERSION);
		return -1;
	}
	if (!application && !store_number(store, "SELECT count(*) FROM sqlite_master", 0, 0, 1))
		return 0;
	snprintf(err, STORE_ERR, "%s is no result store: it is the database of another program",
		 store->path);
	return -1;
}

static int create(struct store *store, char *err)
{
	int there;

	if (sqlite3_exec(store->db, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", NULL, NULL,
			 NULL)) {
		store_sentence(store->db, store->path, sqlite3_extended_errcode(store->db), err);
		return -1;
	}
	there = look(store, err);
	if (!there && sqlite3_exec(store->db, schema, NULL, NULL, NULL)) {
		store_sentence(store->db, store->path, sqlite3_extended_errcode(store->db), err);
		there = -1;
	}
	sqlite3_exec(store->db, there < 0 ? "ROLLBACK" : "COMMIT", NULL, NULL, NULL);
	return there < 0 ? -1 : 0;
}

/* A reader makes no store of an empty file. */
static int set_up(struct store *store, bool reader, char *err)
{
	int there;

	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, STORE_PATIENCE_MS);
	there = look(store, err);
	if (there < 0)
		return -1;
	if (!there && reader) {
		snprintf(err, STORE_ERR, "%s is empty: no sweep was begun in it", store->path);
		return -1;
	}
	if (!there && create(store, err))
		return -1;
	/* The log is folded back when the store is closed, not while a sweep waits for it. */
	sqlite3_exec(store->db,
		     "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; "
		     "PRAGMA wal_autocheckpoint = 0",
		     NULL, NULL, NULL);
	return 0;
}

static struct store *open_with(const char *path, const char *name, int flags, char *err)
{
	struct store *store = xcalloc(1, sizeof(*store));
	int code;

	store->path = xstrdup(path);
	store->uri = xstrdup(name);
	code = sqlite3_open_v2(name, &store->db, flags, NULL);
	if (code == SQLITE_OK && !set_up(store, !(flags & SQLITE_OPEN_CREATE), err))
		return store;
	if (code != SQLITE_OK)
		store_sentence(store->db, path, code, err);
	store_close(store);
	return NULL;
}

static bool is_directory(const char *path, char *err)
{
	struct stat st;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return false;
	snprintf(err, STORE_ERR, "%s is a directory, not a result store", path);
	return true;
}

struct store *store_open(const char *path, char *err)
{
	if (is_directory(path, err))
		return NULL;
	return open_with(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI,
			 err);
}

/* "file:PATH?immutable=1"; malloc()ed. */
static char *immutable_name(const char *path)
{
	char *name = xmalloc(3 * strlen(path) + 32), *to = stpcpy(name, "file:");

	for (; *path; path++) {
		if (strchr("?#%", *path))
			to += sprintf(to, "%%%02x", (unsigned char)*path);
		else
			*to++ = *path;
	}
	strcpy(to, "?immutable=1");
	return name;
}

struct store *store_open_reader(const char *path, char *err)
{
	struct store *store;
	struct stat st;
	char *name;

	if (is_directory(path, err))
		return NULL;
	if (stat(path, &st)) {
		snprintf(err, STORE_ERR, "%s: %s", path, strerror(errno));
		return NULL;
	}
	store = open_with(path, path, SQLITE_OPEN_READWRITE, err);
	if (store)
		return store;
	/* Where nothing may be written there is no room for the log's index either; without a log none is needed. */
	name = xasprintf("%s-wal", path);
	if (!stat(name, &st) && st.st_size) {
		free(name);
		return NULL;
	}
	free(name);
	name = immutable_name(path);
	store = open_with(path, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	free(name);
	return store;
}

const char *store_path(const struct store *store)
{
	return store->path;
}

const char *store_uri(const struct store *store)
{
	return store->uri;
}

const char *store_error(const struct store *store)
{
	return store->broken ? store->error : NULL;
}

void store_keep_log(struct store *store)
{
	store->keep_log = true;
}

/* Whoever opens a file with a log reads all of that first: it must not become long. */
static bool log_is_short(const struct store *store)
{
	char *name = xasprintf("%s-wal", store->path);
	struct stat st;
	bool is_short = !stat(name, &st) && st.st_size < LOG_MAX;

	free(name);
	return is_short;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_finalize_all(store);
	if (store->keep_log && log_is_short(store))
		sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(store->db);
	store_forget_queue(store);
	pending_clear(&store->open_runs);
	for (unsigned i = 0; i < store->told_count; i++)
		free(store->told[i].schedule);
	free(store->told);
	free(store->pending);
	free(store->fresh);
	free(store->path);
	free(store->uri);
	free(store);
}
