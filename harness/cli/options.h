/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a group of options is: a table, a parser for its keys, a look at the whole when all is read. A group is a file
 * options_NAME.c, and stands in the list of options.c.
 */
#ifndef KFAIL_CLI_OPTIONS_H
#define KFAIL_CLI_OPTIONS_H

#include <argp.h>
#include "cli.h"

/* Commands that run a driver. */
#define JUDGING (COMMAND_SWEEP | COMMAND_RUN | COMMAND_REPLAY | COMMAND_LEAKS)
/* Commands that prepare one, and those that fuzz it. */
#define PREPARING (JUDGING | COMMAND_FUZZ)
/* Commands that have the result of a sweep. */
#define REPORTING (COMMAND_SWEEP | COMMAND_RUN | COMMAND_LEAKS | COMMAND_REPORT)

struct cli_option {
	unsigned commands; /* COMMAND_* that take it */
	bool replays;	   /* it changes what a run does: it belongs to the replay line */
	struct argp_option option;
};

struct option_group {
	const struct cli_option *options; /* ends with one that has no name */
	/* True: the key is this group's. Wrong values end the program with a sentence and STATUS_USAGE. */
	bool (*parse)(struct cli *cli, int key, char *arg);
	int (*check)(
		struct
		cli *cli); /* when all is parsed: 0, or the status to exit with (said why); or NULL */
};

/* First key of each group's options without a letter. */
enum {
	OPTIONS_GENERAL = 1000,
	OPTIONS_INJECT = 2000,
	OPTIONS_CALLS = 3000,
	OPTIONS_PLAN = 4000,
	OPTIONS_STORE = 5000,
	OPTIONS_SCENARIO = 6000,
	OPTIONS_ENGINE = 7000,
	OPTIONS_REPORT = 8000,
	OPTIONS_VALGRIND = 8500,
	OPTIONS_INSTRUMENT = 9000,
	OPTIONS_INTERRUPT = 10000,
	OPTIONS_TRACE = 11000,
	OPTIONS_MEMORY = 12000,
	OPTIONS_KMEMLEAK = 14000,
	OPTIONS_FUZZ = 15000,
	OPTIONS_FUZZ_DRIVER = 15500,
	OPTIONS_CAMPAIGN = 17000,
};

extern const struct option_group general_options;
extern const struct option_group inject_options; /* options_inject.c */
extern const struct option_group calls_options;	 /* options_calls.c */
extern const struct option_group engine_options; /* options_engine.c */
extern const struct option_group memory_options; /* options_memory.c */

/* A table's end has neither a name nor, as a heading has, a text. */
static inline bool cli_option_end(const struct argp_option *option)
{
	return !option->name && !option->doc;
}
extern const struct option_group store_options;
extern const struct option_group plan_options;
extern const struct option_group scenario_options;
extern const struct option_group report_options;
extern const struct option_group valgrind_options;    /* options_valgrind.c */
extern const struct option_group instrument_options;  /* options_instrument.c */
extern const struct option_group interrupt_options;   /* options_interrupt.c */
extern const struct option_group trace_options;	      /* options_trace.c */
extern const struct option_group kmemleak_options;    /* options_kmemleak.c */
extern const struct option_group fuzz_driver_options; /* options_fuzz_driver.c */
extern const struct option_group fuzz_options;	      /* options_fuzz.c */
extern const struct option_group campaign_options;    /* options_campaign.c */

/* A decimal number from 1 to max; else the program ends with a sentence. */
unsigned cli_number(const char *name, const char *text, unsigned max);

#endif
