// SPDX-License-Identifier: GPL-2.0-only
/*
 * Schedules as text: which points of a run are refused.
 *
 *	schedule = "" | item { "," item }
 *	item     = n          this point
 *	         | n "+"      this one and all after
 *	         | n "x" k    k points from this one on
 *
 * n and k are decimal, from 1. Order does not matter, and items may overlap. The canonical text has
 * them ascending and merged, "3,4,5" is "3x3", so that two texts of one schedule print alike:
 *findings are named and replayed by it.
 */
#include "inject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERR_MAX 256

/* Points are counted in 32 bits; the last number means "and all after". */
#define POINT_MAX (UINT32_MAX - 1)

static int complain(char *err, const char *text, const char *at, const char *what)
{
	snprintf(err, ERR_MAX, "schedule \"%.64s\": %s at character %u", text, what,
		 (unsigned)(at - text) + 1);
	return -1;
}

/* Decimal number from 1 at *at, which moves past it. False: there is none, or it is too large. */
static bool parse_number(const char **at, uint32_t *out)
{
	uint64_t value = 0;
	const char *p = *at;

	while (*p >= '0' && *p <= '9' && value <= POINT_MAX)
		value = value * 10 + (uint64_t)(*p++ - '0');
	if (p == *at || !value || value > POINT_MAX)
		return false;
	*at = p;
	*out = (uint32_t)value;
	return true;
}

static int parse_item(const char *text, const char **at, struct schedule_range *out, char *err)
{
	const char *start = *at;
	uint32_t length;

	if (!parse_number(at, &out->first))
		return complain(err, text, start, "expected the number of a point, from 1,");
	out->last = out->first;
	if (**at == '+') {
		(*at)++;
		out->last = UINT32_MAX;
		return 0;
	}
	if (**at != 'x')
		return 0;
	start = ++*at;
	if (!parse_number(at, &length))
		return complain(err, text, start, "expected how many points, from 1,");
	if (length > POINT_MAX - out->first + 1)
		return complain(err, text, start, "too many points");
	out->last = out->first + length - 1;
	return 0;
}

static int compare_range(const void *a, const void *b)
{
	const struct schedule_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void canonicalise(struct schedule *schedule)
{
	unsigned kept = 0;

	qsort(schedule->ranges, schedule->count, sizeof(schedule->ranges[0]), compare_range);
	for (unsigned i = 0; i < schedule->count; i++) {
		const struct schedule_range *r = &schedule->ranges[i];
		struct schedule_range *before = kept ? &schedule->ranges[kept - 1] : NULL;

		if (!before || (before->last != UINT32_MAX && r->first > before->last + 1))
			schedule->ranges[kept++] = *r;
		else if (r->last > before->last)
			before->last = r->last;
	}
	schedule->count = kept;
}

int schedule_parse(const char *text, struct schedule *out, char *err)
{
	const char *at = text;

	*out = (struct schedule){0};
	while (*at) {
		if (out->count == SCHEDULE_RANGES)
			return complain(err, text, at, "more than 32 items");
		if (parse_item(text, &at, &out->ranges[out->count++], err))
			return -1;
		if (!*at)
			break;
		if (*at != ',')
			return complain(err, text, at, "expected ',', '+' or 'x'");
		if (!*++at)
			return complain(err, text, at, "expected the number of a point, from 1,");
	}
	canonicalise(out);
	return 0;
}

char *schedule_print(const struct schedule *schedule, char *buf, unsigned size)
{
	unsigned used = 0;

	if (size)
		buf[0] = '\0';
	for (unsigned i = 0; i < schedule->count && used < size; i++) {
		const struct schedule_range *r = &schedule->ranges[i];
		const char *comma = i ? "," : "";
		char *end = buf + used;

		if (r->last == UINT32_MAX)
			used += snprintf(end, size - used, "%s%u+", comma, r->first);
		else if (r->last == r->first)
			used += snprintf(end, size - used, "%s%u", comma, r->first);
		else
			used += snprintf(end, size - used, "%s%ux%u", comma, r->first,
					 r->last - r->first + 1);
	}
	return buf;
}

bool schedule_refuses(const struct schedule *schedule, uint32_t n)
{
	for (unsigned i = 0; i < schedule->count; i++)
		if (n >= schedule->ranges[i].first && n <= schedule->ranges[i].last)
			return true;
	return false;
}
