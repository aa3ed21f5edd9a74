// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a driver's source to a shared object, with any compiler: $CC (words, options included), or
 * cc. $KFAIL_CFLAGS comes last, so it can override. The driver sees the headers in the include
 * directory and nothing else of the host (-nostdinc), so a header that native mode does not have is
 * an error that names it. The compiler's messages go to standard error as they are.
 *
 * -Bsymbolic keeps the driver's functions the driver's, whatever kfail's own are called.
 */
#include "host.h"
#include "native.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef KFAIL_NATIVE_INCLUDE
#define KFAIL_NATIVE_INCLUDE "harness/native/include"
#endif

#define ARGS_MAX 128

extern char **environ;

/* ---- the include directory ---- */

static bool has_headers(const char *dir)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/linux/kconfig.h", dir);
	return access(path, R_OK) == 0;
}

/* $KFAIL_DATADIR/native; share/kfail/native beside the installed command; the source tree. */
static bool find_headers(char *dir, size_t size, char *err)
{
	const char *data = getenv("KFAIL_DATADIR");
	char self[PATH_MAX] = "", *slash;

	if (data && *data) {
		snprintf(dir, size, "%s/native", data);
		if (has_headers(dir))
			return true;
		snprintf(err, ERR_MAX,
			 "KFAIL_DATADIR has no headers for native mode: there is no %.150s/linux",
			 dir);
		return false;
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 &&
	    (slash = strrchr(self, '/'))) {
		*slash = '\0';
		snprintf(dir, size, "%.*s/../share/kfail/native", PATH_MAX - 64, self);
		if (has_headers(dir))
			return true;
	}
	snprintf(dir, size, "%s", KFAIL_NATIVE_INCLUDE);
	if (has_headers(dir))
		return true;
	snprintf(err, ERR_MAX,
		 "the headers for native mode are missing: there is no %.150s/linux (see "
		 "KFAIL_DATADIR)",
		 dir);
	return false;
}

/* ---- the temporary directory ---- */

static struct {
	char dir[PATH_MAX], object[PATH_MAX];
	pid_t owner;
	bool registered;
} temp;

void native_cleanup(void)
{
	if (temp.owner != getpid() || !temp.dir[0])
		return;
	unlink(temp.object);
	rmdir(temp.dir);
	temp.dir[0] = '\0';
}

/* What a process left behind that was killed: its number is in the directory's name. */
static void remove_stale(const char *base)
{
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%.1000s/kfail-[0-9]*-*/*.so", base);
	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *object = found.gl_pathv[i], *slash = strrchr(object, '/');
		pid_t pid = (pid_t)strtol(object + strlen(base) + strlen("/kfail-"), NULL, 10);

		if (pid <= 0 || !kill(pid, 0) || errno != ESRCH || unlink(object))
			continue;
		*slash = '\0';
		rmdir(object);
	}
	globfree(&found);
}

static int make_temp(const char *module, char *err)
{
	const char *base = getenv("TMPDIR");

	if (!base || !*base)
		base = "/tmp";
	native_cleanup();
	remove_stale(base);
	snprintf(temp.dir, sizeof(temp.dir), "%.1000s/kfail-%d-XXXXXX", base, (int)getpid());
	if (!mkdtemp(temp.dir)) {
		snprintf(err, ERR_MAX,
			 "cannot make a directory for the compiled driver, %.120s: %s", temp.dir,
			 strerror(errno));
		temp.dir[0] = '\0';
		return -1;
	}
	temp.owner = getpid();
	snprintf(temp.object, sizeof(temp.object), "%.1100s/%.60s.so", temp.dir, module);
	if (!temp.registered)
		temp.registered = atexit(native_cleanup) == 0;
	return 0;
}

/* ---- the command ---- */

struct command {
	char *args[ARGS_MAX];
	unsigned count;
	char *words[2]; /* split in place */
};

static void add(struct command *c, const char *arg)
{
	if (c->count < ARGS_MAX - 1)
		c->args[c->count++] = (char *)arg;
}

/* Words of a variable like CC or CFLAGS: separated by blanks, no quoting. */
static void add_words(struct command *c, char *text)
{
	for (char *word = strtok(text, " \t\n"); word; word = strtok(NULL, " \t\n"))
		add(c, word);
}

static const char *const options[] = {
	"-std=gnu11",
	"-g",
	"-O1",
	"-shared",
	"-fPIC",
	"-fno-omit-frame-pointer",
	"-fno-optimize-sibling-calls",
	"-fno-strict-aliasing",
	"-fno-strict-overflow",
	"-fno-common",
	"-fno-delete-null-pointer-checks",
	"-fno-stack-protector",
	"-fcf-protection=none",
	"-Wall",
	"-Wno-pointer-sign",
	"-Wno-format-zero-length",
	"-Werror=implicit-function-declaration",
	"-Werror=implicit-int",
	"-Werror=incompatible-pointer-types",
	"-Werror=return-type",
	"-nostdinc",
	"-D__KERNEL__",
	"-DMODULE",
	"-Wl,-Bsymbolic",
	"-Wl,-z,now",
};

static int run_command(struct command *c, char *err)
{
	int status, error;
	pid_t pid;

	error = posix_spawnp(&pid, c->args[0], NULL, NULL, c->args, environ);
	if (error) {
		snprintf(err, ERR_MAX, "cannot run the compiler '%.100s': %s (CC names another)",
			 c->args[0], strerror(error));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		snprintf(err, ERR_MAX, "cannot run the compiler '%.100s' (CC names another)",
			 c->args[0]);
		return -1;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

static int compile_into(const char *source, const char *module, const char *include, char *err)
{
	const char *cc = getenv("CC"), *more = getenv("KFAIL_CFLAGS");
	char inc[PATH_MAX + 8], kconfig[PATH_MAX + 32], name[128];
	struct command c = {.count = 0};
	int status;

	c.words[0] = strdup(cc && *cc ? cc : "cc");
	c.words[1] = strdup(more ? more : "");
	add_words(&c, c.words[0]);
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		add(&c, options[i]);
	snprintf(inc, sizeof(inc), "-I%s", include);
	add(&c, inc);
	snprintf(kconfig, sizeof(kconfig), "%s/linux/kconfig.h", include);
	add(&c, "-include");
	add(&c, kconfig);
	snprintf(name, sizeof(name), "-DKBUILD_MODNAME=\"%s\"", module);
	add(&c, name);
	add_words(&c, c.words[1]);
	add(&c, "-o");
	add(&c, temp.object);
	add(&c, source);
	status = c.args[0] ? run_command(&c, err) : 1;
	free(c.words[0]);
	free(c.words[1]);
	if (status > 0)
		snprintf(err, ERR_MAX,
			 "%.180s does not compile for native mode (see the compiler's messages "
			 "above)",
			 source);
	return status ? -1 : 0;
}

int native_compile(const char *source, const char *module, char *object, size_t size, char *err)
{
	char include[PATH_MAX];

	if (!find_headers(include, sizeof(include), err) || make_temp(module, err))
		return -1;
	if (compile_into(source, module, include, err)) {
		native_cleanup();
		return -1;
	}
	snprintf(object, size, "%s", temp.object);
	return 0;
}
