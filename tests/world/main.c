// SPDX-License-Identifier: GPL-2.0-only
/*
 * The suites, and what they share: a scratch directory, the real kernel if there is one, skipping.
 *
 *	argument	run only the suites whose names contain it
 */
#include <CUnit/Basic.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../harness/world/kernels.h"
#include "suites.h"

static CU_SuiteInfo suites[] = {
	{"files", NULL, NULL, NULL, NULL, file_tests},
	{"images", NULL, NULL, NULL, NULL, image_tests},
	{"kallsyms", NULL, NULL, NULL, NULL, kallsyms_tests},
	{"real images", NULL, NULL, NULL, NULL, real_image_tests},
	{"module files", NULL, NULL, NULL, NULL, modfile_tests},
	{"malformed modules", NULL, NULL, NULL, NULL, malformed_tests},
	{"module order", NULL, NULL, NULL, NULL, depends_tests},
	{"finding kernels", NULL, NULL, NULL, NULL, kernels_tests},
	{"fetching kernels", NULL, NULL, NULL, NULL, fetch_tests},
	CU_SUITE_INFO_NULL,
};

static char directory[4096];
static char *real_cache;

/* Everything that scratch() and scratch names hand out. */
static char **kept;
static unsigned kept_count;

void skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("skipped: ");
	vprintf(fmt, ap);
	printf(" ");
	va_end(ap);
	fflush(stdout);
}

static const char *keep(char *s)
{
	kept = kf_array(kept, kept_count + 1, sizeof(*kept));
	return kept[kept_count++] = s;
}

const char *scratch(const char *name)
{
	char *path = kf_format("%s/%s", directory, name), *slash = strrchr(path, '/');

	*slash = '\0';
	if (make_directories(path))
		CU_FAIL_FATAL("no temporary directory");
	*slash = '/';
	return keep(path);
}

void scratch_write(const char *name, const void *data, size_t size)
{
	FILE *f = fopen(scratch(name), "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(data, 1, size, f), size);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

void scratch_text(const char *name, const char *text)
{
	scratch_write(name, text, strlen(text));
}

bool scratch_compile(const char *name, const char *source, const char *options)
{
	const char *cc = getenv("CC");
	char *c = kf_format("%s.c", name), *line;
	int status;

	scratch_text(c, source);
	line = kf_format(
		"%s -c -O1 -fno-stack-protector -fcf-protection=none -fno-pic -mcmodel=kernel %s "
		"-o '%s' '%s' 2>/dev/null",
		cc && *cc ? cc : "cc", options, scratch(name), scratch(c));
	status = system(line);
	free(line);
	free(c);
	return !status;
}

void use_empty_places(const char *name)
{
	kernel_system_root = scratch(name);
	make_directories(kernel_system_root);
	setenv("KFAIL_CACHE", keep(kf_format("%s/cache", kernel_system_root)), 1);
}

void use_real_places(void)
{
	kernel_system_root = "";
	if (real_cache)
		setenv("KFAIL_CACHE", real_cache, 1);
	else
		unsetenv("KFAIL_CACHE");
}

const struct kernel_paths *real_kernel(void)
{
	static struct kernel_paths paths;
	const char *version = getenv("KERNEL");

	if (!paths.version)
		kernel_find(version && *version ? version : "6.1.0-56-amd64", &paths, NULL);
	return paths.version ? &paths : NULL;
}

const struct kernel_image *real_image(void)
{
	static struct kernel_image image;
	char err[KF_ERR];

	if (!image.elf && real_kernel() && kernel_image_open(real_kernel()->image, &image, err))
		fprintf(stderr, "%s\n", err);
	return image.elf ? &image : NULL;
}

bool says(const char *err, const char *text)
{
	size_t n = strlen(err);
	bool good = n && n < KF_ERR && !strchr(err, '\n') && strstr(err, text);

	if (!good)
		fprintf(stderr, "\n  said:   %s\n  wanted: %s\n", err, text);
	return good;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void clean_up(void)
{
	nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (real_kernel())
		kernel_paths_clear((struct kernel_paths *)real_kernel());
	while (kept_count)
		free(kept[--kept_count]);
	free(kept);
	free(real_cache);
}

/* Places first: the real kernel is looked for once, before tests use others. */
static bool set_up(void)
{
	const char *tmp = getenv("TMPDIR"), *cache = getenv("KFAIL_CACHE");

	snprintf(directory, sizeof(directory), "%s/kfail-world-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (cache && *cache)
		real_cache = kf_strdup(cache);
	real_kernel();
	return mkdtemp(directory);
}

int main(int argc, char **argv)
{
	unsigned failures;
	CU_pSuite suite;
	size_t i;

	if (!set_up() || CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	for (i = 0; suites[i].pName; i++) {
		if (argc > 1 && !strstr(suites[i].pName, argv[1]))
			continue;
		suite = CU_add_suite(suites[i].pName, NULL, NULL);
		for (CU_TestInfo *t = suites[i].pTests; suite && t->pName; t++)
			CU_add_test(suite, t->pName, t->pTestFunc);
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	if (real_image())
		kernel_image_close((struct kernel_image *)real_image());
	CU_cleanup_registry();
	clean_up();
	return failures != 0;
}
