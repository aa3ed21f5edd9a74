// SPDX-License-Identifier: GPL-2.0-only
/* Drafts: programs that calls can be put into and taken out of. */
#include "mutate.h"

#include <string.h>

void mutator_init(struct mutator *m, const struct fuzz_grammar *grammar, uint64_t seed)
{
	memset(m, 0, sizeof(*m));
	m->grammar = grammar;
	m->random = seed * 0x9e3779b97f4a7c15ull + 1;
	if (!m->random)
		m->random = 1;
}

/* xorshift64*, the upper half. */
uint32_t mutator_below(struct mutator *m, uint32_t n)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (uint32_t)(((m->random * 0x2545f4914f6cdd1dull >> 32) * n) >> 32);
}

void draft_read(struct draft *draft, const uint8_t *data, size_t size)
{
	struct fuzz_program program;

	fuzz_decode(data, size, &program);
	if (program.count)
		memcpy(draft->calls, program.calls, (size_t)program.count * FUZZ_CALL_BYTES);
	draft->count = program.count;
	draft->schedule = program.schedule;
}

size_t draft_write(const struct fuzz_grammar *grammar, struct draft *draft, uint8_t *data,
		   size_t max)
{
	struct fuzz_program program = {draft->calls, draft->count, draft->schedule};
	size_t size;

	while (!(size = fuzz_encode(grammar, &program, data, max))) {
		if (program.count)
			program.count--;
		else
			program.schedule.count = 0;
	}
	return size;
}

unsigned draft_open(struct draft *draft, unsigned at, unsigned n)
{
	if (n > FUZZ_CALLS_MAX - draft->count)
		n = FUZZ_CALLS_MAX - draft->count;
	memmove(draft_call(draft, at + n), draft_call(draft, at),
		(size_t)(draft->count - at) * FUZZ_CALL_BYTES);
	draft->count += n;
	return n;
}

void draft_cut(struct draft *draft, unsigned at, unsigned n)
{
	memmove(draft_call(draft, at), draft_call(draft, at + n),
		(size_t)(draft->count - at - n) * FUZZ_CALL_BYTES);
	draft->count -= n;
}
