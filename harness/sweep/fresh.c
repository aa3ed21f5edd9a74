// SPDX-License-Identifier: GPL-2.0-only
/*
 * A point is fresh if its request (run_site(): what was asked, and from where) is none of those that the baseline
 * still makes behind the first refusal. A cleanup's own requests, a fallback with other flags, the same request made again:
 * all fresh. What the driver does anyway, with or without the refusal, is swept by refusing it singly.
 *
 * The baseline's requests are looked up in a table of (request, last point that made it), sorted once per operation: a
 * request is still to come behind point n exactly if that last point is greater than n.
 */
#include "fresh.h"

#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

struct last_seen {
	uint64_t site;
	uint32_t n;
};

static struct {
	const uint64_t *sites; /* of which baseline the table is */
	uint32_t site_count;
	struct last_seen *entries;
	uint32_t count;
} table;

static int compare(const void *a, const void *b)
{
	const struct last_seen *x = a, *y = b;

	if (x->site != y->site)
		return x->site < y->site ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

static void build_table(const struct run_expect *expect)
{
	uint32_t kept = 0;

	if (table.sites == expect->sites && table.site_count == expect->site_count)
		return;
	table.sites = expect->sites;
	table.site_count = expect->site_count;
	table.entries = xreallocarray(table.entries, expect->site_count, sizeof(*table.entries));
	for (uint32_t i = 0; i < expect->site_count; i++)
		table.entries[i] = (struct last_seen){expect->sites[i], i + 1};
	qsort(table.entries, expect->site_count, sizeof(*table.entries), compare);
	/* Of equal sites the last one stays. */
	for (uint32_t i = 0; i < expect->site_count; i++) {
		if (kept && table.entries[kept - 1].site == table.entries[i].site)
			kept--;
		table.entries[kept++] = table.entries[i];
	}
	table.count = kept;
}

/* Does the baseline make this request after point n? */
static bool still_to_come(uint64_t site, uint32_t n)
{
	uint32_t low = 0, high = table.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table.entries[middle].site < site)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table.count && table.entries[low].site == site && table.entries[low].n > n;
}

static char *append_range(char *text, uint32_t first, uint32_t last)
{
	const char *comma = text ? "," : "";
	char *longer;

	if (first == last)
		longer = xasprintf("%s%s%u", text ? text : "", comma, first);
	else
		longer = xasprintf("%s%s%ux%u", text ? text : "", comma, first, last - first + 1);
	free(text);
	return longer;
}

char *fresh_points(const struct run_expect *expect)
{
	const struct refusal *first = inject_first(), *last = inject_last();
	uint32_t begin = 0;
	char *text = NULL;

	if (!first || !last)
		return NULL;
	build_table(expect);
	for (uint32_t n = last->n + 1; n <= inject_points() + 1; n++) {
		const struct refusal *point = inject_recorded(n);
		bool fresh = point && !still_to_come(run_site(point), first->n);

		if (fresh && !begin)
			begin = n;
		if (fresh || !begin)
			continue;
		text = append_range(text, begin, n - 1);
		begin = 0;
	}
	return text;
}

bool fresh_for_each(const char *text, void (*fn)(uint32_t n, void *arg), void *arg)
{
	while (*text) {
		unsigned long first, length = 1;
		char *end;

		first = strtoul(text, &end, 10);
		if (end == text || !first || first >= UINT32_MAX)
			return false;
		if (*end == 'x') {
			text = end + 1;
			length = strtoul(text, &end, 10);
			if (end == text || !length || length > UINT32_MAX - first)
				return false;
		}
		for (unsigned long i = 0; i < length; i++)
			fn((uint32_t)(first + i), arg);
		if (*end && *end != ',')
			return false;
		text = *end ? end + 1 : end;
	}
	return true;
}
