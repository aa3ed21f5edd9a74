// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of fuzzing a driver: what it can be asked, and a run of AFL++ on it.
 */
#include "options.h"

enum {
	OPTION_DESCRIPTION = OPTIONS_FUZZ_DRIVER,
	OPTION_DESCRIBE,
	OPTION_KERNEL_COVERAGE,
	OPTION_INPUT,
	OPTION_OUTPUT,
	OPTION_SECONDS,
	OPTION_SEED,
};

#define SECONDS_MAX (10u * 365 * 86400)

static const struct cli_option options[] = {
	{COMMAND_FUZZ,
	 true,
	 {"description", OPTION_DESCRIPTION, "FILE", 0,
	  "of a driver: the files, ioctls and sockets that it can be asked with (default: what is "
	  "found in it)",
	  0}},
	{COMMAND_FUZZ,
	 false,
	 {"describe", OPTION_DESCRIBE, NULL, 0,
	  "of a driver: print what was found, as a description, and do nothing else", 0}},
	{COMMAND_FUZZ,
	 true,
	 {"kernel-coverage", OPTION_KERNEL_COVERAGE, NULL, 0,
	  "count all functions of the kernel, not only those that modules call", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"input", OPTION_INPUT, "DIR", 0,
	  "seeds: inputs as bytes or text (default: made from the description)", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"output", OPTION_OUTPUT, "DIR", 0,
	  "run AFL++ on the driver, in this folder; one that is there is gone on with", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"seconds", OPTION_SECONDS, "N", 0, "so long (default: until it is interrupted)", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"afl-seed", OPTION_SEED, "N", 0, "AFL++'s own chance, so that it does the same again",
	  0}},
	{0},
};

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_DESCRIPTION:
		cli->fuzz.description = arg;
		return true;
	case OPTION_DESCRIBE:
		cli->fuzz.describe = true;
		return true;
	case OPTION_KERNEL_COVERAGE:
		cli->fuzz.kernel_coverage = true;
		return true;
	case OPTION_INPUT:
		cli->fuzz.input = arg;
		return true;
	case OPTION_OUTPUT:
		cli->fuzz.output = arg;
		return true;
	case OPTION_SEED:
		cli->fuzz.seed = cli_number("afl-seed", arg, UINT32_MAX / 2);
		return true;
	case OPTION_SECONDS:
		cli->fuzz.seconds = cli_number("seconds", arg, SECONDS_MAX);
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	if (!cli->fuzz.output && (cli->fuzz.seconds || cli->fuzz.input))
		return cli_complain("--seconds and --input are of a run of AFL++, which wants "
				    "--output DIR");
	if (cli->fuzz.output && (cli->fuzz.action || cli->fuzz.describe))
		return cli_complain("--output runs AFL++: no other action goes with it");
	if (cli->command->bit == COMMAND_FUZZ && cli->coverage && cli->fuzz.action != FUZZ_RUN)
		return cli_complain("--coverage is of the inputs of --run: give it a campaign's "
				    "queue, as DIR/main/queue");
	if (cli->fuzz.describe && cli->fuzz.action)
		return cli_complain("--describe and another action exclude each other");
	return 0;
}

const struct option_group fuzz_driver_options = {options, parse, check};
