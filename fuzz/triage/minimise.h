/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The smallest input that still shows what a larger one shows.
 */
#ifndef KFAIL_FUZZ_MINIMISE_H
#define KFAIL_FUZZ_MINIMISE_H

#include "../input/grammar.h"

/* Who says whether an input still shows it. */
struct fuzz_oracle {
	bool (*shows)(const uint8_t *data, size_t size, void *arg);
	void *arg;
	unsigned
		left; /* so often it may still be asked; counted down, at 0 the best so far stands */
};

/* What inputs of a target are made of. */
struct fuzz_form {
	const struct fuzz_grammar *grammar; /* its calls; NULL: nothing is known of them */
	unsigned unit; /* bytes of a call; 1: an input is bytes, and has no schedule */
};

/* The form of this target's inputs. */
struct fuzz_form fuzz_form_of(const struct fuzz_target *target);

/*
 * Make an input that the oracle says yes to smaller, in place (`data` has room for FUZZ_INPUT_MAX
 * bytes): fewer calls, simpler fields, fewer refusals, as long as it says yes. Returns the new
 * size. What is left cannot be made smaller by any one of the steps tried, if the oracle was asked
 * less often than it may be.
 */
size_t fuzz_minimise(const struct fuzz_form *form, uint8_t *data, size_t size,
		     struct fuzz_oracle *oracle);

#endif
