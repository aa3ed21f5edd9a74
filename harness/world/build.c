// SPDX-License-Identifier: GPL-2.0-only
/*
 * The override layer's object, built by the kernel's own kbuild against its own headers, once per
 * kernel version and version of our sources: CACHE/override/VERSION-HASH.o. Built beside, then
 * renamed.
 */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>
#include "file.h"
#include "world.h"
#include "world_internal.h"

#ifndef KFAIL_OVERRIDE_DIR
#define KFAIL_OVERRIDE_DIR "harness/world/override"
#endif

static bool has_sources(const char *dir)
{
	char *kbuild = kf_format("%s/Kbuild", dir);
	bool there = access(kbuild, R_OK) == 0;

	free(kbuild);
	return there;
}

/* Beside the installed program: PREFIX/bin/kfail, PREFIX/share/kfail/override. NULL: not there. */
static char *installed_dir(void)
{
	char exe[4096], *dir;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	dir = kf_format("%s/../share/kfail/override", dirname(exe));
	if (has_sources(dir))
		return dir;
	free(dir);
	return NULL;
}

/* $KFAIL_OVERRIDE_DIR, or where the program is installed, or the source tree that it was built in.
 */
static const char *source_dir(void)
{
	static const char *dir;

	if (!dir)
		dir = getenv("KFAIL_OVERRIDE_DIR");
	if (!dir)
		dir = installed_dir();
	if (!dir)
		dir = KFAIL_OVERRIDE_DIR;
	return dir;
}

static int is_source(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return !strcmp(entry->d_name, "Kbuild") ||
	       (dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h") || !strcmp(dot, ".S")));
}

/* Hash of all sources by name and content, and of the headers' place; 0 when there are none. */
static uint64_t hash_sources(const char *headers)
{
	XXH3_state_t *state = XXH3_createState();
	struct dirent **entries;
	int i, n = scandir(source_dir(), &entries, is_source, alphasort);
	uint64_t hash = 0;

	XXH3_64bits_reset(state);
	XXH3_64bits_update(state, headers, strlen(headers));
	for (i = 0; i < n; i++) {
		char *path = kf_format("%s/%s", source_dir(), entries[i]->d_name);
		char *text = kf_read_text(path);

		XXH3_64bits_update(state, entries[i]->d_name, strlen(entries[i]->d_name));
		if (text)
			XXH3_64bits_update(state, text, strlen(text));
		free(text);
		free(path);
		free(entries[i]);
	}
	if (n > 0) {
		hash = XXH3_64bits_digest(state);
		free(entries);
	}
	XXH3_freeState(state);
	return hash;
}

static int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The series that the layer's sources follow. */
#define FOLLOWS "6.1."

bool world_follows(const char *version)
{
	return !strncmp(version, FOLLOWS, strlen(FOLLOWS));
}

static int compile(const struct kernel_paths *paths, const char *dir, const char *object,
		   const char *log, bool verbose)
{
	char *command = kf_format("mkdir -p '%s' && cp '%s'/* '%s' && "
				  "env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C '%s' M='%s' "
				  "-j\"$(nproc)\" override.o >'%s' 2>&1 && mv '%s/override.o' '%s'",
				  dir, source_dir(), dir, paths->headers, dir, log, dir, object);
	int status;

	if (verbose)
		fprintf(stderr, "[build] %s\n", command);
	status = run(command);
	free(command);
	return status;
}

/* In a directory of its own, which is gone afterwards; the log stays when it failed. */
static int build(const struct kernel_paths *paths, const char *dir, const char *object,
		 bool verbose, char *err)
{
	char *log = kf_format("%s.log", object), *remove = kf_format("rm -rf '%s'", dir);
	int status = compile(paths, dir, object, log, verbose);

	run(remove);
	if (!status)
		unlink(log);
	else
		kf_error(err, "the override layer did not compile against %s%s: see %s",
			 paths->headers,
			 strncmp(paths->version, FOLLOWS, strlen(FOLLOWS))
				 ? ", a kernel that it does not follow yet (it follows " FOLLOWS
				   "x)"
				 : "",
			 log);
	free(remove);
	free(log);
	return status ? -1 : 0;
}

char *overlay_build(const struct kernel_paths *paths, bool verbose, char *err)
{
	const char *cache = kernel_cache_dir(err);
	char *dir, *object;
	uint64_t hash;

	if (!cache)
		return NULL;
	if (!paths->headers) {
		kf_error(err,
			 "no headers for kernel %s, which the override layer is compiled with; "
			 "`kfail kernel fetch %s` gets them",
			 paths->version, paths->version);
		return NULL;
	}
	if (kernel_headers_check(paths, err))
		return NULL;
	hash = hash_sources(paths->headers);
	if (!hash) {
		kf_error(err,
			 "%s: the override layer's sources are not there; "
			 "KFAIL_OVERRIDE_DIR says where they are",
			 source_dir());
		return NULL;
	}
	object = kf_format("%s/override/%s-%016lx.o", cache, paths->version, (unsigned long)hash);
	if (access(object, R_OK) == 0)
		return object;
	dir = kf_format("%s/override/build-%s-%d", cache, paths->version, (int)getpid());
	if (build(paths, dir, object, verbose, err)) {
		free(object);
		object = NULL;
	}
	free(dir);
	return object;
}
