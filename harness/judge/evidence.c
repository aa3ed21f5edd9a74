// SPDX-License-Identifier: GPL-2.0-only
/*
 * The evidence of a run: a short list of raw facts, each told once.
 *
 * Evidence has a key: what happened, and the raw stack where it happened, hashed. Code lies at the
 * same addresses in all processes of a sweep, so keys can be compared between runs and workers;
 * that is how evidence that the baseline showed already is dropped before anybody names a frame.
 *
 *	new evidence --- its key is known, or on the list already? --- dropped
 *		     --- the list is full (EVIDENCE_MAX)?	  --- dropped
 *		     --- else it is on the list, with the newest refusal
 *
 * What is known outlives the run: a sorted copy of the keys that judge_set_known() was given. Functions that hooks call
 * allocate nothing from the host.
 */
#include "evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include "../trace/depot.h"
#include "../trace/graph.h"
#include "../trace/util.h"

/* Keeps the keys of single leftovers apart from those of their groups. */
#define ENTRY_SALT 0x6c656674u

static struct {
	uint64_t *keys; /* sorted */
	unsigned count;
} known;

uint64_t evidence_key(enum finding_kind kind, uint32_t stack, uint64_t salt)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);
	uint64_t seed = XXH64(&salt, sizeof(salt), (uint64_t)kind + 1);

	return n ? XXH64(pcs, n * sizeof(*pcs), seed) : seed;
}

uint64_t entry_key(const struct journal_entry *entry)
{
	return evidence_key(FINDING_LEAK, entry->stack, ENTRY_SALT);
}

bool evidence_is_known(uint64_t key)
{
	unsigned low = 0, high = known.count;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (known.keys[mid] == key)
			return true;
		if (known.keys[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static bool evidence_is_told(uint64_t key)
{
	for (unsigned i = 0; i < judge.evidence_count; i++)
		if (judge.evidence[i].key == key)
			return true;
	return false;
}

struct evidence *evidence_add(enum evidence_form form, enum finding_kind kind, uint32_t stack,
			      uint64_t salt)
{
	uint64_t key = evidence_key(kind, stack, salt);
	const struct refusal *last = inject_last();
	struct evidence *e;

	if (evidence_is_known(key) || evidence_is_told(key) || judge.evidence_count == EVIDENCE_MAX)
		return NULL;
	e = &judge.evidence[judge.evidence_count++];
	e->form = form;
	e->kind = kind;
	e->key = key;
	e->stack = stack;
	e->exact = false;
	e->moving = false;
	e->what[0] = '\0';
	e->bug.object.addr = NULL;
	e->when = "";
	e->reason = NULL;
	e->count = 0;
	e->traced = graph_position();
	e->splat = SPLAT_NONE;
	e->lock_count = e->held_count = e->cycle_length = 0;
	if (last)
		e->point = *last;
	else
		e->point.n = 0;
	return e;
}

void evidence_noted(const struct evidence *e)
{
	static struct finding noted; /* too large for a driver's stack */

	noted.kind = e->kind;
	noted.what = (char *)(e->what[0] ? e->what : finding_kind_name(e->kind));
	kfail_finding(&noted);
}

struct evidence *evidence_sentence(enum finding_kind kind, uint32_t stack, uint64_t salt,
				   const char *format, ...)
{
	struct evidence *e = evidence_add(EVIDENCE_SENTENCE, kind, stack, salt);
	va_list args;

	if (!e)
		return NULL;
	va_start(args, format);
	vsnprintf(e->what, sizeof(e->what), format, args);
	va_end(args);
	evidence_noted(e);
	return e;
}

static int compare_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

unsigned judge_keys(uint64_t *keys, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < judge.evidence_count && n < max; i++) {
		const struct evidence *e = &judge.evidence[i];
		uint32_t entry = e->count ? e->first : NOTHING;

		keys[n++] = e->key;
		for (; entry != NOTHING && n < max; entry = judge.left[entry].next)
			keys[n++] = entry_key(&judge.left[entry]);
	}
	return n;
}

void judge_set_known(const uint64_t *keys, unsigned count)
{
	free(known.keys);
	known.keys = NULL;
	known.count = count;
	if (!count)
		return;
	known.keys = xreallocarray(NULL, count, sizeof(*known.keys));
	memcpy(known.keys, keys, count * sizeof(*known.keys));
	qsort(known.keys, count, sizeof(*known.keys), compare_key);
}

bool judge_accuses(void)
{
	for (unsigned i = 0; i < judge.evidence_count; i++)
		if (!judge.evidence[i].reason)
			return true;
	return false;
}
