// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of the module under test, made by kfail (inject/interrupts.h). A finding's schedule has its interrupt point
 * ("irq=12"), so that the option itself is not on the replay line.
 */
#include "options.h"

#include "../inject/interrupts.h"

enum { OPTION_IRQ_EVERYWHERE = OPTIONS_INTERRUPT };

static const struct cli_option options[] = {
	{COMMAND_SWEEP | COMMAND_RUN,
	 false,
	 {"irq-everywhere", OPTION_IRQ_EVERYWHERE, NULL, 0,
	  "sweep: a run for each moment at which one of the module's interrupt handlers, timers or "
	  "tasklets could run, in which it does, instead of refusals (or with those of "
	  "--schedule); "
	  "run: all of them in one run; one alone is --schedule irq=N",
	  0}},
	{0},
};

static bool everywhere;

static bool parse(struct cli *cli, int key, char *arg)
{
	if (key != OPTION_IRQ_EVERYWHERE)
		return false;
	everywhere = true;
	return true;
}

static int check(struct cli *cli)
{
	if (everywhere && cli->parsed.irq)
		return cli_complain("--irq-everywhere makes every interrupt come, so schedule "
				    "\"%s\" must not name one",
				    cli->schedule);
	if (everywhere && (cli->plan.modes || cli->plan.depth > 1))
		return cli_complain("--%s is about requests that are refused, and --irq-everywhere "
				    "refuses none; give --schedule for those that it shall",
				    cli->plan.modes ? "mode" : "depth");
	if (everywhere && cli->command->bit == COMMAND_SWEEP)
		cli->plan.interrupts = true;
	else if (everywhere)
		cli->parsed.irq = IRQ_EVERY;
	interrupts_want(everywhere || cli->parsed.irq);
	return 0;
}

const struct option_group interrupt_options = {options, parse, check};
