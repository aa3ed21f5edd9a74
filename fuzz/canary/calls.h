/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of the canary: their numbers, and the fields that it reads.
 */
#ifndef KFAIL_FUZZ_CANARY_CALLS_H
#define KFAIL_FUZZ_CANARY_CALLS_H

#include "../input/grammar.h"

#define SLOTS 8

enum { CALL_MODE = 1, CALL_TAKE, CALL_GIVE };

extern const struct fuzz_field canary_to, canary_of, canary_mode, canary_size;
extern const struct fuzz_grammar canary_grammar;

#endif
