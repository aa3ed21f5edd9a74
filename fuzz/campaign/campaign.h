/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A campaign: many AFL++ on one target, for weeks, in one folder of plain files.
 *
 *	DIR/campaign.json	what is fuzzed, by how many, from which seed; written by start (config.c)
 *	DIR/seeds/		the inputs that it began with, as bytes
 *	DIR/description		of a driver: what it can be asked
 *	DIR/dictionary		words of the target's grammar
 *	DIR/sync/INSTANCE/	AFL++'s folders: NODE-main, NODE-s1, ...; and PEER-main, copied from peers
 *	DIR/run/		supervisor.pid, state.json, events.log, INSTANCE.log
 *	DIR/findings/		../triage/triage.h
 *	DIR/results.db		all findings, for the exporters of reports/
 *	DIR/minimised/		the fewest inputs with the same coverage, made by minimise
 *
 * A supervisor process starts the instances, starts those that died again, has crashes triaged as
 * they come, and fetches the queues of peers. All that it knows is in the folder, so it can be
 * killed at any time and another one goes on.
 *
 * Functions return 0, or a status of the command line (2 wrong usage or input, 4 kfail itself
 * failed) with a sentence in err (CAMPAIGN_ERR bytes), unless they say otherwise.
 */
#ifndef KFAIL_FUZZ_CAMPAIGN_H
#define KFAIL_FUZZ_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include "../../harness/judge/finding.h"
#include "../engine/engine.h"

#define CAMPAIGN_ERR 512

enum { CAMPAIGN_WRONG = 2, CAMPAIGN_FAILED = 4 };

/* ---- what is fuzzed: config.c ---- */

struct campaign {
	char *folder;	 /* absolute; where it is, and not in the file */
	char *version;	 /* of kfail */
	char *target;	 /* "allocator"; or "driver" */
	char *node;	 /* the beginning of its instances' names: no two peers have the same */
	char *directory; /* in which the words are true */
	char **words;	 /* of kfail fuzz; NULL behind the last */
	unsigned word_count;
	char **peers; /* DIR of a peer, HOST:DIR, or a pattern of DIRs */
	unsigned peer_count;
	unsigned jobs; /* instances */
	unsigned exchange_minutes;
	uint64_t seed;	      /* of randomness; instances count on from it */
	char *program;	      /* kfail, built so that AFL++ can drive it */
	char *asan_program;   /* the same with AddressSanitizer; NULL: none */
	char *cmplog_program; /* the same for AFL++'s CMPLOG; NULL: none */
	char *mutator;	      /* AFL++'s custom mutator for the target's inputs; NULL: none */
	/* A driver: DIR/description says what it can be asked, and what inputs mean. */
	bool described;
};

/* DIR/campaign.json. Load: CAMPAIGN_WRONG when there is none, or what is there is none. */
int campaign_load(const char *folder, struct campaign *out, char *err);
int campaign_save(const struct campaign *campaign, char *err);
void campaign_clear(struct campaign *campaign);
/* Is a campaign in this folder? */
bool campaign_exists(const char *folder);
/* What the words fuzz: the value of --target, else "driver"; malloc()ed. */
char *campaign_target_of(char *const *words, unsigned count);
bool campaign_same_words(const struct campaign *campaign, char *const *words, unsigned count);
/* A path below the folder; malloc()ed. */
__attribute__((format(printf, 2, 3))) char *campaign_path(const struct campaign *campaign,
							  const char *format, ...);

/* ---- processes: spawn.c ---- */

struct spawn {
	char *const *argv;	/* argv[0] is looked for in PATH */
	char *const *variables; /* NAME=VALUE, NULL behind the last; NULL: none */
	const char *directory;	/* NULL: this one */
	const char *
		output; /* a file for what it prints, appended; NULL: it prints where this process does */
};

/* A process that gets SIGTERM when this one dies. -1: errno; exec failures are status 127, with a
 * line in `output`. */
pid_t spawn(const struct spawn *what);
/* Run it to its end: its exit status, 128 + signal, or -1: errno. */
int spawn_wait(const struct spawn *what);
/* The same with a function of this program, in a copy of this process, which ends with the status
 * that it returns. */
pid_t spawn_function(int (*fn)(void *arg), void *arg);
/* Is there such a program in PATH? */
bool spawn_finds(const char *program);
/* This program's own file; malloc()ed. */
char *spawn_self(void);

/* ---- instances: instances.c ---- */

/* Ends of a run that a start asks for; 0: none. */
struct campaign_limits {
	unsigned seconds;
	unsigned execs; /* of each instance */
	bool until_finding;
};

struct instance {
	char *name;
	char **argv, **variables; /* for spawn */
	bool asan;
};

/* campaign->jobs of them, malloc()ed. */
struct instance *instances_make(const struct campaign *campaign,
				const struct campaign_limits *limits);
void instances_free(struct instance *instances, unsigned count);

/* ---- AFL++'s own numbers: stats.c ---- */

struct stats {
	char name[128];
	uint64_t started, updated; /* seconds since 1970 */
	uint64_t run_seconds, execs, corpus, edges, map, crashes, hangs, last_find;
	double execs_per_second, stability; /* percent; 0: not known yet */
	pid_t pid;
};

/* A file fuzzer_stats. False: it is not there, or none. */
bool stats_read(const char *path, struct stats *out);
/* All instances that have one, in the order of their names; malloc()ed. */
struct stats *stats_read_all(const struct campaign *campaign, unsigned *count);
/* Does this instance belong to the campaign itself, and not to a peer? */
bool stats_is_ours(const struct campaign *campaign, const char *name);

/* ---- who runs it: supervisor.c, owner.c ---- */

enum owner {
	OWNER_NONE,	 /* nobody */
	OWNER_HERE,	 /* a supervisor on this machine */
	OWNER_ELSEWHERE, /* one on another machine or in another container, still alive */
};
/* `where` (256 bytes): its process id and machine. */
enum owner owner_of(const struct campaign *campaign, pid_t *pid, char *where);
/* This process is it. 0 or a status: another one is. */
int owner_take(const struct campaign *campaign, char *err);
void owner_leave(const struct campaign *campaign);
/* Show that it lives; every few seconds. */
void owner_beat(const struct campaign *campaign);

/* Be the supervisor until a limit, a signal, or all instances have ended. `up` is called once: when
 * the main instance fuzzes (why NULL), or cannot (a sentence). 0; 1: a finding ended it; or a
 * status. */
int supervise(const struct campaign *campaign, const struct campaign_limits *limits,
	      void (*up)(const char *why, void *arg), void *arg, char *err);

/* State of instances as the supervisor last told it (run/state.json). */
struct instance_state {
	char name[128], state[16], why[256];
	unsigned restarts;
};
struct instance_state *supervisor_states(const struct campaign *campaign, unsigned *count);

/* ---- crashes: crashes.c ---- */

/* Triage of all that is new, and results.db; returns when it is done. How many findings there are
 * then in *findings. */
int crashes_triage(const struct campaign *campaign, unsigned *findings, char *err);
/* Everything found so far; sweep_result_clear() it. */
int campaign_findings(const struct campaign *campaign, struct sweep_result *out, char *err);
/* Write it into results.db; `whole`: as what the campaign came to by now, which a report is of. */
int campaign_record(const struct campaign *campaign, const struct sweep_result *result, bool whole,
		    char *err);
/* A number that changes when a file is kept that was not there. */
uint64_t crashes_mark(const struct campaign *campaign);
/* The words of `kfail fuzz` on this campaign with `count` more before what is the driver's own, for
 * spawn; strings_free() it. */
char **campaign_fuzz_words(const struct campaign *campaign, const char *program, char *const *more,
			   unsigned count);

/* ---- peers: exchange.c ---- */

/* Fetch the queues of the peers' main instances, in a process; -1: there are none. Its status is 0
 * whatever peers do. */
pid_t exchange_start(const struct campaign *campaign);

/* ---- for people: status.c ---- */

/* A table of the instances and what was found; as JSON, a line. Stability below 99 % is warned of.
 * */
void status_print(const struct campaign *campaign, FILE *out);
int status_json(const struct campaign *campaign, const char *path, char *err);

/* ---- inputs: corpus.c ---- */

/* Put the binary form of seeds into DIR/seeds: from `input` (a folder), else the target's own
 * corpus, else made by a driver's description; and what else is made once. */
int corpus_seed(struct campaign *campaign, const char *input, char *err);
/* Inputs and findings of another campaign's folder of the same target into this one. */
int corpus_merge(const struct campaign *campaign, const char *other, FILE *out, char *err);
/* All inputs to the fewest and smallest with the same coverage, in DIR/minimised; as text into
 * `corpus`, NULL: not. */
int corpus_minimise(const struct campaign *campaign, const char *corpus, FILE *out, char *err);

/* ---- lists of strings ---- */

/* Append a string (which then belongs to the list); NULL behind the last. */
void strings_add(char ***strings, unsigned *count, char *string);
void strings_free(char **strings);

#endif
