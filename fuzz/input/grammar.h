/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inputs that are programs: calls over tables of live handles, and a schedule of refusals at the end. This is the form and
 * its meaning; which calls there are is a table of the target's (../allocator/calls.c).
 *
 *	| call | call | ... | left over | range | range | ... | n |
 *	   8 bytes each	      0 to 7	   4 bytes each, n % 16	  1
 *
 *	call:	| number | field bytes, as the table says ............ |
 *		    0	   1	   2	   3	   4	   5	   6	   7
 *	range:	| first - 1, 16 bits | count - 1; 255: and all after | nothing |
 *
 * All numbers are little-endian. Each field has its place in each call, so what a mutation changes changes one thing. Any bytes
 * are an input: the number of a call counts modulo FUZZ_CALL_NUMBERS, a number that no call has does nothing, a value
 * too large for its field counts modulo the field's limit, and what does not fit is left out. Numbers of calls are never
 * given out anew, and the schedule stands behind all calls, counted from the end: an input means the same when calls
 * are added to the table.
 *
 * The text form (text.c) has a call in each line, and is what people read and write, and what corpus/ holds.
 */
#ifndef KFAIL_FUZZ_GRAMMAR_H
#define KFAIL_FUZZ_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "../../harness/inject/inject.h"
#include "../engine/target.h"

#define FUZZ_CALL_BYTES	  8u
#define FUZZ_RANGE_BYTES  4u
#define FUZZ_RANGES_MAX	  15u
#define FUZZ_CALL_NUMBERS 64u	/* numbers of calls are below it; 0 is no call */
#define FUZZ_CALLS_MAX	  1024u /* of an input; those behind are left out */
#define FUZZ_FIELDS_MAX	  5u
#define FUZZ_POINT_MAX	  65536u /* the last request that a range can begin with */

enum fuzz_field_kind {
	FUZZ_NUMBER, /* any number below the limit */
	FUZZ_SIZE,   /* bytes, where classes and limits are of interest */
	FUZZ_NEW,    /* a handle that the call fills; what was there is given back first */
	FUZZ_OLD,    /* a handle that the call uses */
	FUZZ_WORD,   /* one of the words */
	FUZZ_FLAGS,  /* a bit for each word */
	FUZZ_GFP,    /* gfp flags by meaning (gfp.c) */
};

struct fuzz_field {
	const char *name;
	enum fuzz_field_kind kind;
	uint8_t at, bytes;	  /* place in the call */
	uint32_t limit;		  /* values are below it; 0: all that the bytes can hold */
	const char *const *words; /* WORD: of each value; FLAGS: of each bit; ends with NULL */
	uint8_t table;		  /* NEW, OLD: which table of handles */
};

struct fuzz_call {
	uint8_t number; /* 1 to FUZZ_CALL_NUMBERS - 1, for ever */
	const char *name;
	const char *about; /* one line, for the grammar reference */
	const struct fuzz_field *fields[FUZZ_FIELDS_MAX + 1]; /* ends with NULL */
};

struct fuzz_grammar {
	const char *name;
	const struct fuzz_call *calls; /* ends with one that has no name */
};

/* The call that these bytes are; NULL: none. */
const struct fuzz_call *fuzz_call_of(const struct fuzz_grammar *grammar, const uint8_t *bytes);
/* The call with this name; NULL: there is none. */
const struct fuzz_call *fuzz_call_named(const struct fuzz_grammar *grammar, const char *name,
					size_t length);

/* The field's value in these bytes of a call, below its limit. */
static inline uint32_t fuzz_get(const struct fuzz_field *field, const uint8_t *call)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < field->bytes; i++)
		value |= (uint32_t)call[field->at + i] << 8 * i;
	return field->limit ? value % field->limit : value;
}

static inline void fuzz_set(const struct fuzz_field *field, uint8_t *call, uint32_t value)
{
	for (unsigned i = 0; i < field->bytes; i++)
		call[field->at + i] = (uint8_t)(value >> 8 * i);
}

/* The largest value that it can have. */
static inline uint32_t fuzz_most(const struct fuzz_field *field)
{
	return field->limit ? field->limit - 1 : (uint32_t)((1ull << 8 * field->bytes) - 1);
}

/* ---- programs: program.c ----------------------------------------------------------------------------------- */

/* An input, taken apart; points into it. */
struct fuzz_program {
	const uint8_t *calls; /* FUZZ_CALL_BYTES each */
	unsigned count;
	struct schedule schedule;
};

/* Any bytes. */
void fuzz_decode(const uint8_t *data, size_t size, struct fuzz_program *out);
/* Put together again: the bytes written to `data`, or 0: they are more than `max`, or the schedule cannot be told. What decodes to a program encodes to the
 * same calls and schedule; fields that no call has, and values above limits, are gone. `data` may be where calls are. */
size_t fuzz_encode(const struct fuzz_grammar *grammar, const struct fuzz_program *program,
		   uint8_t *data, size_t max);
/* The schedule as ranges of an input, FUZZ_RANGE_BYTES each, at most FUZZ_RANGES_MAX of them into `ranges`. Their number; -1:
 * it cannot be told so. */
int fuzz_encode_schedule(const struct schedule *schedule, uint8_t *ranges);

/* ---- text: text.c ------------------------------------------------------------------------------------------- */

/* A call in words, without newline: "kmalloc to=3 size=96 gfp=kernel+zero"; at most `size` bytes. Returns `text`. */
char *fuzz_call_text(const struct fuzz_grammar *grammar, const uint8_t *call, char *text,
		     size_t size);
/* As fuzz_target.print and .assemble. Text that was printed is read back to the bytes of fuzz_encode(). */
void fuzz_print(const struct fuzz_grammar *grammar, const uint8_t *data, size_t size, FILE *out);
int fuzz_assemble(const struct fuzz_grammar *grammar, const char *text, uint8_t *data, size_t max,
		  size_t *size, struct fuzz_syntax *wrong);

/* ---- reference: reference.c ----------------------------------------------------------------------------------- */

/* The table of calls for people, in Markdown; and as a dictionary of AFL++ (and libFuzzer). */
void fuzz_print_reference(const struct fuzz_grammar *grammar, FILE *out);
void fuzz_print_dictionary(const struct fuzz_grammar *grammar, FILE *out);

/* ---- gfp flags: gfp.c ----------------------------------------------------------------------------------------- */

/* A value of a FUZZ_GFP field: what the caller may do in three bits, and a bit for each modifier above them. The GFP flags that
 * it means. */
uint32_t fuzz_gfp(uint32_t value);
/* The words of both, each ending with NULL. */
extern const char *const fuzz_gfp_bases[];
extern const char *const fuzz_gfp_modifiers[];
#define FUZZ_GFP_BASES 8u

#endif
