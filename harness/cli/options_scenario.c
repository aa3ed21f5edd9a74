// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of scenarios: which program uses the module, and which of its operations are swept.
 */
#include "options.h"

#include <string.h>
#include "../trace/util.h"

enum {
	OPTION_SCENARIO = OPTIONS_SCENARIO,
	OPTION_OPERATION,
	OPTION_WHOLE,
	OPTION_WITHOUT,
};

static const struct cli_option options[] = {
	{JUDGING,
	 true,
	 {"scenario", OPTION_SCENARIO, "FILE", 0,
	  "what is done between init and exit: a C program of operations (kfail/scenario.h), "
	  "compiled "
	  "or not; kunit: the module's own suites",
	  0}},
	/* On the replay line by the finding's own operation, not by this option's. */
	{JUDGING,
	 false,
	 {"operation", OPTION_OPERATION, "NAME", 0,
	  "sweep only this operation of the scenario (default: each of them)", 0}},
	{PREPARING,
	 true,
	 {"whole", OPTION_WHOLE, NULL, 0,
	  "sweep the scenario as one operation; of fuzz: inputs begin before init", 0}},
	{JUDGING,
	 true,
	 {"without", OPTION_WITHOUT, "NAME,...", 0,
	  "leave these operations of the scenario's program out", 0}},
	{0},
};

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_SCENARIO:
		cli->scenario = arg;
		return true;
	case OPTION_OPERATION:
		cli->operation = arg;
		return true;
	case OPTION_WITHOUT:
		cli->without = cli->without ? xasprintf("%s,%s", cli->without, arg) : arg;
		return true;
	case OPTION_WHOLE:
		cli->whole = true;
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	if (cli->operation && cli->whole)
		return cli_complain("--operation and --whole exclude each other");
	return 0;
}

const struct option_group scenario_options = {options, parse, check};
