// SPDX-License-Identifier: GPL-2.0-only
/*
 * campaign.json: all that a campaign is, so that whoever finds the folder can go on with it.
 * Written whole or not at all.
 *
 *	{"kfail": "0.1.0", "target": "allocator", "words": ["--target", "allocator"], "directory": "/home/me/kfail",
 *	 "node": "nodeA", "jobs": 8, "seed": 1, "peers": ["nodeB:/var/c"], "exchange_minutes": 10,
 *	 "program": "/.../build/fuzz/kfail", "asan_program": null, "cmplog_program": null, "mutator": "/.../mutator.so"}
 */
#include "campaign.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/judge/finding_json.h"
#include "../../harness/trace/util.h"
#include "../engine/target.h"
#include "../triage/files.h"

#define CONFIG_MAX (1u << 20)

void strings_add(char ***strings, unsigned *count, char *string)
{
	*strings = xreallocarray(*strings, *count + 2, sizeof(**strings));
	(*strings)[(*count)++] = string;
	(*strings)[*count] = NULL;
}

void strings_free(char **strings)
{
	for (char **s = strings; s && *s; s++)
		free(*s);
	free(strings);
}

char *campaign_path(const struct campaign *campaign, const char *format, ...)
{
	char *below, *path;
	va_list args;

	va_start(args, format);
	if (vasprintf(&below, format, args) < 0)
		out_of_host_memory(strlen(format));
	va_end(args);
	path = xasprintf("%s/%s", campaign->folder, below);
	free(below);
	return path;
}

char *campaign_target_of(char *const *words, unsigned count)
{
	static const char option[] = "--target";

	for (unsigned i = 0; i < count; i++) {
		if (!strcmp(words[i], option) && i + 1 < count)
			return xstrdup(words[i + 1]);
		if (!strncmp(words[i], option, strlen(option)) && words[i][strlen(option)] == '=')
			return xstrdup(words[i] + strlen(option) + 1);
	}
	return xstrdup("driver");
}

bool campaign_same_words(const struct campaign *campaign, char *const *words, unsigned count)
{
	if (count != campaign->word_count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (strcmp(words[i], campaign->words[i]) != 0)
			return false;
	return true;
}

bool campaign_exists(const char *folder)
{
	char *path = xasprintf("%s/campaign.json", folder);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

void campaign_clear(struct campaign *c)
{
	free(c->folder);
	free(c->version);
	free(c->target);
	free(c->node);
	free(c->directory);
	strings_free(c->words);
	strings_free(c->peers);
	free(c->program);
	free(c->asan_program);
	free(c->cmplog_program);
	free(c->mutator);
	*c = (struct campaign){0};
}

/* ---- reading ---- */

static void get_strings(const json_t *object, const char *key, char ***strings, unsigned *count)
{
	const json_t *array = json_object_get(object, key), *value;
	size_t i;

	json_array_foreach(array, i, value) if (json_is_string(value))
		strings_add(strings, count, xstrdup(json_string_value(value)));
}

static void from_object(const json_t *object, struct campaign *out)
{
	out->version = json_get_text(object, "kfail");
	out->target = json_get_text(object, "target");
	out->node = json_get_text(object, "node");
	out->directory = json_get_text(object, "directory");
	out->program = json_get_text(object, "program");
	out->asan_program = json_get_text(object, "asan_program");
	out->cmplog_program = json_get_text(object, "cmplog_program");
	out->mutator = json_get_text(object, "mutator");
	out->jobs = (unsigned)json_get_u64(object, "jobs");
	out->exchange_minutes = (unsigned)json_get_u64(object, "exchange_minutes");
	out->seed = json_get_u64(object, "seed");
	get_strings(object, "words", &out->words, &out->word_count);
	get_strings(object, "peers", &out->peers, &out->peer_count);
}

static bool is_whole(const struct campaign *c)
{
	return c->version && c->target && c->node && c->directory && c->program && c->jobs &&
	       c->word_count;
}

static bool is_described(const struct campaign *campaign)
{
	char *path = campaign_path(campaign, "description");
	bool described = !access(path, F_OK);

	free(path);
	return described;
}

int campaign_load(const char *folder, struct campaign *out, char *err)
{
	char *path = xasprintf("%s/campaign.json", folder), *text;
	json_t *object = NULL;
	json_error_t wrong;
	size_t size;

	*out = (struct campaign){0};
	text = file_read(path, CONFIG_MAX, &size);
	if (!text) {
		snprintf(err, CAMPAIGN_ERR, "%.200s: no campaign is there: %s", folder,
			 strerror(errno));
		free(path);
		return CAMPAIGN_WRONG;
	}
	object = json_loadb(text, size, 0, &wrong);
	free(text);
	if (object)
		from_object(object, out);
	out->folder = realpath(folder, NULL);
	out->described = out->folder && is_described(out);
	if (!object)
		snprintf(err, CAMPAIGN_ERR, "%.200s:%d:%d: %.150s", path, wrong.line, wrong.column,
			 wrong.text);
	else if (!out->folder || !is_whole(out))
		snprintf(err, CAMPAIGN_ERR, "%.200s: something is missing in it; it cannot be used",
			 path);
	free(path);
	if (object && out->folder && is_whole(out)) {
		json_decref(object);
		return 0;
	}
	json_decref(object);
	campaign_clear(out);
	return CAMPAIGN_WRONG;
}

/* ---- writing ---- */

static json_t *to_array(char *const *strings, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		if (!array || json_array_append_new(array, json_text(strings[i])))
			out_of_host_memory(1);
	return array;
}

static json_t *to_object(const struct campaign *c)
{
	json_t *object = json_object();

	json_put(object, "kfail", json_text(c->version));
	json_put(object, "target", json_text(c->target));
	json_put(object, "words", to_array(c->words, c->word_count));
	json_put(object, "directory", json_text(c->directory));
	json_put(object, "node", json_text(c->node));
	json_put(object, "jobs", json_u64(c->jobs));
	json_put(object, "seed", json_u64(c->seed));
	json_put(object, "peers", to_array(c->peers, c->peer_count));
	json_put(object, "exchange_minutes", json_u64(c->exchange_minutes));
	json_put(object, "program", json_text(c->program));
	json_put(object, "asan_program", json_text(c->asan_program));
	json_put(object, "cmplog_program", json_text(c->cmplog_program));
	json_put(object, "mutator", json_text(c->mutator));
	return object;
}

int campaign_save(const struct campaign *campaign, char *err)
{
	json_t *object = to_object(campaign);
	char *text = json_dumps(object, JSON_INDENT(1)), *path, *lines;
	int error;

	if (!text)
		out_of_host_memory(1);
	lines = xasprintf("%s\n", text);
	path = campaign_path(campaign, "campaign.json");
	error = file_write(path, lines, strlen(lines), err);
	free(path);
	free(lines);
	free(text);
	json_decref(object);
	return error ? CAMPAIGN_FAILED : 0;
}
