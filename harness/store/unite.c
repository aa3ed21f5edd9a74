// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unite: parts of one identity become a whole: a sweep with shard 0 of N, under a new number. It has the runs of all parts,
 * each once, in order; its counts are counted from these. A part that is missing or not finished makes the whole not
 * judged, by an entry that names it. A whole that is there already is made anew, so that merging again changes
 * nothing.
 *
 * The same run in two parts must have come to the same. If it has not, both are kept (as rounds), and the whole has a
 * finding of kind nondeterminism: what a run comes to must not depend on the machine.
 */
#include "merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"
#include "internal.h"

/* ---- the parts ---- */

#define SHARDS_SAID 64 /* of those that are missing */

struct unite {
	struct store *store;
	int64_t *parts; /* finished or not, by shard */
	unsigned part_count, shards;
	int64_t whole;
	struct merged_run {
		unsigned operation, round;
		uint32_t n;
		int64_t weight;
		char *schedule; /* NULL: the single point n */
		uint8_t flags;
		int64_t result, beyond;
		char *fresh;
	} * runs;
	size_t run_count, run_room;
	unsigned conflicts;
	char *missing;
	struct sweep_result result; /* of the whole, as far as it is counted here */
};

static bool load_parts(struct unite *u, const char *identity)
{
	static const char sql[] =
		"SELECT id FROM sweep WHERE identity = ?1 AND max(shards, 1) = ?2 "
		"AND NOT (shards > 0 AND shard = 0) ORDER BY shard, id";
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(u->store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	store_bind_text(s, 1, identity);
	sqlite3_bind_int64(s, 2, u->shards);
	while (sqlite3_step(s) == SQLITE_ROW) {
		u->parts = xreallocarray(u->parts, u->part_count + 1, sizeof(*u->parts));
		u->parts[u->part_count++] = sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	return true;
}

static void add_run(struct unite *u, const struct merged_run *run)
{
	if (u->run_count == u->run_room) {
		u->run_room = u->run_room ? 2 * u->run_room : 1024;
		u->runs = xreallocarray(u->runs, u->run_room, sizeof(*u->runs));
	}
	u->runs[u->run_count++] = *run;
}

/* A row of the table is one run, or single points in a row. */
static void add_row(struct unite *u, sqlite3_stmt *s)
{
	uint32_t n = (uint32_t)sqlite3_column_int64(s, 1);
	int64_t count = sqlite3_column_int64(s, 4);
	const char *schedule = (const char *)sqlite3_column_text(s, 2);
	struct merged_run run = {
		.operation = (unsigned)sqlite3_column_int64(s, 0),
		.round = (unsigned)sqlite3_column_int64(s, 3),
		.weight = 1,
		.flags = (uint8_t)sqlite3_column_int64(s, 5),
		.result = sqlite3_column_int64(s, 6),
		.beyond = sqlite3_column_int64(s, 7),
	};

	if (!n)
		run.weight = schedule_weight(schedule, &run.n);
	for (int64_t i = 0; i < count; i++) {
		run.schedule = n ? NULL : xstrdup(schedule);
		run.fresh = xstrdup_or_null((const char *)sqlite3_column_text(s, 8));
		if (n)
			run.n = n + (uint32_t)i;
		add_run(u, &run);
	}
}

static bool load_runs(struct unite *u, int64_t part)
{
	static const char sql[] = "SELECT operation, n, schedule, round, count, flags, result, "
				  "beyond, fresh FROM run WHERE sweep = ?1";
	sqlite3_stmt *s;
	int code;

	if (sqlite3_prepare_v2(u->store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(s, 1, part);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		add_row(u, s);
	sqlite3_finalize(s);
	return code == SQLITE_DONE;
}

/* The order in which one sweep would have put them. */
static int compare_runs(const void *a, const void *b)
{
	const struct merged_run *x = a, *y = b;
	int by_text = strcmp(x->schedule ? x->schedule : "", y->schedule ? y->schedule : "");

	if (x->operation != y->operation)
		return x->operation < y->operation ? -1 : 1;
	if (x->round != y->round)
		return x->round < y->round ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return by_text;
}

static bool same_outcome(const struct merged_run *a, const struct merged_run *b)
{
	return a->flags == b->flags && a->result == b->result && a->beyond == b->beyond;
}

/* ---- what they have ---- */

static void count_run(struct sweep_result *out, const struct merged_run *run)
{
	static struct operation_result nowhere;
	struct operation_result *of = &nowhere;

	if (run->operation < out->operation_count)
		of = &out->operations[run->operation];
	out->runs++;
	if (!(run->flags & RUN_CONSUMED))
		return;
	out->injected++;
	of->injected++;
	if (run->flags & (RUN_ACCUSED | RUN_NOT_JUDGED))
		return;
	if (run->flags & RUN_ABSORBED) {
		out->absorbed++;
		of->absorbed++;
	} else {
		out->clean++;
		of->clean++;
	}
}

static void put_merged(struct unite *u, const struct merged_run *run, unsigned round)
{
	char point[16];
	struct store_run out = {
		.operation = run->operation,
		.schedule = run->schedule ? run->schedule : point,
		.flags = run->flags,
		.result = run->result,
		.points = (uint32_t)(run->beyond + (run->schedule ? 0 : run->n)),
		.fresh = run->fresh,
		.round = round,
	};

	snprintf(point, sizeof(point), "%u", run->n);
	store_put_run(u->store, u->whole, &out);
}

static void put_conflict(struct unite *u, const struct merged_run *run)
{
	char point[16];
	struct finding f = {.kind = FINDING_NONDETERMINISM};

	snprintf(point, sizeof(point), "%u", run->n);
	f.schedule = run->schedule ? run->schedule : point;
	f.what = (char *)"the same run came to different results in two of the stores that were "
			 "merged";
	finding_set_id(&f);
	finding_set_group(&f);
	store_put_finding(u->store, u->whole, run->operation, &f);
	u->conflicts++;
}

/* Each run once; of one that is there with another outcome, both. */
static void put_runs(struct unite *u)
{
	const struct merged_run *kept = NULL;
	unsigned round = 0;

	qsort(u->runs, u->run_count, sizeof(*u->runs), compare_runs);
	for (size_t i = 0; i < u->run_count; i++) {
		const struct merged_run *run = &u->runs[i];
		bool again = kept && !compare_runs(kept, run);

		if (again && same_outcome(kept, run))
			continue;
		if (again)
			put_conflict(u, run);
		else
			count_run(&u->result, run);
		round = again ? round + 1 : run->round;
		put_merged(u, run, round);
		kept = run;
	}
}

static bool put_findings(struct unite *u, int64_t part)
{
	static const char sql[] =
		"SELECT operation, json FROM finding WHERE sweep = ?1 ORDER BY id";
	sqlite3_stmt *s;
	struct finding f;
	int code;

	if (sqlite3_prepare_v2(u->store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(s, 1, part);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		if (finding_from_json((const char *)sqlite3_column_text(s, 1), &f))
			continue;
		store_put_finding(u->store, u->whole, (unsigned)sqlite3_column_int64(s, 0), &f);
		finding_clear(&f);
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE;
}

/* With ?1 a part and ?2 the whole, when the whole's findings are written. */
static const char *const joins[] = {
	"INSERT OR IGNORE INTO shown SELECT whole.id, s.schedule FROM finding part "
	"JOIN shown s ON s.finding = part.id "
	"JOIN finding whole ON whole.sweep = ?2 AND whole.operation = part.operation AND "
	"whole.name = part.name WHERE part.sweep = ?1",
	"UPDATE finding SET minimised = part.minimised, "
	"confirmed = CASE WHEN part.confirmed = 1 THEN 1 ELSE max(finding.confirmed, "
	"part.confirmed) END "
	"FROM finding part WHERE part.sweep = ?1 AND finding.sweep = ?2 AND "
	"finding.operation = part.operation AND finding.name = part.name AND "
	"finding.schedule = part.schedule",
	"INSERT OR IGNORE INTO operation SELECT ?2, number, name, result, points, sites "
	"FROM operation WHERE sweep = ?1",
	"INSERT OR IGNORE INTO not_judged (sweep, operation, schedule, why, json) "
	"SELECT ?2, operation, schedule, why, json FROM not_judged WHERE sweep = ?1",
};

/* Of each group only the finding that stands for it is confirmed, as in one sweep. */
static const char only_firsts[] =
	"UPDATE finding SET confirmed = 0 WHERE sweep = ?1 AND EXISTS (SELECT 1 FROM finding other "
	"WHERE other.sweep = ?1 AND other.grp = finding.grp AND (other.operation, other.weight, "
	"other.n, other.schedule, other.id) < (finding.operation, finding.weight, finding.n, "
	"finding.schedule, finding.id))";

static const char count_shown[] =
	"UPDATE finding SET also = (SELECT count(*) - 1 FROM shown WHERE shown.finding = "
	"finding.id) WHERE sweep = ?1";

static bool join_parts(struct unite *u)
{
	for (unsigned i = 0; i < u->part_count; i++)
		for (unsigned k = 0; k < sizeof(joins) / sizeof(joins[0]); k++)
			if (!store_execute(u->store, joins[k], u->parts[i], u->whole))
				return false;
	return store_execute(u->store, only_firsts, u->whole, 0) &&
	       store_execute(u->store, count_shown, u->whole, 0);
}

/* The parts of a whole have all seen the same baseline. */
static bool baselines_differ(struct unite *u)
{
	for (unsigned i = 0; i < u->part_count; i++)
		if (store_number(u->store,
				 "SELECT count(*) FROM operation part JOIN operation whole ON "
				 "whole.sweep = ?2 AND whole.number = part.number WHERE "
				 "part.sweep = ?1 AND (part.points, part.sites, part.result) <> "
				 "(whole.points, whole.sites, whole.result)",
				 u->parts[i], u->whole, 0))
			return true;
	return false;
}

static void note_baselines(struct unite *u)
{
	struct finding f = {.kind = FINDING_NONDETERMINISM, .schedule = (char *)""};

	f.what = (char *)"without a refusal the module made other requests in one of the stores "
			 "that were merged than in another";
	finding_set_id(&f);
	finding_set_group(&f);
	store_put_finding(u->store, u->whole, 0, &f);
	u->conflicts++;
}

/* Shards without a finished sweep. */
static char *missing_shards(struct unite *u)
{
	char *text = xstrdup(""), *longer;
	unsigned said = 0;

	for (unsigned shard = 1; shard <= u->shards; shard++) {
		bool there = false;

		for (unsigned i = 0; i < u->part_count && !there; i++)
			there = store_number(
				u->store,
				"SELECT max(shard, 1) = ?2 AND status IS NOT NULL FROM sweep "
				"WHERE id = ?1",
				u->parts[i], shard, 0);
		if (there || said++ >= SHARDS_SAID)
			continue;
		longer = xasprintf("%s%s%u", text, *text ? ", " : "", shard);
		free(text);
		text = longer;
	}
	longer = said ? xasprintf("%s%s of %u", text, said > SHARDS_SAID ? ", ..." : "", u->shards)
		      : NULL;
	free(text);
	return longer;
}

static void note_missing(struct unite *u)
{
	struct not_judged entry = {.schedule = (char *)""};
	char *why;

	u->missing = missing_shards(u);
	if (!u->missing)
		return;
	why = xasprintf("shards that are missing or not finished: %s; merge their stores too",
			u->missing);
	entry.why = why;
	store_put_not_judged(u->store, u->whole, 0, &entry);
	free(why);
}

/* ---- the whole ---- */

/* The newest finished part, or the newest. */
static int64_t model(const struct unite *u)
{
	for (unsigned i = u->part_count; i--;)
		if (store_is_finished(u->store, u->parts[i]))
			return u->parts[i];
	return u->parts[u->part_count - 1];
}

static bool begin_whole(struct unite *u, const char *identity)
{
	static const char remove[] =
		"DELETE FROM sweep WHERE identity = ?1 AND shards = ?2 AND shard = 0";
	sqlite3_stmt *s;
	bool good;

	if (sqlite3_prepare_v2(u->store->db, remove, -1, &s, NULL) != SQLITE_OK)
		return false;
	store_bind_text(s, 1, identity);
	sqlite3_bind_int64(s, 2, u->shards);
	good = store_step(s);
	sqlite3_finalize(s);
	good = good && store_execute(u->store,
				     "INSERT INTO sweep (" STORE_SWEEP_COLUMNS
				     ") SELECT " STORE_SWEEP_COLUMNS " FROM sweep WHERE id = ?1",
				     model(u), 0);
	u->whole = sqlite3_last_insert_rowid(u->store->db);
	return good && store_execute(u->store,
				     "UPDATE sweep SET shard = 0, shards = ?2, status = NULL "
				     "WHERE id = ?1",
				     u->whole, u->shards);
}

/* What is a sum over shards; of one shard that is there twice, the larger. */
static double sum_of(struct unite *u, const char *column)
{
	char *sql = xasprintf("SELECT sum(most) FROM (SELECT max(coalesce(part.%s, 0)) AS most "
			      "FROM sweep whole JOIN sweep part ON part.identity = whole.identity "
			      "AND max(part.shards, 1) = whole.shards AND "
			      "NOT (part.shards > 0 AND part.shard = 0) WHERE whole.id = ?1 "
			      "GROUP BY part.shard)",
			      column);
	sqlite3_stmt *s;
	double sum = 0;

	if (sqlite3_prepare_v2(u->store->db, sql, -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(s, 1, u->whole);
		if (sqlite3_step(s) == SQLITE_ROW)
			sum = sqlite3_column_double(s, 0);
		sqlite3_finalize(s);
	}
	free(sql);
	return sum;
}

static enum sweep_status status_of(struct unite *u)
{
	if (store_number(u->store, "SELECT count(*) FROM finding WHERE sweep = ?1 AND NOT core",
			 u->whole, 0, 0))
		return SWEEP_FINDINGS;
	if (store_number(u->store, "SELECT count(*) FROM not_judged WHERE sweep = ?1", u->whole, 0,
			 0))
		return SWEEP_NOT_JUDGED;
	return SWEEP_CLEAN;
}

/* A column of a sweep; malloc()ed. */
static char *details_of(struct unite *u, int64_t part, int64_t *shard)
{
	char *details = NULL;
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(u->store->db, "SELECT details, shard FROM sweep WHERE id = ?1", -1,
			       &s, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(s, 1, part);
	if (sqlite3_step(s) == SQLITE_ROW) {
		details = xstrdup_or_null((const char *)sqlite3_column_text(s, 0));
		*shard = sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return details;
}

static void begin_cover(struct unite *u)
{
	int64_t shard;
	char *details = details_of(u, model(u), &shard);

	store_cover_begin(&u->result, details);
	free(details);
}

/* Parts are sorted by their shards. */
static void cover_parts(struct unite *u)
{
	int64_t shard = -1, before = -1;

	for (unsigned i = 0; i < u->part_count; i++) {
		char *details = details_of(u, u->parts[i], &shard);

		store_cover_part(&u->result, details, shard == before);
		before = details ? shard : before;
		free(details);
	}
}

static bool end_whole(struct unite *u)
{
	struct sweep_result *r = &u->result;
	char *details = store_details(r);
	sqlite3_stmt *s;
	bool good;

	r->status = status_of(u);
	r->points = (unsigned)sum_of(u, "points");
	r->seconds = sum_of(u, "seconds");
	if (sqlite3_prepare_v2(u->store->db,
			       "UPDATE sweep SET status = ?2, points = ?3, injected = ?4, "
			       "absorbed = ?5, clean = ?6, seconds = ?7, runs_per_second = ?8, "
			       "details = ?9 WHERE id = ?1",
			       -1, &s, NULL) != SQLITE_OK) {
		free(details);
		return false;
	}
	sqlite3_bind_int64(s, 1, u->whole);
	store_bind_text(s, 2, sweep_status_name(r->status));
	sqlite3_bind_int64(s, 3, r->points);
	sqlite3_bind_int64(s, 4, r->injected);
	sqlite3_bind_int64(s, 5, r->absorbed);
	sqlite3_bind_int64(s, 6, r->clean);
	sqlite3_bind_double(s, 7, r->seconds);
	sqlite3_bind_double(s, 8, r->seconds > 0 ? (double)u->run_count / r->seconds : 0);
	store_bind_text(s, 9, details);
	good = store_step(s);
	sqlite3_finalize(s);
	free(details);
	return good;
}

static void unite_clear(struct unite *u)
{
	sweep_result_clear(&u->result);
	for (size_t i = 0; i < u->run_count; i++) {
		free(u->runs[i].schedule);
		free(u->runs[i].fresh);
	}
	free(u->runs);
	free(u->parts);
	free(u->missing);
}

/* Inside a transaction. */
static bool make_whole(struct unite *u, const char *identity)
{
	if (!load_parts(u, identity) || !begin_whole(u, identity))
		return false;
	for (unsigned i = 0; i < u->part_count; i++)
		if (!load_runs(u, u->parts[i]) || !put_findings(u, u->parts[i]))
			return false;
	begin_cover(u);
	put_runs(u);
	cover_parts(u);
	note_missing(u);
	if (!store_write_queue(u->store) || !join_parts(u))
		return false;
	store_forget_queue(u->store);
	if (baselines_differ(u))
		note_baselines(u);
	return store_write_queue(u->store) && end_whole(u);
}

static int unite(struct store *store, const char *identity, unsigned shards,
		 void (*fn)(const struct store_union *whole, void *arg), void *arg)
{
	struct unite u = {.store = store, .shards = shards};
	struct store_sweep what;
	int ret = store_transaction(store, STORE_PATIENCE_MS, store_cannot_merge);

	if (!ret)
		ret = store_commit(store, make_whole(&u, identity), store_cannot_merge);
	if (!ret && !store_describe(store, u.whole, &what)) {
		const struct store_union whole = {.sweep = u.whole,
						  .module = what.module,
						  .shards = shards,
						  .parts = u.part_count,
						  .status = u.result.status,
						  .missing = u.missing,
						  .conflicts = u.conflicts};

		fn(&whole, arg);
		store_sweep_clear(&what);
	}
	unite_clear(&u);
	return ret;
}

/* Identities of which there is something to put together, with their numbers of shards. */
struct identity {
	char text[17];
	unsigned shards;
};

static struct identity *find_identities(struct store *store, unsigned *count)
{
	static const char sql[] =
		"SELECT identity, max(shards, 1) FROM sweep WHERE NOT (shards > 0 AND shard = 0) "
		"GROUP BY 1, 2 HAVING max(shards, 1) > 1 OR count(*) > 1 ORDER BY max(id)";
	struct identity *found = NULL;
	sqlite3_stmt *s;

	*count = 0;
	if (sqlite3_prepare_v2(store->db, sql, -1, &s, NULL) != SQLITE_OK)
		return NULL;
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct identity *to;

		found = xreallocarray(found, *count + 1, sizeof(*found));
		to = &found[(*count)++];
		snprintf(to->text, sizeof(to->text), "%s", sqlite3_column_text(s, 0));
		to->shards = (unsigned)sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return found;
}

int store_unite(struct store *store, void (*fn)(const struct store_union *whole, void *arg),
		void *arg, char *err)
{
	unsigned count;
	struct identity *found = find_identities(store, &count);
	int ret = 0;

	for (unsigned i = 0; i < count && !ret; i++)
		ret = unite(store, found[i].text, found[i].shards, fn, arg);
	free(found);
	if (ret)
		snprintf(err, STORE_ERR, "%s", store->error);
	return ret;
}
