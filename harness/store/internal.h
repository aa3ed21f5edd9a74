/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the store share: an open store, its statements, and what waits to be written.
 *
 *	schema.c	opening, the tables, sentences for what SQLite says
 *	queue.c	what waits to be written, transactions
 *	store.c		what a sweep puts and asks while it runs
 *	sweep.c	its beginning and its end
 *	load.c	a sweep, read back
 *	find.c	which sweeps and findings there are
 *	import.c	copies of other stores' sweeps
 *	unite.c	shards become a whole
 *	words.c	words and hashes of files
 */
#ifndef KFAIL_SWEEP_STORE_INTERNAL_H
#define KFAIL_SWEEP_STORE_INTERNAL_H

#include <sqlite3.h>
#include "store.h"

/* Of a finished command that waits for another one's transaction. */
#define STORE_PATIENCE_MS 10000

/* Something put and not written yet. */
struct pending {
	enum { PENDING_RUNS, PENDING_FINDING, PENDING_NOT_JUDGED, PENDING_BASELINE } what;
	int64_t sweep;
	unsigned operation, round;
	uint32_t n,
		count;	/* PENDING_RUNS: single points n, n + 1, ...; n 0: one run of `schedule` */
	int64_t weight; /* of a finding's schedule: how many points it refuses */
	uint8_t flags;
	int64_t result, beyond; /* PENDING_BASELINE: points in beyond, sites in weight */
	char *schedule, *text;	/* text: fresh points, JSON or the operation's name; may be NULL */
	char *why;		/* PENDING_NOT_JUDGED */
	char id[17], group[17];
	int kind;
	bool core;
};

/* A finding that has been put before, with the schedule that stands for it. */
struct told {
	int64_t sweep;
	unsigned operation;
	char id[17];
	int64_t weight;
	uint32_t n;
	char *schedule;
};

struct store {
	sqlite3 *db;
	char *path, *uri;
	bool keep_log;
	bool broken; /* error is set */
	char error[STORE_ERR];
	sqlite3_stmt **statements; /* prepared so far, by enum store_statement */
	struct pending *pending;
	unsigned pending_count, pending_room;
	struct pending
		open_runs; /* the newest row of runs: still growing, or written and growing */
	bool open_used, open_dirty;
	struct told *told;
	unsigned told_count;
	double last_tick;
	char *fresh; /* of the last answer of store_find_run() */
};

/* Note the first error of a store: what could not be done ("the result of this sweep cannot be kept"). Returns -1. */
int store_fail(struct store *store, const char *what);
/* The sentence for a database that just failed with `code`, into err (STORE_ERR bytes). */
void store_sentence(sqlite3 *db, const char *path, int code, char *err);

enum store_statement {
	PUT_RUNS,
	PUT_FINDING,
	PUT_SHOWN,
	PUT_NOT_JUDGED,
	PUT_BASELINE,
	FIND_SINGLE,
	FIND_OTHER,
	NR_STATEMENTS
};

/* queue.c: */
extern const char store_cannot_keep[];
/* Ready to be bound; NULL: it cannot be prepared. */
sqlite3_stmt *store_statement(struct store *store, enum store_statement which);
void store_finalize_all(struct store *store);
/* The text must stay valid until the statement is done. */
void store_bind_text(sqlite3_stmt *s, int index, const char *text);
/* Run a statement that answers nothing, and make it ready for the next time. */
bool store_step(sqlite3_stmt *s);
bool store_command(struct store *store, const char *sql);
double store_now(void);

/* Run a statement with one or two numbers; false: it failed. */
bool store_execute(struct store *store, const char *sql, int64_t a, int64_t b);
bool store_is_finished(struct store *store, int64_t sweep);

/* Takes over what it owns. */
void store_push(struct store *store, const struct pending *p);
void pending_clear(struct pending *p);
void store_forget_queue(struct store *store);
/* Inside a transaction; false: it failed. */
bool store_write_queue(struct store *store);
bool store_write_finding(struct store *store, const struct pending *p);
bool store_write_not_judged(struct store *store, const struct pending *p);

/* Begin to write. 0; 1: another process is writing and patience_ms is 0; -1: the store is broken, and `what` could not be
 * done. */
int store_transaction(struct store *store, int patience_ms, const char *what);
/* End it: COMMIT when all was good, and the queue is written; else ROLLBACK and -1. */
int store_commit(struct store *store, bool good, const char *what);

/* store.c: findings of a sweep that goes on are told already. */
void store_remember_told(struct store *store, int64_t sweep);

/* schema.c: */
/* A statement that returns one number from two. The number, or `otherwise` when there is no row. */
int64_t store_number(struct store *store, const char *sql, int64_t a, int64_t b, int64_t otherwise);

/* How many points a schedule refuses (UINT32_MAX: it has no end, or is no list of points), and the first. */
int64_t schedule_weight(const char *schedule, uint32_t *first);
/* The point of a schedule that is one point; 0: it is another. */
uint32_t schedule_single(const char *schedule);

/* What of a result has no column, as text, and back. */
char *store_details(const struct sweep_result *result);
void store_details_load(const char *text, struct sweep_result *result);

/* cover.c: what a whole covered. First the model's details, then those of each part; `again`: of a shard that
 * another part is of too. */
void store_cover_begin(struct sweep_result *whole, const char *model);
void store_cover_part(struct sweep_result *whole, const char *details, bool again);

/* What the database is called when it is attached to another: a path, or a URI. */
const char *store_uri(const struct store *store);

extern const char store_cannot_merge[];
/* All columns of a sweep but its number. */
#define STORE_SWEEP_COLUMNS                                                                        \
	"identity, shard, shards, version, kernel, module, module_hash, parameters, scenario, "    \
	"scenario_hash, settings, policy, plan, environment, files, options, directory, started, " \
	"finished, status, result, baseline_points, points, injected, absorbed, clean, seconds, "  \
	"runs_per_second, details"

const char *sweep_status_name(enum sweep_status status);

#endif
