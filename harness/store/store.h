/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The result store: what sweeps came to, in one SQLite file; the same schema for one machine or a thousand (see
 * schema.c). The supervisor writes it, exporters, replay and merge read it; workers never open it.
 *
 *	store_open, store_begin
 *		per run that is released: store_put_finding ..., store_put_not_judged ..., store_put_run
 *		now and then: store_tick
 *	store_finish, store_close
 *
 * What is put is kept in host memory and written by store_tick() in one short transaction, at most every
 * STORE_TICK_MS; a run is always written together with its findings. So a killed supervisor loses the runs of
 * that time and nothing else, and many sweeps at once can share a file. A tick never waits: neither for the disk (the
 * log is synchronised when it is folded back into the file, after the sweep) nor for another process.
 *
 * Functions that return int: 0, or -1 with the sentence in store_error(); what was written before stays intact. After
 * an error all further writes do nothing and return -1 at once: a sweep whose store is lost goes on without it.
 */
#ifndef KFAIL_SWEEP_STORE_H
#define KFAIL_SWEEP_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include "../judge/finding.h"

#define STORE_ERR     256
#define STORE_TICK_MS 500
#define STORE_HASH    33 /* of a file: 32 hexadecimal digits and NUL */

struct store;

/*
 * What is swept. Two sweeps are of one identity, so that their runs can be compared, continued and merged, when all of
 * the first part is the same; where and when does not matter. NULL counts as "".
 */
struct store_sweep {
	const char *version;	   /* of kfail */
	const char *kernel;	   /* "6.1.0-56-amd64", "native" */
	const char *module;	   /* name */
	const char *module_hash;   /* store_hash_files() of all files that were named */
	const char *parameters;	   /* words (store_words()) */
	const char *scenario;	   /* "init-exit" */
	const char *scenario_hash; /* of its source; "" for the default one */
	const char *settings;	   /* of the allocators */
	const char *policy;	   /* which requests may be refused, canonical text */
	const char *plan;	   /* which schedules are run, canonical text */
	const char
		*environment;	/* words NAME=VALUE that change what is judged (CC, KFAIL_CFLAGS) */
	unsigned shard, shards; /* shard 1..shards of the plan; 0, 0: all of it */
	/* Not part of the identity: what a replay needs. */
	const char *files;   /* words: absolute paths, the module under test last */
	const char *options; /* words: those of the replay line */
	const char *directory;
};

/* What a run came to: bits of store_run.flags, and of a slot's. */
enum {
	RUN_CONSUMED = 1,
	RUN_ACCUSED = 2,
	RUN_ABSORBED = 4, /* consumed, and the operation succeeded all the same */
	RUN_NOT_JUDGED = 8,
};

/* One run of a schedule. */
struct store_run {
	unsigned operation;   /* index of the scenario's operation */
	const char *schedule; /* canonical */
	uint8_t flags;	      /* RUN_* of shared.h */
	int64_t result;	      /* of the operation */
	uint32_t points;      /* that the run made */
	const char *fresh;    /* points that only this run's error path has: "8x3,12"; NULL: none */
	unsigned round;	      /* with --repeat: 0, 1, ... */
};

/* What an operation came to without a refusal. */
struct store_baseline {
	unsigned operation;
	const char *name; /* NULL: the default scenario has no names */
	int64_t result;
	uint32_t points;
	uint64_t sites; /* a hash of run_site() of all its points; 0: not known */
};

/* Open the store at `path`, made when it is not there (its directory must be). NULL: err (STORE_ERR bytes) says why: no
 * permission, no database, a store of another version, ... */
struct store *store_open(const char *path, char *err);
/* The same for one that must be there and is only read; its file and directory may be read-only. */
struct store *store_open_reader(const char *path, char *err);
/* A store that many commands write, one after the other, and nobody copies: closing it leaves a short log beside the
 * file, instead of folding it back, which waits for the disk. */
void store_keep_log(struct store *store);
/* What is put and not written yet is lost; a sweep that is not finished can be resumed. NULL is allowed. */
void store_close(struct store *store);
const char *store_path(const struct store *store);
/* The sentence for the first thing that went wrong; NULL: nothing did. */
const char *store_error(const struct store *store);

/* Begin a sweep, or with `resume` go on with the newest unfinished one of this identity and shard. Its id, > 0; 0: there
 * is none to resume; -1: err. */
int64_t store_begin(struct store *store, const struct store_sweep *what, bool resume, char *err);

/* The baseline of an operation. Put again (a resumed sweep runs it anew) it must be the same as before: 1 when it
 * is not, so that the runs of then cannot be compared with those of now. */
int store_put_baseline(struct store *store, int64_t sweep, const struct store_baseline *baseline);
/* A run, after its findings. Consecutive single points that came to the same take one row. */
int store_put_run(struct store *store, int64_t sweep, const struct store_run *run);
/* Each run that shows a finding puts it, also when it is told already (same id): the one with the smallest schedule is kept in
 * full, of the others the schedule. */
int store_put_finding(struct store *store, int64_t sweep, unsigned operation,
		      const struct finding *finding);
int store_put_not_judged(struct store *store, int64_t sweep, unsigned operation,
			 const struct not_judged *entry);

/* A run of this sweep that is in the file already. False: it is to be run. With several rounds: the newest.
 * out->schedule is the caller's own text, out->fresh is valid until the next call. */
bool store_find_run(struct store *store, int64_t sweep, unsigned operation, const char *schedule,
		    struct store_run *out);

/* Write what has been put, if STORE_TICK_MS have passed since the last time; another process that is writing just now makes it
 * wait for the next tick. */
int store_tick(struct store *store);
/* Write what has been put, now; the sweep is not finished and can be resumed. */
int store_flush(struct store *store);
/* Write the rest, and the sweep's result: its counts, status, and findings as they are told (`also`, confirmed,
 * group). */
int store_finish(struct store *store, int64_t sweep, const struct sweep_result *result);

/* Everything of a sweep, as it was (finished) or as far as it came (the status is then SWEEP_NOT_JUDGED unless there are
 * findings, and a not-judged entry says that it was interrupted); sweep_result_clear() it. */
int store_load(struct store *store, int64_t sweep, struct sweep_result *out);

/* What was swept; store_sweep_clear() it. 0, or -1: there is no such sweep. */
int store_describe(struct store *store, int64_t sweep, struct store_sweep *out);
void store_sweep_clear(struct store_sweep *what);

/* One sweep of a list. The texts are valid during the call. */
struct store_line {
	int64_t id;
	const char *started; /* "2026-11-21T17:02:33.123Z" */
	const char *kernel, *module, *plan;
	const char *status; /* NULL: it was interrupted, or has not ended yet */
	unsigned shard, shards, points, findings, groups;
};

/* All sweeps, newest first. */
int store_list(struct store *store, void (*fn)(const struct store_line *line, void *arg),
	       void *arg);
/* The newest sweep; 0: there is none. */
int64_t store_newest(struct store *store);

/* Where a finding is: the newest sweep that has one whose id begins with `prefix`. */
struct store_place {
	int64_t sweep;
	unsigned operation;
	char id[17], group[17];
	char *schedule; /* the smallest one that is known; free() it */
	char *together; /* of one that only several runs show: schedules of the others; free() it; NULL: one run does */
};

/* The name of an operation of a sweep; malloc()ed, NULL when it has none. */
char *store_operation(struct store *store, int64_t sweep, unsigned operation);
/* 0, or -1 with a sentence: none, or several begin so. */
int store_find_finding(struct store *store, const char *prefix, struct store_place *out, char *err);
/* Keep a smaller schedule for a finding. */
int store_put_minimised(struct store *store, const struct store_place *place, const char *schedule);

/* 32 hexadecimal digits for the contents of files, in this order. 0 or -errno, *which: the file. */
int store_hash_files(char *const *files, unsigned count, char out[STORE_HASH], unsigned *which);

/* Words as one text (a line each) and back: an array with a NULL behind the last. All malloc()ed. */
char *store_words(char *const *words, unsigned count);
char **store_words_split(const char *text, unsigned *count);

#endif
