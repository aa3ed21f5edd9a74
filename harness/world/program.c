// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a program to its end and keeping what it says.
 *
 * No shell is between: arguments are what they are. The program gets no standard input, so it
 * cannot ask, and messages in English, because a line of them may become a part of a sentence.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"

extern char **environ;

/* The environment with messages in English, for the sentence when a program fails. */
static char **plain_environment(void)
{
	size_t n = 0, i, k = 0;
	char **env;

	while (environ[n])
		n++;
	env = kf_array(NULL, n + 2, sizeof(*env));
	for (i = 0; i < n; i++) {
		if (!starts_with(environ[i], "LC_ALL="))
			env[k++] = environ[i];
	}
	env[k++] = (char *)"LC_ALL=C";
	env[k] = NULL;
	return env;
}

/* All that a program writes until it ends; malloc()ed. */
static char *drain(int fd)
{
	char *text = kf_strdup(""), buffer[4096];
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		text = kf_array(text, size + (size_t)n + 1, 1);
		memcpy(text + size, buffer, (size_t)n);
		size += (size_t)n;
		text[size] = '\0';
	}
	return text;
}

/* 127 without a word is what is left of a program that could not be run, where the C library cannot
 * tell (under valgrind). */
static int wait_for(pid_t pid, const char *output)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status))
		return 255;
	if (WEXITSTATUS(status) != 127 || *output)
		return WEXITSTATUS(status);
	errno = ENOENT;
	return -1;
}

int kf_run(const char *directory, const char *const *argv, char **output)
{
	char **env = plain_environment();
	posix_spawn_file_actions_t actions;
	int fds[2], status = -1, error;
	pid_t pid;

	*output = NULL;
	if (pipe2(fds, O_CLOEXEC)) {
		free(env);
		return -1;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 2);
	posix_spawn_file_actions_addchdir_np(&actions, directory);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, env);
	close(fds[1]);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	if (!error) {
		*output = drain(fds[0]);
		status = wait_for(pid, *output);
		error = errno;
	}
	close(fds[0]);
	errno = error;
	return status;
}
