// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of code become ranges of addresses. Who has the names is trace/symbols_find.c; here they are parsed, collected,
 * sorted and merged, so that a look-up is a binary search.
 */
#include "places.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/symbols.h"
#include "../trace/util.h"

static void add(uint64_t start, uint64_t end, void *arg)
{
	struct places *places = arg;

	if (start >= end)
		return;
	if (places->count == places->room) {
		places->room = places->room ? places->room * 2 : 16;
		places->ranges =
			xreallocarray(places->ranges, places->room, sizeof(*places->ranges));
	}
	places->ranges[places->count++] = (struct range){start, end};
}

static int compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void merge(struct places *places)
{
	unsigned kept = 0;

	if (places->count)
		qsort(places->ranges, places->count, sizeof(*places->ranges), compare);
	for (unsigned i = 0; i < places->count; i++) {
		struct range *before = kept ? &places->ranges[kept - 1] : NULL;
		const struct range *r = &places->ranges[i];

		if (!before || r->start > before->end)
			places->ranges[kept++] = *r;
		else if (r->end > before->end)
			before->end = r->end;
	}
	places->count = kept;
}

static enum place_found found(struct places *places, int count)
{
	if (count < 0)
		return PLACE_NO_DEBUG_INFORMATION;
	merge(places);
	return count ? PLACE_FOUND : PLACE_NOT_THERE;
}

enum place_found places_add_function(struct places *places, const char *name)
{
	return found(places, symbols_find_function(name, true, add, places));
}

enum place_found places_add_file(struct places *places, const char *file)
{
	return found(places, symbols_find_file(file, 0, add, places));
}

/* "name+0x1c/0x80 [module]": the name's length, and the offset. False: no such text. */
static bool split_offset(const char *text, size_t *length, uint64_t *offset)
{
	const char *plus = strchr(text, '+');
	char *end;

	*length = plus ? (size_t)(plus - text) : 0;
	if (!*length || !isdigit((unsigned char)plus[1]))
		return false;
	errno = 0;
	*offset = strtoull(plus + 1, &end, 0);
	return !errno && (!*end || *end == '/');
}

static bool split_line(const char *text, size_t *length, int *line)
{
	const char *colon = strrchr(text, ':');
	char *end;
	long value;

	*length = colon ? (size_t)(colon - text) : 0;
	if (!*length || !isdigit((unsigned char)colon[1]))
		return false;
	value = strtol(colon + 1, &end, 10);
	*line = (int)value;
	return !*end && value > 0 && value < 10000000;
}

static bool is_name(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && *text != '.')
			return false;
	return true;
}

bool place_is_site(const char *site)
{
	uint64_t offset;
	size_t length;
	int line;

	return is_name(site) || split_offset(site, &length, &offset) ||
	       split_line(site, &length, &line);
}

struct at_offset {
	struct places *places;
	uint64_t offset;
};

static void add_at_offset(uint64_t start, uint64_t end, void *arg)
{
	struct at_offset *at = arg;

	if (at->offset && start + at->offset <= end)
		add(start + at->offset - 1, start + at->offset, at->places);
}

enum place_found places_add_site(struct places *places, const char *site)
{
	struct at_offset at = {places, 0};
	unsigned before = places->count;
	enum place_found result;
	size_t length;
	char *name;
	int line;

	if (split_line(site, &length, &line)) {
		name = strndup(site, length);
		result = found(places, symbols_find_file(name, line, add, places));
	} else if (split_offset(site, &length, &at.offset)) {
		name = strndup(site, length);
		symbols_find_function(name, false, add_at_offset, &at);
		result = found(places, places->count > before);
	} else {
		return places_add_function(places, site);
	}
	free(name);
	return result;
}

bool places_contain(const struct places *places, uint64_t pc)
{
	unsigned low = 0, high = places->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (places->ranges[middle].end < pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low < places->count && pc > places->ranges[low].start;
}

void places_clear(struct places *places)
{
	free(places->ranges);
	*places = (struct places){0};
}

/* ---- extents ---- */

/* The first of what is found: a function's own code, not its copies. */
static void keep_first(uint64_t start, uint64_t end, void *arg)
{
	struct range *range = arg;

	if (!range->end)
		*range = (struct range){start, end};
}

static void widen(uint64_t start, uint64_t end, void *arg)
{
	struct range *range = arg;

	if (!range->end || start < range->start)
		range->start = start;
	if (end > range->end)
		range->end = end;
}

bool place_extent(const char *name, struct range *out)
{
	uint64_t offset = 0;
	size_t length;
	char *function;

	*out = (struct range){0};
	function = split_offset(name, &length, &offset) ? strndup(name, length) : xstrdup(name);
	symbols_find_function(function, false, keep_first, out);
	if (!out->end && !offset)
		symbols_find_module(function, widen, out);
	free(function);
	if (offset >= out->end - out->start)
		return false;
	out->start += offset;
	return out->end;
}
