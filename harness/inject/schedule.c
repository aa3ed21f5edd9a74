// SPDX-License-Identifier: GPL-2.0-only
/*
 * Schedules as text: which points of a run are refused.
 *
 *	schedule = "" | item { "," item }
 *	item     = n          this point
 *	         | n "+"      this one and all after
 *	         | n "x" k    k points from this one on
 *	         | "bytes=" b | "random=" p | "seed=" s | "irq=" ( n | "every" )
 *
 * n and k are decimal, from 1. Order does not matter, and ranges may overlap. The canonical text has
 * them ascending and merged, "3,4,5" is "3x3", and the words behind them in the order above, so that two texts of one
 * schedule print alike: findings are named and replayed by it.
 */
#include "inject.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define ERR_MAX 256

/* Points are counted in 32 bits; the last number means "and all after". */
#define POINT_MAX (UINT32_MAX - 1)

/* A percent, in millionths. */
#define PERCENT 10000
#define ALWAYS	(100 * PERCENT)

/* The text may be anybody's: what cannot be printed would spoil the sentence. */
static int complain(char *err, const char *text, const char *at, const char *what)
{
	char quoted[65];
	size_t n = 0;

	for (; text[n] && n < sizeof(quoted) - 1; n++)
		quoted[n] = iscntrl((unsigned char)text[n]) ? '?' : text[n];
	quoted[n] = '\0';
	snprintf(err, ERR_MAX, "schedule \"%s\": %s at character %u", quoted, what,
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

static int parse_range(const char *text, const char **at, struct schedule_range *out, char *err)
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

/* Decimal, of 64 bits. */
static bool parse_long(const char **at, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	*out = strtoull(*at, &end, 10);
	*at = end;
	return !errno;
}

/* "0.1" percent, in millionths: up to four digits behind the point; more than 0, at most 100. */
static bool parse_percent(const char **at, uint32_t *out)
{
	uint32_t unit = PERCENT;
	uint64_t whole;

	if (!parse_long(at, &whole) || whole > 100)
		return false;
	*out = (uint32_t)whole * PERCENT;
	if (**at == '.' && isdigit((unsigned char)(*at)[1]))
		for (++*at; isdigit((unsigned char)**at); ++*at) {
			unit /= 10;
			if (!unit)
				return false;
			*out += unit * (uint32_t)(**at - '0');
		}
	return *out && *out <= ALWAYS;
}

/* "name=": moves behind it. */
static bool skip_word(const char **at, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(*at, name, length) != 0)
		return false;
	*at += length;
	return true;
}

/* What goes on where the last range ends is the same range: a list of points in a row has any length. */
static bool add_range(struct schedule *schedule, const struct schedule_range *range)
{
	unsigned count = schedule->count;
	struct schedule_range *last = count ? &schedule->ranges[count - 1] : NULL;

	if (last && last->last < POINT_MAX && range->first == last->last + 1) {
		last->last = range->last;
		return true;
	}
	if (count == SCHEDULE_RANGES)
		return false;
	schedule->ranges[schedule->count++] = *range;
	return true;
}

/* Behind "irq=". */
static int parse_irq(const char *text, const char **at, struct schedule *out, char *err)
{
	if (skip_word(at, "every")) {
		out->irq = IRQ_EVERY;
		return 0;
	}
	return parse_number(at, &out->irq)
		       ? 0
		       : complain(err, text, *at,
				  "expected the number of an interrupt point, from 1, or every,");
}

static int parse_item(const char *text, const char **at, struct schedule *out, char *err)
{
	const char *start = *at;
	struct schedule_range range;

	if (skip_word(at, "bytes=")) {
		if (out->has_bytes)
			return complain(err, text, start, "a second bytes=");
		out->has_bytes = true;
		return parse_long(at, &out->bytes)
			       ? 0
			       : complain(err, text, *at, "expected a number of bytes");
	}
	if (skip_word(at, "seed=")) {
		if (out->has_seed)
			return complain(err, text, start, "a second seed=");
		out->has_seed = true;
		return parse_long(at, &out->seed) ? 0
						  : complain(err, text, *at, "expected a number");
	}
	if (skip_word(at, "irq="))
		return out->irq ? complain(err, text, start, "a second irq=")
				: parse_irq(text, at, out, err);
	if (skip_word(at, "random=")) {
		if (out->random)
			return complain(err, text, start, "a second random=");
		return parse_percent(at, &out->random)
			       ? 0
			       : complain(err, text, *at,
					  "expected a percentage from 0.0001 to 100");
	}
	if (parse_range(text, at, &range, err))
		return -1;
	return add_range(out, &range) ? 0 : complain(err, text, start, "more than 32 items");
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
		if (parse_item(text, &at, out, err))
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

/* ---- printing ---- */

struct text {
	char *buf;
	unsigned size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *to, const char *format, ...)
{
	va_list args;

	if (to->used >= to->size)
		return;
	va_start(args, format);
	to->used += (unsigned)vsnprintf(to->buf + to->used, to->size - to->used, format, args);
	va_end(args);
}

static void put_item(struct text *to)
{
	if (to->used)
		put(to, ",");
}

static void put_range(struct text *to, const struct schedule_range *r)
{
	put_item(to);
	if (r->last == UINT32_MAX)
		put(to, "%u+", r->first);
	else if (r->last == r->first)
		put(to, "%u", r->first);
	else
		put(to, "%ux%u", r->first, r->last - r->first + 1);
}

static void put_percent(struct text *to, uint32_t millionths)
{
	uint32_t rest = millionths % PERCENT;
	int digits = 4;

	put_item(to);
	put(to, "random=%u", millionths / PERCENT);
	if (!rest)
		return;
	for (; !(rest % 10); rest /= 10)
		digits--;
	put(to, ".%0*u", digits, rest);
}

static void put_irq(struct text *to, uint32_t irq)
{
	put_item(to);
	if (irq == IRQ_EVERY)
		put(to, "irq=every");
	else
		put(to, "irq=%u", irq);
}

char *schedule_print(const struct schedule *schedule, char *buf, unsigned size)
{
	struct text to = {buf, size, 0};

	if (size)
		buf[0] = '\0';
	for (unsigned i = 0; i < schedule->count; i++)
		put_range(&to, &schedule->ranges[i]);
	if (schedule->has_bytes) {
		put_item(&to);
		put(&to, "bytes=%" PRIu64, schedule->bytes);
	}
	if (schedule->random)
		put_percent(&to, schedule->random);
	if (schedule->has_seed) {
		put_item(&to);
		put(&to, "seed=%" PRIu64, schedule->seed);
	}
	if (schedule->irq)
		put_irq(&to, schedule->irq);
	return buf;
}

/* ---- questions ---- */

/* The same for this point in every run: a hash of its number. */
static bool random_refuses(const struct schedule *schedule, uint32_t n)
{
	uint64_t seed = schedule->has_seed ? schedule->seed : 1;

	return (XXH64(&n, sizeof(n), seed) >> 32) * ALWAYS >> 32 < schedule->random;
}

bool schedule_refuses(const struct schedule *schedule, uint32_t n)
{
	for (unsigned i = 0; i < schedule->count; i++)
		if (n >= schedule->ranges[i].first && n <= schedule->ranges[i].last)
			return true;
	return schedule->random && random_refuses(schedule, n);
}

bool schedule_is_empty(const struct schedule *schedule)
{
	return !schedule->count && !schedule->random && !schedule->has_bytes &&
	       !schedule->has_seed && !schedule->irq;
}

bool schedule_is_numbers(const struct schedule *schedule)
{
	return schedule->count && !schedule->random && !schedule->has_bytes && !schedule->has_seed;
}

bool schedule_is_chance(const struct schedule *schedule)
{
	return schedule->random || schedule->has_seed;
}

uint32_t schedule_first(const struct schedule *schedule, uint32_t limit)
{
	uint32_t first = schedule->count ? schedule->ranges[0].first : 0;

	for (uint32_t n = 1; schedule->random && n <= limit && (!first || n < first); n++)
		if (random_refuses(schedule, n))
			first = n;
	return first <= limit ? first : 0;
}
