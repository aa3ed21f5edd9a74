// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running the host's compiler, and where its objects are kept (compiler.h).
 */
#include "compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPILED_MAX 4

extern char **environ;

/* ---- objects ---- */

static struct compiled *all[COMPILED_MAX];
static unsigned count;

void compiled_remove(struct compiled *compiled)
{
	if (compiled->owner != getpid() || !compiled->dir[0])
		return;
	unlink(compiled->object);
	rmdir(compiled->dir);
	if (compiled->lock >= 0)
		close(compiled->lock);
	compiled->dir[0] = '\0';
}

static void remove_all(void)
{
	for (unsigned i = 0; i < count; i++)
		compiled_remove(all[i]);
}

static void remember(struct compiled *compiled)
{
	for (unsigned i = 0; i < count; i++)
		if (all[i] == compiled)
			return;
	if (!count)
		atexit(remove_all);
	if (count < COMPILED_MAX)
		all[count++] = compiled;
}

/* The directory, locked by this process until it ends or closes it; -1: another one has it. A number of a process would
 * not say who is alive: another one may stand in another container, and share the directory with us. */
static int lock(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What a process left behind that was killed. */
static void remove_stale(const char *base)
{
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%.1000s/kfail-[0-9]*-*/*.so", base);
	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *object = found.gl_pathv[i], *slash = strrchr(object, '/');
		int fd;

		*slash = '\0';
		fd = lock(object);
		*slash = '/';
		if (fd < 0)
			continue;
		unlink(object);
		*slash = '\0';
		rmdir(object);
		close(fd);
	}
	globfree(&found);
}

int compiled_open(struct compiled *compiled, const char *name, char *err)
{
	const char *base = getenv("TMPDIR");

	if (!base || !*base)
		base = "/tmp";
	compiled_remove(compiled);
	remove_stale(base);
	snprintf(compiled->dir, sizeof(compiled->dir), "%.1000s/kfail-%d-XXXXXX", base,
		 (int)getpid());
	if (!mkdtemp(compiled->dir)) {
		snprintf(err, COMPILER_ERR,
			 "cannot make a directory for the compiled %.60s, %.120s: %s", name,
			 compiled->dir, strerror(errno));
		compiled->dir[0] = '\0';
		return -1;
	}
	compiled->lock = lock(compiled->dir);
	compiled->owner = getpid();
	snprintf(compiled->object, sizeof(compiled->object), "%.1100s/%.60s.so", compiled->dir,
		 name);
	remember(compiled);
	return 0;
}

/* ---- the include directory ---- */

bool compiler_has_header(const char *dir, const char *header)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, header);
	return access(path, R_OK) == 0;
}

bool compiler_find_include(const char *room, const char *header, const char *tree, char *dir,
			   size_t size)
{
	char self[PATH_MAX] = "", *slash;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 &&
	    (slash = strrchr(self, '/'))) {
		*slash = '\0';
		snprintf(dir, size, "%.*s/../share/kfail/%s", PATH_MAX - 64, self, room);
		if (compiler_has_header(dir, header))
			return true;
	}
	snprintf(dir, size, "%s", tree);
	return compiler_has_header(dir, header);
}

/* ---- the command ---- */

void compiler_add(struct compiler *c, const char *arg)
{
	if (c->count < COMPILER_ARGS_MAX - 1)
		c->args[c->count++] = (char *)arg;
}

void compiler_add_words(struct compiler *c, const char *text)
{
	char *words = strdup(text);

	if (!words || c->word_count == sizeof(c->words) / sizeof(c->words[0]))
		return;
	c->words[c->word_count++] = words;
	for (char *word = strtok(words, " \t\n"); word; word = strtok(NULL, " \t\n"))
		compiler_add(c, word);
}

static int run_command(struct compiler *c, char *err)
{
	int status, error;
	pid_t pid;

	error = posix_spawnp(&pid, c->args[0], NULL, NULL, c->args, environ);
	if (error) {
		snprintf(err, COMPILER_ERR,
			 "cannot run the compiler '%.100s': %s (CC names another)", c->args[0],
			 strerror(error));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		snprintf(err, COMPILER_ERR, "cannot run the compiler '%.100s' (CC names another)",
			 c->args[0]);
		return -1;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

int compiler_run(struct compiler *c, char *err)
{
	int result;

	if (!c->args[0])
		return 1;
	result = run_command(c, err);
	for (unsigned i = 0; i < c->word_count; i++)
		free(c->words[i]);
	return result;
}
