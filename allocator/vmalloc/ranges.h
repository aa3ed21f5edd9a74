/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of ranges of addresses that do not overlap, in order: the tree that busy areas and gaps are kept in.
 * Private to this folder. Follows the augmented red-black trees of mm/vmalloc.c of 6.1 in what they answer.
 *
 * It is a treap: a search tree by address, and a heap by a number that is a hash of the node's own
 * address, so it needs neither colours nor a random source, and the same calls make the same tree. Each node knows
 * the size of the largest range at or below it, by which a search for a gap leaves out whole subtrees. All
 * operations take O(log n) steps; the caller has the lock.
 */
#ifndef KFAIL_ALLOCATOR_RANGES_H
#define KFAIL_ALLOCATOR_RANGES_H

#include "../core/types.h"

struct kf_range {
	u64 start, end; /* [start, end), not empty */
	struct kf_range *left, *right, *parent;
	u64 max; /* of end - start, over this node and all below it */
};

struct kf_ranges {
	struct kf_range *root;
};

/* Add [range->start, range->end), which overlaps nothing in the set; or take a member out. */
void kf_ranges_insert(struct kf_ranges *set, struct kf_range *range);
void kf_ranges_remove(struct kf_ranges *set, struct kf_range *range);
/* Change the bounds of a member, within the gap between its neighbours. */
void kf_range_resize(struct kf_range *range, u64 start, u64 end);

/* The first range that ends above `addr`; the last that starts at or below it. NULL: none. */
struct kf_range *kf_ranges_from(const struct kf_ranges *set, u64 addr);
struct kf_range *kf_ranges_upto(const struct kf_ranges *set, u64 addr);
/* The range that holds `addr`, or NULL. */
struct kf_range *kf_ranges_at(const struct kf_ranges *set, u64 addr);
/* In order of addresses; NULL after the last and before the first. */
struct kf_range *kf_ranges_first(const struct kf_ranges *set);
struct kf_range *kf_range_next(const struct kf_range *range);
struct kf_range *kf_range_prev(const struct kf_range *range);

/* The first range behind `range` of at least `size` bytes; `range` NULL: of all. */
struct kf_range *kf_ranges_next_of(const struct kf_ranges *set, const struct kf_range *range,
				   u64 size);

/* Order, heap, links and sizes, recomputed: NULL, or the first sentence that is not true. */
const char *kf_ranges_validate(const struct kf_ranges *set);

#endif
