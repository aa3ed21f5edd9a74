// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of fuzzing: which target, and what is done with its inputs. One action at a time.
 */
#include "options.h"

#include <stdlib.h>

enum {
	OPTION_TARGET = OPTIONS_FUZZ,
	OPTION_RUN,
	OPTION_PRINT,
	OPTION_ASSEMBLE,
	OPTION_GRAMMAR,
	OPTION_DICTIONARY,
	OPTION_TRIAGE,
	OPTION_SHRINK,
	OPTION_SEEDS,
	OPTION_OUT = 'o',
};

static const struct cli_option options[] = {
	{COMMAND_FUZZ,
	 false,
	 {"target", OPTION_TARGET, "NAME", 0,
	  "what is fuzzed; `kfail fuzz` alone lists the targets", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"run", OPTION_RUN, NULL, 0,
	  "run the inputs in FILES, once each and without AFL++, and look at everything: "
	  "regressions, and crashes that AFL++ kept",
	  0}},
	{COMMAND_FUZZ, false, {"print", OPTION_PRINT, NULL, 0, "print FILE in its text form", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"assemble", OPTION_ASSEMBLE, NULL, 0,
	  "make inputs of FILES in text form: one at --out, or several into that directory", 0}},
	{COMMAND_FUZZ, false, {"out", OPTION_OUT, "PATH", 0, "with --assemble: where to", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"grammar", OPTION_GRAMMAR, NULL, 0, "print the calls of the text form, as Markdown", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"dictionary", OPTION_DICTIONARY, NULL, 0, "print them as a dictionary for fuzzers", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"triage", OPTION_TRIAGE, "DIR", 0,
	  "show each of FILES again, and keep its finding, once and in its smallest form, in DIR",
	  0}},
	{COMMAND_FUZZ,
	 false,
	 {"shrink", OPTION_SHRINK, "DIR", 0,
	  "make each of FILES smaller with the same coverage, in DIR (in a build for AFL++)", 0}},
	{COMMAND_FUZZ,
	 false,
	 {"seeds", OPTION_SEEDS, "DIR", 0,
	  "of a driver: write inputs to begin with, made from what it can be asked, into DIR", 0}},
	{0},
};

/* Key of the option that was given as the action; 0: none yet. */
static int chosen;

static void choose(struct cli *cli, int key, enum fuzz_action action)
{
	if (chosen && chosen != key) {
		cli_complain("--run, --triage, --shrink, --seeds, --print, --assemble, --grammar "
			     "and --dictionary exclude each other");
		exit(STATUS_USAGE);
	}
	chosen = key;
	cli->fuzz.action = action;
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_TARGET:
		cli->fuzz.target = arg;
		return true;
	case OPTION_RUN:
		choose(cli, key, FUZZ_RUN);
		return true;
	case OPTION_PRINT:
		choose(cli, key, FUZZ_PRINT);
		return true;
	case OPTION_ASSEMBLE:
		choose(cli, key, FUZZ_ASSEMBLE);
		return true;
	case OPTION_GRAMMAR:
		choose(cli, key, FUZZ_GRAMMAR);
		return true;
	case OPTION_DICTIONARY:
		choose(cli, key, FUZZ_DICTIONARY);
		return true;
	case OPTION_TRIAGE:
		choose(cli, key, FUZZ_TRIAGE);
		cli->fuzz.out = arg;
		return true;
	case OPTION_SEEDS:
		choose(cli, key, FUZZ_SEEDS);
		cli->fuzz.out = arg;
		return true;
	case OPTION_SHRINK:
		choose(cli, key, FUZZ_SHRINK);
		cli->fuzz.out = arg;
		return true;
	case OPTION_OUT:
		if (cli->command->bit != COMMAND_FUZZ)
			return false;
		cli->fuzz.out = arg;
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	bool writes = cli->fuzz.action == FUZZ_ASSEMBLE || cli->fuzz.action == FUZZ_TRIAGE ||
		      cli->fuzz.action == FUZZ_SHRINK || cli->fuzz.action == FUZZ_SEEDS;

	if (cli->fuzz.out && !writes)
		return cli_complain("--out says where --assemble writes to");
	return 0;
}

const struct option_group fuzz_options = {options, parse, check};
