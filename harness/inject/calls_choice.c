// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which calls are points: what --points and --fail say. A list is read word by word; each word is one of "alloc", "calls"
 * and "all", a group, a function (by its symbol or by the name in a driver's source) or a pattern of functions. What was
 * asked for by its very name must be imported by the module; a group or a pattern may match nothing of it.
 */
#include "calls.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERRNO_MAX   4095
#define NAME_LENGTH 64
#define SIMILAR_MAX 4

/* One of each entry of the table. */
static struct choice {
	struct call_point point;
	bool chosen, named, imported;
	bool given; /* --fail said what it returns */
} choices[CALLS_MAX];

static bool any;

/* ---- values ---- */

static const struct {
	const char *name;
	int value;
} kernel_errors[] = {
	{"ERESTARTSYS", 512},
	{"EPROBE_DEFER", 517},
	{"ENOTSUPP", 524},
};

/* The number of "EBUSY", of `length` bytes; 0: no errno is called that. */
static int errno_number(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(kernel_errors) / sizeof(kernel_errors[0]); i++)
		if (strlen(kernel_errors[i].name) == length &&
		    !strncmp(kernel_errors[i].name, name, length))
			return kernel_errors[i].value;
	for (int error = 1; error < 256; error++) {
		const char *known = strerrorname_np(error);

		if (known && strlen(known) == length && !strncmp(known, name, length))
			return error;
	}
	return 0;
}

static int64_t default_value(const struct call_entry *call)
{
	switch (call->how) {
	case CALL_ERRNO:
	case CALL_ERR_PTR:
	case CALL_GET_USER:
	case CALL_PUT_USER:
		return -errno_number(call->errors, strcspn(call->errors, " "));
	case CALL_TRUE:
		return 1;
	case CALL_ONES:
		return -1;
	default:
		return 0;
	}
}

/* "-EBUSY", "EBUSY", "-16", "ERR_PTR(-EBUSY)": 0 when it is none of them. */
static int parse_errno(const char *text)
{
	char *end;
	long value;
	size_t length;

	if (!strncmp(text, "ERR_PTR(", 8) && text[strlen(text) - 1] == ')')
		text += 8;
	if (*text == '-')
		text++;
	length = strcspn(text, ")");
	value = strtol(text, &end, 10);
	if (end == text + length && value >= 1 && value <= ERRNO_MAX)
		return (int)value;
	return errno_number(text, length);
}

static bool takes_errno(enum call_failure how)
{
	return how == CALL_ERRNO || how == CALL_ERR_PTR || how == CALL_GET_USER ||
	       how == CALL_PUT_USER;
}

static bool is_zero(const char *text)
{
	return !strcmp(text, "0") || !strcmp(text, "NULL") || !strcmp(text, "false");
}

/* What a function returns that fails in only one way. */
static bool is_its_value(enum call_failure how, const char *text)
{
	switch (how) {
	case CALL_NULL:
	case CALL_FALSE:
	case CALL_ZERO:
		return is_zero(text);
	case CALL_TRUE:
		return !strcmp(text, "1") || !strcmp(text, "true");
	case CALL_ONES:
		return !strcmp(text, "DMA_MAPPING_ERROR");
	default:
		return false;
	}
}

static int parse_value(const struct call_entry *call, const char *text, int64_t *out, char *err)
{
	char ways[256];
	int error;

	*out = default_value(call);
	if (takes_errno(call->how)) {
		error = parse_errno(text);
		*out = -error;
		if (error)
			return 0;
	} else if (is_its_value(call->how, text)) {
		return 0;
	}
	snprintf(err, CALLS_ERR, "%.64s() does not fail with \"%.64s\": it returns %s%s",
		 call->function, text, call_failure_text(call, ways, sizeof(ways)),
		 takes_errno(call->how) ? ", or another errno" : "");
	return -1;
}

/* ---- names like another ---- */

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Letters to insert, delete or change (Levenshtein), row by row. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_LENGTH + 1], n = (unsigned)strnlen(b, NAME_LENGTH), corner, above;

	for (unsigned k = 0; k <= n; k++)
		row[k] = k;
	for (unsigned i = 0; a[i]; i++) {
		corner = row[0];
		row[0] = i + 1;
		for (unsigned k = 0; k < n; k++) {
			above = row[k + 1];
			row[k + 1] = smallest(above + 1, row[k] + 1, corner + (a[i] != b[k]));
			corner = above;
		}
	}
	return row[n];
}

static unsigned unlike(const char *name, const char *other)
{
	if (!other)
		return UINT32_MAX;
	if (strstr(other, name) || strstr(name, other))
		return 0;
	return distance(name, other);
}

static void add_similar(const char *name, char *buf, size_t size, unsigned *count)
{
	size_t used = strlen(buf);

	if (*count == SIMILAR_MAX || used >= size || strstr(buf, name))
		return;
	snprintf(buf + used, size - used, "%s%s", *count ? ", " : "", name);
	++*count;
}

const char *calls_similar(const char *name, char *buf, size_t size)
{
	unsigned count = 0, worst = (unsigned)strlen(name) / 3;
	const struct call_entry *call;

	buf[0] = '\0';
	for (unsigned near = 0; near <= worst && count < SIMILAR_MAX; near++)
		for (unsigned i = 0; (call = calls_table(i)); i++) {
			if (unlike(name, call->function) == near)
				add_similar(call->function, buf, size, &count);
			else if (unlike(name, call->source) == near)
				add_similar(call->source, buf, size, &count);
			else if (unlike(name, call->group) == near)
				add_similar(call->group, buf, size, &count);
		}
	return buf;
}

static char unknown_name[NAME_LENGTH];

static int unknown(const char *name, const char *what, char *err)
{
	char names[256];

	snprintf(unknown_name, sizeof(unknown_name), "%s", name);
	calls_similar(name, names, sizeof(names));
	snprintf(err, CALLS_ERR,
		 "no %s is called \"%.64s\" in the table of calls that can fail%s%s", what, name,
		 names[0] ? "; like it are " : "; `kfail symbols --points` lists a module's",
		 names);
	return -1;
}

const char *calls_unknown(void)
{
	return unknown_name;
}

/* ---- choosing ---- */

static void choose(unsigned i, bool named)
{
	struct choice *c = &choices[i];

	c->point.call = calls_table(i);
	if (!c->given)
		c->point.returns = default_value(c->point.call);
	c->chosen = any = true;
	c->named |= named;
}

static bool has_name(const struct call_entry *call, const char *name)
{
	return !strcmp(call->function, name) || (call->source && !strcmp(call->source, name));
}

static bool fits(const struct call_entry *call, const char *pattern)
{
	return !fnmatch(pattern, call->function, 0) ||
	       (call->source && !fnmatch(pattern, call->source, 0));
}

/* True: something is called that. */
static bool choose_matching(const char *word)
{
	bool everything = !strcmp(word, "calls"), found = false;
	const struct call_entry *call;

	for (unsigned i = 0; (call = calls_table(i)); i++) {
		bool named = has_name(call, word);

		if (everything ? call->only & CALL_ON_REQUEST
			       : !named && strcmp(call->group, word) && !fits(call, word))
			continue;
		choose(i, named);
		found = true;
	}
	return found;
}

static int choose_word(const char *word, bool *allocations, char *err)
{
	if (!strcmp(word, "alloc") || !strcmp(word, "all"))
		*allocations = true;
	if (!strcmp(word, "alloc"))
		return 0;
	if (choose_matching(strcmp(word, "all") ? word : "calls"))
		return 0;
	return unknown(word, "function or group", err);
}

int calls_choose(const char *list, bool *allocations, char *err)
{
	char word[NAME_LENGTH];

	*allocations = false;
	do {
		size_t length = strcspn(list, ",");

		if (!length || length >= sizeof(word)) {
			snprintf(err, CALLS_ERR,
				 "a list of points is alloc, calls, all, groups and functions "
				 "separated by commas; \"%.64s\" does not begin with one",
				 list);
			return -1;
		}
		snprintf(word, sizeof(word), "%.*s", (int)length, list);
		if (choose_word(word, allocations, err))
			return -1;
		list += length;
	} while (*list++ == ',');
	return 0;
}

int calls_fail(const char *text, char *err)
{
	size_t length = strcspn(text, "=");
	const struct call_entry *call;
	char name[NAME_LENGTH];
	bool found = false;

	if (!length) {
		snprintf(err, CALLS_ERR,
			 "a function is wanted, as in request_irq or request_irq=-EIO, not "
			 "\"%.64s\"",
			 text);
		return -1;
	}
	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	for (unsigned i = 0; (call = calls_table(i)); i++) {
		int64_t value = default_value(call);

		if (!has_name(call, name))
			continue;
		if (text[length] && parse_value(call, text + length + 1, &value, err))
			return -1;
		choices[i].given = true;
		choices[i].point.returns = value;
		choose(i, true);
		found = true;
	}
	return found ? 0 : unknown(name, "function", err);
}

void calls_reset(void)
{
	memset(choices, 0, sizeof(choices));
	unknown_name[0] = '\0';
	any = false;
}

bool calls_any(void)
{
	return any;
}

bool calls_any_of(enum capability capability)
{
	const struct call_entry *call;

	for (unsigned i = 0; any && (call = calls_table(i)); i++)
		if (choices[i].chosen && call_capability(call) == capability)
			return true;
	return false;
}

const struct call_point *calls_find(const char *import)
{
	const struct call_entry *call = any ? calls_lookup(import) : NULL;
	struct choice *c = call ? &choices[call - calls_table(0)] : NULL;

	if (!c || !c->chosen)
		return NULL;
	c->imported = true;
	c->point.import = strcmp(call->function, import) ? call->source : call->function;
	return &c->point;
}

unsigned calls_imported(void)
{
	unsigned count = 0;

	for (unsigned i = 0; calls_table(i); i++)
		count += choices[i].imported;
	return count;
}

/* A name in a driver's source may stand for several symbols: get_user() for one of each size. */
static bool matched(const struct call_entry *call)
{
	const struct call_entry *other;

	for (unsigned i = 0; (other = calls_table(i)); i++)
		if (choices[i].imported &&
		    (other == call || (call->source && has_name(other, call->source))))
			return true;
	return false;
}

const char *calls_unmatched(void)
{
	const struct call_entry *call;

	for (unsigned i = 0; (call = calls_table(i)); i++)
		if (choices[i].named && !matched(call))
			return call->source ? call->source : call->function;
	return NULL;
}
