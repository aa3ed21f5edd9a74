// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suppressions (see suppressions.h). Templates match as sanitizer_common's do: anywhere in a name, unless anchored.
 * Since the file decides what a gate lets through, a line that is not understood refuses all of it.
 */
#include "suppressions.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include "../trace/util.h"
#include "accepted.h"

/* ---- the file ---- */

static int read_entry(void *arg, char *text, unsigned line, char *why, size_t size)
{
	struct suppressions *s = arg;
	char *colon = strchr(text, ':');
	struct suppression *entry;
	int kind;

	if (!colon)
		return snprintf(why, size, "\"%s\" has no type", text);
	*colon++ = '\0';
	kind = finding_kind_parse(text);
	if (kind < 0)
		return snprintf(why, size,
				"\"%s\" is no kind of finding; leak, use-after-free, "
				"sleep-in-atomic and the others of a report are",
				text);
	if (!colon[strspn(colon, "^$*")])
		return snprintf(why, size, "the template \"%s\" would match everything", colon);
	s->entries = xreallocarray(s->entries, s->count + 1, sizeof(*s->entries));
	entry = &s->entries[s->count++];
	*entry = (struct suppression){
		.type = xstrdup(text),
		.template = xstrdup(colon),
		.kind = (enum finding_kind)kind,
		.line = line,
	};
	return 0;
}

int suppressions_read(const char *path, struct suppressions *s, char *err)
{
	*s = (struct suppressions){.path = xstrdup(path)};
	if (!entries_read(path, " TYPE:TEMPLATE, as leak:foo_init", read_entry, s, err))
		return 0;
	suppressions_clear(s);
	return -1;
}

void suppressions_clear(struct suppressions *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		free(s->entries[i].type);
		free(s->entries[i].template);
	}
	free(s->entries);
	free(s->path);
	*s = (struct suppressions){0};
}

/* ---- matching ---- */

/* The template as fnmatch() wants it: only '*' is special. */
static char *pattern_of(const char *template)
{
	size_t length = strlen(template);
	bool start = template[0] == '^', end = template[length - 1] == '$';
	char *pattern = xcalloc(2 * length + 4, 1), *to = pattern;

	if (!start)
		*to++ = '*';
	for (const char *p = template + start; p < template + length - end; p++) {
		if (strchr("?[]\\", *p))
			*to++ = '\\';
		*to++ = *p;
	}
	if (!end)
		*to++ = '*';
	return pattern;
}

static bool name_matches(const char *pattern, const char *name)
{
	return name && !fnmatch(pattern, name, 0);
}

static bool stack_matches(const char *pattern, const struct stack *stack)
{
	for (unsigned i = 0; i < stack->count; i++) {
		const struct stack_frame *frame = &stack->frames[i];

		if (name_matches(pattern, frame->function) || name_matches(pattern, frame->file) ||
		    name_matches(pattern, frame->module))
			return true;
	}
	return false;
}

static bool finding_matches(const char *template, const struct finding *finding)
{
	char *pattern = pattern_of(template);
	bool matches = stack_matches(pattern, &finding->stack);

	for (unsigned i = 0; i < finding->object_count && !matches; i++)
		matches = stack_matches(pattern, &finding->objects[i].allocated);
	free(pattern);
	return matches;
}

static bool covers(const struct suppression *entry, const struct finding *finding)
{
	bool leak = entry->kind == FINDING_LEAK && finding->kind == FINDING_RESOURCE_LEAK;

	return (leak || entry->kind == finding->kind) && finding_matches(entry->template, finding);
}

struct suppression *suppressions_find(const struct suppressions *s, const struct finding *finding)
{
	for (unsigned i = 0; i < s->count; i++)
		if (covers(&s->entries[i], finding))
			return &s->entries[i];
	return NULL;
}

void suppressions_apply(struct suppressions *s, struct sweep_result *result, bool whole)
{
	for (unsigned i = 0; i < result->finding_count; i++) {
		struct finding *finding = &result->findings[i];
		struct suppression *entry = suppressions_find(s, finding);

		if (!entry)
			continue;
		entry->matched = true;
		if (!finding->accepted)
			finding->accepted =
				xasprintf("suppressed by %s:%s (%s, line %u)", entry->type,
					  entry->template, s->path, entry->line);
	}
	accepted_status(result);
	for (unsigned i = 0; whole && i < s->count; i++)
		if (!s->entries[i].matched)
			accepted_stale(result,
				       xasprintf("%s, line %u: %s:%s suppresses nothing", s->path,
						 s->entries[i].line, s->entries[i].type,
						 s->entries[i].template));
}
