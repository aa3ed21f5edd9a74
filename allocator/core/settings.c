// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings by name: one table says what each is and where it is kept.
 */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

enum type { BOOL, U32, U64, TEXT };

#define FIELD(name, type)                                          \
	{                                                          \
#name, type, offsetof(struct kf_settings, name),   \
			sizeof(((struct kf_settings *)NULL)->name) \
	}

static const struct setting {
	const char *name;
	enum type type;
	size_t offset, size;
} settings_table[] = {
	FIELD(hooks, BOOL),	    FIELD(guard, BOOL),		 FIELD(profile, TEXT),
	FIELD(seed, U64),	    FIELD(slub_stats, BOOL),	 FIELD(slub_hardened, BOOL),
	FIELD(slub_random, BOOL),   FIELD(slub_merge, BOOL),	 FIELD(slub_debug, TEXT),
	FIELD(slub_min_order, U32), FIELD(slub_max_order, U32),	 FIELD(slub_min_objects, U32),
	FIELD(init_on_alloc, BOOL), FIELD(init_on_free, BOOL),	 FIELD(page_poison, BOOL),
	FIELD(page_owner, BOOL),    FIELD(min_free_kbytes, U32),
};
#define SETTINGS (sizeof(settings_table) / sizeof(settings_table[0]))

static struct kf_settings next;
static bool next_given;

void kf_settings_default(struct kf_settings *settings)
{
	*settings = (struct kf_settings){
		.hooks = true,
		.guard = true,
		.profile = "6.1",
		.slub_max_order = 3,
		.page_poison = true,
	};
}

void kf_settings_next(const struct kf_settings *settings)
{
	next_given = settings != NULL;
	if (settings)
		next = *settings;
}

void kf_settings_start(struct kf_settings *settings)
{
	if (next_given)
		*settings = next;
	else
		kf_settings_default(settings);
}

const struct kf_settings *kf_settings(void)
{
	return &kf_state()->settings;
}

/* ---- by name ------------------------------------------------------------------------------------------ */

static int complain(char *err, const char *form, const char *name, const char *value)
{
	snprintf(err, KF_SETTINGS_ERR, form, name, value);
	return -EINVAL;
}

static bool parse_bool(const char *value, bool *out)
{
	static const char *const words[] = {"0", "1", "off", "on", "n", "y", "no", "yes"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(value, words[i])) {
			*out = i & 1;
			return true;
		}
	return false;
}

static bool parse_number(const char *value, u64 max, u64 *out)
{
	char *end;

	errno = 0;
	*out = strtoull(value, &end, 0);
	return *value >= '0' && *value <= '9' && !*end && !errno && *out <= max;
}

static int set_one(const struct setting *s, struct kf_settings *settings, const char *value,
		   char *err)
{
	char *field = (char *)settings + s->offset;
	bool flag;
	u64 number;

	switch (s->type) {
	case BOOL:
		if (!parse_bool(value, &flag))
			return complain(err, "%s wants on or off, not \"%.100s\"", s->name, value);
		memcpy(field, &flag, sizeof(flag));
		return 0;
	case TEXT:
		if (strlen(value) >= s->size)
			return complain(err, "%s is too long: \"%.100s\"", s->name, value);
		strcpy(field, value);
		return 0;
	default:
		if (!parse_number(value, s->type == U32 ? UINT32_MAX : UINT64_MAX, &number))
			return complain(err, "%s wants a number, not \"%.100s\"", s->name, value);
		memcpy(field, &number, s->size);
		return 0;
	}
}

static bool shorthand(struct kf_settings *settings, const char *text)
{
	if (!strcmp(text, "checks=off"))
		settings->hooks = settings->guard = settings->page_poison = false;
	else if (!strcmp(text, "slub_debug"))
		strcpy(settings->slub_debug, "FZPU");
	else if (!strcmp(text, "slub_merge") || !strcmp(text, "slab_merge"))
		settings->slub_merge = true;
	else if (!strcmp(text, "slub_nomerge") || !strcmp(text, "slab_nomerge"))
		settings->slub_merge = false;
	else
		return false;
	return true;
}

int kf_settings_parse(struct kf_settings *settings, const char *text, char *err)
{
	const char *equals = strchr(text, '=');

	if (shorthand(settings, text))
		return 0;
	for (unsigned i = 0; i < SETTINGS && equals; i++) {
		const struct setting *s = &settings_table[i];

		if (strlen(s->name) == (size_t)(equals - text) &&
		    !strncmp(s->name, text, (size_t)(equals - text)))
			return set_one(s, settings, equals + 1, err);
	}
	return complain(err, "no such setting: \"%.100s\"%s", text, "");
}

void kf_settings_for_each(const struct kf_settings *settings,
			  void (*fn)(const char *name, const char *value, void *arg), void *arg)
{
	for (unsigned i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings_table[i];
		const char *field = (const char *)settings + s->offset;
		char value[sizeof(settings->slub_debug)];
		u64 number = 0;

		memcpy(&number, field, s->type == TEXT ? 0 : s->size);
		if (s->type == TEXT)
			snprintf(value, sizeof(value), "%s", field);
		else
			snprintf(value, sizeof(value), "%llu", (unsigned long long)number);
		fn(s->name, value, arg);
	}
}
