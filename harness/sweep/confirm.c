// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second look (confirm.h): the child says by its exit status whether it saw the finding. It prints nothing: what it
 * would print has been printed. A child that uses too much CPU time is ended by the host, one that sleeps for ever by its
 * parent; for a finding that says just this ("hang"), that is the confirmation. For any other it says nothing.
 */
#include "confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEN = 0, NOT_SEEN = 1, UNABLE = 2 };

/* A run has several operations, each with this limit; the net lies well below them. */
static unsigned cpu_limit_s(const struct sweep_options *options)
{
	return 4 * options->timeout_ms / 1000 + 2;
}

static void be_quiet(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

static bool is_among(struct run_result *result, const struct finding *finding)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		if (!strcmp(result->findings[i].id, finding->id))
			return true;
	return false;
}

static _Noreturn void look_again(const struct confirm *confirm, const struct finding *finding)
{
	const struct sweep_options *options = confirm->options;
	const struct rlimit limit = {cpu_limit_s(options), cpu_limit_s(options) + 1};
	bool refuses = finding->schedule[0];
	const struct run_options run = {.timeout_ms = options->timeout_ms,
					.unload = !refuses,
					.hide_user = !refuses || options->hide_user};
	struct run_result result;
	struct schedule schedule;
	char err[256];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CPU, &limit);
	be_quiet();
	if (schedule_parse(finding->schedule, &schedule, err) ||
	    (confirm->target->adopt && confirm->target->adopt()))
		_exit(UNABLE);
	run_attach(confirm->target);
	judge_set_log(NULL);
	if (run_prepare(confirm->target, &run, confirm->operation, err))
		_exit(UNABLE);
	judge_set_known(confirm->keys, refuses ? confirm->key_count : 0);
	run_schedule(confirm->target, &run, refuses ? &confirm->expect : NULL, &schedule, &result);
	_exit(is_among(&result, finding) ? SEEN : NOT_SEEN);
}

/* Wait for the end of the pipe, which is the child's end; one that does not come to it is killed. */
static void wait_for_end(const struct confirm *confirm, pid_t pid, int pipe)
{
	struct pollfd fd = {.fd = pipe, .events = POLLIN};
	int timeout_ms = 20 * (int)confirm->options->timeout_ms + 10000;

	while (poll(&fd, 1, timeout_ms) < 0 && errno == EINTR)
		;
	if (!fd.revents)
		kill(pid, SIGKILL);
}

/* What became of the child: its exit status, or that of none (UNABLE); *killed: a signal ended it. */
static int look(const struct confirm *confirm, const struct finding *finding, bool *killed)
{
	int fds[2], status = 0;
	pid_t pid;

	*killed = false;
	if (pipe(fds))
		return UNABLE;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		look_again(confirm, finding);
	}
	close(fds[1]);
	if (pid > 0) {
		wait_for_end(confirm, pid, fds[0]);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(fds[0]);
	*killed = pid > 0 && WIFSIGNALED(status);
	return pid < 0 || *killed ? UNABLE : WEXITSTATUS(status);
}

enum confirmation confirm_finding(const struct confirm *confirm, const struct finding *finding)
{
	bool killed;
	int seen = look(confirm, finding, &killed);

	if (killed && finding->kind == FINDING_HANG)
		return CONFIRM_YES;
	/* Somebody outside may have done it. */
	if (killed)
		seen = look(confirm, finding, &killed);
	if (seen == SEEN)
		return CONFIRM_YES;
	return seen == NOT_SEEN ? CONFIRM_NO : CONFIRM_NOT_TRIED;
}
