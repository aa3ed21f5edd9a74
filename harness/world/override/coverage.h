/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where instrumented code was: a byte for each address of code in a range, set when the code right before that address
 * called __sanitizer_cov_trace_pc(). The bytes are host memory that all processes of a sweep share, and no part of the world.
 */
#ifndef KFAIL_OVERRIDE_COVERAGE_H
#define KFAIL_OVERRIDE_COVERAGE_H

/*
 * For a fuzzer: how often one place followed another, in a map of counters. A place is a number, of a block or of a
 * function; map[place ^ the one before / 2], as AFL does it. All host memory.
 */
struct kf_edges {
	unsigned char *map;
	unsigned int mask; /* places in the map - 1 */
	unsigned int last; /* the place before, halved; 0: none yet */
};

struct kf_coverage {
	unsigned long start, size; /* of code; size 0: nobody wants to know */
	unsigned char *hit;
	struct kf_edges *edges; /* NULL: nobody wants to know */
};

/* A counter never goes back to 0. The same as in the trampoline of trace/fentry.c. */
static inline __attribute__((always_inline)) void kf_edges_note(struct kf_edges *edges,
								unsigned int where)
{
	unsigned int place = (where * 0x9e3779b1u) >> 8;
	unsigned char *count = &edges->map[(place ^ edges->last) & edges->mask];

	edges->last = place >> 1;
	if (!++*count)
		*count = 1;
}

static inline __attribute__((always_inline)) void kf_coverage_note(const struct kf_coverage *c,
								   unsigned long pc)
{
	if (pc - c->start >= c->size)
		return;
	c->hit[pc - c->start] = 1;
	if (c->edges)
		kf_edges_note(c->edges, pc - c->start);
}

#endif
