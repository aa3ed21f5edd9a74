// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a whole covered, from what its parts say of themselves: one of them is the model for everything that is the same in
 * all; what was not run is added up; a point counts as never refused when some part says so for another reason
 * than that it belongs to another shard.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

/* As unrefused.c says it. */
static const char another_shard[] = "in another shard";

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool is_listed(const struct sweep_result *whole, const struct never_refused *n)
{
	for (unsigned i = 0; i < whole->never_refused_count; i++) {
		const struct never_refused *other = &whole->never_refused[i];

		if (same_text(n->operation, other->operation) && same_text(n->site, other->site) &&
		    same_text(n->why, other->why) && same_text(n->points, other->points))
			return true;
	}
	return false;
}

/* Moves what is kept out of the part. */
static void add_never_refused(struct sweep_result *whole, struct sweep_result *part)
{
	for (unsigned i = 0; i < part->never_refused_count; i++) {
		struct never_refused *n = &part->never_refused[i];

		if (same_text(n->why, another_shard) || is_listed(whole, n))
			continue;
		whole->never_refused = xreallocarray(whole->never_refused,
						     whole->never_refused_count + 1, sizeof(*n));
		whole->never_refused[whole->never_refused_count++] = *n;
		*n = (struct never_refused){0};
	}
}

void store_cover_begin(struct sweep_result *whole, const char *model)
{
	struct sweep_result listed = {0};

	store_details_load(model, whole);
	listed.never_refused = whole->never_refused;
	listed.never_refused_count = whole->never_refused_count;
	whole->never_refused = NULL;
	whole->never_refused_count = 0;
	sweep_result_clear(&listed);
	free(whole->shard);
	whole->shard = NULL;
	whole->runs = whole->not_swept = 0;
	for (unsigned i = 0; i < whole->operation_count; i++) {
		struct operation_result *of = &whole->operations[i];

		of->injected = of->absorbed = of->clean = 0;
	}
}

void store_cover_part(struct sweep_result *whole, const char *details, bool again)
{
	struct sweep_result part = {0};

	store_details_load(details, &part);
	if (!again)
		whole->not_swept += part.not_swept;
	add_never_refused(whole, &part);
	sweep_result_clear(&part);
}
