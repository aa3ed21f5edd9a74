// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other values for fields, by what they mean. Sizes lie around the limits of classes, where allocators go wrong, and small ones are
 * the most likely; gfp flags change what the caller may do, or one wish; handles are such as have something in them.
 */
#include "mutate.h"

/* Classes of kmalloc, multiples of pages, the limits of fragments, per-CPU areas and kmalloc: the first are the likelier. */
static const uint32_t limits[] = {8,	  16,	  32,	  64,	    96,	      128,     192,   256,
				  512,	  1024,	  2048,	  4096,	    8192,     16384,   32768, 65536,
				  131072, 262144, 524288, 1u << 20, 2u << 20, 4u << 20};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

static uint32_t some_size(struct mutator *m)
{
	uint32_t highest = 1 + mutator_below(m, LIMITS), limit = limits[mutator_below(m, highest)];

	switch (mutator_below(m, 6)) {
	case 0:
		return limit;
	case 1:
		return limit - 1;
	case 2:
		return limit + 1;
	case 3:
		return limit + 8 - mutator_below(m, 17);
	case 4:
		return mutator_below(m, limit) + 1;
	default:
		return limit / 2 + mutator_below(m, limit);
	}
}

/* One step from the size that is there, or anything. */
static uint32_t other_size(struct mutator *m, uint32_t size)
{
	switch (mutator_below(m, 8)) {
	case 0:
		return size + 1;
	case 1:
		return size - 1;
	case 2:
		return size * 2;
	case 3:
		return size / 2;
	default:
		return some_size(m);
	}
}

static uint32_t other_gfp(struct mutator *m, uint32_t gfp)
{
	unsigned modifiers = 0;

	while (fuzz_gfp_modifiers[modifiers])
		modifiers++;
	switch (mutator_below(m, 4)) {
	case 0:
		return (gfp & ~(FUZZ_GFP_BASES - 1)) | mutator_below(m, FUZZ_GFP_BASES);
	case 1:
		return mutator_below(m, FUZZ_GFP_BASES); /* and no wishes */
	default:
		return gfp ^ FUZZ_GFP_BASES << mutator_below(m, modifiers);
	}
}

static uint32_t other_number(struct mutator *m, const struct fuzz_field *field, uint32_t value)
{
	switch (mutator_below(m, 5)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return fuzz_most(field);
	default:
		return mutator_below(m, fuzz_most(field)) + mutator_below(m, 2);
	}
}

/* ---- handles ------------------------------------------------------------------------------------------------------ */

static const struct fuzz_field *new_handle(const struct fuzz_call *call, unsigned table)
{
	for (unsigned i = 0; call && call->fields[i]; i++)
		if (call->fields[i]->kind == FUZZ_NEW && call->fields[i]->table == table)
			return call->fields[i];
	return NULL;
}

/* Handles of a table that calls before this one have put something into, a bit each. */
static uint64_t filled(struct mutator *m, unsigned table, unsigned before)
{
	uint64_t handles = 0;

	for (unsigned i = 0; i < before; i++) {
		const uint8_t *call = draft_call(&m->draft, i);
		const struct fuzz_field *field = new_handle(fuzz_call_of(m->grammar, call), table);

		if (field)
			handles |= 1ull << fuzz_get(field, call) % 64;
	}
	return handles;
}

static uint32_t one_of(struct mutator *m, uint64_t handles)
{
	unsigned skip = mutator_below(m, (uint32_t)__builtin_popcountll(handles));

	while (skip--)
		handles &= handles - 1;
	return (uint32_t)__builtin_ctzll(handles);
}

static uint32_t some_handle(struct mutator *m, const struct fuzz_field *field, unsigned before)
{
	uint64_t handles = filled(m, field->table, before);

	if (!handles || !mutator_below(m, 8))
		return mutator_below(m, fuzz_most(field) + 1);
	return one_of(m, handles);
}

void mutate_mend_handles(struct mutator *m)
{
	for (unsigned i = 0; i < m->draft.count; i++) {
		uint8_t *bytes = draft_call(&m->draft, i);
		const struct fuzz_call *call = fuzz_call_of(m->grammar, bytes);

		for (unsigned k = 0; call && call->fields[k]; k++) {
			const struct fuzz_field *field = call->fields[k];
			uint64_t handles;

			if (field->kind != FUZZ_OLD)
				continue;
			handles = filled(m, field->table, i);
			if (handles && !(handles >> fuzz_get(field, bytes) % 64 & 1))
				fuzz_set(field, bytes, one_of(m, handles));
		}
	}
}

/* ---- fields ---------------------------------------------------------------------------------------------------------- */

void mutate_field(struct mutator *m, const struct fuzz_field *field, unsigned i)
{
	uint8_t *call = draft_call(&m->draft, i);
	uint32_t value = fuzz_get(field, call);

	switch (field->kind) {
	case FUZZ_SIZE:
		value = other_size(m, value);
		break;
	case FUZZ_GFP:
		value = other_gfp(m, value);
		break;
	case FUZZ_OLD:
		value = some_handle(m, field, i);
		break;
	case FUZZ_NEW:
	case FUZZ_WORD:
		value = mutator_below(m, fuzz_most(field) + 1);
		break;
	case FUZZ_FLAGS:
		value ^= 1u << mutator_below(m, 8 * field->bytes);
		break;
	case FUZZ_NUMBER:
		value = other_number(m, field, value);
		break;
	}
	if (value > fuzz_most(field))
		value %= fuzz_most(field) + 1;
	fuzz_set(field, call, value);
}

void mutate_fill(struct mutator *m, const struct fuzz_call *call, unsigned i)
{
	uint8_t *bytes = draft_call(&m->draft, i);

	for (unsigned k = 0; k < FUZZ_CALL_BYTES; k++)
		bytes[k] = 0;
	bytes[0] = call->number;
	for (unsigned k = 0; call->fields[k]; k++) {
		/* Most callers may sleep and want nothing beside. */
		if (call->fields[k]->kind == FUZZ_GFP && mutator_below(m, 2))
			continue;
		mutate_field(m, call->fields[k], i);
	}
}
