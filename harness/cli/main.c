// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kfail command: `kfail COMMAND [options] FILES [-- param=value ...]`. The commands are in commands.c.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include "../trace/util.h"

/* Read by AddressSanitizer, in a build with it: the words of the command line live as long as the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct cli cli;
	char **words;
	int status;

	if (argc < 2)
		return cli_usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return cli_usage(stdout);
	if (!strcmp(argv[1], "--version")) {
		printf("kfail %s\n", KFAIL_VERSION);
		return STATUS_CLEAN;
	}
	command = cli_command(argv[1]);
	if (!command)
		return cli_complain("\"%s\" is no command; `kfail --help` lists them", argv[1]);
	words = xcalloc((size_t)argc, sizeof(*words)); /* parsing changes them */
	memcpy(words, argv + 1, (size_t)argc * sizeof(*words));
	status = cli_parse(command, argc - 1, argv + 1, &cli);
	if (status)
		return status;
	cli.version = KFAIL_VERSION;
	if (cli.valgrind && !cli_in_valgrind())
		return cli_become_valgrind(&cli, words);
	status = command->run(&cli);
	if (fflush(stdout))
		status = (cli_complain("cannot write to standard output"), STATUS_FAILED);
	cli_valgrind_concluded(status);
	return status;
}
