// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that say which runs a sweep makes (harness/sweep/plan.h). None of them is on a replay line: a finding's
 * schedule says it all.
 */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../trace/util.h"

enum {
	OPTION_MODE = OPTIONS_PLAN,
	OPTION_DEPTH,
	OPTION_STACKS,
	OPTION_ALL,
	OPTION_STACK_DEPTH,
	OPTION_SHALLOW,
	OPTION_SEED,
	OPTION_BUDGET,
	OPTION_SHARD,
	OPTION_EXPECT_POINTS,
	OPTION_FORK_AT_POINT,
};

#define SECONDS_A_DAY 86400

static const struct cli_option options[] = {
	{COMMAND_SWEEP,
	 false,
	 {"mode", OPTION_MODE, "LIST", 0,
	  "of single (each point, default), persistent (each point and all after it), pairs (each "
	  "two points of a run; contains single)",
	  0}},
	{COMMAND_SWEEP,
	 false,
	 {"depth", OPTION_DEPTH, "N", 0,
	  "also refuse the points that exist only on the error path of a refusal, up to N refusals "
	  "in a run (default: 1)",
	  0}},
	{COMMAND_SWEEP,
	 false,
	 {"stacks", OPTION_STACKS, NULL, 0,
	  "refuse each distinct call stack of the driver once (default above 5000 points)", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"all", OPTION_ALL, NULL, 0, "refuse every point, however many share a call stack", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"stack-depth", OPTION_STACK_DEPTH, "N", 0,
	  "tell call stacks apart by the N innermost frames of the driver (default: by all)", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"shallow", OPTION_SHALLOW, "N", 0, "refuse N points at most, spread evenly by the seed",
	  0}},
	{COMMAND_SWEEP,
	 false,
	 {"budget", OPTION_BUDGET, "SECONDS", 0,
	  "begin no run after this time; the seed says with which point to begin", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"seed", OPTION_SEED, "N", 0,
	  "which points --shallow and --budget take (default: the day, counted from 1970 in UTC)",
	  0}},
	{COMMAND_SWEEP,
	 false,
	 {"shard", OPTION_SHARD, "I/N", 0, "this machine's part of N: every N-th point", 0}},
	{COMMAND_SWEEP | COMMAND_LEAKS,
	 false,
	 {"expect-points", OPTION_EXPECT_POINTS, "[OPERATION=]N[-M]", 0,
	  "fail when the baseline has another number of points; may be given again", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"fork-at-point", OPTION_FORK_AT_POINT, "auto|always|never", 0,
	  "refuse many points in one pass, each in a checkpoint: when it is cheaper (default), "
	  "always, never; the result is the same",
	  0}},
	{0},
};

static int wrong(const char *option, const char *wants, const char *text)
{
	cli_complain("--%s wants %s, not \"%s\"", option, wants, text);
	exit(STATUS_USAGE);
}

static void parse_mode(struct plan_options *plan, const char *text)
{
	static const struct {
		const char *name;
		unsigned mode;
	} modes[] = {
		{"single", PLAN_SINGLE}, {"persistent", PLAN_PERSISTENT}, {"pairs", PLAN_PAIRS}};
	char *copy = xstrdup(text), *rest = copy, *word;

	plan->modes = 0;
	while ((word = strsep(&rest, ","))) {
		unsigned mode = 0;

		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
			if (!strcmp(word, modes[i].name))
				mode = modes[i].mode;
		if (!mode)
			wrong("mode", "a list of single, persistent and pairs", text);
		plan->modes |= mode;
	}
	free(copy);
}

/* A decimal number at *at, which moves past it; 0: there is none, or it is too large. */
static uint32_t take_number(const char **at)
{
	char *end;
	unsigned long value;

	if (**at < '0' || **at > '9')
		return 0;
	errno = 0;
	value = strtoul(*at, &end, 10);
	*at = end;
	return errno || value >= UINT32_MAX ? 0 : (uint32_t)value;
}

static void parse_shard(struct plan_options *plan, const char *text)
{
	const char *at = text;

	plan->shard = take_number(&at);
	if (*at == '/') {
		at++;
		plan->shards = take_number(&at);
	}
	if (*at || !plan->shard || !plan->shards || plan->shard > plan->shards)
		wrong("shard", "I/N with I from 1 to N", text);
}

static void parse_seed(struct plan_options *plan, const char *text)
{
	char *end;

	errno = 0;
	plan->seed = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno)
		wrong("seed", "a number", text);
}

static void parse_expected(struct cli *cli, const char *text)
{
	static const char wants[] = "N, N-M or OPERATION=N";
	const char *at = strrchr(text, '=');
	struct expected_points e = {0};

	if (at == text)
		wrong("expect-points", wants, text);
	if (at)
		e.operation = strndup(text, (size_t)(at - text));
	at = at ? at + 1 : text;
	/* No points at all may be what is expected. */
	if (!strcmp(at, "0")) {
		at++;
	} else {
		e.low = e.high = take_number(&at);
		if (!e.low)
			wrong("expect-points", wants, text);
	}
	if (*at == '-') {
		at++;
		e.high = take_number(&at);
	}
	if (*at || e.high < e.low)
		wrong("expect-points", wants, text);
	cli->expected =
		xreallocarray(cli->expected, cli->plan.expected_count + 1, sizeof(*cli->expected));
	cli->expected[cli->plan.expected_count++] = e;
	cli->plan.expected = cli->expected;
}

static void parse_stacks(struct plan_options *plan, enum plan_stacks stacks)
{
	if (plan->stacks != STACKS_AUTO && plan->stacks != stacks) {
		cli_complain("--stacks and --all contradict each other");
		exit(STATUS_USAGE);
	}
	plan->stacks = stacks;
}

static void parse_fork(struct cli *cli, const char *text)
{
	if (!strcmp(text, "auto"))
		cli->fork_at_point = FORK_AUTO;
	else if (!strcmp(text, "always"))
		cli->fork_at_point = FORK_ALWAYS;
	else if (!strcmp(text, "never"))
		cli->fork_at_point = FORK_NEVER;
	else
		wrong("fork-at-point", "auto, always or never", text);
}

static bool parse_one(struct cli *cli, int key, char *arg)
{
	struct plan_options *plan = &cli->plan;

	switch (key) {
	case OPTION_MODE:
		parse_mode(plan, arg);
		return true;
	case OPTION_DEPTH:
		plan->depth = cli_number("depth", arg, PLAN_DEPTH_MAX);
		return true;
	case OPTION_STACKS:
		parse_stacks(plan, STACKS_ONCE);
		return true;
	case OPTION_ALL:
		parse_stacks(plan, STACKS_ALL);
		return true;
	case OPTION_STACK_DEPTH:
		plan->stack_depth = cli_number("stack-depth", arg, 48);
		return true;
	case OPTION_SHALLOW:
		plan->shallow = cli_number("shallow", arg, UINT32_MAX - 1);
		return true;
	case OPTION_BUDGET:
		plan->budget_s = cli_number("budget", arg, 30 * SECONDS_A_DAY);
		return true;
	case OPTION_SEED:
		parse_seed(plan, arg);
		cli->seed_given = true;
		return true;
	case OPTION_SHARD:
		parse_shard(plan, arg);
		return true;
	case OPTION_EXPECT_POINTS:
		parse_expected(cli, arg);
		return true;
	case OPTION_FORK_AT_POINT:
		parse_fork(cli, arg);
		return true;
	default:
		return false;
	}
}

/* What chooses among the points of a baseline says nothing about a schedule that was given. */
static const char *chooses(const struct plan_options *plan)
{
	if (plan->modes)
		return "mode";
	if (plan->depth > 1)
		return "depth";
	if (plan->shallow)
		return "shallow";
	if (plan->shards)
		return "shard";
	return plan->stacks == STACKS_ONCE ? "stacks" : NULL;
}

static int check(struct cli *cli)
{
	const char *chosen = chooses(&cli->plan);

	if (cli->schedule && chosen)
		return cli_complain("--%s chooses among all points, so it has no meaning beside "
				    "--schedule",
				    chosen);
	if (!cli->seed_given)
		cli->plan.seed = (uint64_t)time(NULL) / SECONDS_A_DAY;
	return 0;
}

const struct option_group plan_options = {options, parse_one, check};
