// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail replay --valgrind: the same command again, under valgrind, which knows the allocators' objects from their client
 * requests. Native mode only: a kernel's world has its memory at fixed addresses below 4 GiB and runs code that switches
 * stacks and page protections by itself, which valgrind cannot follow.
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
			"--valgrind works with a driver's source; a world with a kernel runs at "
			"fixed addresses that valgrind needs for itself (kfail's own judges see "
			"every access to freed memory and guard there)");
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
