// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of memory: --guard puts objects and pages between inaccessible ones (allocator/page/fence.c). Which ones is
 * decided with a seed: --guard-seed, else --seed; it is on the replay line, since it says what a run meets.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

#define EVERY_MAX    1000000
#define SEED_DEFAULT 1

enum { OPTION_GUARD = OPTIONS_MEMORY, OPTION_EDGE, OPTION_SEED };

static const struct cli_option options[] = {
	{PREPARING,
	 true,
	 {"guard", OPTION_GUARD, "N", OPTION_ARG_OPTIONAL,
	  "put each (or each Nth) object and block of pages against an inaccessible page, and keep "
	  "freed ones inaccessible: a read or write outside, or after free, is found where it is "
	  "made",
	  0}},
	{PREPARING,
	 true,
	 {"guard-edge", OPTION_EDGE, "EDGE", 0,
	  "with --guard: the end of an object that lies against that page: right (default), left, "
	  "or "
	  "both, one or the other by chance",
	  0}},
	{PREPARING,
	 true,
	 {"guard-seed", OPTION_SEED, "N", 0,
	  "with --guard: which of N, and which edge (default: --seed, else 1)", 0}},
	{0},
};

static struct {
	bool edge_given, seed_given;
} given;

static enum kf_fence_edge parse_edge(const char *text)
{
	static const char *const edges[] = {
		[KF_FENCE_RIGHT] = "right", [KF_FENCE_LEFT] = "left", [KF_FENCE_BOTH] = "both"};

	for (unsigned i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		if (!strcmp(text, edges[i]))
			return (enum kf_fence_edge)i;
	cli_complain("--guard-edge wants right, left or both, not \"%s\"", text);
	exit(STATUS_USAGE);
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_GUARD:
		cli->guard.every = arg ? cli_number("guard", arg, EVERY_MAX) : 1;
		return true;
	case OPTION_EDGE:
		cli->guard.edge = parse_edge(arg);
		given.edge_given = true;
		return true;
	case OPTION_SEED:
		cli->guard.seed = cli_number("guard-seed", arg, UINT32_MAX);
		given.seed_given = true;
		return true;
	}
	return false;
}

/* The seed of the whole command line; a replay has to be told, because its own --seed is of something else. */
static void take_seed(struct cli *cli)
{
	cli->guard.seed = SEED_DEFAULT;
	if (cli->seed_given)
		cli->guard.seed = cli->plan.seed;
	else if (cli->injection && cli->injection->seed_given)
		cli->guard.seed = cli->injection->seed;
	if (cli->guard.seed == SEED_DEFAULT)
		return;
	cli->replayed[cli->replayed_count++] =
		xasprintf("--guard-seed=%llu", (unsigned long long)cli->guard.seed);
}

static int check(struct cli *cli)
{
	if (!cli->guard.every && (given.edge_given || given.seed_given))
		return cli_complain("--guard-%s has no meaning without --guard",
				    given.edge_given ? "edge" : "seed");
	if (cli->guard.every && (!cli->settings.guard || cli->settings.slub_debug[0]))
		return cli_complain("--guard and --set %s do not go together: what is fenced is an "
				    "object of a cache that kfail guards itself",
				    cli->settings.slub_debug[0] ? "slub_debug" : "guard=0");
	if (cli->guard.every && !given.seed_given)
		take_seed(cli);
	return 0;
}

const struct option_group memory_options = {options, parse, check};
