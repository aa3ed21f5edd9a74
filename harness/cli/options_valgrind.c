// SPDX-License-Identifier: GPL-2.0-only
/*
 * --valgrind. It belongs to the replay line: what only memcheck sees is not there without it.
 */
#include "options.h"

enum { OPTION_VALGRIND = OPTIONS_VALGRIND };

static const struct cli_option options[] = {
	{JUDGING,
	 true,
	 {"valgrind", OPTION_VALGRIND, NULL, 0,
	  "run under valgrind: every access to memory is checked, and every use of what was never "
	  "initialised (20 to 50 times slower; limits of time are stretched)",
	  0}},
	{0},
};

static bool parse(struct cli *cli, int key, char *arg)
{
	if (key != OPTION_VALGRIND)
		return false;
	cli->valgrind = true;
	return true;
}

static int check(struct cli *cli)
{
	if (cli->valgrind && cli->gdb)
		return cli_complain("--valgrind and --gdb exclude each other");
	if (cli_in_valgrind())
		cli->timeout_ms *= VALGRIND_SLOWDOWN;
	return 0;
}

const struct option_group valgrind_options = {options, parse, check};
