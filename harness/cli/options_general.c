// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that are not a room's own: the kernel, the allocators' boot parameters, how long, how many, traces.
 */
#include "options.h"
#include "../trace/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPTION_KERNEL = 'k',
	OPTION_JOBS = 'j',
	OPTION_TIMEOUT = 't',
	OPTION_SCHEDULE = 's',
	OPTION_VERBOSE = 'v',
	OPTION_GDB = OPTIONS_GENERAL,
	OPTION_REPEAT,
	OPTION_FRESH,
	OPTION_SET,
	OPTION_PROFILE,
	OPTION_TRACE,
	OPTION_TRACE_DAT,
	OPTION_TRACE_EVENTS,
	OPTION_NATIVE,
	OPTION_AFTER,
};

static const struct cli_option options[] = {
	{PREPARING | COMMAND_SYMBOLS | COMMAND_INSPECT | COMMAND_BUILD,
	 true,
	 {"kernel", OPTION_KERNEL, "FILE|VERSION", 0,
	  "the kernel's image or version (default: what the module was built for)", 0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_LEAKS | COMMAND_FUZZ | COMMAND_CAMPAIGN,
	 false,
	 {"jobs", OPTION_JOBS, "N", 0, "workers at a time (default: one per CPU)", 0}},
	{JUDGING | COMMAND_INSPECT | COMMAND_FUZZ,
	 true,
	 {"timeout", OPTION_TIMEOUT, "MS", 0,
	  "CPU time after which an operation is an endless loop (default: 2000)", 0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_REPLAY,
	 false,
	 {"schedule", OPTION_SCHEDULE, "S", 0,
	  "which requests are refused: 7, 7+ (and all after), 3,9, 7x4 (a burst), bytes=N (what "
	  "does not fit into a budget), random=PERCENT,seed=N",
	  0}},
	{JUDGING | COMMAND_INSPECT | COMMAND_FUZZ,
	 true,
	 {"set", OPTION_SET, "NAME=VALUE", 0,
	  "a boot parameter of the allocators, as slub_debug=FZPU, init_on_alloc=1, page_owner=on "
	  "or checks=off; or a fault attribute, as failslab/min-order=1; may be given again",
	  0}},
	{JUDGING | COMMAND_INSPECT | COMMAND_FUZZ,
	 true,
	 {"profile", OPTION_PROFILE, "2.4|3.4|3.4-slub|6.1", 0,
	  "the limits of which kernel kmalloc and alloc_pages have (default: 6.1)", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"repeat", OPTION_REPEAT, "N", 0, "run each schedule N times (default: once)", 0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 false,
	 {"trace", OPTION_TRACE, "FILE", OPTION_ARG_OPTIONAL,
	  "print the run's trace events as the kernel's \"trace\" file does, or write them to FILE",
	  0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 false,
	 {"trace-dat", OPTION_TRACE_DAT, "FILE", 0,
	  "write them for trace-cmd report and KernelShark (trace.dat)", 0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 false,
	 {"trace-events", OPTION_TRACE_EVENTS, "LIST", 0,
	  "only these, as in set_event: kmem:kmalloc,kmem:mm_page_*,!kfail (default: all)", 0}},
	{COMMAND_REPLAY,
	 false,
	 {"gdb", OPTION_GDB, NULL, 0, "under gdb, stopping at each refusal", 0}},
	{COMMAND_KERNEL,
	 false,
	 {"fresh", OPTION_FRESH, NULL, 0, "boot although a booted world is cached", 0}},
	{COMMAND_INSPECT,
	 false,
	 {"after", OPTION_AFTER, "init|exit", 0,
	  "when to look: with the module loaded (default), or when it is unloaded again", 0}},
	{COMMAND_INSPECT,
	 false,
	 {"native", OPTION_NATIVE, NULL, 0, "a world without a kernel, and without a driver", 0}},
	{JUDGING | COMMAND_KERNEL | COMMAND_INSPECT | COMMAND_BUILD | COMMAND_FUZZ,
	 false,
	 {"verbose", OPTION_VERBOSE, NULL, 0,
	  "the kernel's log and each refusal in the kernel's words", 0}},
	{0},
};

static void parse_schedule(struct cli *cli, const char *text)
{
	struct schedule *to = &cli->parsed;
	char err[256];

	if (cli->schedule && cli->command->bit != COMMAND_SWEEP) {
		cli_complain("--schedule is given twice; only a sweep makes several runs");
		exit(STATUS_USAGE);
	}
	if (cli->schedule) {
		cli->further =
			xreallocarray(cli->further, cli->further_count + 1, sizeof(*cli->further));
		to = &cli->further[cli->further_count++];
	}
	cli->schedule = cli->schedule ? xasprintf("%s --schedule %s", cli->schedule, text) : text;
	if (!schedule_parse(text, to, err))
		return;
	cli_complain("%s", err);
	exit(STATUS_USAGE);
}

static void parse_setting(struct cli *cli, const char *option, const char *text)
{
	char err[KF_SETTINGS_ERR];

	if (memchr(text, '/', strcspn(text, "="))) {
		cli_set_attribute(text);
		return;
	}
	if (!kf_settings_parse(&cli->settings, text, err) &&
	    !kf_settings_strict(&cli->settings, err))
		return;
	cli_complain("--%s: %s", option, err);
	exit(STATUS_USAGE);
}

static void parse_profile(struct cli *cli, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "profile=%s", name);
	parse_setting(cli, "profile", text);
}

static void parse_after(struct cli *cli, const char *text)
{
	cli->after_exit = !strcmp(text, "exit");
	if (cli->after_exit || !strcmp(text, "init"))
		return;
	cli_complain("--after wants init or exit, not \"%s\"", text);
	exit(STATUS_USAGE);
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_KERNEL:
		cli->kernel = arg;
		return true;
	case OPTION_JOBS:
		cli->jobs = cli_number("jobs", arg, 256);
		return true;
	case OPTION_TIMEOUT:
		cli->timeout_ms = cli_number("timeout", arg, 3600000);
		cli->timeout_given = true;
		return true;
	case OPTION_SCHEDULE:
		parse_schedule(cli, arg);
		return true;
	case OPTION_REPEAT:
		cli->repeat = cli_number("repeat", arg, 1000000);
		return true;
	case OPTION_TRACE:
		cli->trace_text = arg ? arg : "-";
		return true;
	case OPTION_TRACE_DAT:
		cli->trace_dat = arg;
		return true;
	case OPTION_TRACE_EVENTS:
		cli->trace_events = arg;
		return true;
	case OPTION_GDB:
		cli->gdb = true;
		return true;
	case OPTION_FRESH:
		cli->fresh = true;
		return true;
	case OPTION_NATIVE:
		cli->native = true;
		return true;
	case OPTION_AFTER:
		parse_after(cli, arg);
		return true;
	case OPTION_VERBOSE:
		cli->verbose = true;
		return true;
	case OPTION_SET:
		parse_setting(cli, "set", arg);
		return true;
	case OPTION_PROFILE:
		parse_profile(cli, arg);
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	if (cli->trace_events && !cli->trace_text && !cli->trace_dat)
		cli->trace_text = "-";
	return 0;
}

const struct option_group general_options = {options, parse, check};
