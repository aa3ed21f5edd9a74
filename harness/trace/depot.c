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
 * and goes on by itself. There are no locks: the caller saves from one thread at a time; finding a
 * stack, and reading a handle that was handed out, is safe at any time.
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
	bool open, warned;
	uint64_t lost;
} depot;

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static bool depot_open(void)
{
	if (depot.open)
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
	__atomic_store_n(&depot.open, true, __ATOMIC_RELEASE);
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
	depot.lost++;
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

/* Where a stack belongs in the tables. */
struct place {
	uint32_t *bucket, *recent;
	uint16_t tag;
};

static struct place place_of(const uint64_t *pcs, unsigned n)
{
	uint64_t hash = XXH3_64bits(pcs, n * sizeof(*pcs));

	return (struct place){&depot.buckets[hash & BUCKET_MASK],
			      &depot.recent[hash % RECENT_COUNT], (uint16_t)(hash >> 48)};
}

/* A handle is published when its record is complete, and records never change. */
static uint32_t find(const uint64_t *pcs, unsigned n, const struct place *place)
{
	uint32_t h = __atomic_load_n(place->recent, __ATOMIC_ACQUIRE);

	if (h && is_stack(h, pcs, n, place->tag))
		return h;
	for (h = __atomic_load_n(place->bucket, __ATOMIC_ACQUIRE); h; h = record_at(h)->next)
		if (is_stack(h, pcs, n, place->tag)) {
			__atomic_store_n(place->recent, h, __ATOMIC_RELEASE);
			return h;
		}
	return 0;
}

static uint32_t append(const uint64_t *pcs, unsigned n, const struct place *place)
{
	uint32_t handle = depot.used;
	struct record *r;

	if (depot.limit < depot.used || depot.limit - depot.used < 1 + n)
		return depot_full();
	r = record_at(handle);
	r->next = *place->bucket;
	r->tag = place->tag;
	r->count = (uint16_t)n;
	memcpy(r->pcs, pcs, n * sizeof(*pcs));
	depot.used += 1 + n;
	__atomic_store_n(place->bucket, handle, __ATOMIC_RELEASE);
	__atomic_store_n(place->recent, handle, __ATOMIC_RELEASE);
	return handle;
}

static unsigned cut(unsigned n)
{
	return n < DEPOT_FRAMES_MAX ? n : DEPOT_FRAMES_MAX;
}

uint32_t depot_find(const uint64_t *pcs, unsigned n)
{
	struct place place;

	if (!n || !__atomic_load_n(&depot.open, __ATOMIC_ACQUIRE))
		return 0;
	n = cut(n);
	place = place_of(pcs, n);
	return find(pcs, n, &place);
}

uint32_t depot_save(const uint64_t *pcs, unsigned n)
{
	struct place place;

	if (!n)
		return 0;
	if (!depot_open())
		return depot_full();
	n = cut(n);
	place = place_of(pcs, n);
	return find(pcs, n, &place) ?: append(pcs, n, &place);
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

uint64_t depot_lost(void)
{
	return depot.lost;
}

uint64_t depot_bytes(void)
{
	return (uint64_t)depot.used * sizeof(*depot.words);
}
