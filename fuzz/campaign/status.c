// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a campaign stands: what each AFL++ tells in fuzzer_stats, what the supervisor tells of them,
 * and what was found. For people a table; as JSON
 *
 *	{"campaign": DIR, "target": ..., "running": true, "where": "process 7 on nodeA",
 *	 "instances": [{"name", "state", "restarts", "why", "ours", "run_seconds", "execs", "execs_per_second", "corpus", "edges",
 *			"map", "stability", "crashes", "hangs", "last_find"}, ...],
 *	 "execs": ..., "execs_per_second": ..., "corpus": ..., "crashes": ..., "hangs": ..., "findings": ..., "not_judged": ...,
 *	 "warnings": ["..."]}
 *
 * AFL++ writes its numbers once a minute, so they are at most that old. Sums are of the campaign's
 * own instances: a peer counts at home.
 */
#include "campaign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../harness/judge/finding_json.h"
#include "../../harness/trace/util.h"
#include "../../reports/output.h"

#define STABILITY_LOW \
	99.0 /* below it, an input's coverage is no longer its own (AFL++'s guide: 90) */

struct standing {
	enum owner owner;
	char where[256];
	struct stats *stats;
	struct instance_state *states;
	unsigned stats_count, state_count;
	unsigned findings, not_judged;
};

static void look(const struct campaign *campaign, struct standing *s)
{
	struct sweep_result result;
	char err[CAMPAIGN_ERR];
	pid_t pid;

	*s = (struct standing){0};
	s->owner = owner_of(campaign, &pid, s->where);
	s->stats = stats_read_all(campaign, &s->stats_count);
	s->states = supervisor_states(campaign, &s->state_count);
	if (campaign_findings(campaign, &result, err))
		return;
	s->findings = result.finding_count;
	s->not_judged = result.not_judged_count;
	sweep_result_clear(&result);
}

static void forget(struct standing *s)
{
	free(s->stats);
	free(s->states);
}

static const struct instance_state *state_of(const struct standing *s, const char *name)
{
	for (unsigned i = 0; i < s->state_count; i++)
		if (!strcmp(s->states[i].name, name))
			return &s->states[i];
	return NULL;
}

static bool has_stats(const struct standing *s, const char *name)
{
	for (unsigned i = 0; i < s->stats_count; i++)
		if (!strcmp(s->stats[i].name, name))
			return true;
	return false;
}

/* "running" and "waiting" of a supervisor that is gone are no longer so. */
static const char *state_name(const struct campaign *campaign, const struct standing *s,
			      const char *name)
{
	const struct instance_state *state = state_of(s, name);
	bool lives =
		state && (!strcmp(state->state, "running") || !strcmp(state->state, "waiting"));

	if (!stats_is_ours(campaign, name))
		return "peer";
	if (!state || (lives && s->owner == OWNER_NONE))
		return "stopped";
	return state->state;
}

static void sum(const struct campaign *campaign, const struct standing *s, struct stats *all)
{
	*all = (struct stats){0};
	for (unsigned i = 0; i < s->stats_count; i++) {
		const struct stats *one = &s->stats[i];

		if (!stats_is_ours(campaign, one->name))
			continue;
		all->execs += one->execs;
		all->execs_per_second += one->execs_per_second;
		all->crashes += one->crashes;
		all->hangs += one->hangs;
		all->run_seconds += one->run_seconds;
		all->corpus = one->corpus > all->corpus ? one->corpus : all->corpus;
		all->edges = one->edges > all->edges ? one->edges : all->edges;
		all->map = one->map > all->map ? one->map : all->map;
		all->last_find = one->last_find > all->last_find ? one->last_find : all->last_find;
	}
}

static bool is_unstable(const struct campaign *campaign, const struct stats *one)
{
	return stats_is_ours(campaign, one->name) && one->stability > 0 &&
	       one->stability < STABILITY_LOW;
}

/* Sentences that somebody should do something about; strings_free() it. */
static char **warnings(const struct campaign *campaign, const struct standing *s)
{
	char **list = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < s->stats_count; i++)
		if (is_unstable(campaign, &s->stats[i]))
			strings_add(
				&list, &n,
				xasprintf("%s: stability is %.2f %%, below %.0f %%: the same input "
					  "does not always take the same way",
					  s->stats[i].name, s->stats[i].stability, STABILITY_LOW));
	for (unsigned i = 0; i < s->state_count; i++)
		if (s->states[i].why[0] && strcmp(s->states[i].state, "running") != 0)
			strings_add(&list, &n,
				    xasprintf("%s: %s: %s", s->states[i].name, s->states[i].state,
					      s->states[i].why));
	return list;
}

/* ---- for people ---- */

static char *duration(uint64_t seconds, char text[32])
{
	if (seconds < 3600)
		snprintf(text, 32, "%" PRIu64 ":%02" PRIu64, seconds / 60, seconds % 60);
	else
		snprintf(text, 32, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600,
			 seconds / 60 % 60, seconds % 60);
	return text;
}

static char *since(uint64_t when, char text[32])
{
	uint64_t now = (uint64_t)time(NULL);

	return when && when <= now ? duration(now - when, text) : strcpy(text, "never");
}

static void print_line(FILE *out, const char *name, const char *state, const struct stats *s,
		       bool stability)
{
	char run[32], find[32], stable[16] = "";

	if (stability)
		snprintf(stable, sizeof(stable), "%.2f%%", s->stability);
	fprintf(out,
		"%-20s %-8s %9s %12" PRIu64 " %9.0f %7" PRIu64 " %6" PRIu64 "/%-6" PRIu64
		" %8s %7" PRIu64 " %5" PRIu64 " %9s\n",
		name, state, duration(s->run_seconds, run), s->execs, s->execs_per_second,
		s->corpus, s->edges, s->map, stable, s->crashes, s->hangs,
		since(s->last_find, find));
}

void status_print(const struct campaign *campaign, FILE *out)
{
	struct standing s;
	struct stats all;
	char **told;

	look(campaign, &s);
	fprintf(out, "%s: %s, %s%s\n", campaign->folder, campaign->target,
		s.owner == OWNER_NONE ? "not running" : "running: ",
		s.where[0] && s.owner ? s.where : "");
	fprintf(out, "%-20s %-8s %9s %12s %9s %7s %13s %8s %7s %5s %9s\n", "instance", "state",
		"run time", "execs", "execs/s", "corpus", "edges/map", "stable", "crashes", "hangs",
		"last find");
	for (unsigned i = 0; i < s.stats_count; i++)
		print_line(out, s.stats[i].name, state_name(campaign, &s, s.stats[i].name),
			   &s.stats[i], true);
	for (unsigned i = 0; i < s.state_count; i++)
		if (!has_stats(&s, s.states[i].name))
			fprintf(out, "%-20s %-8s no numbers yet\n", s.states[i].name,
				state_name(campaign, &s, s.states[i].name));
	sum(campaign, &s, &all);
	print_line(out, "all", "", &all, false);
	fprintf(out, "findings: %u; not judged: %u\n", s.findings, s.not_judged);
	told = warnings(campaign, &s);
	for (char **w = told; w && *w; w++)
		fprintf(out, "warning: %s\n", *w);
	strings_free(told);
	forget(&s);
}

/* ---- JSON ---- */

static void put_numbers(json_t *to, const struct stats *s)
{
	json_put(to, "run_seconds", json_u64(s->run_seconds));
	json_put(to, "execs", json_u64(s->execs));
	json_put(to, "execs_per_second", json_real(s->execs_per_second));
	json_put(to, "corpus", json_u64(s->corpus));
	json_put(to, "edges", json_u64(s->edges));
	json_put(to, "map", json_u64(s->map));
	json_put(to, "crashes", json_u64(s->crashes));
	json_put(to, "hangs", json_u64(s->hangs));
	json_put(to, "last_find", json_u64(s->last_find));
}

static void append(json_t *array, json_t *value)
{
	if (!array || json_array_append_new(array, value))
		out_of_host_memory(1);
}

static json_t *instance_object(const struct campaign *campaign, const struct standing *s,
			       const char *name, const struct stats *stats)
{
	const struct instance_state *state = state_of(s, name);
	json_t *one = json_object();

	json_put(one, "name", json_text(name));
	json_put(one, "state", json_text(state_name(campaign, s, name)));
	json_put(one, "ours", json_boolean(stats_is_ours(campaign, name)));
	json_put(one, "restarts", json_u64(state ? state->restarts : 0));
	json_put(one, "why", json_text(state ? state->why : ""));
	json_put(one, "stability", json_real(stats->stability));
	put_numbers(one, stats);
	return one;
}

static json_t *instances_array(const struct campaign *campaign, const struct standing *s)
{
	static const struct stats none;
	json_t *array = json_array();

	for (unsigned i = 0; i < s->stats_count; i++)
		append(array, instance_object(campaign, s, s->stats[i].name, &s->stats[i]));
	for (unsigned i = 0; i < s->state_count; i++)
		if (!has_stats(s, s->states[i].name))
			append(array, instance_object(campaign, s, s->states[i].name, &none));
	return array;
}

static json_t *to_object(const struct campaign *campaign)
{
	json_t *object = json_object(), *array = json_array();
	struct standing s;
	struct stats all;
	char **told;

	look(campaign, &s);
	sum(campaign, &s, &all);
	json_put(object, "campaign", json_text(campaign->folder));
	json_put(object, "target", json_text(campaign->target));
	json_put(object, "running", json_boolean(s.owner != OWNER_NONE));
	json_put(object, "where", json_text(s.owner != OWNER_NONE ? s.where : ""));
	json_put(object, "instances", instances_array(campaign, &s));
	put_numbers(object, &all);
	json_put(object, "findings", json_u64(s.findings));
	json_put(object, "not_judged", json_u64(s.not_judged));
	told = warnings(campaign, &s);
	for (char **w = told; w && *w; w++)
		append(array, json_text(*w));
	json_put(object, "warnings", array);
	strings_free(told);
	forget(&s);
	return object;
}

int status_json(const struct campaign *campaign, const char *path, char *err)
{
	json_t *object = to_object(campaign);
	struct output output;
	int error = output_open(&output, path);

	if (!error) {
		json_dumpf(object, output.file, JSON_INDENT(1));
		fputc('\n', output.file);
		error = output_commit(&output);
	}
	json_decref(object);
	if (!error)
		return 0;
	snprintf(err, CAMPAIGN_ERR, "%.300s: %s", path, strerror(-error));
	return CAMPAIGN_FAILED;
}
