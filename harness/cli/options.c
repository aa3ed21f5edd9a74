// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options: one table for all commands, each with the commands that take it; argp gets the part that is
 * a command's own. Errors are told in one sentence, not in argp's two lines. What stands behind "--" is the module's and is cut off before argp sees it.
 */
#include "cli.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the host's CPU time: an operation that takes longer than this is an endless loop. */
#define TIMEOUT_DEFAULT_MS 2000

enum {
	OPTION_KERNEL = 'k',
	OPTION_JOBS = 'j',
	OPTION_TIMEOUT = 't',
	OPTION_SCHEDULE = 's',
	OPTION_VERBOSE = 'v',
	OPTION_JSON = 1000,
	OPTION_GDB,
	OPTION_REPEAT,
	OPTION_FRESH,
	OPTION_SET,
	OPTION_PROFILE,
	OPTION_TRACE,
	OPTION_TRACE_DAT,
	OPTION_TRACE_EVENTS,
	OPTION_NATIVE,
	OPTION_AFTER,
};

#define JUDGING (COMMAND_SWEEP | COMMAND_RUN | COMMAND_REPLAY | COMMAND_LEAKS)

static const struct {
	unsigned commands;
	struct argp_option option;
} options[] = {
	{JUDGING | COMMAND_SYMBOLS | COMMAND_INSPECT,
	 {"kernel", OPTION_KERNEL, "FILE|VERSION", 0,
	  "the kernel's image or version (default: what the module was built for)", 0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_LEAKS,
	 {"jobs", OPTION_JOBS, "N", 0, "workers at a time (default: one per CPU)", 0}},
	{JUDGING | COMMAND_INSPECT,
	 {"timeout", OPTION_TIMEOUT, "MS", 0,
	  "CPU time after which an operation is an endless loop (default: 2000)", 0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_REPLAY,
	 {"schedule", OPTION_SCHEDULE, "S", 0,
	  "which requests are refused: 7, 7+ (and all after), 3,9 or 7x4 (a burst)", 0}},
	{JUDGING | COMMAND_INSPECT,
	 {"set", OPTION_SET, "NAME=VALUE", 0,
	  "a boot parameter of the allocators, as slub_debug=FZPU, init_on_alloc=1, page_owner=on "
	  "or checks=off; may be given again",
	  0}},
	{JUDGING | COMMAND_INSPECT,
	 {"profile", OPTION_PROFILE, "2.4|3.4|3.4-slub|6.1", 0,
	  "the limits of which kernel kmalloc and alloc_pages have (default: 6.1)", 0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_LEAKS,
	 {"json", OPTION_JSON, "FILE", 0, "write the result as JSON (-: to standard output)", 0}},
	{COMMAND_SWEEP,
	 {"repeat", OPTION_REPEAT, "N", 0, "run each schedule N times (default: once)", 0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 {"trace", OPTION_TRACE, "FILE", OPTION_ARG_OPTIONAL,
	  "print the run's trace events as the kernel's \"trace\" file does, or write them to FILE",
	  0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 {"trace-dat", OPTION_TRACE_DAT, "FILE", 0,
	  "write them for trace-cmd report and KernelShark (trace.dat)", 0}},
	{COMMAND_RUN | COMMAND_REPLAY,
	 {"trace-events", OPTION_TRACE_EVENTS, "LIST", 0,
	  "only these, as in set_event: kmem:kmalloc,kmem:mm_page_*,!kfail (default: all)", 0}},
	{COMMAND_REPLAY, {"gdb", OPTION_GDB, NULL, 0, "under gdb, stopping at each refusal", 0}},
	{COMMAND_KERNEL,
	 {"fresh", OPTION_FRESH, NULL, 0, "boot although a booted world is cached", 0}},
	{COMMAND_INSPECT,
	 {"after", OPTION_AFTER, "init|exit", 0,
	  "when to look: with the module loaded (default), or when it is unloaded again", 0}},
	{COMMAND_INSPECT,
	 {"native", OPTION_NATIVE, NULL, 0, "a world without a kernel, and without a driver", 0}},
	{JUDGING | COMMAND_KERNEL | COMMAND_INSPECT,
	 {"verbose", OPTION_VERBOSE, NULL, 0,
	  "the kernel's log and each refusal in the kernel's words", 0}},
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static unsigned parse_number(const char *name, const char *text, unsigned max)
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

static void parse_schedule(struct cli *cli, const char *text)
{
	char err[256];

	cli->schedule = text;
	if (!schedule_parse(text, &cli->parsed, err))
		return;
	cli_complain("%s", err);
	exit(STATUS_USAGE);
}

static void parse_setting(struct cli *cli, const char *option, const char *text)
{
	char err[KF_SETTINGS_ERR];

	if (!kf_settings_parse(&cli->settings, text, err) &&
	    !kf_settings_strict(&cli->settings, err))
		return;
	cli_complain("--%s: %s", option, err);
	exit(STATUS_USAGE);
}

static void parse_profile(struct cli *cli, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "profile=%s", name);
	parse_setting(cli, "profile", text);
	cli->profile = name;
}

static void parse_after(struct cli *cli, const char *text)
{
	cli->after_exit = !strcmp(text, "exit");
	if (cli->after_exit || !strcmp(text, "init"))
		return;
	cli_complain("--after wants init or exit, not \"%s\"", text);
	exit(STATUS_USAGE);
}

static void add_file(struct cli *cli, char *file)
{
	cli->files[cli->file_count++] = file;
}

static error_t parse_one(int key, char *arg, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case OPTION_KERNEL:
		cli->kernel = arg;
		return 0;
	case OPTION_JOBS:
		cli->jobs = parse_number("jobs", arg, 256);
		return 0;
	case OPTION_TIMEOUT:
		cli->timeout_ms = parse_number("timeout", arg, 3600000);
		cli->timeout_given = true;
		return 0;
	case OPTION_SCHEDULE:
		parse_schedule(cli, arg);
		return 0;
	case OPTION_JSON:
		cli->json = arg;
		return 0;
	case OPTION_REPEAT:
		cli->repeat = parse_number("repeat", arg, 1000000);
		return 0;
	case OPTION_TRACE:
		cli->trace_text = arg ? arg : "-";
		return 0;
	case OPTION_TRACE_DAT:
		cli->trace_dat = arg;
		return 0;
	case OPTION_TRACE_EVENTS:
		cli->trace_events = arg;
		return 0;
	case OPTION_GDB:
		cli->gdb = true;
		return 0;
	case OPTION_FRESH:
		cli->fresh = true;
		return 0;
	case OPTION_NATIVE:
		cli->native = true;
		return 0;
	case OPTION_AFTER:
		parse_after(cli, arg);
		return 0;
	case OPTION_VERBOSE:
		cli->verbose = true;
		return 0;
	case OPTION_SET:
		parse_setting(cli, "set", arg);
		cli->sets[cli->set_count++] = arg;
		return 0;
	case OPTION_PROFILE:
		parse_profile(cli, arg);
		return 0;
	case ARGP_KEY_ARG:
		add_file(cli, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
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

	if (cli->trace_events && !cli->trace_text && !cli->trace_dat)
		cli->trace_text = "-";

	if (cli->file_count < command->files_min)
		return cli_complain("%s wants %s; `kfail %s --help` says more", command->name,
				    command->bit == COMMAND_KERNEL ? "a subcommand" : "a module",
				    command->name);
	if (cli->file_count > command->files_max)
		return cli_complain("%s: \"%s\" is one word too many", command->name,
				    cli->files[command->files_max]);
	if (cli->param_count && !command->takes_params)
		return cli_complain("%s takes no module parameters", command->name);
	for (unsigned i = 0; i < cli->param_count; i++)
		if (cli->params[i][0] == '=' || !cli->params[i][0])
			return cli_complain("\"%s\" is no parameter: what stands behind \"--\" is "
					    "name=value",
					    cli->params[i]);
	return 0;
}

static const struct argp_option *find_long(const struct argp_option *table, const char *name)
{
	size_t length = strcspn(name, "=");

	for (; table->name; table++)
		if (!strncmp(table->name, name, length))
			return table;
	return NULL;
}

static const struct argp_option *find_short(const struct argp_option *table, char letter)
{
	for (; table->name; table++)
		if (table->key == letter)
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

int cli_parse(const struct command *command, int argc, char **argv, struct cli *cli)
{
	struct argp_option table[OPTION_COUNT + 1] = {0};
	struct argp argp = {.options = table, .parser = parse_one, .args_doc = command->args};
	char name[32], doc[1024];
	unsigned n = 0, flags;

	*cli = (struct cli){.command = command, .timeout_ms = TIMEOUT_DEFAULT_MS};
	kf_settings_default(&cli->settings);
	cli->files = calloc((size_t)argc + 1, sizeof(*cli->files));
	cli->sets = calloc((size_t)argc + 1, sizeof(*cli->sets));
	if (!cli->files || !cli->sets)
		return cli_complain("out of host memory"), STATUS_FAILED;
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (options[i].commands & command->bit)
			table[n++] = options[i].option;
	snprintf(doc, sizeof(doc), "%s.\v%s", command->summary, command->doc ? command->doc : "");
	argp.doc = doc;
	snprintf(name, sizeof(name), "kfail %s", command->name);
	argc = cut_params(cli, argc, argv);
	argv[0] = name;
	/* argp keeps its help to itself when it must not print errors. */
	flags = wants_help(argc, argv) ? 0 : ARGP_NO_ERRS;
	if (argp_parse(&argp, argc, argv, flags, NULL, cli))
		return complain_option(cli, table, argc, argv);
	return check_words(cli);
}
