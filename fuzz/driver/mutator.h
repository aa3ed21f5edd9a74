/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What AFL++ calls of a custom mutator (AFL++'s docs/custom_mutators.md); prototypes and results are AFL++'s.
 */
#ifndef KFAIL_FUZZ_DRIVER_MUTATOR_H
#define KFAIL_FUZZ_DRIVER_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* A mutator with this seed; NULL: no memory. */
void *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(void *data);
/* An input like this one, of at most `most` bytes, in *out, which is the mutator's; `add`: another input, or NULL. Its size; 0:
 * none. */
size_t afl_custom_fuzz(void *data, uint8_t *input, size_t size, uint8_t **out, uint8_t *add,
		       size_t add_size, size_t most);
/* What was done last, in a few words. */
const char *afl_custom_describe(void *data, size_t most);

#pragma GCC visibility pop

#endif
