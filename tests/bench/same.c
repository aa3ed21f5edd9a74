// SPDX-License-Identifier: GPL-2.0-only
/*
 * A custom mutator of AFL++ that changes nothing: with AFL_CUSTOM_MUTATOR_ONLY=1 each execution is of the seed itself, so that what
 * is measured is one input, and not what chance makes of it.
 */
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void *afl_custom_init(void *afl, unsigned int seed);
EXPORT void afl_custom_deinit(void *data);
EXPORT size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out, uint8_t *add,
			      size_t add_size, size_t max_size);

static char nothing;

void *afl_custom_init(void *afl, unsigned int seed)
{
	return &nothing;
}

void afl_custom_deinit(void *data)
{
}

size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out, uint8_t *add,
		       size_t add_size, size_t max_size)
{
	*out = buf;
	return size;
}
