// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules from source, by the kernel's own kbuild (scripts/Makefile.kasan, Makefile.kcov of 6.1 for the flags), in a
 * directory of their own: the sources are copied there, so that what the user has built beside them stays as it is. Debug
 * information names the user's files.
 *
 *	OUTPUT/			the copy, or for single sources a Kbuild and a file each that includes the source
 *	OUTPUT/.kfail/log	what make said
 *	OUTPUT/.kfail/symvers	what kfail exports beside the kernel, for modpost
 *
 * What is compiled how comes from the directory itself: dkms.conf (its PRE_BUILD and MAKE[0], as dkms(8) runs them), or
 * a Kbuild or Makefile that names modules in obj-m. Flags go by the environment (KCFLAGS, KBUILD_EXTRA_SYMBOLS), which
 * reaches kbuild through whatever stands between. Each build begins anew.
 */
#include "module_build.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include "../native/compiler.h"
#include "exports.h"
#include "file.h"
#include "override/shadow.h"

#ifndef KFAIL_INSTRUMENT_INCLUDE
#define KFAIL_INSTRUMENT_INCLUDE "harness/instrument/include"
#endif

/* scripts/Makefile.kasan with CONFIG_KASAN_GENERIC, CONFIG_KASAN_OUTLINE and CONFIG_KASAN_STACK. Frames become larger. */
#define KASAN_FLAGS                                                                   \
	"-fsanitize=kernel-address -fasan-shadow-offset=%#lx --param asan-globals=1 " \
	"--param asan-instrumentation-with-call-threshold=0 --param asan-stack=1 "    \
	"--param asan-instrument-allocas=1 -Wno-frame-larger-than -include %s/kasan.h"
/* scripts/Makefile.kcov */
#define COVERAGE_FLAGS "-fsanitize-coverage=trace-pc"

/* Run with everything in the environment; "$@": what the user has for make. */
static const char script[] =
	"set -e\n"
	"unset MAKEFLAGS MFLAGS MAKELEVEL\n"
	"jobs=-j$(nproc)\n"
	"cd \"$KFAIL_BUILD/$KFAIL_SUBDIR\"\n"
	"if [ ! -f dkms.conf ]; then\n"
	"	targets=modules\n"
	"	for word; do case $word in -* | *=*) ;; *) targets= ;; esac; done\n"
	"	exec make \"$jobs\" -C \"$KFAIL_HEADERS\" M=\"$PWD\" \"$@\" $targets\n"
	"fi\n"
	"kernelver=$KFAIL_KERNEL kernel_source_dir=$KFAIL_HEADERS arch=x86_64\n"
	"source_tree=$KFAIL_BUILD dkms_tree=$KFAIL_BUILD/.kfail/dkms\n"
	"set +e\n"
	". ./dkms.conf\n"
	"set -e\n"
	"mkdir -p \"$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION\"\n"
	"ln -s \"$PWD\" \"$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build\"\n"
	"place=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build\n"
	"export KCFLAGS=\"$KCFLAGS -ffile-prefix-map=$place=$KFAIL_SOURCE/$KFAIL_SUBDIR\"\n"
	"if [ -n \"$PRE_BUILD\" ]; then eval \"./$PRE_BUILD\"; fi\n"
	"command=${MAKE[0]:-make -C $kernel_source_dir M=$PWD modules}\n"
	"case $command in\n"
	"make | make[!-_a-zA-Z0-9]*) command=\"make $jobs "
	"KERNELRELEASE=$kernelver${command#make}\" ;;\n"
	"\\'make\\'*) command=\"make $jobs KERNELRELEASE=$kernelver${command#\\'make\\'}\" ;;\n"
	"esac\n"
	"for word; do command=\"$command ${word@Q}\"; done\n"
	"eval \"$command\"\n";

/* What the user had built there does not count: kbuild would believe it. */
static const char copy_script[] =
	"set -e\n"
	"cp -a \"$1/.\" \"$2\"\n"
	"find \"$2\" \\( -name '*.o' -o -name '*.ko' -o -name '.*.cmd' -o -name '*.mod' -o "
	"-name '*.mod.c' -o -name modules.order -o -name Module.symvers \\) -type f -delete\n";

/* ---- the directory ---- */

static bool is_directory(const char *path)
{
	struct stat s;

	return !stat(path, &s) && S_ISDIR(s.st_mode);
}

static bool is_source(const char *path)
{
	size_t n = strlen(path);

	return n > 2 && !strcmp(path + n - 2, ".c");
}

/* The same sources and flags have the same place. */
static char *default_output(const struct kernel_paths *paths, const struct module_build *build,
			    const char *source, char *err)
{
	const char *cache = kernel_cache_dir(err), *slash = strrchr(source, '/');
	uint64_t hash = (uint64_t)build->kasan * 2 + build->coverage;
	unsigned i;

	if (!cache)
		return NULL;
	for (i = 0; i < build->source_count; i++) {
		char *real = realpath(build->sources[i], NULL);

		hash = XXH64(real ? real : "", real ? strlen(real) : 0, hash);
		free(real);
	}
	slash = slash ? slash + 1 : source;
	return kf_format("%s/build/%s/%.*s-%08x", cache, paths->version,
			 (int)(is_source(slash) ? strlen(slash) - 2 : strlen(slash)), slash,
			 (unsigned)hash);
}

static int run_quietly(const char *const *argv, char *err, const char *what)
{
	char *output = NULL;
	int status = kf_run("/", argv, &output);

	if (status)
		kf_error(err, "%s: %.300s", what, output && *output ? output : strerror(errno));
	free(output);
	return status ? -1 : 0;
}

static bool is_ours(const char *output)
{
	char *mark = kf_format("%s/.kfail", output);
	bool ours = is_directory(mark);

	free(mark);
	return ours;
}

/* Empty, made by an earlier build, or not there: else the user has something in it. */
static int make_directory(const char *output, char *err)
{
	const char *const remove[] = {"rm", "-rf", "--", output, NULL};
	char *mark = kf_format("%s/.kfail", output);
	const char *const make[] = {"mkdir", "-p", "--", mark, NULL};
	int result = 0;

	if (output[strcspn(output, " \t:$'\"")])
		result =
			kf_fail(err, "%s: kbuild cannot build in a directory of this name", output);
	else if (is_ours(output))
		result = run_quietly(remove, err, output);
	else if (!access(output, F_OK) && rmdir(output))
		result = kf_fail(
			err, "%s: %s, and no build of kfail's: give another --output", output,
			is_directory(output) ? "there is something in it" : "it is no directory");
	result = result ?: run_quietly(make, err, output);
	free(mark);
	return result;
}

/* ---- the sources ---- */

static bool has_makefile(const char *directory, const char *name)
{
	char *path = kf_format("%s/%s", directory, name);
	bool there = !access(path, R_OK);

	free(path);
	return there;
}

static int copy_directory(const struct module_build *build, const char *source, const char *output,
			  char *err)
{
	const char *const argv[] = {"sh", "-c", copy_script, "sh", source, output, NULL};
	char *where = kf_format("%s/%s", source, build->subdir ? build->subdir : ".");
	int result = 0;

	if (!is_directory(where))
		result = kf_fail(err, "%s: there is no such directory", where);
	else if (!has_makefile(where, "dkms.conf") && !has_makefile(where, "Kbuild") &&
		 !has_makefile(where, "Makefile"))
		result = kf_fail(
			err, "%s: it has no Kbuild, Makefile or dkms.conf that says what to build",
			where);
	free(where);
	return result ?: run_quietly(argv, err, output);
}

/* kbuild wants each module's source in its own directory: one that includes the user's. */
static int wrap_source(const char *source, const char *output, FILE *kbuild, char *err)
{
	char *real = realpath(source, NULL), *base, *path;
	FILE *file;

	if (!real || access(real, R_OK)) {
		free(real);
		return kf_fail(err, "%s: %s", source, strerror(errno));
	}
	base = strrchr(real, '/') + 1;
	path = kf_format("%s/%s", output, base);
	file = fopen(path, "wx");
	if (file) {
		fprintf(file, "#include \"%s\"\n", real);
		fprintf(kbuild, "obj-m += %.*s.o\n", (int)strlen(base) - 2, base);
	}
	if (!file || fclose(file)) {
		kf_error(err, "%s: %s", path,
			 errno == EEXIST ? "two sources have this name" : strerror(errno));
		file = NULL;
	}
	free(path);
	free(real);
	return file ? 0 : -1;
}

static int wrap_sources(const struct module_build *build, const char *output, char *err)
{
	char *path = kf_format("%s/Kbuild", output);
	FILE *kbuild = fopen(path, "w");
	int result = kbuild ? 0 : kf_fail(err, "%s: %s", path, strerror(errno));
	unsigned i;

	for (i = 0; i < build->source_count && !result; i++)
		result = wrap_source(build->sources[i], output, kbuild, err);
	if (kbuild && fclose(kbuild) && !result)
		result = kf_fail(err, "%s: %s", path, strerror(errno));
	free(path);
	return result;
}

static int check_sources(const struct module_build *build, char *err)
{
	unsigned i;

	for (i = 0; i < build->source_count; i++) {
		const char *source = build->sources[i];

		if (access(source, R_OK))
			return kf_fail(err, "%s: %s", source, strerror(errno));
		if (is_directory(source) && build->source_count > 1)
			return kf_fail(err, "%s: a directory is built alone", source);
		if (!is_directory(source) && !is_source(source))
			return kf_fail(err, "%s: it is neither a directory nor a source in C (.c)",
				       source);
		if (!is_directory(source) && build->subdir)
			return kf_fail(err, "--subdir is of a directory, and %s is a file", source);
	}
	return 0;
}

/* ---- flags ---- */

static int find_include(char *dir, size_t size, char *err)
{
	if (compiler_find_include("instrument", "kasan.h", KFAIL_INSTRUMENT_INCLUDE, dir, size))
		return 0;
	return kf_fail(err,
		       "kfail's header for instrumented code is missing: there is no %s/kasan.h",
		       dir);
}

/* What the user has for the compiler, in the environment or among the words for make, comes last. */
static int set_flags(const struct module_build *build, const char *source, const char *output,
		     char *err)
{
	const char *more = getenv("KCFLAGS");
	char include[PATH_MAX], *kasan = kf_strdup(""), *flags;
	unsigned i;

	if (build->kasan) {
		if (find_include(include, sizeof(include), err))
			return -1;
		free(kasan);
		kasan = kf_format(KASAN_FLAGS, KF_SHADOW_OFFSET, include);
	}
	for (i = 0; i < build->arg_count; i++)
		if (starts_with(build->args[i], "KCFLAGS="))
			more = build->args[i] + strlen("KCFLAGS=");
	flags = kf_format("-ffile-prefix-map=%s=%s %s %s %s", output, source, kasan,
			  build->coverage ? COVERAGE_FLAGS : "", more ? more : "");
	setenv("KCFLAGS", flags, 1);
	free(flags);
	free(kasan);
	return 0;
}

static void write_export(const char *name, void *arg)
{
	fprintf(arg, "0x00000000\t%s\tvmlinux\tEXPORT_SYMBOL\t\n", name);
}

static int write_symvers(const char *output, char *err)
{
	const char *more = getenv("KBUILD_EXTRA_SYMBOLS");
	char *path = kf_format("%s/.kfail/symvers", output);
	char *all = kf_format("%s %s", path, more ? more : "");
	FILE *file = fopen(path, "w");
	int result = 0;

	if (file)
		exports_for_each(write_export, file);
	if (!file || fclose(file))
		result = kf_fail(err, "%s: %s", path, strerror(errno));
	setenv("KBUILD_EXTRA_SYMBOLS", all, 1);
	free(all);
	free(path);
	return result;
}

/* ---- make ---- */

static void keep_log(const char *output, const char *text)
{
	char *path = kf_format("%s/.kfail/log", output);
	FILE *file = fopen(path, "w");

	if (file) {
		fputs(text, file);
		fclose(file);
	}
	free(path);
}

static int make(const struct kernel_paths *paths, const struct module_build *build,
		const char *source, const char *output, char *err)
{
	const char **argv = kf_array(NULL, build->arg_count + 5, sizeof(*argv));
	unsigned n = 0, i;
	char *text = NULL;
	int status;

	argv[n++] = "bash";
	argv[n++] = "-c";
	argv[n++] = script;
	argv[n++] = "kfail build";
	for (i = 0; i < build->arg_count; i++)
		if (!starts_with(build->args[i], "KCFLAGS="))
			argv[n++] = build->args[i];
	argv[n] = NULL;
	setenv("KFAIL_SOURCE", source, 1);
	setenv("KFAIL_BUILD", output, 1);
	setenv("KFAIL_SUBDIR", build->subdir ? build->subdir : ".", 1);
	setenv("KFAIL_HEADERS", paths->headers, 1);
	setenv("KFAIL_KERNEL", paths->version, 1);
	status = kf_run(output, argv, &text);
	free(argv);
	keep_log(output, text ? text : "");
	if (text && (status || build->verbose))
		fputs(text, stderr);
	free(text);
	if (status < 0)
		return kf_fail(err, "bash and make are needed for a build: %s", strerror(errno));
	return status ? kf_fail(err, "%s does not build for kernel %s (see the messages above)",
				build->sources[0], paths->version)
		      : 0;
}

/* ---- the modules ---- */

static struct {
	void (*fn)(const char *path);
	unsigned count;
} found;

static int visit(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
	size_t n = strlen(path);

	if (type == FTW_F && n > 3 && !strcmp(path + n - 3, ".ko")) {
		found.fn(path);
		found.count++;
	}
	return 0;
}

static int build_in(const struct kernel_paths *paths, const struct module_build *build,
		    const char *source, const char *output, char *err)
{
	bool directory = is_directory(source);

	if (make_directory(output, err) ||
	    (directory ? copy_directory(build, source, output, err)
		       : wrap_sources(build, output, err)) ||
	    set_flags(build, directory ? source : output, output, err) ||
	    write_symvers(output, err))
		return -1;
	return make(paths, build, source, output, err);
}

int module_build(const struct kernel_paths *paths, const struct module_build *build,
		 void (*built)(const char *path), char *err)
{
	char *source, *output;
	int result;

	if (check_sources(build, err))
		return -1;
	if (!paths->headers)
		return kf_fail(err, "no headers for kernel %s; `kfail kernel fetch %s` gets them",
			       paths->version, paths->version);
	if (kernel_headers_check(paths, err))
		return -1;
	source = realpath(build->sources[0], NULL);
	output = build->output ? kf_strdup(build->output)
			       : default_output(paths, build, source, err);
	if (output && output[0] != '/') {
		char *here = getcwd(NULL, 0),
		     *absolute = kf_format("%s/%s", here ? here : "", output);

		free(here);
		free(output);
		output = absolute;
	}
	result = output ? build_in(paths, build, source, output, err) : -1;
	found.fn = built;
	found.count = 0;
	if (!result && (nftw(output, visit, 16, FTW_PHYS) || !found.count))
		result = kf_fail(
			err,
			"%s was built, and no module came out of it: does its Makefile name "
			"one in obj-m?",
			build->sources[0]);
	free(output);
	free(source);
	return result;
}
