// SPDX-License-Identifier: GPL-2.0-only
/*
 * The treap of ranges (ranges.h). A new node is hung below the leaf where it belongs and rotated up while it
 * outranks its parent; a node that leaves is rotated down until it has at most one child. `max` is
 * recomputed on the way, and upwards only as long as it changes: an insertion far from the root writes to few
 * nodes, and so dirties few pages.
 */
#include "ranges.h"

static u64 max_of(const struct kf_range *node)
{
	return node ? node->max : 0;
}

static u64 own_size(const struct kf_range *node)
{
	return node->end - node->start;
}

static u64 computed_max(const struct kf_range *node)
{
	u64 max = own_size(node);

	if (max_of(node->left) > max)
		max = node->left->max;
	return max_of(node->right) > max ? node->right->max : max;
}

/* The heap's order: a mix of the node's address (the finalizer of MurmurHash3). */
static u64 rank(const struct kf_range *node)
{
	u64 x = (u64)(uintptr_t)node;

	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdull;
	x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ull;
	return x ^ (x >> 33);
}

static void update_upwards(struct kf_range *node)
{
	for (; node; node = node->parent) {
		u64 max = computed_max(node);

		if (node->max == max)
			return;
		node->max = max;
	}
}

/* ---- shape --------------------------------------------------------------------------------------------- */

static struct kf_range **link_to(struct kf_ranges *set, struct kf_range *node)
{
	if (!node->parent)
		return &set->root;
	return node == node->parent->left ? &node->parent->left : &node->parent->right;
}

static void replace(struct kf_ranges *set, struct kf_range *node, struct kf_range *by)
{
	*link_to(set, node) = by;
	if (by)
		by->parent = node->parent;
}

/*
 * Lift `node` above its parent:
 *
 *	    p		  n
 *	   / \		 / \
 *	  n   c   <->	a   p
 *	 / \		   / \
 *	a   b		  b   c
 */
static void rotate_up(struct kf_ranges *set, struct kf_range *node)
{
	struct kf_range *p = node->parent, *b = node == p->left ? node->right : node->left;

	replace(set, p, node);
	if (node == p->left) {
		p->left = b;
		node->right = p;
	} else {
		p->right = b;
		node->left = p;
	}
	if (b)
		b->parent = p;
	p->parent = node;
	p->max = computed_max(p);
	node->max = computed_max(node);
}

void kf_ranges_insert(struct kf_ranges *set, struct kf_range *range)
{
	struct kf_range **link = &set->root, *parent = NULL;

	while (*link) {
		parent = *link;
		link = range->start < parent->start ? &parent->left : &parent->right;
	}
	range->left = range->right = NULL;
	range->parent = parent;
	range->max = own_size(range);
	*link = range;
	while (range->parent && rank(range) > rank(range->parent))
		rotate_up(set, range);
	update_upwards(range->parent);
}

void kf_ranges_remove(struct kf_ranges *set, struct kf_range *range)
{
	while (range->left && range->right)
		rotate_up(set, rank(range->left) > rank(range->right) ? range->left : range->right);
	replace(set, range, range->left ? range->left : range->right);
	update_upwards(range->parent);
}

void kf_range_resize(struct kf_range *range, u64 start, u64 end)
{
	range->start = start;
	range->end = end;
	update_upwards(range);
}

/* ---- search -------------------------------------------------------------------------------------------- */

struct kf_range *kf_ranges_from(const struct kf_ranges *set, u64 addr)
{
	struct kf_range *best = NULL;

	for (struct kf_range *node = set->root; node;) {
		if (node->end <= addr) {
			node = node->right;
			continue;
		}
		best = node;
		node = node->left;
	}
	return best;
}

struct kf_range *kf_ranges_upto(const struct kf_ranges *set, u64 addr)
{
	struct kf_range *best = NULL;

	for (struct kf_range *node = set->root; node;) {
		if (node->start > addr) {
			node = node->left;
			continue;
		}
		best = node;
		node = node->right;
	}
	return best;
}

struct kf_range *kf_ranges_at(const struct kf_ranges *set, u64 addr)
{
	struct kf_range *range = kf_ranges_from(set, addr);

	return range && range->start <= addr ? range : NULL;
}

static struct kf_range *leftmost(struct kf_range *node)
{
	while (node && node->left)
		node = node->left;
	return node;
}

static struct kf_range *rightmost(struct kf_range *node)
{
	while (node && node->right)
		node = node->right;
	return node;
}

struct kf_range *kf_ranges_first(const struct kf_ranges *set)
{
	return leftmost(set->root);
}

struct kf_range *kf_range_next(const struct kf_range *range)
{
	if (range->right)
		return leftmost(range->right);
	while (range->parent && range == range->parent->right)
		range = range->parent;
	return range->parent;
}

struct kf_range *kf_range_prev(const struct kf_range *range)
{
	if (range->left)
		return rightmost(range->left);
	while (range->parent && range == range->parent->left)
		range = range->parent;
	return range->parent;
}

/* The first of a subtree that is large enough; there is one. */
static struct kf_range *first_of(struct kf_range *node, u64 size)
{
	for (;;) {
		if (max_of(node->left) >= size)
			node = node->left;
		else if (own_size(node) >= size)
			return node;
		else
			node = node->right;
	}
}

struct kf_range *kf_ranges_next_of(const struct kf_ranges *set, const struct kf_range *range,
				   u64 size)
{
	if (!range)
		return max_of(set->root) >= size ? first_of(set->root, size) : NULL;
	if (max_of(range->right) >= size)
		return first_of(range->right, size);
	for (; range->parent; range = range->parent) {
		struct kf_range *up = range->parent;

		if (range == up->right)
			continue;
		if (own_size(up) >= size)
			return up;
		if (max_of(up->right) >= size)
			return first_of(up->right, size);
	}
	return NULL;
}

/* ---- invariants ------------------------------------------------------------------------------------------ */

static const char *node_trouble(const struct kf_range *node)
{
	const struct kf_range *const children[] = {node->left, node->right};

	for (int i = 0; i < 2; i++) {
		if (children[i] && children[i]->parent != node)
			return "a range's parent does not know it";
		if (children[i] && rank(children[i]) > rank(node))
			return "a range outranks its parent";
	}
	if (node->start >= node->end)
		return "a range is empty";
	return node->max == computed_max(node) ? NULL : "a range's largest size below is wrong";
}

const char *kf_ranges_validate(const struct kf_ranges *set)
{
	const struct kf_range *last = NULL;

	if (set->root && set->root->parent)
		return "the first range of a tree has a parent";
	for (const struct kf_range *r = kf_ranges_first(set); r; r = kf_range_next(r)) {
		const char *trouble = node_trouble(r);

		if (trouble)
			return trouble;
		if (last && last->end > r->start)
			return "two ranges overlap or are out of order";
		last = r;
	}
	return NULL;
}
