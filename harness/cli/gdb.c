// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail replay --gdb: the same command again, under gdb, with a script that
 *
 *   - lets the signals pass that make a world work (a write to a protected page is a SIGSEGV);
 *   - stops in kfail_modules_loaded(), silently, and reads the commands that the process has just written: where each
 *     section of each module is;
 *   - stops in kfail_refused(), says which request is refused, lists the driver's source around the call, and leaves a breakpoint
 *     where the call returns to the driver;
 *   - stops in kfail_finding(), and says what a judge has just noted.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../trace/util.h"

static const char script[] =
	"set pagination off\n"
	"set confirm off\n"
	"set breakpoint pending on\n"
	"set style enabled on\n"
	"set environment KFAIL_UNDER_GDB 1\n"
	"handle SIGSEGV SIGBUS SIGILL SIGFPE SIGALRM SIGVTALRM SIGPROF nostop noprint pass\n"
	"break kfail_modules_loaded\n"
	"commands\n"
	"  silent\n"
	"  eval \"source %s\", commands\n"
	"  continue\n"
	"end\n"
	"break kfail_refused\n"
	"commands\n"
	"  silent\n"
	"  printf \"\\nrequest %u is refused; the driver asked here:\\n\", n\n"
	"  if kfail_refused_pc\n"
	"    list *kfail_refused_pc\n"
	"    tbreak *kfail_refused_pc\n"
	"    printf \"`continue` goes on to where the call returns.\\n\"\n"
	"  end\n"
	"end\n"
	"break kfail_finding\n"
	"commands\n"
	"  silent\n"
	"  printf \"\\na finding: %s\\n\", finding->what\n"
	"  printf \"`backtrace` shows where; `continue` goes on.\\n\"\n"
	"end\n"
	"run\n";

/* Called when everything is loaded; a place for a breakpoint. `commands`: a file for gdb to read. */
__attribute__((noinline)) void kfail_modules_loaded(const char *commands);
void kfail_modules_loaded(const char *commands)
{
	__asm__ volatile("" : : "r"(commands) : "memory");
}

/* A new file for gdb to read; its path, malloc()ed, or NULL. */
static FILE *new_script(char **path)
{
	const char *dir = getenv("TMPDIR");
	FILE *out;
	int fd;

	*path = xasprintf("%s/kfail-gdb-XXXXXX", dir && dir[0] ? dir : "/tmp");
	fd = mkstemp(*path);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		cli_complain("cannot write commands for gdb to %s: %s", *path, strerror(errno));
	return out;
}

/* The command line as it was, with what belongs to gdb before it. */
static char **gdb_argv(const struct cli *cli, char *commands, char *program)
{
	char **argv = xcalloc(cli_replay_argc(cli) + 8, sizeof(*argv)), **to = argv;

	*to++ = "gdb";
	*to++ = "-q";
	*to++ = "-x";
	*to++ = commands;
	*to++ = "--args";
	*to++ = program;
	cli_replay_argv(cli, to);
	return argv;
}

static char *own_path(void)
{
	char *path = realpath("/proc/self/exe", NULL);

	return path ? path : xstrdup("kfail");
}

int cli_become_gdb(const struct cli *cli)
{
	char **argv, *path;
	FILE *out = new_script(&path);

	if (!out)
		return STATUS_FAILED;
	fputs(script, out);
	/* Nobody else will: the last command that gdb reads from it is `run`. */
	fprintf(out, "shell rm -f %s\n", path);
	if (fclose(out)) {
		cli_complain("cannot write commands for gdb to %s: %s", path, strerror(errno));
		return STATUS_FAILED;
	}
	argv = gdb_argv(cli, path, own_path());
	execvp("gdb", argv);
	cli_complain("gdb cannot be started: %s", strerror(errno));
	unlink(path);
	return STATUS_USAGE;
}

void cli_tell_gdb(const struct target *target)
{
	char *path;
	FILE *out = new_script(&path);

	if (!out)
		return;
	/* Now is the snapshot taken; the target then makes code writable that gdb must write to. */
	target->restore();
	if (target->debugger)
		target->debugger(out);
	fclose(out);
	kfail_modules_loaded(path);
	unlink(path);
	free(path);
}
