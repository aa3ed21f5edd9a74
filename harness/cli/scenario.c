// SPDX-License-Identifier: GPL-2.0-only
/*
 * From --scenario, --operation and --whole to a target with operations.
 */
#include <stdio.h>
#include <string.h>
#include "../program/program.h"
#include "../sweep/scenario.h"
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
	if (!cli->whole && !cli->operation)
		return 0;
	return cli_complain("--%s wants a --scenario", cli->whole ? "whole" : "operation");
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

int cli_attach_scenario(const struct cli *cli, struct target *target)
{
	int status;

	scenario.whole = cli->whole;
	scenario.only = -1;
	if (!cli->scenario && target->kunit != KUNIT_WHEN_LIVE)
		return complain_alone(cli);
	status = !cli->scenario || !strcmp(cli->scenario, "kunit")
			 ? attach_kunit(target)
			 : attach_program(cli->scenario, target);
	return status ?: choose_operation(cli, target);
}
