// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding kernels, in made-up systems: a root and a cache below the scratch directory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../harness/world/kernels.h"
#include "fake.h"

/* A file of the system (or below its cache): the format's %s is the version. */
static void add_text(const char *system, const char *format, const char *version, const char *text)
{
	const char *mark = strstr(format, "%s");
	char *path =
		kf_format("%s/%.*s%s%s", system, (int)(mark - format), format, version, mark + 2);

	scratch_text(path, text);
	free(path);
}

static void add_image(const char *root, const char *version)
{
	add_text(root, "boot/vmlinuz-%s", version, "an image");
}

static void add_headers(const char *root, const char *version, const char *says)
{
	char *text = kf_format("#define UTS_RELEASE \"%s\"\n", says);

	add_text(root, "usr/src/linux-headers-%s/Makefile", version, "");
	add_text(root, "usr/src/linux-headers-%s/include/generated/utsrelease.h", version, text);
	free(text);
}

static void add_modules(const char *root, const char *version)
{
	add_text(root, "lib/modules/%s/modules.dep", version, "");
}

static void add_all(const char *root, const char *version)
{
	add_image(root, version);
	add_headers(root, version, version);
	add_modules(root, version);
}

static struct kernel_paths find(const char *version)
{
	struct kernel_paths paths;
	char err[KF_ERR] = "";

	CU_ASSERT_EQUAL_FATAL(kernel_find(version, &paths, err), 0);
	CU_ASSERT_STRING_EQUAL(paths.version, version);
	CU_ASSERT_PTR_NOT_NULL(paths.image);
	return paths;
}

static void expect_none(const char *version, const char *text)
{
	struct kernel_paths paths;
	char err[KF_ERR] = "";

	CU_ASSERT_EQUAL(kernel_find(version, &paths, err), -1);
	ASSERT_SAYS(err, text);
	CU_ASSERT_PTR_NULL(paths.image);
}

static void none(void)
{
	struct kernel_paths paths[2];

	use_empty_places("none");
	CU_ASSERT_EQUAL(kernel_list(paths, 2), 0);
	expect_none("6.1.0-99-amd64", "no image of kernel 6.1.0-99-amd64 is at hand");
	expect_none("6.1.0-99-amd64", "/boot/vmlinuz-6.1.0-99-amd64: No such file or directory");
	expect_none("6.1.0-99-amd64", "/cache/kernel/6.1.0-99-amd64");
	expect_none("6.1.0-99-amd64", "; `kfail kernel fetch 6.1.0-99-amd64` gets it");
}

static void impossible_versions(void)
{
	static const char *const versions[] = {"",	"../6.1", "6.1/0", "v6.1",
					       "6.1 0", "-6.1",	  ".",	   "6.1;ls"};
	size_t i;

	use_empty_places("impossible");
	for (i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		expect_none(versions[i], "is not a kernel version (such as 6.1.0-56-amd64)");
}

static void installed(void)
{
	struct kernel_paths p;

	use_empty_places("installed");
	add_all("installed", "6.1.0-1-amd64");
	p = find("6.1.0-1-amd64");
	CU_ASSERT(p.installed);
	CU_ASSERT(ends_with(p.image, "/installed/boot/vmlinuz-6.1.0-1-amd64"));
	CU_ASSERT(p.headers &&
		  ends_with(p.headers, "/installed/usr/src/linux-headers-6.1.0-1-amd64"));
	CU_ASSERT(p.modules && ends_with(p.modules, "/installed/lib/modules/6.1.0-1-amd64"));
	CU_ASSERT_EQUAL(kernel_headers_check(&p, NULL), 0);
	kernel_paths_clear(&p);
}

/* Fedora: the image beside the modules, headers in usr/src/kernels; and headers behind the build
 * link. */
static void other_places(void)
{
	struct kernel_paths p;

	use_empty_places("places");
	add_text("places", "lib/modules/%s/vmlinuz", "6.9.1-fc", "an image");
	add_text("places", "lib/modules/%s/kernel/x", "6.9.1-fc", "");
	add_text("places", "usr/src/kernels/%s/Makefile", "6.9.1-fc", "");
	add_text("places", "usr/src/kernels/%s/include/config/kernel.release", "6.9.1-fc",
		 "6.9.1-fc\n");
	p = find("6.9.1-fc");
	CU_ASSERT(p.headers && ends_with(p.headers, "usr/src/kernels/6.9.1-fc"));
	CU_ASSERT(p.modules && ends_with(p.modules, "lib/modules/6.9.1-fc"));
	kernel_paths_clear(&p);
	rename(scratch("places/usr/src/kernels/6.9.1-fc"), scratch("places/tree"));
	CU_ASSERT_EQUAL(symlink("../../../tree", scratch("places/lib/modules/6.9.1-fc/build")), 0);
	p = find("6.9.1-fc");
	CU_ASSERT(p.headers && ends_with(p.headers, "lib/modules/6.9.1-fc/build"));
	kernel_paths_clear(&p);
}

static void cached(void)
{
	struct kernel_paths p;

	use_empty_places("cached");
	add_all("cached/cache/kernel/6.1.0-2-amd64", "6.1.0-2-amd64");
	p = find("6.1.0-2-amd64");
	CU_ASSERT(!p.installed && p.headers && p.modules);
	CU_ASSERT(strstr(p.image, "/cache/kernel/6.1.0-2-amd64/boot/") != NULL);
	kernel_paths_clear(&p);
}

/* Expect: the installed image, and from the cache what the system lacks. */
static void both(void)
{
	struct kernel_paths p;

	use_empty_places("both");
	add_image("both", "6.1.0-3-amd64");
	add_all("both/cache/kernel/6.1.0-3-amd64", "6.1.0-3-amd64");
	p = find("6.1.0-3-amd64");
	CU_ASSERT(p.installed);
	CU_ASSERT(ends_with(p.image, "/both/boot/vmlinuz-6.1.0-3-amd64"));
	CU_ASSERT(p.headers && strstr(p.headers, "/cache/") && p.modules &&
		  strstr(p.modules, "/cache/"));
	kernel_paths_clear(&p);
}

/* An image that cannot be read (here a link to itself, which stops root too). Expect: passed over,
 * or named. */
static void unreadable(void)
{
	struct kernel_paths p;

	use_empty_places("unreadable");
	mkdir(scratch("unreadable/boot"), 0755);
	CU_ASSERT_EQUAL(
		symlink("vmlinuz-6.1.0-4-amd64", scratch("unreadable/boot/vmlinuz-6.1.0-4-amd64")),
		0);
	expect_none("6.1.0-4-amd64",
		    "/boot/vmlinuz-6.1.0-4-amd64: Too many levels of symbolic links");
	add_all("unreadable/cache/kernel/6.1.0-4-amd64", "6.1.0-4-amd64");
	p = find("6.1.0-4-amd64");
	CU_ASSERT(!p.installed);
	kernel_paths_clear(&p);
}

/* The same as a user who may not read it, when the tests are not run by root. */
static void forbidden(void)
{
	use_empty_places("forbidden");
	add_image("forbidden", "6.1.0-4-amd64");
	chmod(scratch("forbidden/boot/vmlinuz-6.1.0-4-amd64"), 0);
	if (!geteuid()) {
		skip("root may read everything");
		return;
	}
	expect_none("6.1.0-4-amd64", "/boot/vmlinuz-6.1.0-4-amd64: Permission denied");
}

static void headers(void)
{
	struct kernel_paths p;
	char err[KF_ERR];

	use_empty_places("headers");
	add_image("headers", "6.1.0-5-amd64");
	p = find("6.1.0-5-amd64");
	CU_ASSERT_PTR_NULL(p.headers);
	CU_ASSERT_EQUAL(kernel_headers_check(&p, err), -1);
	ASSERT_SAYS(err, "no headers of kernel 6.1.0-5-amd64 are at hand");
	ASSERT_SAYS(err, "`kfail kernel fetch 6.1.0-5-amd64`");
	kernel_paths_clear(&p);
	add_headers("headers", "6.1.0-5-amd64", "6.1.0-6-amd64");
	p = find("6.1.0-5-amd64");
	CU_ASSERT_PTR_NULL(p.headers);
	p.headers = kf_strdup(scratch("headers/usr/src/linux-headers-6.1.0-5-amd64"));
	CU_ASSERT_EQUAL(kernel_headers_check(&p, err), -1);
	ASSERT_SAYS(err, "headers of kernel 6.1.0-6-amd64, where 6.1.0-5-amd64 is needed");
	unlink(scratch(
		"headers/usr/src/linux-headers-6.1.0-5-amd64/include/generated/utsrelease.h"));
	CU_ASSERT_EQUAL(kernel_headers_check(&p, err), -1);
	ASSERT_SAYS(err, "no prepared kernel headers");
	kernel_paths_clear(&p);
}

static void list(void)
{
	struct kernel_paths p[8];
	unsigned i, n;

	use_empty_places("list");
	add_all("list", "6.1.0-56-amd64");
	add_all("list", "6.1.0-9-amd64");
	add_all("list/cache/kernel/6.12.9+deb12-amd64", "6.12.9+deb12-amd64");
	add_all("list/cache/kernel/6.1.0-56-amd64", "6.1.0-56-amd64");
	add_modules("list", "5.10.0-1-amd64");
	add_text("list", "boot/vmlinuz-%s", "rescue", "an image");
	n = kernel_list(p, 8);
	CU_ASSERT_EQUAL_FATAL(n, 3);
	CU_ASSERT_STRING_EQUAL(p[0].version, "6.12.9+deb12-amd64");
	CU_ASSERT_STRING_EQUAL(p[1].version, "6.1.0-56-amd64");
	CU_ASSERT_STRING_EQUAL(p[2].version, "6.1.0-9-amd64");
	CU_ASSERT(!p[0].installed && p[1].installed);
	for (i = 0; i < n; i++)
		kernel_paths_clear(&p[i]);
	CU_ASSERT_EQUAL(kernel_list(p, 1), 3);
	CU_ASSERT_STRING_EQUAL(p[0].version, "6.12.9+deb12-amd64");
	kernel_paths_clear(&p[0]);
}

/* ---- an image given by name ---- */

static struct kernel_paths find_file(const char *path)
{
	struct fake fake = {.layout = FAKE_6_1};
	struct blob kernel = fake_kernel(&fake), boot = fake_boot_image(&kernel, COMPRESSION_GZIP);
	struct kernel_paths p;
	char err[KF_ERR] = "";

	scratch_write(path, boot.data, boot.size);
	CU_ASSERT_EQUAL_FATAL(kernel_find_file(scratch(path), &p, err), 0);
	CU_ASSERT_STRING_EQUAL(p.version, FAKE_VERSION);
	free(boot.data);
	free(kernel.data);
	return p;
}

/* In a root that was unpacked by hand. */
static void file_in_root(void)
{
	struct kernel_paths p;

	use_empty_places("filesystem");
	add_headers("unpacked", FAKE_VERSION, FAKE_VERSION);
	add_modules("unpacked", FAKE_VERSION);
	p = find_file("unpacked/boot/vmlinuz-" FAKE_VERSION);
	CU_ASSERT(p.headers && strstr(p.headers, "/unpacked/usr/src/"));
	CU_ASSERT(p.modules && strstr(p.modules, "/unpacked/lib/modules/"));
	CU_ASSERT(!p.installed);
	kernel_paths_clear(&p);
}

/* In a build tree: arch/x86/boot/bzImage. */
static void file_in_tree(void)
{
	struct kernel_paths p;

	use_empty_places("filesystem");
	scratch_text("tree/Makefile", "");
	scratch_text("tree/include/generated/utsrelease.h",
		     "#define UTS_RELEASE \"" FAKE_VERSION "\"\n");
	p = find_file("tree/arch/x86/boot/bzImage");
	CU_ASSERT(p.headers && ends_with(p.headers, "/tree"));
	kernel_paths_clear(&p);
}

/* Anywhere: headers and modules of its version from the system and the cache. */
static void file_anywhere(void)
{
	struct kernel_paths p;
	char err[KF_ERR];

	use_empty_places("filesystem2");
	add_headers("filesystem2", FAKE_VERSION, FAKE_VERSION);
	add_modules("filesystem2/cache/kernel/" FAKE_VERSION, FAKE_VERSION);
	p = find_file("some/kernel.img");
	CU_ASSERT(p.headers && strstr(p.headers, "/filesystem2/usr/src/"));
	CU_ASSERT(p.modules && strstr(p.modules, "/cache/kernel/"));
	kernel_paths_clear(&p);
	scratch_text("some/text", "no kernel");
	CU_ASSERT_EQUAL(kernel_find_file(scratch("some/text"), &p, err), -1);
	ASSERT_SAYS(err, "text: not a kernel image");
	CU_ASSERT_EQUAL(kernel_find_file(scratch("some/nowhere"), &p, err), -1);
	ASSERT_SAYS(err, "nowhere: cannot open: No such file");
}

/* ---- the cache ---- */

static void cache_places(void)
{
	char *home = kf_strdup(getenv("HOME") ? getenv("HOME") : "/"), err[KF_ERR] = "";

	setenv("KFAIL_CACHE", scratch("caches/own"), 1);
	CU_ASSERT(ends_with(kernel_cache_dir(err), "/caches/own"));
	unsetenv("KFAIL_CACHE");
	setenv("XDG_CACHE_HOME", scratch("caches/xdg"), 1);
	CU_ASSERT(ends_with(kernel_cache_dir(err), "/caches/xdg/kfail"));
	unsetenv("XDG_CACHE_HOME");
	setenv("HOME", scratch("caches/home"), 1);
	CU_ASSERT(ends_with(kernel_cache_dir(err), "/caches/home/.cache/kfail"));
	unsetenv("HOME");
	CU_ASSERT_PTR_NULL(kernel_cache_dir(err));
	ASSERT_SAYS(err, "set KFAIL_CACHE to a directory");
	scratch_text("caches/file", "");
	setenv("KFAIL_CACHE", scratch("caches/file"), 1);
	CU_ASSERT_PTR_NULL(kernel_cache_dir(err));
	ASSERT_SAYS(err, "caches/file: cannot be used as the cache: ");
	setenv("HOME", home, 1);
	free(home);
	use_real_places();
}

CU_TestInfo kernels_tests[] = {
	{"none", none},
	{"impossible versions", impossible_versions},
	{"installed", installed},
	{"other places", other_places},
	{"cached", cached},
	{"installed and cached", both},
	{"an unreadable image", unreadable},
	{"a forbidden image", forbidden},
	{"headers", headers},
	{"the list", list},
	{"an image in an unpacked root", file_in_root},
	{"an image in a build tree", file_in_tree},
	{"an image anywhere", file_anywhere},
	{"where the cache is", cache_places},
	CU_TEST_INFO_NULL,
};
