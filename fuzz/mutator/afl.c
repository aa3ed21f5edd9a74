// SPDX-License-Identifier: GPL-2.0-only
/*
 * The custom mutator of AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY=build/libkfail-mutator.so), API of AFL++ 4: see its
 * docs/custom_mutators.md. KFAIL_FUZZ_GRAMMAR names the table of calls; default: allocator. Another input of the queue comes with each
 * call of afl_custom_fuzz(), so AFL++'s own splicing is not needed; its havoc mutations stay, beside these, unless
 * AFL_CUSTOM_MUTATOR_ONLY is set.
 */
#include "mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../allocator/calls.h"
#include "../canary/calls.h"

#define EXPORT __attribute__((visibility("default")))

struct afl_mutator {
	struct mutator m;
	uint8_t out[DRAFT_BYTES], processed[DRAFT_BYTES], trimmed[DRAFT_BYTES];
};

EXPORT void *afl_custom_init(void *afl, unsigned int seed);
EXPORT void afl_custom_deinit(void *data);
EXPORT size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out, uint8_t *add,
			      size_t add_size, size_t max_size);
EXPORT void afl_custom_splice_optout(void *data);
EXPORT const char *afl_custom_describe(void *data, size_t max);
EXPORT size_t afl_custom_post_process(void *data, uint8_t *buf, size_t size, uint8_t **out);
EXPORT int32_t afl_custom_init_trim(void *data, uint8_t *buf, size_t size);
EXPORT size_t afl_custom_trim(void *data, uint8_t **out);
EXPORT int32_t afl_custom_post_trim(void *data, uint8_t success);

static const struct fuzz_grammar *const grammars[] = {&allocator_grammar, &canary_grammar};

static const struct fuzz_grammar *find_grammar(const char *name)
{
	for (size_t i = 0; i < sizeof(grammars) / sizeof(grammars[0]); i++)
		if (!name || !strcmp(grammars[i]->name, name))
			return grammars[i];
	return NULL;
}

void *afl_custom_init(void *afl, unsigned int seed)
{
	const char *name = getenv("KFAIL_FUZZ_GRAMMAR");
	const struct fuzz_grammar *grammar = find_grammar(name);
	struct afl_mutator *a = calloc(1, sizeof(*a));

	if (!grammar) {
		fprintf(stderr, "kfail: KFAIL_FUZZ_GRAMMAR: there is no grammar \"%s\"\n", name);
		exit(2);
	}
	if (a)
		mutator_init(&a->m, grammar, seed);
	return a;
}

void afl_custom_deinit(void *data)
{
	free(data);
}

size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out, uint8_t *add,
		       size_t add_size, size_t max_size)
{
	struct afl_mutator *a = data;

	*out = a->out;
	return mutate(&a->m, buf, size, add, add_size, a->out,
		      max_size < sizeof(a->out) ? max_size : sizeof(a->out));
}

void afl_custom_splice_optout(void *data)
{
}

const char *afl_custom_describe(void *data, size_t max)
{
	struct afl_mutator *a = data;

	if (max < sizeof(a->m.description))
		a->m.description[max] = 0;
	return a->m.description;
}

/* Bits that mean nothing are taken away: what havoc has made of them is no other input. */
size_t afl_custom_post_process(void *data, uint8_t *buf, size_t size, uint8_t **out)
{
	struct afl_mutator *a = data;
	struct fuzz_program program;

	fuzz_decode(buf, size, &program);
	*out = a->processed;
	return fuzz_encode(a->m.grammar, &program, a->processed, sizeof(a->processed));
}

int32_t afl_custom_init_trim(void *data, uint8_t *buf, size_t size)
{
	struct afl_mutator *a = data;

	return (int32_t)trim_begin(&a->m, buf, size);
}

size_t afl_custom_trim(void *data, uint8_t **out)
{
	struct afl_mutator *a = data;

	*out = a->trimmed;
	return trim_next(&a->m, a->trimmed, sizeof(a->trimmed));
}

int32_t afl_custom_post_trim(void *data, uint8_t success)
{
	struct afl_mutator *a = data;

	return (int32_t)trim_done(&a->m, success);
}
