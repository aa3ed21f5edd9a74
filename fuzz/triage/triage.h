/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a crash that AFL++ kept to a finding that people can work on: shown again, in its smallest
 * form, once.
 *
 *	FOLDER/ID/input			the first input that showed it, as it was
 *	FOLDER/ID/input.kfuzz		the same as text
 *	FOLDER/ID/minimised, minimised.kfuzz	the smallest input that shows the same
 *	FOLDER/ID/finding.json		as in every report of kfail; with the line that replays it
 *	FOLDER/ID/report.txt		for people
 *	FOLDER/not-judged/HASH/input, why	what could not be shown again
 *	FOLDER/kernel			the kernel's version, or "native"
 *	FOLDER/triaged			a line for each input that was looked at: its hash, the verdict, the id, the file
 *
 * ID is the finding's own (harness/judge/identity.c): kind, refused site, place. A folder of a
 * finding is made beside its name and renamed, so a triage that is killed loses nothing and leaves
 * nothing that is half.
 */
#ifndef KFAIL_FUZZ_TRIAGE_H
#define KFAIL_FUZZ_TRIAGE_H

#include "../engine/engine.h"

#define TRIAGE_HASH 33 /* of an input: 32 hexadecimal digits and NUL */

enum triage_verdict {
	TRIAGE_NEW,	     /* new: a finding that nobody had */
	TRIAGE_KNOWN,	     /* known: one that is in the folder already */
	TRIAGE_NOT_REPEATED, /* not-judged: it did not come to the same each time */
	TRIAGE_CLEAN,	     /* clean: a hang or a seed, and on its own nothing is wrong with it */
	TRIAGE_UNREADABLE,   /* unreadable: the file, or what is in it */
};
/* The words above. */
const char *triage_verdict_name(enum triage_verdict verdict);

struct triage {
	const struct fuzz_target *target; /* opened */
	const char *folder;		  /* of findings; made when it is not there */
	/* The line that shows it again is this, a blank, and the path of the input; NULL: what
	 * `replay_line` says. */
	const char *replay;
	char *(*replay_line)(const char *file, void *arg); /* malloc()ed */
	void *arg;
	const char *
		kernel; /* in which the target runs, or "native"; kept for reports; NULL: not known */
	unsigned timeout_ms; /* CPU time of one input; 0: the default */
	unsigned repeat;     /* runs that must come to the same; 0: the default, 3 */
	unsigned executions; /* for making one smaller; 0: the default */
	unsigned seconds;    /* the same as a time; 0: the default */
};

struct triage_result {
	enum triage_verdict verdict;
	bool seen;	/* it was in FOLDER/triaged, and nothing was done */
	char id[17];	/* of the finding; "": none */
	char *sentence; /* what it is; free() it */
};

/*
 * Look at an input, unless that was done before with one of the same bytes. `may_be_clean`: it was
 * kept because it took too long, maybe on a busy machine, or it is just an input; a crash that
 * comes to nothing is not judged. What was not judged before is judged anew. 0, or -1 with a
 * sentence in err (FUZZ_ERR bytes): nothing can be kept.
 */
int triage_input(const struct triage *triage, const char *file, bool may_be_clean,
		 struct triage_result *out, char *err);

/* ---- what is in a folder of findings: findings.c ---- */

/* All findings, all that was not judged, and the kernel, into an empty result. What cannot be read
 * is an entry that is not judged. 0, or -1 (err). A folder that is not there has nothing. */
int triage_load(const char *folder, struct sweep_result *out, char *err);
/* How many inputs show a finding, beside the first. */
unsigned triage_also(const char *folder, const char *id);
/* Was an input with these bytes looked at? Then its verdict and id. */
bool triage_seen(const char *folder, const char hash[TRIAGE_HASH], enum triage_verdict *verdict,
		 char id[17]);
/* 0 or -errno. */
int triage_hash_file(const char *file, char hash[TRIAGE_HASH]);
void triage_hash(const uint8_t *data, size_t size, char hash[TRIAGE_HASH]);

/*
 * Write each finding's smallest input into the folder `to` as ID.kfuzz (as bytes for a target whose
 * inputs have no text), and a line in its file `list`: the file, and what it must come to, which is
 * clean when it is mended. What is there already stays. Returns how many were new; -1 (err).
 */
int triage_regress(const char *folder, const char *to, char *err);

/* Copy what is in another folder of findings and not in this one; both stay whole. How many; -1
 * (err). */
int triage_merge(const char *folder, const char *from, char *err);

/* ---- for the files of this room ---- */

struct triage_kept {
	const uint8_t *input, *minimised;
	size_t input_size, minimised_size;
};
/* Put a finding into the folder. 0, or -1 (err). */
int triage_keep(const struct triage *triage, const struct finding *finding,
		const struct triage_kept *inputs, char *err);
int triage_keep_not_judged(const struct triage *triage, const char hash[TRIAGE_HASH],
			   const uint8_t *data, size_t size, const char *why, char *err);
/* A later verdict stands for it. */
void triage_forget_not_judged(const char *folder, const char hash[TRIAGE_HASH]);
int triage_note(const char *folder, const char hash[TRIAGE_HASH], enum triage_verdict verdict,
		const char *id, const char *file, char *err);

#endif
