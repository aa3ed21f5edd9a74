// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting a kernel without installing it: Debian's packages, downloaded by apt-get and unpacked by
 * dpkg -x into the cache. Nothing of the system is changed, and root is not needed.
 *
 * Packages: the image (linux-image-V-unsigned; Ubuntu's linux-image-unsigned-V; linux-image-V), its
 * headers (linux-headers-V), and those of what both depend on that hold a part of the kernel: the
 * common headers, kbuild's programs, split-off modules. The dependencies are read from the
 * downloaded packages themselves. Packages that lie in CACHE/deb are used instead of being
 * downloaded.
 *
 * The unpacked root is made to work where it is:
 *   - Debian's headers Makefile includes the common one by an absolute path; it becomes one
 *     relative to itself;
 *   - absolute symbolic links between the packages (lib/modules/V/build, source) become relative
 *     ones;
 *   - the headers' own "vmlinux" (6.12 has one, with nothing but BTF in it) is renamed: kbuild
 *     would call pahole for it, which is seldom installed, and a module's BTF is of no use here;
 *   - depmod writes the indexes that libkmod reads, when depmod is there.
 *
 * All of that happens in CACHE/kernel/.fetch, under a lock; the finished root is renamed to
 * CACHE/kernel/V, or exchanged with the one that is there, in one step. Whoever looks sees no
 * kernel, the old one, or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels.h"

#define MAKEFILE_MAX 4096

extern char **environ;

struct fetch {
	const char *version;
	char *cache, *final;	  /* CACHE, CACHE/kernel/V */
	char *work, *debs, *root; /* CACHE/kernel/.fetch, its two directories */
	char *err;
};

/* ---- programs ---- */

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

/* Run a program in a directory. Its exit status; -1: it could not be run (errno). *output: both
 * streams. */
static int run(const char *directory, const char *const *argv, char **output)
{
	char **env = plain_environment();
	posix_spawn_file_actions_t actions;
	int fds[2], status = -1;
	pid_t pid = -1;

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
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, env);
	close(fds[1]);
	if (!errno) {
		*output = drain(fds[0]);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	}
	close(fds[0]);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	return status;
}

/* The line that says what went wrong: apt's "E: ...", else the last one. Cuts `output` up. */
static const char *complaint(char *output)
{
	const char *last = "no message";
	char *line, *rest = output;

	while ((line = strsep(&rest, "\n"))) {
		if (starts_with(line, "E: "))
			return line + 3;
		if (*line)
			last = line;
	}
	return last;
}

static int fail_run(const struct fetch *f, const char *program, int status, char *output)
{
	if (status < 0)
		return kf_fail(f->err,
			       "cannot run %s: %s; kernels are fetched as Debian packages "
			       "(elsewhere: unpack "
			       "the kernel and its headers into %s)",
			       program, strerror(errno), f->final);
	return kf_fail(f->err, "%s failed: %s", program, complaint(output));
}

/* ---- packages ---- */

/* The package file in a directory, the newest of several; NULL: there is none. */
static char *find_deb(const char *directory, const char *package)
{
	char *pattern = kf_format("%s/%s_*.deb", directory, package), *path = NULL;
	glob_t g;
	size_t i, best = 0;

	if (!glob(pattern, 0, NULL, &g)) {
		for (i = 1; i < g.gl_pathc; i++) {
			if (strverscmp(g.gl_pathv[i], g.gl_pathv[best]) > 0)
				best = i;
		}
		path = kf_strdup(g.gl_pathv[best]);
		globfree(&g);
	}
	free(pattern);
	return path;
}

/* The file of a package, downloaded when it is not in CACHE/deb. NULL: cannot (err). */
static char *get_deb(const struct fetch *f, const char *package)
{
	const char *argv[] = {"apt-get", "-q", "download", package, NULL};
	char *kept = kf_format("%s/deb", f->cache), *output, *deb = find_deb(kept, package);
	int status;

	free(kept);
	if (deb)
		return deb;
	status = run(f->debs, argv, &output);
	if (!status)
		deb = find_deb(f->debs, package);
	if (!deb)
		fail_run(f, "apt-get download", status, output);
	free(output);
	return deb;
}

static int unpack_deb(const struct fetch *f, const char *deb)
{
	const char *argv[] = {"dpkg", "-x", deb, f->root, NULL};
	char *output;
	int status = run(f->work, argv, &output);

	if (status)
		fail_run(f, "dpkg -x", status, output);
	free(output);
	return status ? -1 : 0;
}

/* Does a package name belong to a part of the kernel that image or headers need? */
static bool is_part(const char *package)
{
	static const char *const parts[] = {"linux-headers-", "linux-kbuild-", "linux-modules-",
					    "linux-binary-"};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (starts_with(package, parts[i]))
			return true;
	}
	return false;
}

static int unpack_package(const struct fetch *f, const char *package)
{
	char *deb = get_deb(f, package);
	int ret = deb ? unpack_deb(f, deb) : -1;

	free(deb);
	return ret;
}

/* What the package depends on: "a (>= 1), b | c": unpack the parts of the kernel among it. */
static int unpack_dependencies(const struct fetch *f, const char *deb)
{
	const char *argv[] = {"dpkg-deb", "-f", deb, "Depends", NULL};
	char *output, *item, *rest;
	int status = run(f->work, argv, &output), ret = 0;

	if (status)
		ret = fail_run(f, "dpkg-deb", status, output);
	rest = output;
	while (!ret && (item = strsep(&rest, ",|\n"))) {
		item += strspn(item, " ");
		item[strcspn(item, " (:")] = '\0';
		if (is_part(item))
			ret = unpack_package(f, item);
	}
	free(output);
	return ret;
}

static int unpack_with_dependencies(const struct fetch *f, const char *deb)
{
	return unpack_deb(f, deb) || unpack_dependencies(f, deb) ? -1 : 0;
}

/* Names of the image package, the unsigned first: that one needs nothing else. */
static int get_image(const struct fetch *f)
{
	static const char *const names[] = {"linux-image-%s-unsigned", "linux-image-unsigned-%s",
					    "linux-image-%s"};
	char *deb = NULL, package[256], why[KF_ERR] = "";
	size_t i;
	int ret;

	for (i = 0; i < sizeof(names) / sizeof(*names) && !deb; i++) {
		const char *mark = strstr(names[i], "%s");

		snprintf(package, sizeof(package), "%.*s%s%s", (int)(mark - names[i]), names[i],
			 f->version, mark + 2);
		deb = get_deb(f, package);
	}
	if (!deb) {
		snprintf(why, sizeof(why), "%.*s", KF_ERR / 2, f->err ? f->err : "");
		return kf_fail(f->err,
			       "no package of kernel %s can be had (%s): is the version right, is "
			       "it still "
			       "in the archive, is `apt-get update` due?",
			       f->version, why);
	}
	ret = unpack_with_dependencies(f, deb);
	free(deb);
	return ret;
}

static int get_headers(const struct fetch *f)
{
	char *package = kf_format("linux-headers-%s", f->version), *deb = get_deb(f, package);
	int ret = deb ? unpack_with_dependencies(f, deb) : -1;

	free(package);
	free(deb);
	return ret;
}

/* ---- making it work where it is ---- */

/* "../" for each directory between the root and the file `path` in it; malloc()ed. */
static char *way_up(const char *root, const char *path)
{
	char *up = kf_strdup("");
	const char *p = path + strlen(root) + 1;

	while ((p = strchr(p, '/'))) {
		char *more = kf_format("../%s", up);

		free(up);
		up = more;
		p++;
	}
	return up;
}

/* An absolute link to something that is in the root too. */
static int fix_link(const char *root, const char *path)
{
	char target[4096], *inside, *up, *relative, *fresh;
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	int ret = 0;

	if (n <= 0 || target[0] != '/')
		return 0;
	target[n] = '\0';
	inside = kf_format("%s%s", root, target);
	if (!access(inside, F_OK)) {
		up = way_up(root, path);
		relative = kf_format("%s%s", up, target + 1);
		fresh = kf_format("%s.new", path);
		ret = symlink(relative, fresh) || rename(fresh, path) ? -1 : 0;
		free(up);
		free(relative);
		free(fresh);
	}
	free(inside);
	return ret;
}

static int write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool good;

	if (!f)
		return -1;
	good = fputs(text, f) >= 0;
	return fclose(f) || !good ? -1 : 0;
}

/* Debian's one-line Makefile: "include /usr/src/linux-headers-V-common/Makefile". */
static int fix_makefile(const char *root, const char *path)
{
	static const char include[] = "include /usr/";
	char *text = kf_read_text(path), *inside, *up, *fixed;
	int ret = 0;

	if (!text || strlen(text) > MAKEFILE_MAX || !starts_with(text, include)) {
		free(text);
		return 0;
	}
	inside = kf_format("%s%.*s", root, (int)strcspn(text + 8, "\n"), text + 8);
	if (!access(inside, R_OK)) {
		up = way_up(root, path);
		fixed = kf_format(
			"# The path below was absolute; kfail made it relative to this file.\n"
			"include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))%s%s\n",
			up, text + 9);
		ret = write_file(path, fixed);
		free(up);
		free(fixed);
	}
	free(inside);
	free(text);
	return ret;
}

static int fix_vmlinux(const char *root, const char *path)
{
	char *aside = kf_format("%s.btf", path);
	int ret = rename(path, aside);

	free(aside);
	return ret;
}

static int fix_matching(const struct fetch *f, const char *pattern,
			int (*fix)(const char *root, const char *path))
{
	char *full = kf_format("%s/%s", f->root, pattern);
	int ret = 0;
	glob_t g;
	size_t i;

	if (!glob(full, GLOB_NOSORT, NULL, &g)) {
		for (i = 0; i < g.gl_pathc && !ret; i++)
			ret = fix(f->root, g.gl_pathv[i]);
		if (ret)
			kf_error(f->err, "%s: cannot be changed: %s", g.gl_pathv[i - 1],
				 strerror(errno));
		globfree(&g);
	}
	free(full);
	return ret;
}

/* Indexes for libkmod. Without depmod, lookups find modules by name only: no reason to fail. */
static void write_indexes(const struct fetch *f)
{
	static const char *const programs[] = {"depmod", "/usr/sbin/depmod", "/sbin/depmod"};
	char *output;
	int status = -1;
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(*programs) && status < 0; i++) {
		const char *argv[] = {programs[i], "-b", f->root, f->version, NULL};

		status = run(f->work, argv, &output);
		free(output);
	}
}

/* Newer packages have everything in usr/lib, and depmod looks in lib. */
static int merge_usr(const char *root, const char *path)
{
	char *lib = kf_format("%s/lib", root);
	int ret = access(lib, F_OK) ? symlink("usr/lib", lib) : 0;

	free(lib);
	return ret;
}

static int check_root(const struct fetch *f)
{
	struct kernel_paths paths;
	int ret = 0;

	if (!kernel_look_in(f->root, f->version, &paths))
		return kf_fail(f->err,
			       "the packages of kernel %s have no image boot/vmlinuz-%s in them",
			       f->version, f->version);
	if (!paths.modules)
		ret = kf_fail(f->err, "the packages of kernel %s have no modules in them",
			      f->version);
	else if (!paths.headers)
		ret = kf_fail(f->err,
			      "the packages of kernel %s have no headers of that version in them",
			      f->version);
	kernel_paths_clear(&paths);
	return ret;
}

static int prepare(const struct fetch *f)
{
	if (fix_matching(f, "usr/src/*/Makefile", fix_makefile) ||
	    fix_matching(f, "usr/src/*/vmlinux", fix_vmlinux) ||
	    fix_matching(f, "usr/lib/modules", merge_usr))
		return -1;
	if (fix_matching(f, "usr/src/*/*", fix_link) || fix_matching(f, "usr/src/*", fix_link) ||
	    fix_matching(f, "lib/modules/*/*", fix_link))
		return -1;
	write_indexes(f);
	return check_root(f);
}

/* ---- the whole ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/* The finished root takes its place; an older one goes where it was, and away with the rest. */
static int publish(const struct fetch *f)
{
	if (!rename(f->root, f->final))
		return 0;
	if (!renameat2(AT_FDCWD, f->root, AT_FDCWD, f->final, RENAME_EXCHANGE))
		return 0;
	return kf_fail(f->err, "%s: cannot be put in place: %s", f->final, strerror(errno));
}

static int fetch_locked(const struct fetch *f)
{
	int ret;

	remove_tree(f->work);
	if (make_directories(f->debs) || make_directories(f->root))
		return kf_fail(f->err, "%s: cannot be made: %s", f->work, strerror(errno));
	ret = get_image(f) || get_headers(f) || prepare(f) || publish(f) ? -1 : 0;
	remove_tree(f->work);
	return ret;
}

/* One fetch at a time; the lock goes with the file descriptor. */
static int fetch(const struct fetch *f)
{
	char *directory = kf_format("%s/kernel", f->cache),
	     *lock = kf_format("%s/.lock", directory);
	int fd = -1, ret;

	if (!make_directories(directory))
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		ret = kf_fail(f->err, "%s: cannot be written: %s", lock, strerror(errno));
	} else {
		ret = fetch_locked(f);
	}
	if (fd >= 0)
		close(fd);
	free(lock);
	free(directory);
	return ret;
}

int kernel_fetch(const char *version, char *err)
{
	const char *cache = kernel_cache_dir(err);
	struct fetch f = {.version = version, .err = err};
	int ret;

	if (!kernel_version_valid(version))
		return kf_fail(err, "'%s' is not a kernel version (such as 6.1.0-56-amd64)",
			       version);
	if (!cache)
		return -1;
	f.cache = kf_strdup(cache);
	f.final = kf_format("%s/kernel/%s", cache, version);
	f.work = kf_format("%s/kernel/.fetch", cache);
	f.debs = kf_format("%s/deb", f.work);
	f.root = kf_format("%s/root", f.work);
	ret = fetch(&f);
	free(f.cache);
	free(f.final);
	free(f.work);
	free(f.debs);
	free(f.root);
	return ret;
}
