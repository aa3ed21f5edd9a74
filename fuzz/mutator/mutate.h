/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutation and trimming of inputs that are programs (../input/grammar.h), by what their bytes mean. Knows a table of calls and no
 * fuzzer; afl.c makes a custom mutator of AFL++ of it. The same seed does the same.
 */
#ifndef KFAIL_FUZZ_MUTATE_H
#define KFAIL_FUZZ_MUTATE_H

#include "../input/grammar.h"

#define DESCRIPTION_MAX 128

/* A program that is worked on. */
struct draft {
	uint8_t calls[FUZZ_CALLS_MAX * FUZZ_CALL_BYTES];
	unsigned count;
	struct schedule schedule;
};

struct mutator {
	const struct fuzz_grammar *grammar;
	uint64_t random;		   /* state; never 0 */
	struct draft draft, other;	   /* the input, and another one of the queue */
	char description[DESCRIPTION_MAX]; /* of the last mutation: "insert+gfp+splice" */
	struct trim {
		struct draft kept,
			tried; /* the smallest that does the same so far; without one piece more */
		unsigned chunk, at;   /* calls in a piece; where the next one begins */
		unsigned step, steps; /* made; at most */
		bool ranges;	      /* calls are done, the schedule's ranges are tried */
	} trim;
};

/* Bytes of the longest input that a draft encodes to. */
#define DRAFT_BYTES (FUZZ_CALLS_MAX * FUZZ_CALL_BYTES + FUZZ_RANGES_MAX * FUZZ_RANGE_BYTES + 1)

void mutator_init(struct mutator *m, const struct fuzz_grammar *grammar, uint64_t seed);

/* Below n, which is above 0. */
uint32_t mutator_below(struct mutator *m, uint32_t n);

/* draft.c: from bytes and back; `max` at least 1. What does not fit is cut from the end. Bytes written. */
void draft_read(struct draft *draft, const uint8_t *data, size_t size);
size_t draft_write(const struct fuzz_grammar *grammar, struct draft *draft, uint8_t *data,
		   size_t max);
/* Make room for n calls at `at`; how many there is room for. */
unsigned draft_open(struct draft *draft, unsigned at, unsigned n);
void draft_cut(struct draft *draft, unsigned at, unsigned n);
static inline uint8_t *draft_call(struct draft *draft, unsigned i)
{
	return draft->calls + (size_t)i * FUZZ_CALL_BYTES;
}

/* fields.c: another value for a field of call i, as its kind has it; a handle that something was put into, mostly. */
void mutate_field(struct mutator *m, const struct fuzz_field *field, unsigned i);
/* Call i with all fields chosen. */
void mutate_fill(struct mutator *m, const struct fuzz_call *call, unsigned i);
/* Handles that nothing was put into become some that have something, where there are any. */
void mutate_mend_handles(struct mutator *m);

/* mutate.c: an input from `data` and (size 0: none) `other`, one to eight changes away from the first. Bytes written to `out`, at
 * least 1 and at most `max`. */
size_t mutate(struct mutator *m, const uint8_t *data, size_t size, const uint8_t *other,
	      size_t other_size, uint8_t *out, size_t max);

/* trim.c, as AFL++ wants it: begin (how many steps at most); the next smaller input, bytes written; it did the same, or not:
 * steps made, as many as at most when there is nothing to be tried any more. */
unsigned trim_begin(struct mutator *m, const uint8_t *data, size_t size);
size_t trim_next(struct mutator *m, uint8_t *out, size_t max);
unsigned trim_done(struct mutator *m, bool same);

#endif
