// SPDX-License-Identifier: GPL-2.0-only
/*
 * --valgrind: the same command again, under valgrind, which knows the allocators' objects (harness/memcheck/) and tells what
 * it finds to the judges (harness/judge/accesses.c).
 *
 *	this process		the kernel is booted once, if it has never been, for that is slow under valgrind;
 *				starts valgrind, waits, removes the directory
 *	  valgrind kfail ...	and each worker of it writes DIRECTORY/PID.log
 *
 * Valgrind ends with the status of kfail; but it has ends of its own, and none of them is a verdict. So kfail
 * leaves its status in the directory, and without it the end is a failure, told with valgrind's own last words.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../memcheck/memcheck.h"
#include "../trace/util.h"
#include "../world/world.h"

extern char **environ;

static volatile pid_t child;

bool cli_in_valgrind(void)
{
	return memcheck_directory();
}

/* ---- the verdict, from one process to the other ---- */

void cli_valgrind_concluded(int status)
{
	char *path;
	FILE *out;

	if (!cli_in_valgrind())
		return;
	path = xasprintf("%s/status", memcheck_directory());
	out = fopen(path, "w");
	if (out) {
		fprintf(out, "%d\n", status);
		fclose(out);
	}
	free(path);
}

/* -1: there is none. */
static int read_status(const char *directory)
{
	char *path = xasprintf("%s/status", directory);
	FILE *in = fopen(path, "r");
	int status = -1;

	if (in && fscanf(in, "%d", &status) != 1)
		status = -1;
	if (in)
		fclose(in);
	free(path);
	return status;
}

/* ---- the directory ---- */

static char *make_directory(void)
{
	const char *base = getenv("TMPDIR");
	char *directory = xasprintf("%s/kfail-valgrind-XXXXXX", base && *base ? base : "/tmp");

	if (mkdtemp(directory))
		return directory;
	cli_complain("cannot make a directory for what valgrind tells, %s: %s", directory,
		     strerror(errno));
	free(directory);
	return NULL;
}

static void for_each_file(const char *directory, const char *pattern, void (*fn)(const char *path))
{
	char *all = xasprintf("%s/%s", directory, pattern);
	glob_t found;

	if (!glob(all, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			fn(found.gl_pathv[i]);
		globfree(&found);
	}
	free(all);
}

static void remove_file(const char *path)
{
	unlink(path);
}

static void remove_directory(const char *directory)
{
	for_each_file(directory, "*", remove_file);
	rmdir(directory);
}

static void print_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[512];

	while (in && fgets(line, sizeof(line), in))
		fputs(line, stderr);
	if (in)
		fclose(in);
}

/* ---- valgrind ---- */

/* In a process of its own: nothing of it is left but the saved world. What goes wrong there goes wrong again, and is told then. */
static void boot_beforehand(const struct cli *cli)
{
	const struct world_options options = {
		.kernel = cli->kernel,
		.modules = cli->files,
		.module_count = cli->file_count,
		.params = cli->params,
		.param_count = cli->param_count,
		.settings = &cli->settings,
	};
	struct target *target;
	char err[KF_ERR];
	pid_t pid;

	if (!cli->file_count || cli_is_native(cli->files[cli->file_count - 1]))
		return;
	pid = fork();
	if (!pid) {
		world_prepare(&options, &target, err);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* A faulting instruction must show its registers; code changes while it runs. Nothing of the user's own options has a say. */
static char **valgrind_argv(const char *directory, char *self, char **words)
{
	static const char *const fixed[] = {
		"valgrind",
		"--command-line-only=yes",
		"--tool=memcheck",
		"-q",
		"--error-limit=no",
		"--num-callers=40",
		"--leak-check=no",
		"--default-suppressions=no",
		"--expensive-definedness-checks=yes",
		"--sigill-diagnostics=no",
		"--vex-iropt-register-updates=allregs-at-mem-access",
		"--smc-check=all-non-file",
		"--vgdb=no",
		"--read-inline-info=no",
	};
	const unsigned count = sizeof(fixed) / sizeof(fixed[0]);
	unsigned more = 0;
	char **argv;

	while (words[more])
		more++;
	argv = xcalloc(count + more + 3, sizeof(*argv));
	for (unsigned i = 0; i < count; i++)
		argv[i] = (char *)fixed[i];
	argv[count] = xasprintf("--log-file=%s/%%p.log", directory);
	argv[count + 1] = self;
	memcpy(&argv[count + 2], words, more * sizeof(*words));
	return argv;
}

/* A terminal signals both processes; who knows only of this one means the other. */
static void pass_on(int sig)
{
	if (child > 0)
		kill(child, sig);
}

static void take_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, pass_on);
	signal(SIGHUP, pass_on);
}

static int start(char **argv)
{
	posix_spawnattr_t attr;
	sigset_t defaults;
	pid_t pid;
	int error;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	take_signals();
	error = posix_spawnp(&pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	child = error ? 0 : pid;
	return error;
}

static int conclude(const char *directory)
{
	int wait_status = 0, status;

	while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR)
		;
	status = read_status(directory);
	if (status >= 0)
		return status;
	for_each_file(directory, "*.log", print_file);
	cli_complain("valgrind ended without a verdict (%s %d)",
		     WIFSIGNALED(wait_status) ? "signal" : "status",
		     WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
	return STATUS_FAILED;
}

int cli_become_valgrind(const struct cli *cli, char **words)
{
	char *self = realpath("/proc/self/exe", NULL), *directory = make_directory();
	int status = STATUS_FAILED, error;

	if (!directory)
		return STATUS_FAILED;
	setenv(MEMCHECK_DIRECTORY, directory, 1);
	boot_beforehand(cli);
	error = start(valgrind_argv(directory, self, words));
	if (error == ENOENT)
		status = cli_complain("--valgrind: valgrind is not installed (Debian's package "
				      "valgrind has it)");
	else if (error)
		cli_complain("valgrind cannot be started: %s", strerror(error));
	else
		status = conclude(directory);
	remove_directory(directory);
	return status;
}
