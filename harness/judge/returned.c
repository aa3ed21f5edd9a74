// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the run without refusals gave back what it had allocated. A leak's report shows it: the statement that is
 * missing on the failure path mostly stands there.
 *
 *	allocating stack --key--> stack of its first free
 *
 * Learned once, in the baseline, so that what a sweep says does not depend on which worker made which run. Stacks are
 * kept as program counters: code lies at the same addresses in all processes of a sweep, depot handles do not agree.
 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>
#include "../trace/depot.h"
#include "../trace/util.h"

#define LEARNED_MAX 4096u /* allocating stacks; a power of two */

static struct {
	bool on;
	unsigned count;
	struct learned {
		uint32_t allocated, freed; /* depot handles; 0: empty */
	} table[2 * LEARNED_MAX];
} learned;

static struct {
	struct returned *entries; /* sorted by key */
	unsigned count;
} known;

void returned_note(uint32_t allocated, uint32_t freed)
{
	uint32_t at = allocated * 2654435761u % (2 * LEARNED_MAX);

	if (!learned.on || !allocated || learned.count == LEARNED_MAX)
		return;
	while (learned.table[at].allocated && learned.table[at].allocated != allocated)
		at = (at + 1) % (2 * LEARNED_MAX);
	if (learned.table[at].allocated)
		return;
	learned.table[at] = (struct learned){allocated, freed};
	learned.count++;
}

void judge_learn_returned(bool on)
{
	if (on && !learned.on) {
		memset(learned.table, 0, sizeof(learned.table));
		learned.count = 0;
	}
	learned.on = on;
}

static uint64_t key_of(uint32_t allocated)
{
	return evidence_key(FINDING_LEAK, allocated, 0);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = ((const struct returned *)a)->key, y = ((const struct returned *)b)->key;

	return x < y ? -1 : x > y;
}

unsigned judge_returned(struct returned *out, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 2 * LEARNED_MAX && n < max; i++) {
		const struct learned *from = &learned.table[i];
		const uint64_t *pcs;
		unsigned count;

		if (!from->allocated)
			continue;
		count = depot_get(from->freed, &pcs);
		out[n].key = key_of(from->allocated);
		out[n].count = count < RETURNED_FRAMES ? count : RETURNED_FRAMES;
		memcpy(out[n].pcs, pcs, out[n].count * sizeof(*pcs));
		n++;
	}
	qsort(out, n, sizeof(*out), compare);
	return n;
}

void judge_set_returned(const struct returned *returned, unsigned count)
{
	free(known.entries);
	known.entries = NULL;
	known.count = count;
	if (!count)
		return;
	known.entries = xreallocarray(NULL, count, sizeof(*returned));
	memcpy(known.entries, returned, count * sizeof(*returned));
	qsort(known.entries, count, sizeof(*returned), compare);
}

void returned_name(uint32_t allocated, struct stack *stack)
{
	struct returned like = {.key = key_of(allocated)};
	const struct returned *found = NULL;

	if (known.count)
		found = bsearch(&like, known.entries, known.count, sizeof(like), compare);
	if (found)
		stack_name(stack, found->pcs, found->count, false);
}
