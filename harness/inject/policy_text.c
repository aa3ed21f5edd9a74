// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active policy in words, for the head of every report: whoever reads of a finding must know what was done to the driver.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"
#include "policy.h"

__attribute__((format(printf, 2, 3))) static void append(char **text, const char *format, ...)
{
	char *more, *longer;
	va_list args;

	va_start(args, format);
	if (vasprintf(&more, format, args) < 0)
		out_of_host_memory(0);
	va_end(args);
	longer = xasprintf("%s%s", *text, more);
	free(more);
	free(*text);
	*text = longer;
}

static void put_requests(const struct policy *policy, const char *module, char **text)
{
	switch (policy->scope) {
	case SCOPE_MODULE:
		append(text, "on behalf of %s", module);
		break;
	case SCOPE_DIRECT:
		append(text, "made by %s itself", module);
		break;
	case SCOPE_ANY:
		append(text, "of anybody");
		break;
	}
}

static void put_when(const struct policy *policy, const char *module,
		     const struct schedule *schedules, unsigned count, char **text)
{
	char buf[SCHEDULE_TEXT_MAX];

	if (!schedules) {
		append(text, "each request ");
		put_requests(policy, module, text);
		append(text, " is refused once");
	} else if (!count || schedule_is_empty(schedules)) {
		append(text, "nothing is refused");
		return;
	} else {
		append(text, "requests ");
		put_requests(policy, module, text);
		append(text, " are refused by schedule %s",
		       schedule_print(schedules, buf, sizeof(buf)));
		if (count > 1)
			append(text, " and %u more", count - 1);
	}
	append(text, "; never __GFP_NOFAIL");
}

/* What can be refused, where that is not what it always is. */
static void put_points(char **text)
{
	unsigned functions = calls_imported();

	if (!calls_any())
		return;
	append(text, "\npoints are %scalls of %u imported function%s",
	       inject_counts_allocations() ? "allocations and " : "", functions,
	       functions == 1 ? "" : "s");
}

static void put_filters(const struct policy *policy, char **text)
{
	const char *before = "\n";

	for (unsigned i = 0; i < policy->only_count; i++, before = "; ")
		append(text, "%sonly %s", before, policy->only[i].text);
	for (unsigned i = 0; i < policy->skip_count; i++, before = "; ")
		append(text, "%snot %s", before, policy->skip[i].text);
	if (policy->benign.count)
		append(text, "%snot %u benign site%s", before, policy->benign.count,
		       policy->benign.count == 1 ? "" : "s");
}

static void put_attributes(const struct policy *policy, bool seeded, char **text)
{
	const char *before = "\n";

	if (policy->compat) {
		append(text, "%sas the kernel: ignore-gfp-wait, ignore-gfp-highmem, min-order 1",
		       before);
		before = "; ";
	}
	for (int i = 0; i < CAPABILITIES; i++) {
		char *attributes = attr_text(&policy->attrs[i], (enum capability)i, policy->compat);

		if (attributes[0]) {
			append(text, "%s%s: %s", before, capability_name((enum capability)i),
			       attributes);
			before = "; ";
		}
		free(attributes);
	}
	if (policy_has_chance(policy) && !seeded)
		append(text, "; chance has no part in this");
}

char *policy_text(const struct policy *policy, const char *module, const struct schedule *schedules,
		  unsigned count)
{
	char *text = xstrdup("");

	put_when(policy, module, schedules, count, &text);
	put_points(&text);
	put_filters(policy, &text);
	put_attributes(policy, schedules && schedules->has_seed, &text);
	return text;
}
