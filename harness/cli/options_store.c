// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of what is kept: where results go, and what becomes of a sweep that was interrupted.
 */
#include "options.h"

enum {
	OPTION_STORE = OPTIONS_STORE,
	OPTION_NO_STORE,
	OPTION_RESUME,
	OPTION_NO_CONFIRM,
	OPTION_LIST,
};

#define KEEPING (COMMAND_SWEEP | COMMAND_RUN | COMMAND_LEAKS)

static const struct cli_option options[] = {
	{KEEPING | COMMAND_REPLAY | COMMAND_REPORT | COMMAND_MINIMISE,
	 false,
	 {"store", OPTION_STORE, "FILE", 0,
	  "where results are kept (default: $KFAIL_STORE, or results.db in ~/.local/state/kfail)",
	  0}},
	{KEEPING, false, {"no-store", OPTION_NO_STORE, NULL, 0, "keep nothing", 0}},
	{COMMAND_SWEEP,
	 false,
	 {"resume", OPTION_RESUME, NULL, 0,
	  "go on with the newest sweep of the same that was interrupted", 0}},
	{KEEPING,
	 false,
	 {"no-confirm", OPTION_NO_CONFIRM, NULL, 0,
	  "do not run each finding once more in a fresh process", 0}},
	{COMMAND_REPORT,
	 false,
	 {"list", OPTION_LIST, NULL, 0, "list the sweeps that are kept, newest first", 0}},
	{0},
};

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_STORE:
		cli->store = arg;
		return true;
	case OPTION_NO_STORE:
		cli->no_store = true;
		return true;
	case OPTION_RESUME:
		cli->resume = true;
		return true;
	case OPTION_NO_CONFIRM:
		cli->no_confirm = true;
		return true;
	case OPTION_LIST:
		cli->list = true;
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	if (cli->store && !cli->store[0])
		return cli_complain("--store wants the name of a file");
	if (cli->store && cli->no_store)
		return cli_complain("--store and --no-store exclude each other");
	if (cli->resume && cli->no_store)
		return cli_complain("--resume and --no-store exclude each other: what is resumed "
				    "is in the store");
	return 0;
}

const struct option_group store_options = {options, parse, check};
