// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail replay --valgrind: the same command again, under valgrind, which knows the allocators' objects from their client
 * requests. Native mode only. A rehosted kernel does start under valgrind, but does not run there as it runs alone: its
 * code switches stacks and is patched while it runs, and even without a refusal the run ends in a fault
 * that is not there otherwise. A verdict from there would be worth nothing.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../trace/util.h"

int cli_become_valgrind(const struct cli *cli)
{
	char **argv, **to, *path;

	if (!cli_is_native(cli->files[cli->file_count - 1]))
		return cli_complain(
			"--valgrind works with a driver's source only: a rehosted kernel "
			"does not run under valgrind as it runs alone, so its "
			"verdicts would be wrong");
	path = realpath("/proc/self/exe", NULL);
	argv = to = xcalloc(cli_replay_argc(cli) + 8, sizeof(*argv));
	*to++ = (char *)"valgrind";
	*to++ = (char *)"-q";
	/* A fault must show the registers of its very instruction. */
	*to++ = (char *)"--vex-iropt-register-updates=allregs-at-mem-access";
	*to++ = path;
	cli_replay_argv(cli, to);
	setenv("KFAIL_UNDER_VALGRIND", "1", 1);
	execvp("valgrind", argv);
	return cli_complain("valgrind cannot be started: %s", strerror(errno));
}
