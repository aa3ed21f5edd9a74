// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making unpacked kernel packages work where they are, which is not where they were built to be:
 *   - Debian's headers Makefile includes the common one by an absolute path; it becomes one
 *     relative to itself;
 *   - absolute symbolic links between the packages (lib/modules/V/build, source) become relative
 *     ones;
 *   - the headers' own "vmlinux" (6.12 has one, with nothing but BTF in it) is renamed: kbuild
 *     would call pahole for it, which is seldom installed, and a module's BTF is of no use here;
 *   - where all is in usr/lib (newer packages), lib becomes a link to it, as on an installed
 *     system;
 *   - depmod writes the indexes that libkmod reads, when depmod is there.
 *
 * Afterwards `make -C ROOT/usr/src/linux-headers-V M=... modules` works, and the root may be moved.
 * Doing it again changes nothing.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernels.h"

#define MAKEFILE_MAX 4096

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

static int fix_matching(const char *root, const char *pattern,
			int (*fix)(const char *root, const char *path), char *err)
{
	char *full = kf_format("%s/%s", root, pattern);
	int ret = 0;
	glob_t g;
	size_t i;

	if (!glob(full, GLOB_NOSORT, NULL, &g)) {
		for (i = 0; i < g.gl_pathc && !ret; i++)
			ret = fix(root, g.gl_pathv[i]);
		if (ret)
			kf_error(err, "%s: cannot be changed: %s", g.gl_pathv[i - 1],
				 strerror(errno));
		globfree(&g);
	}
	free(full);
	return ret;
}

/* Indexes for libkmod. Without depmod, lookups find modules by name only: no reason to fail. */
static void write_indexes(const char *root, const char *version)
{
	static const char *const programs[] = {"depmod", "/usr/sbin/depmod", "/sbin/depmod"};
	char *output;
	int status = -1;
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(*programs) && status < 0; i++) {
		const char *argv[] = {programs[i], "-b", root, version, NULL};

		status = kf_run(root, argv, &output);
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

int kernel_settle(const char *root, const char *version, char *err)
{
	if (fix_matching(root, "usr/src/*/Makefile", fix_makefile, err) ||
	    fix_matching(root, "usr/src/*/vmlinux", fix_vmlinux, err) ||
	    fix_matching(root, "usr/lib/modules", merge_usr, err) ||
	    fix_matching(root, "usr/src/*/*", fix_link, err) ||
	    fix_matching(root, "usr/src/*", fix_link, err) ||
	    fix_matching(root, "lib/modules/*/*", fix_link, err))
		return -1;
	write_indexes(root, version);
	return 0;
}
