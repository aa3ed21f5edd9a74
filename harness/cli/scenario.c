// SPDX-License-Identifier: GPL-2.0-only
/*
 * From --scenario, --operation, --without and --whole to a target with operations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../program/program.h"
#include "../sweep/scenario.h"
#include "../trace/util.h"
#include "cli.h"

static struct scenario scenario;

static int attach_kunit(struct target *target)
{
	char err[PROGRAM_ERR];

	if (target->kunit == KUNIT_NONE)
		return cli_complain("--scenario=kunit: %s has no KUnit suite", target->module);
	scenario.kind = SCENARIO_KUNIT;
	scenario.name = "kunit";
	return scenario_attach(target, &scenario, err) ? cli_complain("%s", err) : 0;
}

static int attach_program(const char *path, struct target *target)
{
	char err[PROGRAM_ERR] = "";

	if (program_load(path, err))
		return cli_complain("%s", err);
	scenario.kind = SCENARIO_PROGRAM;
	scenario.name = program_name();
	return scenario_attach(target, &scenario, err) ? cli_complain("%s", err) : 0;
}

/* --operation and --whole without anything that has operations. */
static int complain_alone(const struct cli *cli)
{
	const char *option = cli->whole	      ? "whole"
			     : cli->operation ? "operation"
			     : cli->without   ? "without"
					      : NULL;

	return option ? cli_complain("--%s wants a --scenario", option) : 0;
}

/* A run's schedule that is a budget, or chance, holds in each operation; the number of a point means one of them. */
static bool wants_operation(const struct cli *cli)
{
	if (!cli->schedule || !cli->schedule[0])
		return false;
	return cli->parsed.count || cli->command->bit == COMMAND_REPLAY;
}

/* Without --operation and --whole, each operation has runs of its own. */
static bool traces_several(const struct cli *cli)
{
	return cli->command->bit == COMMAND_RUN && (cli->trace_text || cli->trace_dat);
}

/* --operation: the one that is swept. A schedule counts the points of one operation. */
static int choose_operation(const struct cli *cli, const struct target *target)
{
	char names[512];

	if (!cli->operation && !cli->whole && wants_operation(cli))
		return cli_complain(
			"--schedule wants --operation NAME (or --whole) with it: it counts the "
			"points of one operation of the scenario");
	if (!cli->operation && !cli->whole && traces_several(cli))
		return cli_complain("a trace is of one run, so it wants --operation NAME (or "
				    "--whole) with it: each operation of the scenario is a run");
	if (!cli->operation)
		return 0;
	scenario.only = scenario_find(target, cli->operation, names, sizeof(names));
	return scenario.only < 0 ? cli_complain("the scenario has no operation \"%s\"; it has %s",
						cli->operation, names)
				 : 0;
}

void cli_leave_out(uint64_t operations)
{
	scenario.without = operations;
}

uint64_t cli_left_out(void)
{
	return scenario.without;
}

static int leave_one_out(const char *name, const struct target *target)
{
	char names[512];
	int i = scenario_find(target, name, names, sizeof(names));

	if (i < 0)
		return cli_complain("--without: the scenario has no operation \"%s\"; it has %s",
				    name, names);
	if (!i || (unsigned)i > scenario_program_operations(target))
		return cli_complain("--without: %s is no operation of a program, and cannot be "
				    "left out",
				    name);
	if (i == scenario.only)
		return cli_complain("--without: %s is the operation that is swept", name);
	scenario.without |= 1ull << (i - 1);
	return 0;
}

/* --without */
static int leave_out(const struct cli *cli, const struct target *target)
{
	char *names = xstrdup(cli->without ? cli->without : ""), *rest = names, *name;
	int status = 0;

	if (cli->without && !names[strspn(names, ",")])
		status = cli_complain("--without wants names of operations");
	while (!status && (name = strsep(&rest, ",")))
		if (name[0])
			status = leave_one_out(name, target);
	free(names);
	return status;
}

int cli_attach_scenario(const struct cli *cli, struct target *target)
{
	int status;

	if (cli->command->bit == COMMAND_FUZZ)
		return cli_fuzz_attach(cli, target);
	scenario.whole = cli->whole;
	scenario.only = -1;
	if (!cli->scenario && target->kunit != KUNIT_WHEN_LIVE)
		return complain_alone(cli);
	status = !cli->scenario || !strcmp(cli->scenario, "kunit")
			 ? attach_kunit(target)
			 : attach_program(cli->scenario, target);
	return status ?: choose_operation(cli, target) ?: leave_out(cli, target);
}
