// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fetching without a network: packages made by dpkg-deb, put where kernel_fetch() looks first; and
 * an apt-get that has nothing, or is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"

#define VERSION	 "9.8.7-test"
#define COMMON	 "linux-headers-9.8.7-common"
#define PACKAGES "fetch/packages"
#define UNPACKED "fetch/system/cache/kernel/" VERSION
#define HEADERS	 "/usr/src/linux-headers-" VERSION

static bool shell(const char *command)
{
	char *line = kf_format("{ %s\n} >/dev/null 2>&1", command);
	int status = system(line);

	free(line);
	return !status;
}

static void remove_all(const char *name)
{
	char *line = kf_format("rm -rf '%s'", scratch(name));

	CU_ASSERT(shell(line));
	free(line);
}

/* A file of a package. */
static void add(const char *package, const char *file, const char *text)
{
	char *path = kf_format(PACKAGES "/%s/%s", package, file);

	scratch_text(path, text);
	free(path);
}

static bool build(const char *package, const char *depends)
{
	char *control = kf_format(
		"Package: %s\nVersion: 1\nArchitecture: amd64\nMaintainer: test <test@localhost>\n"
		"%s%s%sDescription: test\n",
		package, depends ? "Depends: " : "", depends ? depends : "", depends ? "\n" : "");
	char *line;
	bool good;

	add(package, "DEBIAN/control", control);
	line = kf_format("mkdir -p '%s' && dpkg-deb -b '%s/%s' '%s'",
			 scratch("fetch/system/cache/deb"), scratch(PACKAGES), package,
			 scratch("fetch/system/cache/deb"));
	good = shell(line);
	free(line);
	free(control);
	return good;
}

static void link_in(const char *package, const char *file, const char *target)
{
	char *path = kf_format(PACKAGES "/%s/%s", package, file);

	unlink(scratch(path));
	CU_ASSERT_EQUAL(symlink(target, scratch(path)), 0);
	free(path);
}

static bool build_image(const char *text)
{
	static const char package[] = "linux-image-" VERSION "-unsigned";

	add(package, "boot/vmlinuz-" VERSION, text);
	add(package, "lib/modules/" VERSION "/kernel/x", "");
	link_in(package, "lib/modules/" VERSION "/build", HEADERS);
	link_in(package, "lib/modules/" VERSION "/source", "/nowhere/else");
	return build(package, "kmod, initramfs-tools (>= 0.120) | linux-initramfs-tool");
}

static bool build_headers(void)
{
	static const char package[] = "linux-headers-" VERSION;

	add(package, "usr/src/linux-headers-" VERSION "/Makefile",
	    "include /usr/src/" COMMON "/Makefile\n");
	add(package, "usr/src/linux-headers-" VERSION "/vmlinux", "BTF");
	add(package, "usr/src/linux-headers-" VERSION "/include/generated/utsrelease.h",
	    "#define UTS_RELEASE \"" VERSION "\"\n");
	add(COMMON, "usr/src/" COMMON "/Makefile", "all:\n\t@echo the common one\n");
	add("linux-kbuild-9.8", "usr/lib/linux-kbuild-9.8/scripts/x", "");
	return build(package, COMMON " (= 1), linux-kbuild-9.8 (>= 1), gcc-12") &&
	       build(COMMON, NULL) && build("linux-kbuild-9.8", "libc6");
}

static bool build_all(const char *image)
{
	use_empty_places("fetch/system");
	if (build_image(image) && build_headers())
		return true;
	skip("no dpkg-deb that makes packages");
	return false;
}

static bool is_text(const char *name, const char *text)
{
	char *is = kf_read_text(scratch(name));
	bool same = is && !strcmp(is, text);

	free(is);
	return same;
}

/* Expect: found by kernel_find, with headers and modules; make works in the headers; nothing else
 * is left. */
static void whole(void)
{
	struct kernel_paths p;
	char err[KF_ERR] = "", *output;

	if (!build_all("first"))
		return;
	CU_ASSERT_EQUAL(kernel_fetch(VERSION, err), 0);
	CU_ASSERT_STRING_EQUAL(err, "");
	CU_ASSERT_EQUAL_FATAL(kernel_find(VERSION, &p, err), 0);
	CU_ASSERT(!p.installed && p.modules && p.headers);
	if (p.headers) {
		const char *const make[] = {"make", "-s", "-C", p.headers, NULL};

		CU_ASSERT_EQUAL(kf_run("/", make, &output), 0);
		CU_ASSERT(output && strstr(output, "the common one"));
		free(output);
	}
	kernel_paths_clear(&p);
	CU_ASSERT(access(scratch("fetch/system/cache/kernel/.fetch"), F_OK));
	CU_ASSERT(is_text(UNPACKED "/lib/modules/" VERSION "/build/vmlinux.btf", "BTF"));
	CU_ASSERT(access(scratch(UNPACKED HEADERS "/vmlinux"), F_OK));
	use_real_places();
}

/* A root may be moved, and a second fetch takes the place of the first. */
static void again(void)
{
	char err[KF_ERR] = "";

	if (!build_all("second"))
		return;
	CU_ASSERT_EQUAL(kernel_fetch(VERSION, err), 0);
	scratch_text(UNPACKED "/old", "");
	CU_ASSERT(build_image("third"));
	CU_ASSERT_EQUAL(kernel_fetch(VERSION, err), 0);
	CU_ASSERT(is_text(UNPACKED "/boot/vmlinuz-" VERSION, "third"));
	CU_ASSERT(access(scratch(UNPACKED "/old"), F_OK));
	CU_ASSERT_EQUAL(rename(scratch(UNPACKED), scratch("fetch/moved")), 0);
	CU_ASSERT(is_text("fetch/moved/lib/modules/" VERSION "/build/vmlinux.btf", "BTF"));
	use_real_places();
}

/* Programs of our own, and only those that are linked in beside them. */
static void use_programs(const char *apt)
{
	static const char *const needed[] = {"sh", "dpkg", "dpkg-deb", "tar", "rm"};
	char *line;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		line = kf_format("mkdir -p '%s' && ln -sf $(command -v %s) '%s'",
				 scratch("fetch/bin"), needed[i], scratch("fetch/bin"));
		CU_ASSERT(shell(line));
		free(line);
	}
	unlink(scratch("fetch/bin/apt-get"));
	if (!apt)
		return;
	scratch_text("fetch/bin/apt-get", apt);
	chmod(scratch("fetch/bin/apt-get"), 0755);
}

/* With PATH set to that. Expect: this sentence, and no trace in the cache. */
static void expect_failure(const char *apt, const char *text)
{
	char *path = kf_strdup(getenv("PATH")), err[KF_ERR] = "";

	use_programs(apt);
	setenv("PATH", scratch("fetch/bin"), 1);
	CU_ASSERT_EQUAL(kernel_fetch(VERSION, err), -1);
	setenv("PATH", path, 1);
	ASSERT_SAYS(err, text);
	CU_ASSERT(access(scratch(UNPACKED), F_OK));
	CU_ASSERT(access(scratch("fetch/system/cache/kernel/.fetch"), F_OK));
	free(path);
}

#define APT_HAS_NOTHING                                                                   \
	"#!/bin/sh\necho Reading package lists...\necho 'E: Unable to locate package x' " \
	">&2\nexit 100\n"

static void nothing_there(void)
{
	use_empty_places("fetch/system");
	remove_all("fetch/system/cache");
	expect_failure(APT_HAS_NOTHING,
		       "no package of kernel " VERSION
		       " can be had (apt-get download failed: Unable to locate package x)");
	expect_failure(APT_HAS_NOTHING, "is `apt-get update` due?");
	expect_failure(NULL, "cannot run apt-get download: No such file or directory");
	expect_failure(NULL, "kernels are fetched as Debian packages");
	use_real_places();
}

/* Only the image can be had. Expect: not half a kernel. */
static void no_headers(void)
{
	use_empty_places("fetch/system");
	remove_all("fetch/system/cache");
	if (!build_image("alone")) {
		skip("no dpkg-deb that makes packages");
		return;
	}
	expect_failure(APT_HAS_NOTHING, "apt-get download failed: Unable to locate package x");
	use_real_places();
}

/* A package that is damaged; then one without what its name promises. */
static void damaged(void)
{
	use_empty_places("fetch/system");
	remove_all("fetch/system/cache");
	scratch_text("fetch/system/cache/deb/linux-image-" VERSION "-unsigned_1_amd64.deb",
		     "!<arch>\nnothing");
	expect_failure(APT_HAS_NOTHING, "dpkg -x failed: ");
	if (!build("linux-image-" VERSION "-unsigned", NULL) || !build_headers())
		return;
	remove_all(PACKAGES "/linux-image-" VERSION "-unsigned");
	CU_ASSERT(build("linux-image-" VERSION "-unsigned", NULL));
	expect_failure(APT_HAS_NOTHING, "have no image boot/vmlinuz-" VERSION " in them");
	use_real_places();
}

static void impossible_version(void)
{
	char err[KF_ERR] = "";

	CU_ASSERT_EQUAL(kernel_fetch("6.1; rm -rf", err), -1);
	ASSERT_SAYS(err, "is not a kernel version");
}

CU_TestInfo fetch_tests[] = {
	{"a whole kernel", whole},
	{"again, and moved", again},
	{"nothing there", nothing_there},
	{"no headers", no_headers},
	{"damaged packages", damaged},
	{"an impossible version", impossible_version},
	CU_TEST_INFO_NULL,
};
