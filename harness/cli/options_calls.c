// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which calls are points: --points and --fail (inject/calls.h). A name that is in no table is looked for in the module, so
 * that the sentence can say whether it is the name that is wrong or the table that has no such line.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../inject/calls.h"
#include "../world/modfile.h"

enum {
	OPTION_POINTS = OPTIONS_CALLS,
	OPTION_FAIL,
};

static const struct cli_option options[] = {
	{PREPARING,
	 true,
	 {"points", OPTION_POINTS, "LIST", 0,
	  "what can be refused: alloc (default), calls, all, or groups, functions and patterns of "
	  "them: "
	  "irq,dma_*,misc_register",
	  0}},
	{PREPARING,
	 true,
	 {"fail", OPTION_FAIL, "FUNCTION[=VALUE]", 0,
	  "this function can be refused, and returns VALUE then: request_irq=-EIO; may be given "
	  "again",
	  0}},
	{COMMAND_SYMBOLS,
	 false,
	 {"points", OPTION_POINTS, NULL, 0, "which imports can be refused, and how they fail", 0}},
	{COMMAND_SYMBOLS,
	 false,
	 {"verbose", 'v', NULL, 0, "with --points: also name the imports that cannot", 0}},
	{0},
};

static void parse_points(struct cli *cli, char *list)
{
	if (cli->command->bit == COMMAND_SYMBOLS)
		cli->list_points = true;
	else
		cli->points = list;
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_POINTS:
		parse_points(cli, arg);
		return true;
	case OPTION_FAIL:
		cli->fail = reallocarray(cli->fail, cli->fail_count + 1, sizeof(*cli->fail));
		cli->fail[cli->fail_count++] = arg;
		return true;
	default:
		return false;
	}
}

static bool imports(const struct modfile *mod, const char *name)
{
	for (unsigned i = 0; i < mod->undefined_count; i++)
		if (!strcmp(mod->undefined[i], name))
			return true;
	return false;
}

/* What the module says of a name that the table does not have; "" when there is nothing to say. */
static const char *module_says(const struct cli *cli)
{
	const char *name = calls_unknown();
	const char *file = cli->file_count ? cli->files[cli->file_count - 1] : "";
	struct modfile mod;
	char err[KF_ERR];
	bool has;

	if (!name[0] || cli_is_native(file) || modfile_open(file, &mod, err))
		return "";
	has = imports(&mod, name);
	modfile_close(&mod);
	return has ? " (the module does import it: it is not known how it fails)"
		   : " (nor does the module import it)";
}

static int check(struct cli *cli)
{
	bool allocations = true;
	char err[CALLS_ERR];

	for (unsigned i = 0; i < cli->fail_count; i++)
		if (calls_fail(cli->fail[i], err))
			return cli_complain("--fail: %s%s", err, module_says(cli));
	if (cli->points && calls_choose(cli->points, &allocations, err))
		return cli_complain("--points: %s%s", err, module_says(cli));
	inject_allocations(allocations);
	return 0;
}

const struct option_group calls_options = {options, parse, check};
