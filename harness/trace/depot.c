// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stack depot: every stack once, named by a 32-bit handle. Follows the idea of lib/stackdepot.c of
 * 6.1; unlike there, memory is one reserved range, so a handle is simply a position in it and
 * nothing ever moves.
 *
 * Layout, in words of 8 bytes (a handle is the index of a record's first word; word 0 is never
 * used):
 *
 *	words:    | unused | head | pc | pc | pc | head | pc | head | ...
 *	                   ^handle 1            ^5          ^7
 *	buckets:  hash & MASK -> handle of the newest record with that hash, chained by next
 *	recent:   a few bits of the hash -> handle of the stack that was saved last with them
 *
 * The buckets are many, and each of a run's stacks is in another page of them. The few recent ones lie together, so that a
 * run, which saves the same stacks as the one before, seldom leaves the processor's caches.
 *
 * The range is reserved with MAP_NORESERVE, so it costs memory only as far as it is used. Saving
 * a known stack is one hash and, nearly always, one compare. A forked worker inherits all handles
 * and goes on by itself. There are no locks: the caller saves from one thread at a time; reading
 * a handle that was handed out is safe at any time.
 *
 * Equations: used <= limit <= DEPOT_WORDS; every handle h has 0 < h < used and
 * 0 < head(h).count <= DEPOT_FRAMES_MAX.
 */
#include "depot.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define DEPOT_WORDS  (1u << 27) /* 1 GiB: about eight million stacks of 16 frames */
#define BUCKET_COUNT (1u << 20)
#define BUCKET_MASK  (BUCKET_COUNT - 1)
#define RECENT_COUNT 1024u

struct record {
	uint32_t next;	/* handle of the next record in this bucket, or 0 */
	uint16_t tag;	/* hash bits that the bucket does not tell: spares most compares */
	uint16_t count; /* of frames that follow */
	uint64_t pcs[];
};
_Static_assert(sizeof(struct record) == sizeof(uint64_t), "a record's head is one word");

static struct {
	uint64_t *words;
	uint32_t *buckets;
	uint32_t recent[RECENT_COUNT];
	uint32_t used, limit; /* in words */
	bool warned;
} depot;

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static bool depot_open(void)
{
	if (depot.words)
		return true;
	depot.buckets = reserve(BUCKET_COUNT * sizeof(*depot.buckets));
	if (!depot.buckets)
		return false;
	depot.words = reserve((size_t)DEPOT_WORDS * sizeof(*depot.words));
	if (!depot.words) {
		munmap(depot.buckets, BUCKET_COUNT * sizeof(*depot.buckets));
		return false;
	}
	depot.used = 1;
	if (!depot.limit)
		depot.limit = DEPOT_WORDS;
	return true;
}

static struct record *record_at(uint32_t handle)
{
	return (struct record *)&depot.words[handle];
}

static uint32_t depot_full(void)
{
	if (!depot.warned)
		fprintf(stderr, "kfail: the stack depot is full: new stacks are not recorded\n");
	depot.warned = true;
	return 0;
}

static bool is_stack(uint32_t handle, const uint64_t *pcs, unsigned n, uint16_t tag)
{
	const struct record *r = record_at(handle);
	uint64_t differs = 0;

	if (r->tag != tag || r->count != n)
		return false;
	for (unsigned i = 0; i < n; i++)
		differs |= r->pcs[i] ^ pcs[i];
	return !differs;
}

static uint32_t find(const uint64_t *pcs, unsigned n, uint32_t bucket, uint16_t tag)
{
	for (uint32_t h = depot.buckets[bucket]; h; h = record_at(h)->next)
		if (is_stack(h, pcs, n, tag))
			return h;
	return 0;
}

static uint32_t append(const uint64_t *pcs, unsigned n, uint32_t bucket, uint16_t tag)
{
	uint32_t handle = depot.used;
	struct record *r;

	if (depot.limit < depot.used || depot.limit - depot.used < 1 + n)
		return depot_full();
	r = record_at(handle);
	r->next = depot.buckets[bucket];
	r->tag = tag;
	r->count = (uint16_t)n;
	memcpy(r->pcs, pcs, n * sizeof(*pcs));
	depot.used += 1 + n;
	depot.buckets[bucket] = handle;
	return handle;
}

uint32_t depot_save(const uint64_t *pcs, unsigned n)
{
	uint32_t bucket, handle, *recent;
	uint64_t hash;
	uint16_t tag;

	if (!n)
		return 0;
	if (n > DEPOT_FRAMES_MAX)
		n = DEPOT_FRAMES_MAX;
	if (!depot_open())
		return depot_full();
	hash = XXH3_64bits(pcs, n * sizeof(*pcs));
	bucket = hash & BUCKET_MASK;
	tag = (uint16_t)(hash >> 48);
	recent = &depot.recent[hash % RECENT_COUNT];
	if (*recent && is_stack(*recent, pcs, n, tag))
		return *recent;
	handle = find(pcs, n, bucket, tag) ?: append(pcs, n, bucket, tag);
	return *recent = handle;
}

unsigned depot_get(uint32_t handle, const uint64_t **pcs)
{
	const struct record *r;

	if (!handle) {
		*pcs = NULL;
		return 0;
	}
	assert(depot.words && handle < depot.used);
	r = record_at(handle);
	assert(r->count && r->count <= DEPOT_FRAMES_MAX);
	*pcs = r->pcs;
	return r->count;
}

void depot_set_limit(uint64_t bytes)
{
	uint64_t words = bytes / sizeof(*depot.words);

	depot.limit = !words || words > DEPOT_WORDS ? DEPOT_WORDS : (uint32_t)words;
	depot.warned = false;
}

uint64_t depot_bytes(void)
{
	return (uint64_t)depot.used * sizeof(*depot.words);
}
