// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files, whole or not at all: a campaign's folder is read while it is written, and disks of
 * campaigns become full.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../engine/target.h"
#include "../../harness/trace/util.h"

#define FILE_MAX (64u << 20)

static int cannot(const char *path, char *err)
{
	snprintf(err, FUZZ_ERR, "%.300s: %s", path, strerror(errno));
	return -1;
}

char *file_read(const char *path, size_t max, size_t *size)
{
	FILE *file = fopen(path, "rbe");
	struct stat st;
	char *bytes;

	if (!file)
		return NULL;
	if (fstat(fileno(file), &st) || S_ISDIR(st.st_mode)) {
		fclose(file);
		errno = EISDIR;
		return NULL;
	}
	/* Files of /proc have no size and are not empty. */
	if (S_ISREG(st.st_mode) && st.st_size && (size_t)st.st_size < max)
		max = (size_t)st.st_size;
	bytes = xmalloc(max + 1);
	*size = fread(bytes, 1, max, file);
	bytes[*size] = 0;
	fclose(file);
	return bytes;
}

int file_write(const char *path, const void *bytes, size_t size, char *err)
{
	char *beside = xasprintf("%s.new.%d", path, (int)getpid());
	FILE *file = fopen(beside, "wbe");
	bool whole = file && fwrite(bytes, 1, size, file) == size;
	int error = 0;

	if (file && fclose(file))
		whole = false;
	if (!whole || rename(beside, path)) {
		error = cannot(path, err);
		unlink(beside);
	}
	free(beside);
	return error;
}

int file_copy(const char *from, const char *to, char *err)
{
	size_t size;
	char *bytes = file_read(from, FILE_MAX, &size);
	int error;

	if (!bytes)
		return cannot(from, err);
	error = file_write(to, bytes, size, err);
	free(bytes);
	return error;
}

int file_copy_tree(const char *from, const char *to, char *err)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return cannot(from, err);
	while (!error && (entry = readdir(dir))) {
		char *there = xasprintf("%s/%s", from, entry->d_name);
		char *here = xasprintf("%s/%s", to, entry->d_name);
		struct stat st;

		if (!stat(there, &st) && S_ISREG(st.st_mode))
			error = file_copy(there, here, err);
		free(here);
		free(there);
	}
	closedir(dir);
	return error;
}

int file_make_directories(const char *path)
{
	char *part = xstrdup(path);
	int error;

	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(part, 0777);
		*slash = '/';
	}
	error = mkdir(part, 0777) && errno != EEXIST ? -1 : 0;
	free(part);
	return error;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void file_remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
