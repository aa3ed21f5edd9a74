// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that a campaign starts. Each gets SIGTERM when its parent dies, which makes AFL++ write
 * what it has and end: a supervisor that is killed leaves nobody behind that fuzzes in its folder.
 */
#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/trace/util.h"

#define STATUS_NO_PROGRAM 127

static void set_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
	int null = open("/dev/null", O_RDWR);

	if (fd < 0)
		fd = null;
	dup2(null, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
}

/* What a child is whoever it becomes. */
static void be_child(pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	/* Ctrl-C is for the supervisor, which tells the others. */
	setpgid(0, 0);
}

__attribute__((noreturn)) static void become(const struct spawn *what)
{
	if (what->output)
		set_output(what->output);
	for (char *const *v = what->variables; v && *v; v++)
		putenv(*v);
	if (what->directory && chdir(what->directory))
		fprintf(stderr, "kfail: %s: %s\n", what->directory, strerror(errno));
	else
		execvp(what->argv[0], what->argv);
	fprintf(stderr, "kfail: %s: %s\n", what->argv[0], strerror(errno));
	fflush(NULL);
	_exit(STATUS_NO_PROGRAM);
}

pid_t spawn(const struct spawn *what)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		be_child(parent);
		become(what);
	}
	return pid;
}

pid_t spawn_function(int (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	be_child(parent);
	status = fn(arg);
	fflush(NULL);
	_exit(status);
}

int spawn_wait(const struct spawn *what)
{
	pid_t pid = spawn(what);
	int status;

	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool spawn_finds(const char *program)
{
	const char *path = getenv("PATH");
	char *places = xstrdup(path ? path : "/usr/bin:/bin"), *rest = places, *place;
	bool found = false;

	while (!found && (place = strsep(&rest, ":"))) {
		char *file = xasprintf("%s/%s", *place ? place : ".", program);

		found = !access(file, X_OK);
		free(file);
	}
	free(places);
	return found;
}

char *spawn_self(void)
{
	static const char deleted[] = " (deleted)";
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return xstrdup("kfail");
	path[n] = 0;
	/* It was replaced while it runs, as an upgrade does in the weeks of a campaign. */
	if (n > (ssize_t)sizeof(deleted) && !strcmp(path + n - (sizeof(deleted) - 1), deleted))
		path[n - (ssize_t)(sizeof(deleted) - 1)] = 0;
	return xstrdup(path);
}
