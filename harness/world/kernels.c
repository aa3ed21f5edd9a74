// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding kernels: the installed ones, and those that were fetched.
 *
 * A place is a root directory with the layout of an installed system: "/", or CACHE/kernel/V where
 * packages of V were unpacked. In it, for a version V:
 *
 *	image	  boot/vmlinuz-V, lib/modules/V/vmlinuz			(Debian and most; Fedora)
 *	modules	  lib/modules/V, usr/lib/modules/V
 *	headers	  lib/modules/V/build, usr/src/linux-headers-V, usr/src/kernels/V
 *		  (only if they say that they are V's)
 *
 * The image decides: the first place that has a readable one is the kernel's, and what it lacks in
 * headers and modules is taken from the other place. Some distributions let only root read
 * /boot/vmlinuz; such an image is passed over, and named when there is no other. What the host
 * itself runs (uname -r) plays no role.
 *
 * For an image given by name, the place it lies in comes first (a root, when it is in a directory
 * "boot"), then a build tree above it, then the places above.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels.h"

#define BUILD_TREE_LEVELS 4 /* arch/x86/boot/bzImage */

const char *kernel_system_root = "";

bool kernel_version_valid(const char *version)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~_-";
	size_t n = strlen(version);

	return n && n < 100 && version[0] >= '0' && version[0] <= '9' &&
	       strspn(version, allowed) == n;
}

/* ---- the cache ---- */

int make_directories(const char *path)
{
	char *copy = kf_strdup(path), *p = copy;
	int ret = 0;

	while (!ret && (p = strchr(p + 1, '/'))) {
		*p = '\0';
		ret = mkdir(copy, 0777) && errno != EEXIST ? -1 : 0;
		*p = '/';
	}
	if (!ret && mkdir(copy, 0777) && errno != EEXIST)
		ret = -1;
	free(copy);
	return ret;
}

static char *cache_by_environment(void)
{
	const char *own = getenv("KFAIL_CACHE"), *xdg = getenv("XDG_CACHE_HOME"),
		   *home = getenv("HOME");

	if (own && *own)
		return kf_strdup(own);
	if (xdg && *xdg == '/')
		return kf_format("%s/kfail", xdg);
	if (home && *home)
		return kf_format("%s/.cache/kfail", home);
	return NULL;
}

/* What was handed out stays valid, though the environment may change (which happens in tests only). */
static const char *keep(char *path)
{
	static char **kept;
	static unsigned count;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (strcmp(kept[i], path))
			continue;
		free(path);
		return kept[i];
	}
	kept = kf_array(kept, count + 1, sizeof(*kept));
	return kept[count++] = path;
}

const char *kernel_cache_dir(char *err)
{
	char *path = cache_by_environment(), *real = NULL;

	if (!path) {
		kf_error(err, "no place for the cache: set KFAIL_CACHE to a directory, or HOME");
		return NULL;
	}
	if (!make_directories(path))
		real = realpath(path, NULL);
	if (!real || access(real, X_OK)) {
		kf_error(
			err,
			"%s: cannot be used as the cache: %s; set KFAIL_CACHE to another directory",
			path, strerror(errno));
		free(real);
		free(path);
		return NULL;
	}
	free(path);
	return keep(real);
}

/* ---- one place ---- */

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The format's two strings are root and version. Returns the path if `good` says so, else NULL. */
static char *place(const char *format, const char *root, const char *version,
		   bool (*good)(const char *path, const char *version))
{
	const char *p;
	size_t size;
	char *path;
	FILE *f = open_memstream(&path, &size);

	if (!f)
		return NULL;
	for (p = format; *p; p++) {
		if (*p == 'R' && p == format)
			fputs(root, f);
		else if (*p == 'V')
			fputs(version, f);
		else
			fputc(*p, f);
	}
	fclose(f);
	if (good(path, version))
		return path;
	free(path);
	return NULL;
}

static bool image_readable(const char *path, const char *version)
{
	uint8_t byte;

	return kf_read_head(path, &byte, 1) == 1;
}

static bool has_modules(const char *path, const char *version)
{
	char *kernel = kf_format("%s/kernel", path), *dep = kf_format("%s/modules.dep", path);
	bool has = is_directory(kernel) || !access(dep, R_OK);

	free(kernel);
	free(dep);
	return has;
}

/* UTS_RELEASE of prepared headers; malloc()ed, NULL: none. kernel.release second: Debian's lacks
 * the ABI number. */
static char *headers_version(const char *directory)
{
	static const char define[] = "#define UTS_RELEASE \"";
	char *path = kf_format("%s/include/generated/utsrelease.h", directory);
	char *text = kf_read_text(path), *at, *version = NULL;

	free(path);
	at = text ? strstr(text, define) : NULL;
	if (at) {
		at += sizeof(define) - 1;
		version = kf_format("%.*s", (int)strcspn(at, "\"\n"), at);
	}
	free(text);
	if (version)
		return version;
	path = kf_format("%s/include/config/kernel.release", directory);
	version = kf_read_text(path);
	free(path);
	return version;
}

static bool headers_match(const char *directory, const char *version)
{
	char *makefile = kf_format("%s/Makefile", directory), *says = headers_version(directory);
	bool match = says && !strcmp(says, version) && !access(makefile, R_OK);

	free(makefile);
	free(says);
	return match;
}

typedef bool check_fn(const char *path, const char *version);

static char *first_place(const char *const *formats, const char *root, const char *version,
			 check_fn *good)
{
	char *path = NULL;

	while (*formats && !path)
		path = place(*formats++, root, version, good);
	return path;
}

static const char *const image_places[] = {"R/boot/vmlinuz-V", "R/lib/modules/V/vmlinuz",
					   "R/usr/lib/modules/V/vmlinuz", NULL};
static const char *const module_places[] = {"R/lib/modules/V", "R/usr/lib/modules/V", NULL};
static const char *const header_places[] = {"R/usr/src/linux-headers-V", "R/lib/modules/V/build",
					    "R/usr/src/kernels/V", NULL};

/* Add what is not there yet. */
static void add_from(const char *root, struct kernel_paths *out)
{
	if (!out->headers)
		out->headers = first_place(header_places, root, out->version, headers_match);
	if (!out->modules)
		out->modules = first_place(module_places, root, out->version, has_modules);
}

bool kernel_look_in(const char *root, const char *version, struct kernel_paths *out)
{
	memset(out, 0, sizeof(*out));
	out->image = first_place(image_places, root, version, image_readable);
	if (!out->image)
		return false;
	out->version = kf_strdup(version);
	add_from(root, out);
	return true;
}

/* ---- all places ---- */

/* CACHE/kernel/V, malloc()ed; NULL: there is no cache. */
static char *cache_root(const char *version)
{
	const char *cache = kernel_cache_dir(NULL);

	return cache ? kf_format("%s/kernel/%s", cache, version) : NULL;
}

/* Why the installed image is no use, for the sentence; only the usual place is named. */
static int fail_find(const char *version, const char *cached, char *err)
{
	char *installed = kf_format("%s/boot/vmlinuz-%s", kernel_system_root, version);
	const char *why = access(installed, R_OK) ? strerror(errno) : "cannot be read";

	if (!cached) {
		char no_cache[KF_ERR] = "";

		kernel_cache_dir(no_cache);
		free(installed);
		return kf_fail(err,
			       "no image of kernel %s is at hand, and there is no cache to fetch "
			       "one into: %s",
			       version, no_cache);
	}
	kf_error(
		err,
		"no image of kernel %s is at hand (%s: %s; nothing in %s); `kfail kernel fetch %s` "
		"gets it",
		version, installed, why, cached, version);
	free(installed);
	return -1;
}

int kernel_find(const char *version, struct kernel_paths *out, char *err)
{
	char *cached;

	memset(out, 0, sizeof(*out));
	if (!kernel_version_valid(version))
		return kf_fail(err, "'%s' is not a kernel version (such as 6.1.0-56-amd64)",
			       version);
	cached = cache_root(version);
	if (kernel_look_in(kernel_system_root, version, out))
		out->installed = true;
	else if (!cached || !kernel_look_in(cached, version, out))
		fail_find(version, cached, err);
	if (out->image && out->installed && cached)
		add_from(cached, out);
	else if (out->image)
		add_from(kernel_system_root, out);
	free(cached);
	return out->image ? 0 : -1;
}

/* Cut the last name off; false: there is none left. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

/* What is around an image file: the root it was unpacked into, or the tree it was built in. */
static void look_around(struct kernel_paths *out)
{
	char *path = kf_strdup(out->image);
	unsigned i;

	if (go_up(path) && ends_with(path, "/boot") && !strstr(path, "/arch/")) {
		path[strlen(path) - 5] = '\0';
		out->installed = !strcmp(path, kernel_system_root);
		add_from(path, out);
	} else {
		for (i = 0; i < BUILD_TREE_LEVELS && !out->headers; i++) {
			if (headers_match(path, out->version))
				out->headers = kf_strdup(path);
			if (!go_up(path))
				break;
		}
	}
	free(path);
}

int kernel_find_file(const char *image, struct kernel_paths *out, char *err)
{
	char version[128], *cached;

	memset(out, 0, sizeof(*out));
	if (kernel_image_version(image, version, sizeof(version), err))
		return -1;
	out->version = kf_strdup(version);
	out->image = realpath(image, NULL);
	if (!out->image)
		out->image = kf_strdup(image);
	look_around(out);
	add_from(kernel_system_root, out);
	cached = kernel_version_valid(version) ? cache_root(version) : NULL;
	if (cached)
		add_from(cached, out);
	free(cached);
	return 0;
}

int kernel_headers_check(const struct kernel_paths *paths, char *err)
{
	char *says;
	int ret = 0;

	if (!paths->headers)
		return kf_fail(
			err,
			"no headers of kernel %s are at hand, and kfail compiles a part of itself "
			"with them: install linux-headers-%s, or `kfail kernel fetch %s`",
			paths->version, paths->version, paths->version);
	says = headers_version(paths->headers);
	if (!says)
		ret = kf_fail(
			err,
			"%s: no prepared kernel headers (neither include/generated/utsrelease.h "
			"nor include/config/kernel.release)",
			paths->headers);
	else if (strcmp(says, paths->version))
		ret = kf_fail(
			err,
			"%s: headers of kernel %s, where %s is needed: `kfail kernel fetch %s`",
			paths->headers, says, paths->version, paths->version);
	free(says);
	return ret;
}

/* ---- the list ---- */

struct versions {
	char **names;
	unsigned count;
};

static void versions_add(struct versions *v, const char *version)
{
	unsigned i;

	for (i = 0; i < v->count; i++) {
		if (!strcmp(v->names[i], version))
			return;
	}
	v->names = kf_array(v->names, v->count + 1, sizeof(*v->names));
	v->names[v->count++] = kf_strdup(version);
}

/* Names in a directory that are `prefix` and a version. */
static void versions_in(struct versions *v, char *directory, const char *prefix)
{
	DIR *d = opendir(directory);
	struct dirent *e;

	free(directory);
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (starts_with(e->d_name, prefix) &&
		    kernel_version_valid(e->d_name + strlen(prefix)))
			versions_add(v, e->d_name + strlen(prefix));
	}
	closedir(d);
}

static int newest_first(const void *a, const void *b)
{
	return strverscmp(*(char *const *)b, *(char *const *)a);
}

unsigned kernel_list(struct kernel_paths *out, unsigned max)
{
	const char *cache = kernel_cache_dir(NULL);
	struct versions v = {0};
	struct kernel_paths paths;
	unsigned i, n = 0;

	versions_in(&v, kf_format("%s/boot", kernel_system_root), "vmlinuz-");
	versions_in(&v, kf_format("%s/lib/modules", kernel_system_root), "");
	if (cache)
		versions_in(&v, kf_format("%s/kernel", cache), "");
	if (v.count)
		qsort(v.names, v.count, sizeof(*v.names), newest_first);
	for (i = 0; i < v.count; i++) {
		if (!kernel_find(v.names[i], &paths, NULL)) {
			if (n < max)
				out[n] = paths;
			else
				kernel_paths_clear(&paths);
			n++;
		}
		free(v.names[i]);
	}
	free(v.names);
	return n;
}

void kernel_paths_clear(struct kernel_paths *paths)
{
	free(paths->version);
	free(paths->image);
	free(paths->headers);
	free(paths->modules);
	memset(paths, 0, sizeof(*paths));
}
