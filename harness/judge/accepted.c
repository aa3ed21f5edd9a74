// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of accepted findings. It decides what a gate lets through, so nothing in it is guessed: a line that is not
 * understood, a day that is not in the calendar, a finding without a reason, or one that stands there twice, and the
 * whole file is refused.
 */
#include "accepted.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "../trace/util.h"

#define ID_LENGTH 16

static bool is_id(const char *word)
{
	return strlen(word) == ID_LENGTH && strspn(word, "0123456789abcdef") == ID_LENGTH;
}

/* In the calendar: the same after a round through it. */
static bool is_day(const char *word)
{
	struct tm day = {.tm_hour = 12};
	char again[16];

	if (strlen(word) != 10 ||
	    sscanf(word, "%4d-%2d-%2d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3)
		return false;
	day.tm_year -= 1900;
	day.tm_mon--;
	if (timegm(&day) == -1 || !strftime(again, sizeof(again), "%Y-%m-%d", &day))
		return false;
	return !strcmp(again, word);
}

/* Modules are named with dashes in files and with underscores in the kernel. */
static bool same_module(const char *a, const char *b)
{
	while (*a && (*a == *b || (strchr("-_", *a) && *b && strchr("-_", *b))))
		a++, b++;
	return !*a && !*b;
}

static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t");
	size_t length = strcspn(word, " \t");

	*text = word + length;
	if (**text)
		*(*text)++ = '\0';
	return word;
}

static struct accepted_entry *find_entry(const struct accepted *accepted, const char *module,
					 const char *id)
{
	for (unsigned i = 0; i < accepted->count; i++) {
		struct accepted_entry *entry = &accepted->entries[i];

		if (!strcmp(entry->id, id) && same_module(entry->module, module))
			return entry;
	}
	return NULL;
}

/* One line that holds an entry; the reason why not goes to `why`. */
static int read_entry(void *arg, char *text, unsigned line, char *why, size_t size)
{
	struct accepted *accepted = arg;
	char *module = next_word(&text), *id = next_word(&text), *until = next_word(&text);
	struct accepted_entry *entry = find_entry(accepted, module, id);

	text = entries_trimmed(text);
	if (!is_id(id))
		return snprintf(why, size, "\"%s\" is no finding's id (16 hexadecimal digits)", id);
	if (!is_day(until))
		return snprintf(why, size, "\"%s\" is no day (YYYY-MM-DD)", until);
	if (!*text)
		return snprintf(why, size, "finding %s is accepted without a reason", id);
	if (entry)
		return snprintf(why, size, "finding %s of %s stands on line %u already", id, module,
				entry->line);
	accepted->entries =
		xreallocarray(accepted->entries, accepted->count + 1, sizeof(*accepted->entries));
	entry = &accepted->entries[accepted->count++];
	*entry = (struct accepted_entry){
		.module = xstrdup(module), .reason = xstrdup(text), .line = line};
	memcpy(entry->id, id, ID_LENGTH);
	memcpy(entry->until, until, strlen(until));
	return 0;
}

int accepted_read(const char *path, struct accepted *accepted, char *err)
{
	*accepted = (struct accepted){.path = xstrdup(path)};
	if (!entries_read(path, ": MODULE ID UNTIL REASON", read_entry, accepted, err))
		return 0;
	accepted_clear(accepted);
	return -1;
}

struct accepted_entry *accepted_find(const struct accepted *accepted, const char *module,
				     const struct finding *finding, const char *today)
{
	const char *const ids[] = {finding->id, finding->group};

	for (unsigned i = 0; i < 2; i++) {
		struct accepted_entry *entry = find_entry(accepted, module, ids[i]);

		if (entry && strcmp(today, entry->until) <= 0)
			return entry;
	}
	return NULL;
}

void accepted_stale(struct sweep_result *result, char *sentence)
{
	result->stale =
		xreallocarray(result->stale, result->stale_count + 1, sizeof(*result->stale));
	result->stale[result->stale_count++] = sentence;
}

static void tell_stale(const struct accepted *accepted, struct sweep_result *result,
		       const char *today, bool whole)
{
	for (unsigned i = 0; i < accepted->count; i++) {
		const struct accepted_entry *entry = &accepted->entries[i];

		if (!same_module(entry->module, result->module))
			continue;
		if (strcmp(today, entry->until) > 0)
			accepted_stale(
				result,
				xasprintf("%s, line %u: finding %s was accepted until %s (%s)",
					  accepted->path, entry->line, entry->id, entry->until,
					  entry->reason));
		else if (whole && !entry->matched)
			accepted_stale(result,
				       xasprintf("%s, line %u: finding %s is accepted, but was not "
						 "found any more (%s)",
						 accepted->path, entry->line, entry->id,
						 entry->reason));
	}
}

void accepted_status(struct sweep_result *result)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		if (!result->findings[i].core && !result->findings[i].accepted)
			return;
	if (result->status == SWEEP_FINDINGS && !result->unexpected_count)
		result->status = result->not_judged_count ? SWEEP_NOT_JUDGED : SWEEP_CLEAN;
}

void accepted_apply(struct accepted *accepted, struct sweep_result *result, const char *today,
		    bool whole)
{
	for (unsigned i = 0; i < result->finding_count; i++) {
		struct finding *finding = &result->findings[i];
		struct accepted_entry *entry =
			accepted_find(accepted, result->module, finding, today);

		if (!entry)
			continue;
		entry->matched = true;
		free(finding->accepted);
		finding->accepted = xasprintf("until %s: %s", entry->until, entry->reason);
	}
	accepted_status(result);
	tell_stale(accepted, result, today, whole);
}

void accepted_clear(struct accepted *accepted)
{
	for (unsigned i = 0; i < accepted->count; i++) {
		free(accepted->entries[i].module);
		free(accepted->entries[i].reason);
	}
	free(accepted->entries);
	free(accepted->path);
	*accepted = (struct accepted){0};
}
