// SPDX-License-Identifier: GPL-2.0-only
/*
 * The classic heap, as in section 8.7 of Kernighan and Ritchie and its descendants.
 *
 *	arena  |h|  live  |h| free |h|     live     |h|   free   |......................|
 *	       ^start                                            ^brk                   ^limit
 *
 *	header, 16 bytes:  state (4)  requested (4)  size (4)  size of the block before (4)
 *	free block:        header, next and previous free block by address (16 bytes), ...
 *
 * Sizes count units of 16 bytes, header included, so an arena has at most 64 GiB. `state` is a magic word that
 * differs between live and free blocks: a block that is freed twice, and a header that was overwritten, are seen before
 * anything is believed that it says. Equations: the sizes of all blocks sum up to brk - start; `before` of
 * each block is the size of its left neighbour.
 */
#include "heap.h"

#include <string.h>

#include "../core/base.h"

enum { LIVE = 0x4c495645, FREE = 0x46524545 };

/* Units of a header, and the least that a block has: a free one needs room for its links. */
#define HEADER	  1u
#define MIN_UNITS 2u

struct kf_heap_block {
	u32 state;
	u32 requested; /* bytes; 0 in free blocks. Above 4 GiB: the size of the block stands for it */
	u32 units, before;
	struct kf_heap_block *next, *prev; /* of free blocks only */
};

static char *at(const struct kf_heap_block *b)
{
	return (char *)b;
}

static void *payload(struct kf_heap_block *b)
{
	return at(b) + KF_HEAP_ALIGN;
}

static u64 bytes_of(const struct kf_heap_block *b)
{
	return (u64)(b->units - HEADER) * KF_HEAP_ALIGN;
}

static struct kf_heap_block *behind(const struct kf_heap *heap, const struct kf_heap_block *b)
{
	char *next = at(b) + (u64)b->units * KF_HEAP_ALIGN;

	return next < heap->brk ? (struct kf_heap_block *)next : NULL;
}

static struct kf_heap_block *before(const struct kf_heap_block *b)
{
	return b->before ? (struct kf_heap_block *)(at(b) - (u64)b->before * KF_HEAP_ALIGN) : NULL;
}

static void set_units(struct kf_heap *heap, struct kf_heap_block *b, u32 units)
{
	struct kf_heap_block *next;

	b->units = units;
	next = behind(heap, b);
	if (next)
		next->before = units;
	else
		heap->last = b;
}

/* ---- the free list, by address ----------------------------------------------------------------------------- */

static void list_insert(struct kf_heap *heap, struct kf_heap_block *b)
{
	struct kf_heap_block *prev = NULL, *next = heap->free;

	for (; next && next < b; next = next->next)
		prev = next;
	b->state = FREE;
	b->requested = 0;
	b->prev = prev;
	b->next = next;
	if (next)
		next->prev = b;
	if (prev)
		prev->next = b;
	else
		heap->free = b;
}

static void list_remove(struct kf_heap *heap, struct kf_heap_block *b)
{
	if (b->prev)
		b->prev->next = b->next;
	else
		heap->free = b->next;
	if (b->next)
		b->next->prev = b->prev;
}

/* ---- blocks -------------------------------------------------------------------------------------------------- */

void kf_heap_init(struct kf_heap *heap, void *arena, size_t size)
{
	char *start = (char *)kf_align_up((u64)(uintptr_t)arena, KF_HEAP_ALIGN);
	size_t lost = (size_t)(start - (char *)arena);

	size = size > lost ? (size - lost) & ~(size_t)(KF_HEAP_ALIGN - 1) : 0;
	*heap = (struct kf_heap){.start = start, .brk = start, .limit = start + size};
}

/* sbrk(): move the end of the arena up and return where it was; NULL: there is not so much left. */
static void *more(struct kf_heap *heap, u64 bytes)
{
	char *old = heap->brk;

	if (bytes > (u64)(heap->limit - heap->brk))
		return NULL;
	heap->brk += bytes;
	heap->grown++;
	return old;
}

/* At least `units` of new memory at the end: a page at a time, or what is left if that is enough. */
static struct kf_heap_block *grow(struct kf_heap *heap, u32 units)
{
	u64 want = (u64)units * KF_HEAP_ALIGN, step = kf_align_up(want, KF_PAGE_SIZE);
	struct kf_heap_block *b = more(heap, step);

	if (!b) {
		step = want;
		b = more(heap, step);
	}
	if (!b)
		return NULL;
	b->before = heap->last ? heap->last->units : 0;
	set_units(heap, b, (u32)(step / KF_HEAP_ALIGN));
	return b;
}

/* Make one block of a free one and its free neighbour behind it. */
static void swallow(struct kf_heap *heap, struct kf_heap_block *b, struct kf_heap_block *next)
{
	set_units(heap, b, b->units + next->units);
}

static void give(struct kf_heap *heap, struct kf_heap_block *b)
{
	struct kf_heap_block *next = behind(heap, b), *prev = before(b);

	if (next && next->state == FREE) {
		list_remove(heap, next);
		swallow(heap, b, next);
	}
	if (prev && prev->state == FREE) {
		swallow(heap, prev, b);
		b->state = 0; /* no header any more: a second free is not believed */
		return;
	}
	list_insert(heap, b);
}

/* What is beyond `units` becomes a free block, when that is worth a header. */
static void trim(struct kf_heap *heap, struct kf_heap_block *b, u32 units)
{
	u32 rest = b->units - units;
	struct kf_heap_block *tail;

	if (rest < MIN_UNITS)
		return;
	tail = (struct kf_heap_block *)(at(b) + (u64)units * KF_HEAP_ALIGN);
	tail->state = 0;
	b->units = units;
	tail->before = units;
	set_units(heap, tail, rest);
	give(heap, tail);
}

static u64 units_of(size_t size)
{
	u64 units = HEADER + (size + (u64)KF_HEAP_ALIGN - 1) / KF_HEAP_ALIGN;

	return units < MIN_UNITS ? MIN_UNITS : units;
}

static struct kf_heap_block *first_fit(struct kf_heap *heap, u32 units)
{
	for (struct kf_heap_block *b = heap->free; b; b = b->next)
		if (b->units >= units)
			return b;
	return NULL;
}

/* The free block at the end of the arena counts: only what it lacks is new. */
static struct kf_heap_block *extend(struct kf_heap *heap, u32 units)
{
	struct kf_heap_block *last = heap->last, *b;
	u32 have = last && last->state == FREE ? last->units : 0;

	b = grow(heap, units - have > MIN_UNITS ? units - have : MIN_UNITS);
	if (!b)
		return NULL;
	give(heap, b);
	return have ? last : b;
}

static u64 requested_of(const struct kf_heap_block *b)
{
	u64 usable = bytes_of(b);

	return usable > UINT32_MAX ? usable : b->requested;
}

static void *hand_out(struct kf_heap *heap, struct kf_heap_block *b, size_t size)
{
	b->state = LIVE;
	b->requested = (u32)size;
	heap->live++;
	heap->live_bytes += requested_of(b);
	return payload(b);
}

void *kf_heap_malloc(struct kf_heap *heap, size_t size)
{
	u64 units = units_of(size);
	struct kf_heap_block *b;

	if (size > (size_t)(heap->limit - heap->start))
		return NULL;
	b = first_fit(heap, (u32)units);
	if (!b)
		b = extend(heap, (u32)units);
	if (!b)
		return NULL;
	list_remove(heap, b);
	b->state = LIVE; /* before the rest is given back, which would melt with a free one */
	trim(heap, b, (u32)units);
	return hand_out(heap, b, size);
}

/* ---- giving back ------------------------------------------------------------------------------------------------ */

static bool in_arena(const struct kf_heap *heap, const void *p)
{
	return (const char *)p >= heap->start && (const char *)p < heap->brk;
}

static bool whole(const struct kf_heap *heap, const struct kf_heap_block *b)
{
	const struct kf_heap_block *next, *prev;

	if (b->units < MIN_UNITS || b->units > (u64)(heap->brk - at(b)) / KF_HEAP_ALIGN ||
	    b->before > (u64)(at(b) - heap->start) / KF_HEAP_ALIGN)
		return false;
	next = behind(heap, b);
	prev = before(b);
	return (!next ||
		((next->state == LIVE || next->state == FREE) && next->before == b->units)) &&
	       (!prev ||
		((prev->state == LIVE || prev->state == FREE) && prev->units == b->before));
}

/* The live block of p, or NULL when that was told as a bug. */
static struct kf_heap_block *live_block(const struct kf_heap *heap, const void *p)
{
	struct kf_heap_block *b = (struct kf_heap_block *)((char *)p - KF_HEAP_ALIGN);

	if (!in_arena(heap, b) || (uintptr_t)p % KF_HEAP_ALIGN) {
		kf_tell(KF_BUG_INVALID_FREE, p, NULL, NULL, "not a block of this heap");
		return NULL;
	}
	if (b->state == FREE || !b->state) {
		kf_tell(KF_BUG_DOUBLE_FREE, p, NULL, NULL, "the block is free already");
		return NULL;
	}
	if (b->state != LIVE) {
		kf_tell(KF_BUG_INVALID_FREE, p, NULL, NULL,
			"no header before it: not the start of a block, or overwritten");
		return NULL;
	}
	if (!whole(heap, b)) {
		kf_tell(KF_BUG_REDZONE, p, NULL, NULL,
			"the header of this block or of a neighbour was overwritten");
		return NULL;
	}
	return b;
}

void kf_heap_free(struct kf_heap *heap, void *p)
{
	struct kf_heap_block *b = p ? live_block(heap, p) : NULL;

	if (!b)
		return;
	heap->live--;
	heap->live_bytes -= requested_of(b);
	give(heap, b);
}

size_t kf_heap_usable(const void *p)
{
	return bytes_of((const struct kf_heap_block *)((const char *)p - KF_HEAP_ALIGN));
}

/* Room for `units` where the block is, with the help of a free block behind it. */
static bool widen(struct kf_heap *heap, struct kf_heap_block *b, u64 units)
{
	struct kf_heap_block *next = behind(heap, b);

	if (b->units >= units)
		return true;
	if (!next || next->state != FREE || (u64)b->units + next->units < units)
		return false;
	list_remove(heap, next);
	swallow(heap, b, next);
	return true;
}

void *kf_heap_realloc(struct kf_heap *heap, void *p, size_t size)
{
	struct kf_heap_block *b;
	void *new;

	if (!p)
		return kf_heap_malloc(heap, size);
	if (!size) {
		kf_heap_free(heap, p);
		return NULL;
	}
	b = live_block(heap, p);
	if (!b || size > (size_t)(heap->limit - heap->start))
		return NULL;
	heap->live_bytes -= requested_of(b);
	if (widen(heap, b, units_of(size))) {
		trim(heap, b, (u32)units_of(size));
		heap->live--;
		return hand_out(heap, b, size);
	}
	heap->live_bytes += requested_of(b);
	new = kf_heap_malloc(heap, size);
	if (!new)
		return NULL;
	memcpy(new, p, bytes_of(b));
	kf_heap_free(heap, p);
	return new;
}

/* ---- looking ------------------------------------------------------------------------------------------------------ */

void kf_heap_stat(const struct kf_heap *heap, struct kf_heap_stat *out)
{
	const struct kf_heap_block *b = heap->last ? (struct kf_heap_block *)heap->start : NULL;

	*out = (struct kf_heap_stat){.arena = (u64)(heap->brk - heap->start),
				     .live = heap->live,
				     .requested = heap->live_bytes};
	for (; b; b = behind(heap, b)) {
		out->headers += KF_HEAP_ALIGN;
		if (b->state == LIVE) {
			out->usable += bytes_of(b);
			continue;
		}
		out->free += bytes_of(b);
		out->free_blocks++;
		if (bytes_of(b) > out->largest_free)
			out->largest_free = bytes_of(b);
	}
	if (out->free)
		out->external = 1 - (double)out->largest_free / (double)out->free;
	if (out->usable)
		out->internal = 1 - (double)out->requested / (double)out->usable;
}

const char *kf_heap_validate(const struct kf_heap *heap)
{
	const struct kf_heap_block *b = heap->last ? (struct kf_heap_block *)heap->start : NULL;
	const struct kf_heap_block *listed = heap->free, *last = NULL;
	u64 live = 0, bytes = 0;

	for (; b; last = b, b = behind(heap, b)) {
		if (b->state != LIVE && b->state != FREE)
			return "a header was overwritten";
		if (!whole(heap, b))
			return "the blocks of the heap do not tile its arena";
		if (b->state == LIVE) {
			live++;
			bytes += requested_of(b);
			continue;
		}
		if (last && last->state == FREE)
			return "two free blocks are not coalesced";
		if (b != listed)
			return "a free block is not on the list where it belongs";
		listed = b->next;
	}
	if (listed || last != heap->last)
		return "the free list or the last block is wrong";
	return live == heap->live && bytes == heap->live_bytes ? NULL
							       : "counts of live blocks are wrong";
}
