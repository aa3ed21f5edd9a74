// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options: groups of them, a file options_*.c each, each option with the commands that take it; argp gets the part that is
 * a command's own. Errors are told in one sentence, not in argp's two lines. What stands behind "--" is the module's and is cut off before argp sees it.
 */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

/* Of the host's CPU time: an operation that takes longer than this is an endless loop. */
#define TIMEOUT_DEFAULT_MS 2000

#define OPTIONS_MAX 256

/* Groups that a file's options may have between them, for the headings of --help. */
#define HEADINGS_MAX 8

static const struct option_group *const groups[] = {
	&trace_options,	   &general_options,	&inject_options,    &calls_options,
	&store_options,	   &plan_options,	&scenario_options,  &engine_options,
	&report_options,   &instrument_options, &interrupt_options, &memory_options,
	&kmemleak_options, &valgrind_options,	&fuzz_options,	    &fuzz_driver_options,
	&campaign_options,
};

#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

unsigned cli_number(const char *name, const char *text, unsigned max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (end == text || *end || text[0] == '-' || errno || !value || value > max) {
		cli_complain("--%s wants a number from 1 to %u, not \"%s\"", name, max, text);
		exit(STATUS_USAGE);
	}
	return (unsigned)value;
}

static void add_file(struct cli *cli, char *file)
{
	cli->files[cli->file_count++] = file;
}

static void add_replayed(struct cli *cli, const struct argp_option *option, char *arg)
{
	bool joined = arg && option->flags & OPTION_ARG_OPTIONAL;

	cli->replayed[cli->replayed_count++] =
		xasprintf("--%s%s%s", option->name, joined ? "=" : "", joined ? arg : "");
	if (arg && !joined)
		cli->replayed[cli->replayed_count++] = arg;
}

/* What has an effect on runs belongs to the replay line. */
static void remember(struct cli *cli, int key, char *arg)
{
	for (size_t g = 0; g < GROUP_COUNT; g++)
		for (const struct cli_option *o = groups[g]->options; !cli_option_end(&o->option);
		     o++)
			if (o->option.name && o->option.key == key && o->replays) {
				add_replayed(cli, &o->option, arg);
				return;
			}
}

static error_t parse_one(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	if (key == ARGP_KEY_ARG) {
		add_file(cli, arg);
		return 0;
	}
	for (size_t g = 0; g < GROUP_COUNT; g++) {
		if (!groups[g]->parse(cli, key, arg))
			continue;
		remember(cli, key, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Cut the command line at "--"; returns the number of words before it. */
static int cut_params(struct cli *cli, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		cli->params = argv + i + 1;
		cli->param_count = (unsigned)(argc - i - 1);
		return i;
	}
	return argc;
}

static int check_words(struct cli *cli)
{
	const struct command *command = cli->command;

	if (cli->file_count < command->files_min)
		return cli_complain("%s wants %s; `kfail %s --help` says more", command->name,
				    command->bit == COMMAND_KERNEL     ? "a subcommand"
				    : command->bit == COMMAND_MINIMISE ? "a finding's id"
				    : command->bit == COMMAND_MERGE
					    ? "the store to write and one to read"
				    : command->bit == COMMAND_BUILD ? "a directory or sources"
				    : command->bit == COMMAND_CAMPAIGN
					    ? "a subcommand and the campaign's folder"
					    : "a module",
				    command->name);
	if (cli->file_count > command->files_max)
		return cli_complain("%s: \"%s\" is one word too many", command->name,
				    cli->files[command->files_max]);
	if (cli->param_count && !command->takes_params)
		return cli_complain("%s takes no module parameters", command->name);
	/* What stands behind "--" of build is for make, of campaign for kfail fuzz. */
	for (unsigned i = 0; i < cli->param_count && command->bit != COMMAND_BUILD &&
			     command->bit != COMMAND_CAMPAIGN;
	     i++)
		if (cli->params[i][0] == '=' || !cli->params[i][0])
			return cli_complain("\"%s\" is no parameter: what stands behind \"--\" is "
					    "name=value",
					    cli->params[i]);
	return 0;
}

static const struct argp_option *find_long(const struct argp_option *table, const char *name)
{
	size_t length = strcspn(name, "=");

	for (; !cli_option_end(table); table++)
		if (table->name && !strncmp(table->name, name, length))
			return table;
	return NULL;
}

static const struct argp_option *find_short(const struct argp_option *table, char letter)
{
	for (; !cli_option_end(table); table++)
		if (table->name && table->key == letter)
			return table;
	return NULL;
}

/* The option in a word; *joined: its value, if it has one, is in the same word. */
static const struct argp_option *option_in(const struct argp_option *table, const char *word,
					   bool *joined)
{
	const struct argp_option *option = NULL;

	*joined = false;
	if (word[1] == '-') {
		*joined = strchr(word, '=');
		return find_long(table, word + 2);
	}
	for (word++; *word; word++) {
		option = find_short(table, *word);
		*joined = word[1];
		if (!option || option->arg)
			break;
	}
	return option;
}

/* argp's own words for this are two lines, and without them it does not say which option it meant. */
static int complain_option(const struct cli *cli, const struct argp_option *table, int argc,
			   char **argv)
{
	const char *command = cli->command->name;

	for (int i = 1; i < argc; i++) {
		const struct argp_option *option;
		bool joined;

		if (argv[i][0] != '-' || !argv[i][1])
			continue;
		option = option_in(table, argv[i], &joined);
		if (!option)
			return cli_complain("%s has no option \"%s\"; `kfail %s --help` lists them",
					    command, argv[i], command);
		if (joined && !option->arg)
			return cli_complain("--%s takes no value", option->name);
		if (option->arg && !(option->flags & OPTION_ARG_OPTIONAL) && !joined && ++i == argc)
			return cli_complain("--%s wants a value (%s)", option->name, option->arg);
	}
	return cli_complain("the options of %s are not understood; `kfail %s --help` lists them",
			    command, command);
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-?") ||
		    !strcmp(argv[i], "--usage"))
			return true;
	return false;
}

static void collect_options(const struct command *command, struct argp_option *table)
{
	unsigned n = 0;

	for (size_t g = 0; g < GROUP_COUNT; g++)
		for (const struct cli_option *o = groups[g]->options; !cli_option_end(&o->option);
		     o++) {
			if (!(o->commands & command->bit) || n == OPTIONS_MAX)
				continue;
			table[n] = o->option;
			/* argp's help would sort what has no group of its own into the one before it. */
			table[n++].group += (int)g * HEADINGS_MAX + 1;
		}
}

int cli_parse(const struct command *command, int argc, char **argv, struct cli *cli)
{
	struct argp_option table[OPTIONS_MAX + 1] = {0};
	struct argp argp = {.options = table, .parser = parse_one, .args_doc = command->args};
	char name[32], doc[1024];
	unsigned flags;

	*cli = (struct cli){.command = command, .timeout_ms = TIMEOUT_DEFAULT_MS};
	kf_settings_default(&cli->settings);
	cli->files = calloc((size_t)argc + 1, sizeof(*cli->files));
	cli->replayed = calloc(2 * (size_t)argc + 1, sizeof(*cli->replayed));
	if (!cli->files || !cli->replayed)
		return cli_complain("out of host memory"), STATUS_FAILED;
	collect_options(command, table);
	snprintf(doc, sizeof(doc), "%s.\v%s", command->summary, command->doc ? command->doc : "");
	argp.doc = doc;
	snprintf(name, sizeof(name), "kfail %s", command->name);
	argc = cut_params(cli, argc, argv);
	argv[0] = name;
	/* argp keeps its help to itself when it must not print errors. */
	flags = wants_help(argc, argv) ? 0 : ARGP_NO_ERRS;
	if (argp_parse(&argp, argc, argv, flags, NULL, cli))
		return complain_option(cli, table, argc, argv);
	for (size_t g = 0; g < GROUP_COUNT; g++) {
		int status = groups[g]->check ? groups[g]->check(cli) : 0;

		if (status)
			return status;
	}
	return check_words(cli);
}
