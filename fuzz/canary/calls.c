// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of calls of the canary, for the target and for the mutator.
 */
#include "calls.h"

const struct fuzz_field canary_to = {"to", FUZZ_NEW, 1, 1, SLOTS, NULL, 0},
			canary_of = {"of", FUZZ_OLD, 1, 1, SLOTS, NULL, 0},
			canary_mode = {"is", FUZZ_NUMBER, 2, 1, 8, NULL, 0},
			canary_size = {"size", FUZZ_SIZE, 3, 2, 0, NULL, 0};

/* clang-format off */
static const struct fuzz_call calls[] = {
	{CALL_MODE, "mode", "which bug is there from now on", {&canary_mode}},
	{CALL_TAKE, "take", "a request, for a slot that is free", {&canary_to, &canary_size}},
	{CALL_GIVE, "give", "a slot is free again", {&canary_of}},
	{0, NULL, NULL, {NULL}},
};
/* clang-format on */

const struct fuzz_grammar canary_grammar = {"canary", calls};
