// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzzer_stats, in which AFL++ (write_stats_file() in afl-fuzz-stats.c) tells each minute what an
 * instance has done:
 *
 *	execs_done        : 123456
 *	stability         : 99.87%
 *
 * Keys that are not there, as in other versions, count as 0.
 */
#include "campaign.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"

static const struct key {
	const char *name;
	size_t offset;
} numbers[] = {
	{"start_time", offsetof(struct stats, started)},
	{"last_update", offsetof(struct stats, updated)},
	{"run_time", offsetof(struct stats, run_seconds)},
	{"execs_done", offsetof(struct stats, execs)},
	{"corpus_count", offsetof(struct stats, corpus)},
	{"edges_found", offsetof(struct stats, edges)},
	{"total_edges", offsetof(struct stats, map)},
	{"saved_crashes", offsetof(struct stats, crashes)},
	{"saved_hangs", offsetof(struct stats, hangs)},
	{"last_find", offsetof(struct stats, last_find)},
};

/* In its first second AFL++ divides by no time at all. */
static double finite_number(const char *text)
{
	double value = strtod(text, NULL);

	return isfinite(value) ? value : 0;
}

static void take(struct stats *out, const char *key, const char *value)
{
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(key, numbers[i].name))
			*(uint64_t *)((char *)out + numbers[i].offset) = strtoull(value, NULL, 10);
	if (!strcmp(key, "execs_per_sec"))
		out->execs_per_second = finite_number(value);
	if (!strcmp(key, "stability"))
		out->stability = finite_number(value);
	if (!strcmp(key, "fuzzer_pid"))
		out->pid = (pid_t)strtol(value, NULL, 10);
}

bool stats_read(const char *path, struct stats *out)
{
	FILE *file = fopen(path, "re");
	char line[4096], key[64], value[256];
	bool any = false;

	*out = (struct stats){0};
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %63[^: ] : %255s", key, value) != 2)
			continue;
		any |= !strcmp(key, "execs_done");
		take(out, key, value);
	}
	if (file)
		fclose(file);
	return any;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct stats *stats_read_all(const struct campaign *campaign, unsigned *count)
{
	char *sync = campaign_path(campaign, "sync");
	struct stats *all = NULL, one;
	struct dirent **names;
	int found = scandir(sync, &names, is_visible, versionsort);

	*count = 0;
	for (int i = 0; i < found; i++) {
		char *path = xasprintf("%s/%s/fuzzer_stats", sync, names[i]->d_name);

		if (stats_read(path, &one)) {
			snprintf(one.name, sizeof(one.name), "%.127s", names[i]->d_name);
			all = xreallocarray(all, *count + 1, sizeof(*all));
			all[(*count)++] = one;
		}
		free(path);
		free(names[i]);
	}
	if (found >= 0)
		free(names);
	free(sync);
	return all;
}

bool stats_is_ours(const struct campaign *campaign, const char *name)
{
	size_t n = strlen(campaign->node);

	if (strncmp(name, campaign->node, n) != 0 || name[n] != '-')
		return false;
	name += n + 1;
	return !strcmp(name, "main") ||
	       (name[0] == 's' && name[1] && strspn(name + 1, "0123456789") == strlen(name + 1));
}
