/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a fuzz target is, and what one input came to.
 *
 * A target takes any bytes. It is opened once per process, and then runs inputs, each of which leaves everything as it found
 * it: what an input comes to depends on its bytes alone, in whatever order inputs are run. Who runs it:
 *
 *	run.c		files, one after another, in a child that may die	kfail fuzz --run FILE...
 *	afl.c		AFL++: persistent mode, test cases in shared memory	afl-fuzz ... -- kfail fuzz --target NAME
 *	libfuzzer.c	LLVMFuzzerTestOneInput()				make fuzz-libfuzzer
 *
 * What is wrong comes as struct finding, the same that a sweep has, so that everything that tells, stores, and compares
 * findings works. The first finding ends an input: what comes behind it is its consequence.
 */
#ifndef KFAIL_FUZZ_TARGET_H
#define KFAIL_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "../../allocator/core/settings.h"
#include "../../harness/judge/finding.h"

#define FUZZ_ERR 512 /* bytes in the caller's buffer for a sentence */
#define FUZZ_INPUT_MAX \
	(1u << 20) /* bytes of an input that a target is given; what is longer is cut */

/* What one input came to: zeroed, it is clean. */
struct fuzz_outcome {
	struct finding *findings; /* in the order in which they were seen */
	unsigned count;
	char *not_judged; /* a sentence: it could not be judged; NULL: it was */
	bool lost;	  /* what the target runs in is in ruins: another process goes on */
};

/* One more finding. Returns it, for who knows more about it (operation, stack, point); valid until the next one. */
__attribute__((format(printf, 3, 4))) struct finding *
fuzz_found(struct fuzz_outcome *outcome, enum finding_kind kind, const char *format, ...);
/* Release everything inside; the outcome is clean then. */
void fuzz_outcome_clear(struct fuzz_outcome *outcome);

/* What a target is told when it is opened: words of the command line. All stay valid. */
struct fuzz_setup {
	const struct kf_settings *settings; /* of the allocators; NULL: the defaults */
	const char *kernel;		    /* --kernel; NULL: not given */
	char *const *files;		    /* a driver, for a target that wants one */
	unsigned file_count;
	char *const *params; /* behind "--" */
	unsigned param_count;
};

/* Where the text form of an input is wrong. */
struct fuzz_syntax {
	unsigned line, column; /* from 1 */
	char what[FUZZ_ERR];   /* a sentence without its place */
};

struct fuzz_grammar;

struct fuzz_target {
	const char *name;  /* "allocator"; its seeds are in corpus/NAME/ */
	const char *about; /* one line */
	/* Once per process, before any input. 0, or -1 with a sentence in err (FUZZ_ERR bytes): wrong usage or input. */
	int (*open)(const struct fuzz_setup *setup, char *err);
	/* In a child of the process that opened it: make what it shares its own. 0 or -errno. NULL: it shares nothing. */
	int (*adopt)(void);
	/* Run an input. `careful`: look at everything, also at what is too slow to be looked at after each of millions of
	 * inputs. May end the process: that is a finding too. */
	void (*run)(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out);
	/* In the handler of SIGSEGV: is this fault the target's own business, so that the instruction can be run again?
	 * NULL: none is. A target that has handlers of its own sets `own_signals` instead. */
	bool (*fault)(uint64_t addr);
	bool own_signals;
	/* The text form of inputs: print one; and read one (`max` bytes of room): 0, or -1 (wrong). NULL: they have none, an
	 * input is the file that it is. */
	void (*print)(const uint8_t *data, size_t size, FILE *out);
	int (*assemble)(const char *text, uint8_t *data, size_t max, size_t *size,
			struct fuzz_syntax *wrong);
	/* The calls that an input is made of, for the mutator, the grammar reference and the dictionary; NULL: it is not
	 * of that form (../input/grammar.h). */
	const struct fuzz_grammar *grammar;
	/* Without a grammar, but with a schedule at the end as grammar.h draws it: bytes of a call; 0: it is just bytes. */
	unsigned unit;
};

/* ../targets.c: all targets; the last is NULL. */
extern const struct fuzz_target *const fuzz_targets[];
/* The target with this name; NULL: there is none. */
const struct fuzz_target *fuzz_target_find(const char *name);

#endif
