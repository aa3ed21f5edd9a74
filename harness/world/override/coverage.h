/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where instrumented code was: a byte for each address of code in a range, set when the code right before that address
 * called __sanitizer_cov_trace_pc(). The bytes are host memory that all processes of a sweep share, and no part of the world.
 */
#ifndef KFAIL_OVERRIDE_COVERAGE_H
#define KFAIL_OVERRIDE_COVERAGE_H

struct kf_coverage {
	unsigned long start, size; /* of code; size 0: nobody wants to know */
	unsigned char *hit;
};

static inline __attribute__((always_inline)) void kf_coverage_note(const struct kf_coverage *c,
								   unsigned long pc)
{
	if (pc - c->start < c->size)
		c->hit[pc - c->start] = 1;
}

#endif
