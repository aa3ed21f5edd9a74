// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that appear whole or not at all: written beside their name and renamed at the end. A full
 * disk, a signal or a reader at the wrong moment never leaves half a report, nor destroys the old
 * one.
 *
 * What is not a regular file (a terminal, /dev/null, a pipe) is written in place: renaming over it
 * would replace the device. A symbolic link stays, and the file it points to is replaced. A file
 * that may not be written is not replaced either, although its directory would allow it.
 */
#include "output.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../harness/trace/util.h"

static bool is_stdout(const char *path)
{
	return !strcmp(path, "-");
}

/* 1: replace or create by renaming, *target is its name (malloc()ed). 0: write in place. Or
 * -errno. */
static int classify(const char *path, char **target)
{
	struct stat st;

	*target = NULL;
	if (!*path)
		return -ENOENT;
	if (stat(path, &st)) {
		if (errno != ENOENT)
			return -errno;
		if (!lstat(path, &st))
			return -ENOENT; /* a link that leads nowhere */
		*target = xstrdup(path);
		return 1;
	}
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (access(path, W_OK))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	*target = realpath(path, NULL);
	return *target ? 1 : -errno;
}

static FILE *create_beside(const char *target, char **temporary)
{
	mode_t mask = umask(0);
	FILE *file;
	int fd;

	umask(mask);
	*temporary = xasprintf("%s.XXXXXX", target);
	fd = mkstemp(*temporary);
	if (fd < 0)
		return NULL;
	fchmod(fd, 0666 & ~mask);
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		unlink(*temporary);
	}
	return file;
}

int output_open(struct output *output, const char *path)
{
	int kind, error;

	*output = (struct output){0};
	if (is_stdout(path)) {
		output->file = stdout;
		return 0;
	}
	kind = classify(path, &output->target);
	if (kind < 0)
		return kind;
	if (kind)
		output->file = create_beside(output->target, &output->temporary);
	else
		output->file = fopen(path, "w");
	if (output->file)
		return 0;
	error = errno;
	free(output->target);
	free(output->temporary);
	return -error;
}

static void forget(struct output *output)
{
	free(output->target);
	free(output->temporary);
	*output = (struct output){0};
}

void output_abandon(struct output *output)
{
	if (output->file != stdout)
		fclose(output->file);
	if (output->temporary)
		unlink(output->temporary);
	forget(output);
}

static int flush(FILE *file)
{
	errno = 0;
	if (!fflush(file) && !ferror(file))
		return 0;
	return errno ? -errno : -EIO;
}

/* Some file systems tell of a full disk only when a file is closed. */
static int finish(FILE *file)
{
	int ret = flush(file);

	if (file == stdout)
		return ret;
	if (fclose(file) && !ret)
		ret = -errno;
	return ret;
}

int output_commit(struct output *output)
{
	int ret = finish(output->file);

	if (!ret && output->target && rename(output->temporary, output->target))
		ret = -errno;
	if (ret && output->temporary)
		unlink(output->temporary);
	forget(output);
	return ret;
}

int output_check(const char *path)
{
	struct output output;
	char *target;
	int ret;

	if (is_stdout(path))
		return 0;
	ret = classify(path, &target);
	free(target);
	if (ret <= 0)
		return ret; /* in place: opening a pipe or a terminal would already be doing it */
	ret = output_open(&output, path);
	if (!ret)
		output_abandon(&output);
	return ret;
}
