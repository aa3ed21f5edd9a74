// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which AFL++ instances a campaign has. One main, and secondaries that differ from it and from each
 * other, as AFL++'s guide says (docs/fuzzing_in_depth.md, "Using multiple cores"): what one way of
 * fuzzing does not reach another does, and they share their queues. The table below is that guide
 * as data; after its last line it begins anew with other seeds.
 *
 * The custom mutator keeps programs of calls valid; one instance goes without it, with AFL++'s own
 * mutations and a dictionary, since what is not valid must not break anything either.
 */
#include "campaign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/trace/util.h"

static const struct way {
	const char *schedule; /* -p: how much energy an input gets */
	bool mopt;	      /* -L 0: which mutations are worth it is learned */
	bool old_queue;	      /* -Z: inputs in their order, not by chance */
	bool no_trim;	      /* inputs stay as long as they are */
	bool bytes; /* without the custom mutator: a dictionary, and CMPLOG where there is a build for it */
	bool asan; /* the build with AddressSanitizer, where there is one */
} ways[] = {
	{.schedule = "explore"}, /* the main one */
	{.schedule = "exploit", .bytes = true},
	{.schedule = "fast", .asan = true},
	{.schedule = "coe", .mopt = true},
	{.schedule = "rare", .no_trim = true},
	{.schedule = "lin", .old_queue = true},
	{.schedule = "quad", .mopt = true, .no_trim = true},
	{.schedule = "explore", .no_trim = true},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* The main one comes once. */
static const struct way *way_of(unsigned i)
{
	return &ways[i < WAYS ? i : 1 + (i - 1) % (WAYS - 1)];
}

static void add(char ***words, unsigned *count, const char *word)
{
	strings_add(words, count, xstrdup(word));
}

static char **make_argv(const struct campaign *c, const struct campaign_limits *limits, unsigned i,
			const struct instance *instance)
{
	const struct way *way = way_of(i);
	const char *program = instance->asan ? c->asan_program : c->program;
	char **argv = NULL, *dictionary = campaign_path(c, "dictionary");
	char *none[1], **words = campaign_fuzz_words(c, program, none, 0);
	unsigned n = 0;

	add(&argv, &n, "afl-fuzz");
	add(&argv, &n, "-i");
	strings_add(&argv, &n, campaign_path(c, "seeds"));
	add(&argv, &n, "-o");
	strings_add(&argv, &n, campaign_path(c, "sync"));
	add(&argv, &n, i ? "-S" : "-M");
	add(&argv, &n, instance->name);
	add(&argv, &n, "-p");
	add(&argv, &n, way->schedule);
	/* Inputs that take longer are hangs; slow seeds are passed over, not refused. A driver has
	 * a limit of its own, whose end is told with what was going on. */
	add(&argv, &n, "-t");
	add(&argv, &n, c->described ? "20000+" : "1000+");
	add(&argv, &n, "-m");
	add(&argv, &n, "none");
	add(&argv, &n, "-s");
	strings_add(&argv, &n, xasprintf("%" PRIu64, (c->seed + i) & INT32_MAX));
	if (way->mopt) {
		add(&argv, &n, "-L");
		add(&argv, &n, "0");
	}
	if (way->old_queue)
		add(&argv, &n, "-Z");
	if ((way->bytes || !c->mutator) && !access(dictionary, R_OK)) {
		add(&argv, &n, "-x");
		add(&argv, &n, dictionary);
	}
	if (way->bytes && c->cmplog_program) {
		add(&argv, &n, "-c");
		add(&argv, &n, c->cmplog_program);
		add(&argv, &n, "-l");
		add(&argv, &n, "2");
	}
	if (limits->execs) {
		add(&argv, &n, "-E");
		strings_add(&argv, &n, xasprintf("%u", limits->execs));
	}
	add(&argv, &n, "--");
	for (char **w = words; *w; w++)
		add(&argv, &n, *w);
	strings_free(words);
	free(dictionary);
	return argv;
}

static char **make_variables(const struct campaign *c, unsigned i)
{
	static const char *const always[] = {
		"AFL_AUTORESUME=1",
		"AFL_NO_UI=1",
		"AFL_SKIP_CPUFREQ=1",
		"AFL_NO_AFFINITY=1",
		"AFL_NO_CRASH_README=1",
		"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1",
		"AFL_FORKSRV_INIT_TMOUT=60000",
		"KFAIL_STORE=",
	};
	const struct way *way = way_of(i);
	char **variables = NULL;
	unsigned n = 0;

	for (unsigned v = 0; v < sizeof(always) / sizeof(always[0]); v++)
		add(&variables, &n, always[v]);
	if (!i)
		add(&variables, &n,
		    "AFL_FINAL_SYNC=1"); /* its queue is what peers and merges take */
	if (way->no_trim)
		add(&variables, &n, "AFL_DISABLE_TRIM=1");
	if (c->mutator && !way->bytes)
		strings_add(&variables, &n, xasprintf("AFL_CUSTOM_MUTATOR_LIBRARY=%s", c->mutator));
	return variables;
}

struct instance *instances_make(const struct campaign *c, const struct campaign_limits *limits)
{
	struct instance *all = xcalloc(c->jobs, sizeof(*all));

	for (unsigned i = 0; i < c->jobs; i++) {
		all[i].name = i ? xasprintf("%s-s%u", c->node, i) : xasprintf("%s-main", c->node);
		all[i].asan = way_of(i)->asan && c->asan_program;
		all[i].argv = make_argv(c, limits, i, &all[i]);
		all[i].variables = make_variables(c, i);
	}
	return all;
}

void instances_free(struct instance *instances, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		free(instances[i].name);
		strings_free(instances[i].argv);
		strings_free(instances[i].variables);
	}
	free(instances);
}
