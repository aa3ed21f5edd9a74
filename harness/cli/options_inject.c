// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of injection: the kernel's fault attributes (as boot parameters, as files, and as tools/testing/fault-injection/
 * failcmd.sh names them), scopes and filters, benign sites, seeds. Everything here decides which requests are points or
 * are refused, and so stands on the replay line; but for --runs and --seed, whose schedule stands there instead.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../inject/calls.h"
#include "../inject/policy.h"
#include "../trace/util.h"

enum {
	OPTION_COMPAT = OPTIONS_INJECT,
	OPTION_SCOPE,
	OPTION_ONLY,
	OPTION_SKIP,
	OPTION_BENIGN,
	OPTION_SEED,
	OPTION_RUNS,
	OPTION_FAIL_TYPE,
	OPTION_OOM_KILL,
	OPTION_SETUP,				   /* + enum capability */
	OPTION_ATTR = OPTION_SETUP + CAPABILITIES, /* + index into attrs */
};

/* failcmd.sh's options that set an attribute of --fail-type. Its --verbose is ours already. */
static const struct {
	const char *option, *attribute, *value; /* value: when none is given; NULL: one must be */
} attrs[] = {
	{"probability", "probability", NULL},
	{"interval", "interval", NULL},
	{"times", "times", NULL},
	{"space", "space", NULL},
	{"fail-verbose", "verbose", NULL},
	{"task-filter", "task-filter", "Y"},
	{"stacktrace-depth", "stacktrace-depth", NULL},
	{"require-start", "require-start", NULL},
	{"require-end", "require-end", NULL},
	{"reject-start", "reject-start", NULL},
	{"reject-end", "reject-end", NULL},
	{"ignore-gfp-wait", "ignore-gfp-wait", "Y"},
	{"ignore-gfp-highmem", "ignore-gfp-highmem", "Y"},
	{"min-order", "min-order", NULL},
	{"cache-filter", "cache-filter", "Y"},
};

#define ATTR_COUNT (sizeof(attrs) / sizeof(attrs[0]))

/* Commands in whose runs requests can be refused. */
#define REFUSING (COMMAND_SWEEP | COMMAND_RUN | COMMAND_REPLAY)

enum { GROUP_POINTS = 1, GROUP_CHANCE, GROUP_FAILCMD };

#define HEADING(group, text)                          \
	{                                             \
		REFUSING, false,                      \
		{                                     \
			NULL, 0, NULL, 0, text, group \
		}                                     \
	}
#define SETUP(name, capability, what)                                                           \
	{                                                                                       \
		REFUSING, true,                                                                 \
		{                                                                               \
			name, OPTION_SETUP + (capability), "I,P,S,T", 0,                        \
				what " by interval, probability, space and times", GROUP_CHANCE \
		}                                                                               \
	}
#define ATTR(index, name, arg, text)                                             \
	{                                                                        \
		REFUSING, true,                                                  \
		{                                                                \
			name, OPTION_ATTR + (index), arg, 0, text, GROUP_FAILCMD \
		}                                                                \
	}
#define ATTR_FLAG(index, name, text)                                                   \
	{                                                                              \
		REFUSING, true,                                                        \
		{                                                                      \
			name, OPTION_ATTR + (index), "Y|N", OPTION_ARG_OPTIONAL, text, \
				GROUP_FAILCMD                                          \
		}                                                                      \
	}

static const struct cli_option options[] = {
	HEADING(GROUP_POINTS, "Which requests are points:"),
	{REFUSING,
	 true,
	 {"scope", OPTION_SCOPE, "module|direct|any", 0,
	  "made on behalf of the module (default), by its own code, or by anybody", GROUP_POINTS}},
	{REFUSING,
	 true,
	 {"only", OPTION_ONLY, "KEY=VALUE,...", 0,
	  "only requests with function=, file=, site=, cache=, size=, gfp=, kind= as given; all of "
	  "them must match",
	  GROUP_POINTS}},
	{REFUSING,
	 true,
	 {"skip", OPTION_SKIP, "KEY=VALUE,...", 0, "none that match all of these", GROUP_POINTS}},
	{REFUSING,
	 true,
	 {"benign", OPTION_BENIGN, "FILE", 0,
	  "none at the sites of this file: lines of function+0xoff or file.c:line, and a reason",
	  GROUP_POINTS}},
	{REFUSING | COMMAND_LEAKS,
	 true,
	 {"compat", OPTION_COMPAT, "kernel", 0,
	  "the kernel's defaults and its way of counting (default: everything but __GFP_NOFAIL); "
	  "and kmemleak's rules for --scan-every and --kmemleak",
	  GROUP_POINTS}},
	HEADING(GROUP_CHANCE,
		"Refused by chance; every attribute of the kernel also as --set failslab/times=3:"),
	SETUP("failslab", FAILSLAB, "kmalloc() and caches"),
	SETUP("fail-page-alloc", FAIL_PAGE_ALLOC, "pages and kmalloc() above 8 KiB"),
	SETUP("fail-vmalloc", FAIL_VMALLOC, "vmalloc() and vmap()"),
	SETUP("fail-percpu", FAIL_PERCPU, "per-CPU areas"),
	SETUP("fail-usercopy", FAIL_USERCOPY, "copies from and to user space"),
	SETUP("fail-function", FAIL_FUNCTION, "calls that are points"),
	{COMMAND_RUN,
	 false,
	 {"seed", OPTION_SEED, "N", 0, "of what is decided by chance (default: 1)", GROUP_CHANCE}},
	{COMMAND_RUN,
	 false,
	 {"runs", OPTION_RUNS, "N", 0, "so many runs, with seeds one after the other (default: 1)",
	  GROUP_CHANCE}},
	HEADING(GROUP_FAILCMD, "As failcmd.sh has them:"),
	{REFUSING,
	 true,
	 {"fail-type", OPTION_FAIL_TYPE, "CAPABILITY", 0,
	  "whose attributes these are (default: $FAILCMD_TYPE, or failslab)", GROUP_FAILCMD}},
	ATTR(0, "probability", "PERCENT", "how likely a request is refused"),
	ATTR(1, "interval", "N", "only every N-th request"),
	ATTR(2, "times", "N", "at most so many refusals in a run, -1: no limit (default: 1)"),
	ATTR(3, "space", "SIZE", "so much is served first"),
	ATTR(4, "fail-verbose", "0|1|2", "nothing, the kernel's message, or the stack too"),
	ATTR_FLAG(5, "task-filter", "only the task that runs the scenario"),
	ATTR(6, "stacktrace-depth", "N", "frames that the next four look at (default: 32)"),
	ATTR(7, "require-start", "PLACE",
	     "a frame must lie from here (address, function, module) to --require-end"),
	ATTR(8, "require-end", "PLACE", "the end of that"),
	ATTR(9, "reject-start", "PLACE", "no frame may lie from here to --reject-end"),
	ATTR(10, "reject-end", "PLACE", "the end of that"),
	ATTR_FLAG(11, "ignore-gfp-wait", "not requests that may sleep"),
	ATTR_FLAG(12, "ignore-gfp-highmem", "not highmem pages"),
	ATTR(13, "min-order", "N", "not pages of lower order"),
	ATTR_FLAG(14, "cache-filter", "only caches with the flag A of slub_debug"),
	{REFUSING,
	 false,
	 {"oom-kill-allocating-task", OPTION_OOM_KILL, "N", OPTION_ARG_OPTIONAL,
	  "accepted, without effect: no task is killed here", GROUP_FAILCMD}},
	{0},
};

static struct cli_injection injection;

/* What failcmd's options ask for, until it is known of which capability. */
static struct {
	const char *option, *attribute, *value;
} wanted[256];
static unsigned wanted_count;
static const char *fail_type;

static void refuse_option(const char *sentence)
{
	cli_complain("%s", sentence);
	exit(STATUS_USAGE);
}

static void add_filter(bool skip, const char *text)
{
	char err[POLICY_ERR];

	if (!policy_add_filter(&injection.policy, skip, text, err))
		return;
	cli_complain("--%s: %s", skip ? "skip" : "only", err);
	exit(STATUS_USAGE);
}

static void parse_scope(const char *text)
{
	int scope = scope_parse(text);

	if (scope < 0) {
		cli_complain("--scope wants module, direct or any, not \"%s\"", text);
		exit(STATUS_USAGE);
	}
	injection.policy.scope = (enum scope)scope;
}

static void parse_compat(const char *text)
{
	if (strcmp(text, "kernel") != 0) {
		cli_complain("--compat wants kernel, not \"%s\"", text);
		exit(STATUS_USAGE);
	}
	injection.policy.compat = true;
}

static void parse_benign(const char *path)
{
	char err[BENIGN_ERR];

	if (injection.policy.benign.count)
		refuse_option("--benign may be given once");
	if (!benign_read(path, &injection.policy.benign, err))
		return;
	cli_complain("%s", err);
	exit(STATUS_USAGE);
}

/* From 0, unlike cli_number()'s. */
static uint64_t parse_seed(const char *text)
{
	struct schedule schedule;
	char word[64], err[256];

	snprintf(word, sizeof(word), "seed=%.50s", text);
	if (strchr(text, ',') || schedule_parse(word, &schedule, err)) {
		cli_complain("--seed wants a number, not \"%s\"", text);
		exit(STATUS_USAGE);
	}
	return schedule.seed;
}

static void want_attr(unsigned index, const char *value)
{
	if (wanted_count == sizeof(wanted) / sizeof(wanted[0]))
		refuse_option("too many attributes");
	wanted[wanted_count].option = attrs[index].option;
	wanted[wanted_count].attribute = attrs[index].attribute;
	wanted[wanted_count++].value = value ? value : attrs[index].value;
}

/* As it is typed: "fail-page-alloc". */
static const char *setup_option(int key)
{
	const struct cli_option *option = options;

	while (option->option.key != key)
		option++;
	return option->option.name;
}

static bool parse_numbered(int key, char *arg)
{
	unsigned setup = (unsigned)(key - OPTION_SETUP), attr = (unsigned)(key - OPTION_ATTR);

	if (setup < CAPABILITIES) {
		policy_set_attr(&injection.policy, setup_option(key), (enum capability)setup, NULL,
				arg);
		return true;
	}
	if (attr >= ATTR_COUNT)
		return false;
	want_attr(attr, arg);
	return true;
}

static bool parse(struct cli *cli, int key, char *arg)
{
	cli->injection = &injection;
	switch (key) {
	case OPTION_SCOPE:
		parse_scope(arg);
		return true;
	case OPTION_ONLY:
	case OPTION_SKIP:
		add_filter(key == OPTION_SKIP, arg);
		return true;
	case OPTION_BENIGN:
		parse_benign(arg);
		return true;
	case OPTION_COMPAT:
		parse_compat(arg);
		return true;
	case OPTION_SEED:
		injection.seed = parse_seed(arg);
		injection.seed_given = true;
		return true;
	case OPTION_RUNS:
		injection.runs = cli_number("runs", arg, 100000);
		return true;
	case OPTION_FAIL_TYPE:
		fail_type = arg;
		return true;
	case OPTION_OOM_KILL:
		cli_complain("--oom-kill-allocating-task has no effect: no task is killed here");
		return true;
	default:
		return parse_numbered(key, arg);
	}
}

/* failcmd's options are one capability's, which may come from the environment: then the replay line names it. */
static int apply_wanted(struct cli *cli)
{
	const char *type = fail_type ? fail_type : getenv("FAILCMD_TYPE");
	int capability = capability_parse(type ? type : "failslab");

	if ((fail_type || wanted_count) && capability < 0)
		return cli_complain("%s \"%s\": there are failslab, fail_page_alloc, fail_vmalloc, "
				    "fail_percpu, fail_usercopy and fail_function",
				    fail_type ? "--fail-type" : "$FAILCMD_TYPE", type);
	for (unsigned i = 0; i < wanted_count; i++)
		policy_set_attr(&injection.policy, wanted[i].option, (enum capability)capability,
				wanted[i].attribute, wanted[i].value);
	if (wanted_count && !fail_type && type)
		cli->replayed[cli->replayed_count++] = xasprintf("--fail-type=%s", type);
	return 0;
}

static int check(struct cli *cli)
{
	cli->injection = &injection;
	return apply_wanted(cli);
}

void cli_set_attribute(const char *text)
{
	char err[POLICY_ERR];

	if (!policy_set(&injection.policy, text, err))
		return;
	cli_complain("--set: %s", err);
	exit(STATUS_USAGE);
}

/* ---- when all code is loaded ---- */

static void add_wrapper(const char *function, void *arg)
{
	policy_add_wrapper(arg, function);
}

/* A probability of calls, of which none is a point: nothing would be refused, and all look well. */
static int check_calls_chance(void)
{
	static const enum capability of_calls[] = {FAIL_USERCOPY, FAIL_FUNCTION};

	for (unsigned i = 0; i < sizeof(of_calls) / sizeof(of_calls[0]); i++) {
		enum capability c = of_calls[i];

		if (injection.policy.attrs[c].probability && !calls_any_of(c))
			return cli_complain("%s has a probability, but no call that it refuses is "
					    "a point; give --points=%s too",
					    capability_name(c),
					    c == FAIL_USERCOPY ? "usercopy" : "calls");
	}
	return 0;
}

/* Why chance cannot be had as it was asked for: 0, or STATUS_USAGE (said why). */
static int check_chance(const struct cli *cli)
{
	bool chance = policy_has_chance(&injection.policy);

	if (injection.runs > 1 && (cli->trace_text || cli->trace_dat))
		return cli_complain("a trace is of one run, so --runs has no place beside it");
	if (!chance && cli->parsed.has_seed && !cli->parsed.random)
		return cli_complain("schedule \"%s\": the seed is of the fault attributes, and no "
				    "probability is set",
				    cli->schedule);
	if (chance && cli->command->bit == COMMAND_SWEEP && !cli->parsed.has_seed)
		return cli_complain(
			"sweep refuses each point once, so a probability has no place in "
			"it; `kfail run` has chance");
	if (!chance && !cli->parsed.random && (injection.runs || injection.seed_given))
		return cli_complain("--%s is about chance, and nothing is left to it: give a "
				    "probability, or --schedule random=PERCENT",
				    injection.runs ? "runs" : "seed");
	return check_calls_chance();
}

/* What is left to chance has a seed; with --runs there are several. A replay has its schedule, and nothing else. */
static void make_schedules(const struct cli *cli)
{
	struct schedule schedule = cli->parsed;
	bool chance = cli->command->bit == COMMAND_RUN &&
		      (policy_has_chance(&injection.policy) || schedule.random);

	if (chance && (!schedule.has_seed || injection.seed_given)) {
		schedule.has_seed = true;
		schedule.seed = injection.seed_given ? injection.seed : 1;
	}
	injection.schedule_count = injection.runs ? injection.runs : !schedule_is_empty(&schedule);
	injection.schedules =
		xcalloc(injection.schedule_count + cli->further_count, sizeof(schedule));
	for (unsigned i = 0; i < injection.schedule_count; i++, schedule.seed++)
		injection.schedules[i] = schedule;
	for (unsigned i = 0; i < cli->further_count; i++)
		injection.schedules[injection.schedule_count++] = cli->further[i];
}

int cli_policy_ready(const struct cli *cli)
{
	char err[POLICY_ERR];

	if (injection.policy.scope == SCOPE_DIRECT)
		judge_for_each_allocator(add_wrapper, &injection.policy);
	if (policy_ready(&injection.policy, err))
		return cli_complain("%s", err);
	inject_set_policy(&injection.policy);
	make_schedules(cli);
	return check_chance(cli);
}

const struct option_group inject_options = {options, parse, check};
