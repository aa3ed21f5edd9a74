// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings by name: one table says what each is and where it is kept. A word that means nothing is refused with the names
 * that come near it, since the kernel's own habit, to ignore a boot parameter with a typing error, would let a
 * test pass that never ran as it was meant to.
 */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../slab/profile.h"
#include "state.h"

/* A level 1 cache twice over: what is freed and asked for again in a loop stays in the level 2 cache. */
#define QUARANTINE_DEFAULT (64u << 10)

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
	FIELD(hooks, BOOL),	      FIELD(guard, BOOL),	  FIELD(quarantine, U32),
	FIELD(profile, TEXT),	      FIELD(seed, U64),		  FIELD(slub_stats, BOOL),
	FIELD(slub_hardened, BOOL),   FIELD(slub_random, BOOL),	  FIELD(slub_merge, BOOL),
	FIELD(slub_debug, TEXT),      FIELD(slub_min_order, U32), FIELD(slub_max_order, U32),
	FIELD(slub_min_objects, U32), FIELD(init_on_alloc, BOOL), FIELD(init_on_free, BOOL),
	FIELD(page_poison, BOOL),     FIELD(page_owner, BOOL),	  FIELD(min_free_kbytes, U32),
	FIELD(nohugevmalloc, BOOL),   FIELD(highmem, BOOL),	  FIELD(kmap_force, BOOL),
};
#define SETTINGS (sizeof(settings_table) / sizeof(settings_table[0]))

static struct kf_settings next;
static bool next_given;

void kf_settings_default(struct kf_settings *settings)
{
	*settings = (struct kf_settings){
		.hooks = true,
		.guard = true,
		.quarantine = QUARANTINE_DEFAULT,
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

static bool profile_ok(const char *value)
{
	const struct kf_profile *profile;

	for (unsigned i = 0; (profile = kf_profile_get(i)); i++)
		if (!strcmp(value, profile->name))
			return true;
	return false;
}

/* What type and size do not say of a value: NULL, or what it must be. */
static const char *value_rule(const char *name, const char *value)
{
	if (!strcmp(name, "profile") && !profile_ok(value))
		return "2.4, 3.4, 3.4-slub or 6.1";
	return NULL;
}

static int set_one(const struct setting *s, struct kf_settings *settings, const char *value,
		   char *err)
{
	char *field = (char *)settings + s->offset;
	const char *rule = value_rule(s->name, value);
	bool flag;
	u64 number;

	if (rule) {
		snprintf(err, KF_SETTINGS_ERR, "%s wants %s; not \"%.100s\"", s->name, rule, value);
		return -EINVAL;
	}
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

/* ---- names that come near -------------------------------------------------------------------------------- */

#define NAME_MAX_LENGTH 32

/* Letters to change, insert, drop or swap with their neighbour to get from a to b (optimal string alignment). */
static unsigned distance(const char *a, size_t n, const char *b)
{
	unsigned rows[3][NAME_MAX_LENGTH + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t m = strlen(b);

	if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH)
		return NAME_MAX_LENGTH;
	for (unsigned j = 0; j <= m; j++)
		last[j] = j;
	for (unsigned i = 1; i <= n; i++) {
		row[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);
			unsigned gap = (last[j] < row[j - 1] ? last[j] : row[j - 1]) + 1;

			row[j] = change < gap ? change : gap;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before, before = last, last = row, row = spare;
	}
	return last[m];
}

static void append(char *text, const char *before, const char *name)
{
	size_t used = strlen(text);

	snprintf(text + used, KF_SETTINGS_ERR - used, "%s%s", before, name);
}

static int complain_name(char *err, const char *text)
{
	size_t length = strcspn(text, "=");
	unsigned best = 3; /* more is another word */

	snprintf(err, KF_SETTINGS_ERR, "no such setting: \"%.60s\"; ", text);
	for (unsigned i = 0; i < SETTINGS; i++) {
		unsigned d = distance(text, length, settings_table[i].name);

		best = d < best ? d : best;
	}
	if (best == 3) {
		append(err, "there are", "");
		for (unsigned i = 0; i < SETTINGS; i++)
			append(err, i ? ", " : " ", settings_table[i].name);
		return -EINVAL;
	}
	append(err, "near it is", "");
	for (unsigned i = 0; i < SETTINGS; i++)
		if (distance(text, length, settings_table[i].name) == best)
			append(err, " ", settings_table[i].name);
	return -EINVAL;
}

/* ---- parsing ---------------------------------------------------------------------------------------------- */

static bool shorthand(struct kf_settings *settings, const char *text)
{
	if (!strcmp(text, "checks=off")) {
		settings->hooks = settings->guard = settings->page_poison = false;
		settings->quarantine = 0;
	} else if (!strcmp(text, "slub_debug"))
		strcpy(settings->slub_debug, "FZPU");
	else if (!strcmp(text, "slub_merge") || !strcmp(text, "slab_merge"))
		settings->slub_merge = true;
	else if (!strcmp(text, "slub_nomerge") || !strcmp(text, "slab_nomerge"))
		settings->slub_merge = false;
	else
		return false;
	return true;
}

static bool known(const char *name)
{
	for (unsigned i = 0; i < SETTINGS; i++)
		if (!strcmp(name, settings_table[i].name))
			return true;
	return false;
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
	if (!equals && known(text))
		return complain(err, "%s wants a value: %s=...", text, text);
	return complain_name(err, text);
}

/* The value as text; bool and numbers in one way. */
static void print_value(const struct setting *s, const struct kf_settings *settings, char *value,
			size_t size)
{
	const char *field = (const char *)settings + s->offset;
	u64 number = 0;

	if (s->type == TEXT) {
		snprintf(value, size, "%s", field);
		return;
	}
	memcpy(&number, field, s->size);
	snprintf(value, size, "%llu", (unsigned long long)number);
}

int kf_settings_strict(const struct kf_settings *settings, char *err)
{
	for (const char *block = settings->slub_debug; *block; block += *block == ';') {
		size_t letters = strcspn(block, ",;");

		if (strspn(block, "-fzputaoFZPUTAO") < letters)
			return complain(err,
					"%s wants letters of FZPUTAO or \"-\", and caches behind a "
					"comma, as in FZ,kmalloc-64,dentry; not \"%.100s\"",
					"slub_debug", settings->slub_debug);
		block += strcspn(block, ";");
	}
	return 0;
}

void kf_settings_for_each(const struct kf_settings *settings,
			  void (*fn)(const char *name, const char *value, void *arg), void *arg)
{
	char value[sizeof(settings->slub_debug)];

	for (unsigned i = 0; i < SETTINGS; i++) {
		print_value(&settings_table[i], settings, value, sizeof(value));
		fn(settings_table[i].name, value, arg);
	}
}

void kf_settings_for_each_changed(const struct kf_settings *settings,
				  void (*fn)(const char *name, const char *value, void *arg),
				  void *arg)
{
	char value[sizeof(settings->slub_debug)], usual[sizeof(value)];
	struct kf_settings defaults;

	kf_settings_default(&defaults);
	for (unsigned i = 0; i < SETTINGS; i++) {
		print_value(&settings_table[i], settings, value, sizeof(value));
		print_value(&settings_table[i], &defaults, usual, sizeof(usual));
		if (strcmp(value, usual))
			fn(settings_table[i].name, value, arg);
	}
}
