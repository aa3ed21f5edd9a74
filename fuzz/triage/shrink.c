// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making an input smaller while it reaches what it reaches. AFL++'s afl-tmin starts a process for
 * each candidate and knows only bytes; here candidates are programs with a call less (minimise.c),
 * and run one after the other in the process that has the target open. Coverage is AFL++'s own map,
 * which its runtime keeps also when no AFL++ is there.
 *
 * How often an edge is taken is not asked for: inputs of a corpus are to be read.
 *
 *	parent	---for each file--->	child: adopt, run, minimise, write		one that dies is left out
 */
#include "shrink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "files.h"
#include "minimise.h"
#include "../../harness/trace/util.h"

#define CANDIDATES 2000u

/* AFL++'s runtime (instrumentation/afl-compiler-rt.o.c); NULL in a program without it. */
extern unsigned char *__afl_area_ptr __attribute__((weak));
extern unsigned int __afl_map_size __attribute__((weak));

bool shrink_can(void)
{
	return &__afl_area_ptr && __afl_area_ptr && &__afl_map_size;
}

struct reached {
	const struct fuzz_target *target;
	uint8_t *edges; /* 1: must be reached */
	size_t count;
};

/* Run it; true: it is clean. The map is what it reached then. */
static bool run(const struct fuzz_target *target, const uint8_t *data, size_t size)
{
	struct fuzz_outcome outcome = {0};
	bool clean;

	memset(__afl_area_ptr, 0, __afl_map_size);
	target->run(data, size, false, &outcome);
	clean = !outcome.count && !outcome.not_judged;
	fuzz_outcome_clear(&outcome);
	return clean;
}

static bool reaches_all(const uint8_t *data, size_t size, void *arg)
{
	const struct reached *reached = arg;

	if (!run(reached->target, data, size))
		return false;
	for (size_t i = 0; i < reached->count; i++)
		if (reached->edges[i] && !__afl_area_ptr[i])
			return false;
	return true;
}

/* Edges that it reaches each time: twice, since the first input of a process may reach what belongs
 * to the process. */
static bool learn(struct reached *reached, const uint8_t *data, size_t size)
{
	if (!run(reached->target, data, size) || !run(reached->target, data, size))
		return false;
	for (size_t i = 0; i < reached->count; i++)
		reached->edges[i] = __afl_area_ptr[i] != 0;
	return true;
}

static char *place(const char *folder, const char *file)
{
	const char *slash = strrchr(file, '/');

	return xasprintf("%s/%s", folder, slash ? slash + 1 : file);
}

/* The whole of one file, in a child. Status 0: written, or left out. */
static int shrink_one(const struct fuzz_target *target, const char *file, const char *folder)
{
	struct fuzz_form form = fuzz_form_of(target);
	struct reached reached = {.target = target, .count = __afl_map_size};
	struct fuzz_oracle oracle = {.shows = reaches_all, .arg = &reached, .left = CANDIDATES};
	char err[FUZZ_ERR], *to = place(folder, file);
	uint8_t *data;
	size_t size;

	if (target->adopt && target->adopt())
		return 1;
	data = fuzz_load(target, file, &size, err);
	if (!data) {
		fprintf(stderr, "kfail: %s\n", err);
		return 1;
	}
	data = xrealloc(data, FUZZ_INPUT_MAX);
	reached.edges = xcalloc(reached.count, 1);
	if (!learn(&reached, data, size))
		return 0;
	size = fuzz_minimise(&form, data, size, &oracle);
	if (!file_write(to, data, size, err))
		return 0;
	fprintf(stderr, "kfail: %s\n", err);
	return 1;
}

static size_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

int shrink_files(const struct fuzz_target *target, char *const *files, unsigned count,
		 const char *folder, void (*told)(const char *file, size_t before, size_t after),
		 char *err)
{
	for (unsigned i = 0; i < count; i++) {
		char *to = place(folder, files[i]);
		int status = 0;
		pid_t pid;

		unlink(to);
		fflush(NULL);
		pid = fork();
		if (!pid) {
			if (!fuzz_catch(target, NULL))
				_exit(1);
			_exit(shrink_one(target, files[i], folder));
		}
		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pid < 0 || (WIFEXITED(status) && WEXITSTATUS(status))) {
			snprintf(err, FUZZ_ERR, "%.300s cannot be made smaller", files[i]);
			free(to);
			return -1;
		}
		told(files[i], size_of(files[i]), size_of(to));
		free(to);
	}
	return 0;
}
