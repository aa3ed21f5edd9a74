// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kfail command: `kfail COMMAND [options] FILES [-- param=value ...]`. The commands are in commands.c.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	const struct command *command;
	struct cli cli;
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
	status = cli_parse(command, argc - 1, argv + 1, &cli);
	if (status)
		return status;
	cli.version = KFAIL_VERSION;
	status = command->run(&cli);
	if (fflush(stdout))
		return cli_complain("cannot write to standard output"), STATUS_FAILED;
	return status;
}
