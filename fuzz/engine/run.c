// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files, one after another, without AFL++: regressions, and crashes that AFL++ has kept.
 *
 *	parent					child
 *	fork() ------------------------------>	for each file from the first on: read, run
 *	  reads lines, a letter each	<------	  E sentence	it cannot be read
 *						  F finding	JSON
 *						  N sentence	it could not be judged
 *						  .		it is over
 *	a child that ended early: the file that it was at is told with a finding, and another child goes on behind it
 *
 * Each child begins with the world as the target's open() left it, and a target puts everything back after each input; so a
 * file comes to the same, whatever ran before.
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/trace/util.h"

#define STATUS_FAILED 4 /* kfail's own failure: it was said on standard error */
#define STATUS_LOST   5 /* the input is told; what it ran in is in ruins */

/* ---- the child --------------------------------------------------------------------------------------------- */

static FILE *to_parent;

static void tell(char letter, const char *text)
{
	fputc(letter, to_parent);
	for (; *text; text++)
		fputc(*text == '\n' ? ' ' : *text, to_parent);
	fputc('\n', to_parent);
	fflush(to_parent);
}

static void tell_finding(const struct finding *finding)
{
	char *json = finding_to_json(finding);

	tell('F', json);
	free(json);
}

/* 0: no limit. */
static void set_clock(unsigned ms)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000},
	};

	setitimer(ITIMER_PROF, &timer, NULL);
}

/* False: this process is of no further use. Not inlined: the frames of a death end with it. */
__attribute__((noinline)) static bool
run_one(const struct fuzz_target *target, const struct fuzz_run_options *options, const char *file)
{
	struct fuzz_outcome outcome = {0};
	bool lost, own_clock = target->own_signals;
	char err[FUZZ_ERR];
	size_t size;
	uint8_t *data = fuzz_load(target, file, &size, err);

	if (!data) {
		tell('E', err);
		return true;
	}
	fuzz_stack_ends_here(__builtin_frame_address(0));
	if (!own_clock)
		set_clock(options->timeout_ms);
	target->run(data, size, options->careful, &outcome);
	if (!own_clock)
		set_clock(0);
	for (unsigned i = 0; i < outcome.count; i++)
		tell_finding(&outcome.findings[i]);
	if (outcome.not_judged)
		tell('N', outcome.not_judged);
	lost = outcome.lost;
	fuzz_outcome_clear(&outcome);
	free(data);
	return !lost;
}

__attribute__((noreturn)) static void child(const struct fuzz_target *target,
					    const struct fuzz_run_options *options,
					    char *const *files, unsigned count)
{
	if ((target->adopt && target->adopt()) || !fuzz_catch(target, tell_finding)) {
		fprintf(stderr, "kfail: the child that runs inputs cannot be made\n");
		_exit(STATUS_FAILED);
	}
	for (unsigned i = 0; i < count; i++) {
		bool good = run_one(target, options, files[i]);

		tell('.', "");
		if (!good)
			_exit(STATUS_LOST);
	}
	_exit(0);
}

/* ---- the parent -------------------------------------------------------------------------------------------- */

struct reading {
	char *const *files;
	unsigned at, count;
	void (*told)(const char *file, const struct fuzz_outcome *outcome, const char *err,
		     void *arg);
	void *arg;
	struct fuzz_outcome outcome; /* of file `at`, so far */
	char *unreadable;	     /* why it cannot be read; NULL: it can */
};

static void file_is_over(struct reading *r)
{
	r->told(r->files[r->at++], r->unreadable ? NULL : &r->outcome, r->unreadable, r->arg);
	fuzz_outcome_clear(&r->outcome);
	free(r->unreadable);
	r->unreadable = NULL;
}

static void take_finding(struct reading *r, const char *json)
{
	struct finding *finding = fuzz_found(&r->outcome, FINDING_BUG, "%s", "");
	struct finding sent;

	if (finding_from_json(json, &sent))
		return;
	finding_clear(finding);
	*finding = sent;
}

static void take_line(struct reading *r, const char *line)
{
	switch (line[0]) {
	case 'E':
		r->unreadable = xstrdup(line + 1);
		break;
	case 'F':
		take_finding(r, line + 1);
		break;
	case 'N':
		r->outcome.not_judged = xstrdup(line + 1);
		break;
	case '.':
		file_is_over(r);
		break;
	}
}

static void read_lines(struct reading *r, FILE *from)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while (r->at < r->count && (n = getline(&line, &room, from)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		take_line(r, line);
	}
	free(line);
}

/* A child ended before its files did. */
static void ended_early(struct reading *r, int status)
{
	char what[256];
	enum finding_kind kind = fuzz_death(status, what, sizeof(what));

	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FAILED)
		r->outcome.not_judged = xstrdup("kfail itself failed in the midst of the input");
	else if (!r->outcome.count)
		fuzz_found(&r->outcome, kind, "%s", what);
	file_is_over(r);
}

/* One child, as far as it comes. 0 or -errno. */
static int run_some(const struct fuzz_target *target, const struct fuzz_run_options *options,
		    struct reading *r)
{
	int fds[2], status;
	FILE *from;
	pid_t pid;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (!pid) {
		close(fds[0]);
		to_parent = fdopen(fds[1], "w");
		child(target, options, r->files + r->at, r->count - r->at);
	}
	close(fds[1]);
	from = fdopen(fds[0], "r");
	read_lines(r, from);
	fclose(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r->at < r->count && !(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_LOST))
		ended_early(r, status);
	return 0;
}

int fuzz_run_files(const struct fuzz_target *target, const struct fuzz_run_options *options,
		   char *const *files, unsigned count,
		   void (*told)(const char *file, const struct fuzz_outcome *outcome,
				const char *err, void *arg),
		   void *arg)
{
	struct reading r = {.files = files, .count = count, .told = told, .arg = arg};
	int error = 0;

	while (r.at < count && !error)
		error = run_some(target, options, &r);
	return error;
}
