// SPDX-License-Identifier: GPL-2.0-only
/*
 * The journal of a run. It is append-only: a free does not look its entry up; at the end an entry is a leftover if the
 * allocators still know its address with its sequence number. Reset is one store.
 *
 * Nearly all that there is to say of an object stands in the allocators' record of it. So an entry is one word:
 *
 *	63          50 49   48     47        45 44                       0
 *	| seq, low 14 | told | ours | kind (7: none) | address / 4           |
 *
 * Numbers only grow, so the low bits are enough beside the number that a block of 64 entries begins with. When
 * entries in one block would be too far apart, the rest of it stays empty.
 *
 * What no record tells is who made an object that is gone, and when: wanted around the refused request (blame.c), of
 * the first JOURNAL_KEPT entries, and of the newest ones, since a request may be refused any time. Two tables beside the
 * words have it, and give their memory back behind that window. Further back the stack is the object's tag, while there
 * is an object.
 *
 *	words   |first JOURNAL_KEPT|..................|refused|...............|newest|
 *	tables  |##################|                |###########|            |######|
 */
#include "evidence.h"

#include <stddef.h>
#include <sys/mman.h>
#include "../../allocator/core/objects.h"
#include "../../allocator/slab/slab.h"
#include "../trace/util.h"

#define BLOCK 64u	 /* entries */
#define CHUNK (1u << 14) /* entries, of the tables that are a window */

#define ADDR_BITS  45
#define ADDR_MASK  ((1ull << ADDR_BITS) - 1)
#define KIND_SHIFT ADDR_BITS
#define KIND_NONE  7ull
#define OURS	   (1ull << 48)
#define TOLD	   (1ull << 49)
#define SEQ_SHIFT  50
#define SEQ_SPAN   (1ull << (64 - SEQ_SHIFT))

_Static_assert(KF_NR_KINDS <= KIND_NONE, "a kind has three bits");
_Static_assert(CHUNK * sizeof(uint32_t) % 4096 == 0, "whole pages are given back");

#define SIFT_FROM 256 /* entries that are not worth it */

static RUN_STATE struct {
	uint64_t *words;
	uint64_t *seqs;		 /* by block: of its first entry */
	uint32_t *points;	 /* the same */
	uint32_t *stack, *point; /* by entry, in the window; else 0 */
	/* Of the first `sifted` entries only the `open_count` ones whose indices are in `open` can still matter. */
	uint32_t sifted, open_count, *open;
} journal;

/* One element for each entry that there can be; memory only where it is touched. */
static void *table(size_t element)
{
	void *p = mmap(NULL, JOURNAL_MAX * element, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		out_of_host_memory(JOURNAL_MAX * element);
	return p;
}

void journal_open(void)
{
	if (journal.words)
		return;
	journal.words = table(sizeof(*journal.words));
	journal.seqs = table(sizeof(*journal.seqs));
	journal.points = table(sizeof(*journal.points));
	journal.stack = table(sizeof(*journal.stack));
	journal.point = table(sizeof(*journal.point));
	journal.open = table(sizeof(*journal.open));
	judge.left = table(sizeof(*judge.left));
}

void journal_reset(void)
{
	judge.journal_count = judge.left_count = 0;
	journal.sifted = journal.open_count = 0;
}

/* ---- words ---- */

static uint64_t pack(const struct journal_entry *entry)
{
	return entry->addr >> 2 | (uint64_t)entry->kind << KIND_SHIFT |
	       (entry->on_behalf ? OURS : 0) | entry->seq << SEQ_SHIFT;
}

static void unpack(uint64_t word, uint64_t block_seq, struct journal_entry *out)
{
	out->addr = (word & ADDR_MASK) << 2;
	out->kind = word >> KIND_SHIFT & KIND_NONE;
	out->on_behalf = word & OURS;
	out->told = word & TOLD;
	out->seq = block_seq + (((word >> SEQ_SHIFT) - block_seq) & (SEQ_SPAN - 1));
	out->size = 0;
	out->cache = NULL;
	out->next = NOTHING;
}

static bool is_entry(uint64_t word)
{
	return (word >> KIND_SHIFT & KIND_NONE) != KIND_NONE;
}

bool journal_at(uint32_t index, struct journal_entry *out)
{
	uint32_t block = index / BLOCK;

	unpack(journal.words[index], journal.seqs[block], out);
	out->index = index;
	out->stack = journal.stack[index];
	out->point = out->stack ? journal.point[index] : journal.points[block];
	return is_entry(journal.words[index]);
}

/* ---- the window ---- */

/* What was allocated around the newest refusal tells which call it was made in (blame.c), freed or not. */
static bool near_refusal(uint32_t index)
{
	return judge.refused_at && index + JOURNAL_KEPT >= judge.refused_at &&
	       index < judge.refused_at + JOURNAL_KEPT;
}

static void drop_chunk(uint32_t first)
{
	if (first < JOURNAL_KEPT || near_refusal(first) || near_refusal(first + CHUNK - 1))
		return;
	madvise(journal.stack + first, CHUNK * sizeof(*journal.stack), MADV_DONTNEED);
	madvise(journal.point + first, CHUNK * sizeof(*journal.point), MADV_DONTNEED);
}

/* ---- adding ---- */

/* A block begins at the end of the journal; what was left of the one before stays empty. */
static void begin_block(const struct journal_entry *entry)
{
	uint32_t at = judge.journal_count;

	for (; at % BLOCK; at++) {
		journal.words[at] = KIND_NONE << KIND_SHIFT;
		journal.stack[at] = 0;
	}
	judge.journal_count = at;
	if (at == JOURNAL_MAX)
		return;
	journal.seqs[at / BLOCK] = entry->seq;
	journal.points[at / BLOCK] = entry->point;
	if (at % CHUNK == 0 && at >= 2 * CHUNK)
		drop_chunk(at - 2 * CHUNK);
}

static bool append(const struct journal_entry *entry)
{
	uint32_t at = judge.journal_count;

	if (at % BLOCK == 0 || entry->seq - journal.seqs[at / BLOCK] >= SEQ_SPAN) {
		begin_block(entry);
		at = judge.journal_count;
	}
	if (at == JOURNAL_MAX)
		return false;
	journal.words[at] = pack(entry);
	journal.stack[at] = entry->stack;
	journal.point[at] = entry->point;
	judge.journal_count = at + 1;
	return true;
}

/*
 * Make room in a full journal by dropping what can no longer matter. When fewer than half would go, all stay: a run that
 * keeps millions alive would otherwise have all of them looked through again and again. Entries move towards the
 * start, so a block is only written over when it was read, but for its number.
 */
static void compact(void)
{
	uint32_t count = judge.journal_count, refused_at = judge.refused_at;
	struct journal_entry entry;
	uint64_t seq = 0;

	if (judge.live > count / 2)
		return;
	judge.journal_count = JOURNAL_KEPT;
	for (uint32_t i = JOURNAL_KEPT; i < count; i++) {
		if (i % BLOCK == 0)
			seq = journal.seqs[i / BLOCK];
		if (i == judge.refused_at)
			refused_at = judge.journal_count;
		if (!journal_at(i, &entry))
			continue;
		unpack(journal.words[i], seq, &entry);
		if (near_refusal(i) || journal_is_newest(&entry)) {
			append(&entry);
			if (entry.told)
				journal.words[judge.journal_count - 1] |= TOLD;
		}
	}
	judge.refused_at = refused_at == count ? judge.journal_count : refused_at;
	journal.sifted = journal.open_count = 0;
	judge.compactions++;
}

const char *journal_add(const struct journal_entry *entry)
{
	if (entry->addr & 3 || entry->addr >> 2 > ADDR_MASK)
		return "an allocation lies where the journal cannot note it";
	if (judge.journal_count == JOURNAL_MAX)
		compact();
	if (judge.journal_count == JOURNAL_MAX || !append(entry))
		return "more than 4 million allocations are alive at a time";
	return NULL;
}

/* ---- what the allocators know ---- */

static bool look_up(const struct journal_entry *entry, struct kf_object *out)
{
	switch (entry->kind) {
	case KF_PERCPU:
		return kf_percpu_object(entry->addr, out);
	case KF_CACHE:
		return kf_cache_object((const struct kf_cache *)entry->addr, out);
	default:
		return kf_object_at((const void *)entry->addr, out);
	}
}

bool journal_object(const struct journal_entry *entry, struct kf_object *out)
{
	return look_up(entry, out) && out->seq == entry->seq;
}

bool journal_is_live(struct journal_entry *entry, struct kf_object *object)
{
	if (!journal_object(entry, object) || !object->live)
		return false;
	if (!entry->stack)
		entry->stack = object->alloc_tag;
	return true;
}

/* Alive, or the last that lived there: damage of freed memory is looked for there (memory.c). */
bool journal_is_newest(const struct journal_entry *entry)
{
	struct kf_object object;

	return journal_object(entry, &object);
}

uint32_t journal_stack(uint32_t index)
{
	struct journal_entry entry;
	struct kf_object object;

	if (journal.stack[index] || !journal_at(index, &entry))
		return journal.stack[index];
	return journal_object(&entry, &object) ? object.alloc_tag : 0;
}

/* ---- going through it ---- */

bool journal_next(uint32_t *at, struct journal_entry *out)
{
	for (;;) {
		uint32_t i = (*at)++;

		if (i < journal.open_count) {
			journal_at(journal.open[i], out);
			return true;
		}
		i += journal.sifted - journal.open_count;
		if (i >= judge.journal_count)
			return false;
		if (journal_at(i, out))
			return true;
	}
}

bool journal_of(uint64_t seq, struct journal_entry *out)
{
	for (uint32_t i = judge.journal_count; i--;)
		if (journal_at(i, out) && out->seq == seq)
			return true;
	return false;
}

uint32_t journal_alive(struct journal_entry *entries, uint32_t max)
{
	struct kf_object object;
	uint32_t n = 0;

	for (uint32_t i = 0; i < judge.journal_count && n < max; i++)
		if (journal_at(i, &entries[n]) && journal_is_live(&entries[n], &object))
			n++;
	return n;
}

void journal_sift(void)
{
	struct journal_entry entry;
	uint32_t at = 0, n = 0;

	if (judge.journal_count - journal.sifted <= journal.open_count + SIFT_FROM)
		return;
	/* `open` is read ahead of where it is written. */
	while (journal_next(&at, &entry))
		if (journal_is_newest(&entry))
			journal.open[n++] = entry.index;
	journal.open_count = n;
	journal.sifted = judge.journal_count;
}

/* ---- leftovers ---- */

static const char *cache_name(const struct kf_object *object)
{
	if (object->kind == KF_CACHE)
		return kf_cache_name(object->addr);
	return object->cache ? kf_cache_name(object->cache) : NULL;
}

uint32_t journal_tell(const struct journal_entry *entry, const struct kf_object *object)
{
	struct journal_entry *left = &judge.left[judge.left_count];

	*left = *entry;
	left->size = object->size;
	left->cache = cache_name(object);
	left->next = NOTHING;
	journal.words[entry->index] |= TOLD;
	return judge.left_count++;
}

void journal_untell(void)
{
	journal.words[judge.left[--judge.left_count].index] &= ~TOLD;
}
