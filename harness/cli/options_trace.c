// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of the functions that a run calls is told with a finding (trace/graph.h): "the way there". --trace asks for it, and so
 * does each of these alone, then without the list of events.
 */
#include "options.h"

#include "../trace/graph.h"

#define DEPTH_MAX 512

enum { OPTION_TRACE_DEPTH = OPTIONS_TRACE, OPTION_TRACE_FILTER };

static const struct cli_option options[] = {
	{COMMAND_RUN | COMMAND_REPLAY,
	 false,
	 {"trace-depth", OPTION_TRACE_DEPTH, "N", 0,
	  "a finding's tree of functions goes N calls deep (default: all)", 0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 false,
	 {"trace-filter", OPTION_TRACE_FILTER, "GLOB,...", 0,
	  "functions in a finding's tree, of the kernel and of modules (default: those of modules, "
	  "and what they call)",
	  0}},
	{0},
};

static const char *filter;
static unsigned depth;

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_TRACE_DEPTH:
		depth = cli_number("trace-depth", arg, DEPTH_MAX);
		return true;
	case OPTION_TRACE_FILTER:
		filter = arg;
		return true;
	default:
		return false;
	}
}

/* Asked before general_options, where --trace-events alone comes to mean a list on the terminal. */
static int check(struct cli *cli)
{
	if (filter && !filter[0])
		return cli_complain("--trace-filter wants patterns of functions' names, not \"\"");
	if (cli->trace_text || depth || filter)
		graph_want(filter, depth);
	return 0;
}

const struct option_group trace_options = {options, parse, check};
