// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of instrumented code: how it is built, and where it was.
 */
#include "options.h"

enum {
	OPTION_KASAN = OPTIONS_INSTRUMENT,
	OPTION_BUILD_COVERAGE,
	OPTION_OUTPUT,
	OPTION_SUBDIR,
	OPTION_COVERAGE,
	OPTION_HIDE_USER,
};

static const struct cli_option options[] = {
	{COMMAND_BUILD | JUDGING,
	 true,
	 {"kasan", OPTION_KASAN, NULL, 0,
	  "check every load and store of a source, as CONFIG_KASAN does", 0}},
	{COMMAND_BUILD,
	 false,
	 {"coverage", OPTION_BUILD_COVERAGE, NULL, 0,
	  "note where the code was, for `kfail sweep --coverage`", 0}},
	{COMMAND_BUILD,
	 false,
	 {"output", OPTION_OUTPUT, "DIR", 0,
	  "build there: a new directory, or one of an earlier build (default: in the cache)", 0}},
	{COMMAND_BUILD,
	 false,
	 {"subdir", OPTION_SUBDIR, "DIR", 0,
	  "where in the directory the Makefile is that is built by; all of the directory is copied",
	  0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_LEAKS | COMMAND_FUZZ,
	 false,
	 {"coverage", OPTION_COVERAGE, "FILE", 0,
	  "write which lines of the driver ran (lcov), and say which never did", 0}},
	{PREPARING,
	 true,
	 {"hide-user", OPTION_HIDE_USER, NULL, 0,
	  "watch for user pointers that are followed in every run, not only in those without a "
	  "refusal",
	  0}},
	{0},
};

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_KASAN:
		cli->kasan = true;
		return true;
	case OPTION_BUILD_COVERAGE:
		cli->coverage_build = true;
		return true;
	case OPTION_HIDE_USER:
		cli->hide_user = true;
		return true;
	case OPTION_COVERAGE:
		cli->coverage = arg;
		return true;
	case OPTION_OUTPUT:
		cli->output = arg;
		return true;
	case OPTION_SUBDIR:
		cli->subdir = arg;
		return true;
	default:
		return false;
	}
}

const struct option_group instrument_options = {options, parse, NULL};
