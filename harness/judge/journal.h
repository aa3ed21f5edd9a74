/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal of a run: every allocation since judge_begin(), in order (see journal.c for how it is kept).
 */
#ifndef KFAIL_JUDGE_JOURNAL_H
#define KFAIL_JUDGE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

struct kf_object;

#define JOURNAL_MAX (1u << 22) /* entries in one run */
#define JOURNAL_KEPT \
	(1u << 16) /* the first so many stay at their index: judge_unwound() compares by it */

/* One allocation of this run, as it is told apart and as it is told. */
struct journal_entry {
	uint64_t addr, seq;
	uint64_t size;	   /* of leftovers only */
	const char *cache; /* the same: name, in world memory; NULL when none */
	uint32_t index;
	uint32_t stack; /* 0: only its object knows it */
	uint32_t next;	/* of leftovers: in the chain of their group */
	uint32_t
		point; /* points that the run had come to; among the millionth allocations to within 64 of them */
	uint8_t kind;	/* enum kf_kind */
	bool on_behalf; /* of the module under test */
	bool told;	/* a group of leftovers has it already */
};

/* Once per process. */
void journal_open(void);
/* A run begins: no entry. */
void journal_reset(void);
/* Append what is in *entry, but size, cache, next and told; makes room if that is possible. NULL, or why it could not. */
const char *journal_add(const struct journal_entry *entry);
/* False: there is none at this index, and *out says so by stack 0. */
bool journal_at(uint32_t index, struct journal_entry *out);
/* The entries that can still matter at the end of a run, in order: begin with *at = 0; false: no more. */
bool journal_next(uint32_t *at, struct journal_entry *out);
/* The newest entry with this seq; false: none. */
bool journal_of(uint64_t seq, struct journal_entry *out);
/* Its stack, or 0 when nobody knows it any more. */
uint32_t journal_stack(uint32_t index);

/* Is it still alive? Then what the allocators know of it is in *object, and the entry's stack is set. */
bool journal_is_live(struct journal_entry *entry, struct kf_object *object);
/* The object as the allocators know it, live or freed; false: a newer one has taken its place, or nobody knows. */
bool journal_object(const struct journal_entry *entry, struct kf_object *out);
/* Is this still an object, alive or freed, that no newer one has taken the place of? */
bool journal_is_newest(const struct journal_entry *entry);
/* Copy the entries that are alive to `entries`, as they were before anything was told; returns how many, at most max. */
uint32_t journal_alive(struct journal_entry *entries, uint32_t max);

/* The entry's object, which is given, is left over: from now on it is judge.left[], at the index that is returned. */
uint32_t journal_tell(const struct journal_entry *entry, const struct kf_object *object);
/* The newest of those is none after all. */
void journal_untell(void);

/* Note which entries can still matter: the others are not looked at any more. */
void journal_sift(void);

#endif
