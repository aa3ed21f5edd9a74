// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of the machinery under a sweep: how much it trusts itself.
 */
#include "options.h"

#include "../snapshot/paranoid.h"

#define EVERY_MAX 1000000

enum { OPTION_PARANOID = OPTIONS_ENGINE };

static const struct cli_option options[] = {
	{JUDGING,
	 false,
	 {"paranoid", OPTION_PARANOID, "N", OPTION_ARG_OPTIONAL,
	  "after each restore (or each Nth) compare the whole world with a copy; a difference is "
	  "kfail's own fault, and ends it with status 4",
	  0}},
	{0},
};

static bool parse(struct cli *cli, int key, char *arg)
{
	if (key != OPTION_PARANOID)
		return false;
	paranoid_set(arg ? cli_number("paranoid", arg, EVERY_MAX) : 1);
	return true;
}

const struct option_group engine_options = {options, parse, NULL};
