// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting a kernel without installing it: Debian's packages, downloaded by apt-get and unpacked by
 * dpkg -x into the cache. Nothing of the system is changed, and root is not needed.
 *
 * Packages: the image (linux-image-V-unsigned; Ubuntu's linux-image-unsigned-V; linux-image-V), its
 * headers (linux-headers-V), and those of what both depend on that hold a part of the kernel: the
 * common headers, kbuild's programs, split-off modules. The dependencies are read from the
 * downloaded packages themselves. Packages that lie in CACHE/deb are used instead of being
 * downloaded. Where the machine has no package lists, or old ones, kfail fetches its own.
 *
 * All of that happens in CACHE/kernel/.fetch, where settle.c then makes the unpacked files usable,
 * under a lock; the finished root is renamed to CACHE/kernel/V, or exchanged with the one that is
 * there, in one step. Whoever looks sees no kernel, the old one, or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels.h"

struct fetch {
	const char *version;
	char *cache, *final;	  /* CACHE, CACHE/kernel/V */
	char *work, *debs, *root; /* CACHE/kernel/.fetch, its two directories */
	char *lists, *archives;	  /* apt's options for lists of our own ... */
	bool own_lists;		  /* ... which are in use */
	char *err;
};

/* ---- programs ---- */

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

static int fail_run(struct fetch *f, const char *program, int status, char *output)
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

/* apt-get with our options: as this user, and not for long when there is no network. */
static int apt_get(struct fetch *f, const char *const *words, char **output)
{
	const char *argv[24] = {"apt-get", "-q",
				"-o",	   "APT::Sandbox::User=root",
				"-o",	   "Acquire::Retries=0",
				"-o",	   "Acquire::http::Timeout=15"};
	unsigned n = 8;

	if (f->own_lists) {
		argv[n++] = "-o";
		argv[n++] = f->lists;
		argv[n++] = "-o";
		argv[n++] = f->archives;
	}
	while (*words)
		argv[n++] = *words++;
	return kf_run(f->debs, argv, output);
}

/*
 * The machine's package lists may be missing or old. Then lists of our own, in CACHE/apt, are
 * fetched, once. true: worth another try.
 */
static bool fetch_lists(struct fetch *f)
{
	const char *const words[] = {"update", NULL};
	char *lists = kf_format("%s/apt/lists/partial", f->cache);
	char *archives = kf_format("%s/apt/cache/archives/partial", f->cache);
	char *output = NULL;
	bool good = false;

	if (!f->own_lists && !make_directories(lists) && !make_directories(archives)) {
		f->own_lists = true;
		good = !apt_get(f, words, &output);
	}
	free(output);
	free(archives);
	free(lists);
	return good;
}

/* The file of a package, downloaded when it is not in CACHE/deb. NULL: cannot (err). */
static char *get_deb(struct fetch *f, const char *package)
{
	const char *const words[] = {"download", package, NULL};
	char *kept = kf_format("%s/deb", f->cache), *output, *deb = find_deb(kept, package);
	int status;

	free(kept);
	if (deb)
		return deb;
	status = apt_get(f, words, &output);
	if (status > 0 && fetch_lists(f)) {
		free(output);
		status = apt_get(f, words, &output);
	}
	if (!status)
		deb = find_deb(f->debs, package);
	if (!deb)
		fail_run(f, "apt-get download", status, output);
	free(output);
	return deb;
}

static int unpack_deb(struct fetch *f, const char *deb)
{
	const char *argv[] = {"dpkg", "-x", deb, f->root, NULL};
	char *output;
	int status = kf_run(f->work, argv, &output);

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

static int unpack_package(struct fetch *f, const char *package)
{
	char *deb = get_deb(f, package);
	int ret = deb ? unpack_deb(f, deb) : -1;

	free(deb);
	return ret;
}

/* What the package depends on: "a (>= 1), b | c": unpack the parts of the kernel among it. */
static int unpack_dependencies(struct fetch *f, const char *deb)
{
	const char *argv[] = {"dpkg-deb", "-f", deb, "Depends", NULL};
	char *output, *item, *rest;
	int status = kf_run(f->work, argv, &output), ret = 0;

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

static int unpack_with_dependencies(struct fetch *f, const char *deb)
{
	return unpack_deb(f, deb) || unpack_dependencies(f, deb) ? -1 : 0;
}

/* Names of the image package, the unsigned first: that one needs nothing else. */
static int get_image(struct fetch *f)
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

static int get_headers(struct fetch *f)
{
	char *package = kf_format("linux-headers-%s", f->version), *deb = get_deb(f, package);
	int ret = deb ? unpack_with_dependencies(f, deb) : -1;

	free(package);
	free(deb);
	return ret;
}

static int check_root(struct fetch *f)
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
static int publish(struct fetch *f)
{
	if (!rename(f->root, f->final))
		return 0;
	if (!renameat2(AT_FDCWD, f->root, AT_FDCWD, f->final, RENAME_EXCHANGE))
		return 0;
	return kf_fail(f->err, "%s: cannot be put in place: %s", f->final, strerror(errno));
}

static int fetch_locked(struct fetch *f)
{
	int ret;

	remove_tree(f->work);
	if (make_directories(f->debs) || make_directories(f->root))
		return kf_fail(f->err, "%s: cannot be made: %s", f->work, strerror(errno));
	ret = get_image(f) || get_headers(f) || kernel_settle(f->root, f->version, f->err) ||
			      check_root(f) || publish(f)
		      ? -1
		      : 0;
	remove_tree(f->work);
	return ret;
}

/* One fetch at a time; the lock goes with the file descriptor. */
static int fetch(struct fetch *f)
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
	f.lists = kf_format("Dir::State::Lists=%s/apt/lists", cache);
	f.archives = kf_format("Dir::Cache=%s/apt/cache", cache);
	ret = fetch(&f);
	free(f.cache);
	free(f.final);
	free(f.work);
	free(f.debs);
	free(f.root);
	free(f.lists);
	free(f.archives);
	return ret;
}
