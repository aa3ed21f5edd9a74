// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault attributes as text: the files of a capability's directory in debugfs are a table here, with the name, the place in
 * struct fault_attr, how a value reads, and which capabilities have it. Setting and showing go through the same table.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/symbols.h"
#include "../trace/util.h"
#include "attr.h"
#include "places.h"

enum type {
	ULONG, /* decimal, or 0x.. */
	U32,   /* the same, of 32 bits */
	S32,   /* from -1 */
	FLAG,  /* Y or N, 1 or 0, as kstrtobool() reads them */
	START, /* an address; of something with a name: where it begins */
	END,   /* ... where it ends */
};

#define OF(capability) (1u << (capability))
#define EVERY	       ((1u << CAPABILITIES) - 1)
#define WITH_GFP       (OF(FAILSLAB) | OF(FAIL_PAGE_ALLOC) | OF(FAIL_VMALLOC) | OF(FAIL_PERCPU))

static const struct attribute {
	const char *name;
	size_t offset;
	enum type type;
	unsigned of; /* capabilities */
	uint64_t max;
} attributes[] = {
#define ATTRIBUTE(name, field, type, of, max)                           \
	{                                                               \
		name, offsetof(struct fault_attr, field), type, of, max \
	}
	ATTRIBUTE("probability", probability, ULONG, EVERY, UINT32_MAX),
	ATTRIBUTE("interval", interval, ULONG, EVERY, UINT32_MAX),
	ATTRIBUTE("times", times, S32, EVERY, INT32_MAX),
	ATTRIBUTE("space", space, S32, EVERY, INT32_MAX),
	ATTRIBUTE("verbose", verbose, ULONG, EVERY, UINT32_MAX),
	ATTRIBUTE("verbose_ratelimit_interval_ms", verbose_ratelimit_interval_ms, U32, EVERY,
		  UINT32_MAX),
	ATTRIBUTE("verbose_ratelimit_burst", verbose_ratelimit_burst, U32, EVERY, UINT32_MAX),
	ATTRIBUTE("task-filter", task_filter, FLAG, EVERY, 1),
	ATTRIBUTE("stacktrace-depth", stacktrace_depth, U32, EVERY, UINT32_MAX),
	ATTRIBUTE("require-start", require_start, START, EVERY, UINT64_MAX),
	ATTRIBUTE("require-end", require_end, END, EVERY, UINT64_MAX),
	ATTRIBUTE("reject-start", reject_start, START, EVERY, UINT64_MAX),
	ATTRIBUTE("reject-end", reject_end, END, EVERY, UINT64_MAX),
	ATTRIBUTE("ignore-gfp-wait", ignore_gfp_wait, FLAG, WITH_GFP, 1),
	ATTRIBUTE("ignore-gfp-highmem", ignore_gfp_highmem, FLAG, OF(FAIL_PAGE_ALLOC), 1),
	ATTRIBUTE("min-order", min_order, U32, OF(FAIL_PAGE_ALLOC), UINT32_MAX),
	ATTRIBUTE("cache-filter", cache_filter, FLAG, OF(FAILSLAB), 1),
#undef ATTRIBUTE
};

#define ATTRIBUTE_COUNT (sizeof(attributes) / sizeof(attributes[0]))

static const char *const capability_names[] = {
	[FAILSLAB] = "failslab",	   [FAIL_PAGE_ALLOC] = "fail_page_alloc",
	[FAIL_VMALLOC] = "fail_vmalloc",   [FAIL_PERCPU] = "fail_percpu",
	[FAIL_USERCOPY] = "fail_usercopy", [FAIL_FUNCTION] = "fail_function",
};

const char *capability_name(enum capability capability)
{
	return capability_names[capability];
}

int capability_parse(const char *name)
{
	for (int i = 0; i < CAPABILITIES; i++)
		if (!strcmp(name, capability_names[i]))
			return i;
	return -1;
}

/* ---- one value ---- */

static bool number(const char *text, int64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) && (min >= 0 || text[0] != '-'))
		return false;
	errno = 0;
	if (text[0] == '-') {
		int64_t value = strtoll(text, &end, 0);

		*out = (uint64_t)value;
		return !errno && end != text && !*end && value >= min;
	}
	*out = strtoull(text, &end, 0);
	return !errno && !*end && *out <= max;
}

static bool flag(const char *text, uint64_t *out)
{
	*out = !strcasecmp(text, "y") || !strcasecmp(text, "on") || !strcmp(text, "1");
	return *out || !strcasecmp(text, "n") || !strcasecmp(text, "off") || !strcmp(text, "0");
}

static bool value_of(const struct attribute *a, const char *text, uint64_t *out)
{
	struct range range;

	switch (a->type) {
	case FLAG:
		return flag(text, out);
	case S32:
		return number(text, a->offset == offsetof(struct fault_attr, times) ? -1 : 0,
			      a->max, out);
	case START:
	case END:
		if (number(text, 0, a->max, out))
			return true;
		if (!place_extent(text, &range))
			return false;
		*out = a->type == START ? range.start : range.end;
		return true;
	default:
		return number(text, 0, a->max, out);
	}
}

static const char *wanted(const struct attribute *a)
{
	switch (a->type) {
	case FLAG:
		return "Y or N";
	case S32:
		return a->offset == offsetof(struct fault_attr, times)
			       ? "a number, or -1 for no limit"
			       : "a number";
	case START:
	case END:
		return "an address, a function that is there, function+0x10, or a loaded module's "
		       "name";
	default:
		return "a number";
	}
}

static void store(struct fault_attr *attr, const struct attribute *a, uint64_t value)
{
	char *at = (char *)attr + a->offset;

	switch (a->type) {
	case FLAG:
		*(bool *)at = value;
		break;
	case U32:
		*(uint32_t *)at = (uint32_t)value;
		break;
	case S32:
		*(int32_t *)at = (int32_t)value;
		break;
	default:
		*(uint64_t *)at = value;
	}
}

static uint64_t load(const struct fault_attr *attr, const struct attribute *a)
{
	const char *at = (const char *)attr + a->offset;

	switch (a->type) {
	case FLAG:
		return *(const bool *)at;
	case U32:
		return *(const uint32_t *)at;
	case S32:
		return (uint64_t)(int64_t) * (const int32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

/* ---- setting ---- */

static int no_such_attribute(enum capability capability, const char *name, char *err)
{
	size_t used;

	used = (size_t)snprintf(err, ATTR_ERR, "%s has no attribute \"%.32s\"; it has",
				capability_name(capability), name);
	for (size_t i = 0; i < ATTRIBUTE_COUNT && used < ATTR_ERR; i++)
		if (attributes[i].of & OF(capability) &&
		    strncmp(attributes[i].name, "verbose_", 8) != 0)
			used += (size_t)snprintf(err + used, ATTR_ERR - used, " %s",
						 attributes[i].name);
	return -1;
}

int attr_set(struct fault_attr *attr, enum capability capability, const char *name,
	     const char *value, char *err)
{
	uint64_t number;

	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct attribute *a = &attributes[i];

		if (!(a->of & OF(capability)) || strcmp(a->name, name) != 0)
			continue;
		if (!value_of(a, value, &number)) {
			snprintf(err, ATTR_ERR, "%s/%s wants %s, not \"%.64s\"",
				 capability_name(capability), name, wanted(a), value);
			return -1;
		}
		store(attr, a, number);
		if (attr->stacktrace_depth > STACKTRACE_DEPTH_MAX)
			attr->stacktrace_depth = STACKTRACE_DEPTH_MAX;
		attr->verbose_given |= !strcmp(name, "verbose");
		return 0;
	}
	return no_such_attribute(capability, name, err);
}

int attr_setup(struct fault_attr *attr, enum capability capability, const char *text, char *err)
{
	static const char *const names[] = {"interval", "probability", "space", "times"};
	char *copy = xstrdup(text), *rest = copy, *word, why[ATTR_ERR] = "";
	unsigned n = 0;
	bool good;

	while ((word = strsep(&rest, ",")) && n < 4 && !why[0])
		attr_set(attr, capability, names[n++], word, why);
	good = n == 4 && !word && !why[0];
	if (!good)
		snprintf(err, ATTR_ERR,
			 "%s wants <interval>,<probability>,<space>,<times>, not \"%.64s\"%s%.100s",
			 capability_name(capability), text, why[0] ? ": " : "", why);
	free(copy);
	return good ? 0 : -1;
}

/* ---- showing ---- */

static char *show(const struct attribute *a, uint64_t value)
{
	switch (a->type) {
	case FLAG:
		return xasprintf("%s %s", a->name, value ? "Y" : "N");
	case S32:
		return xasprintf("%s %" PRId64, a->name, (int64_t)value);
	case START:
	case END:
		return xasprintf("%s %#" PRIx64, a->name, value);
	default:
		return xasprintf("%s %" PRIu64, a->name, value);
	}
}

char *attr_text(const struct fault_attr *attr, enum capability capability, bool compat)
{
	struct fault_attr plain;
	char *text = xstrdup("");

	attr_default(&plain, capability, compat);
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct attribute *a = &attributes[i];
		uint64_t value = load(attr, a);
		bool chance = a->offset == offsetof(struct fault_attr, times) ||
			      a->offset == offsetof(struct fault_attr, probability);
		char *one, *longer;

		/* Where chance decides, how often it may is never a matter of course. */
		if (value == load(&plain, a) && !(chance && attr->probability))
			continue;
		one = show(a, value);
		longer = xasprintf("%s%s%s", text, text[0] ? ", " : "", one);
		free(one);
		free(text);
		text = longer;
	}
	return text;
}
