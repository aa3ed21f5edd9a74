/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Places in code, as people name them, as ranges of addresses: found once, when all code is loaded, so that a hook
 * compares numbers. A return address belongs to the call before it, so what is looked up is one byte less, as in reports.
 */
#ifndef KFAIL_INJECT_PLACES_H
#define KFAIL_INJECT_PLACES_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t start, end; /* end is not in it */
};

struct places {
	struct range *ranges; /* sorted, apart from each other */
	unsigned count, room;
};

enum place_found {
	PLACE_FOUND,
	PLACE_NOT_THERE,
	PLACE_NO_DEBUG_INFORMATION, /* of no module at hand, so a file or line says nothing */
};

/* A function by its name, wherever it is, with its copies inlined into others where debug information tells them. */
enum place_found places_add_function(struct places *places, const char *name);
/* What was written in a source file: "vpoll.c", or more of its path. */
enum place_found places_add_file(struct places *places, const char *file);
/* A call site: "function+0x1c", as reports and stacks print it ("/0x80 [module]" may follow), "file.c:12", or a whole
 * "function". */
enum place_found places_add_site(struct places *places, const char *site);
/* Is it text of that form at all? */
bool place_is_site(const char *site);

/* Does a call that returns to `pc` lie in one of them? */
bool places_contain(const struct places *places, uint64_t pc);
void places_clear(struct places *places);

/* A function ("function+0x10": that address and the end of the function), or all code of a module. False: there is none. */
bool place_extent(const char *name, struct range *out);

#endif
