// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is read out of a module, of compressed modules, of parameters; and of all modules of the
 * real kernel.
 */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake.h"
#include "sample_module.h"

static const struct sample sample = {
	.name = "first-sample",
	.depends = "usbcore,,mc,usbcore",
	.exports = "first_open",
	.imports = "printk",
	.info = "parm=debug:how much "
		"(0-3)\\0parmtype=debug:int\\0parmtype=quiet:bool\\0parm=id:which: one\\0",
	.code = "extern int weak_one(void) __attribute__((weak)); int (*w)(void) = weak_one;",
};

static bool has(char **list, unsigned count, const char *s)
{
	while (count--) {
		if (!strcmp(list[count], s))
			return true;
	}
	return false;
}

static void check_sample(const struct modfile *m)
{
	CU_ASSERT_STRING_EQUAL(m->name, "first_sample");
	CU_ASSERT_STRING_EQUAL(m->kernel_version, SAMPLE_VERSION);
	CU_ASSERT_STRING_EQUAL(m->vermagic, SAMPLE_VERSION " SMP mod_unload ");
	CU_ASSERT_EQUAL(m->depend_count, 2);
	CU_ASSERT(has(m->depends, m->depend_count, "usbcore") &&
		  has(m->depends, m->depend_count, "mc"));
	CU_ASSERT_EQUAL(m->param_count, 3);
	CU_ASSERT(has(m->params, m->param_count, "debug") &&
		  has(m->params, m->param_count, "quiet"));
	CU_ASSERT(has(m->params, m->param_count, "id"));
	CU_ASSERT_EQUAL(m->undefined_count, 1);
	CU_ASSERT(has(m->undefined, m->undefined_count, "printk"));
	CU_ASSERT_EQUAL(m->export_count, 1);
	CU_ASSERT(has(m->exports, m->export_count, "first_open"));
	CU_ASSERT_EQUAL(m->path[0], '/');
	CU_ASSERT(!memcmp(m->bytes, ELFMAG, SELFMAG));
}

static void what_it_says(void)
{
	struct modfile m;
	char err[KF_ERR] = "";

	if (!sample_module("modfile/first-sample.ko", &sample))
		return;
	CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/first-sample.ko"), &m, err), 0);
	check_sample(&m);
	CU_ASSERT_STRING_EQUAL(modfile_base(&m), "first-sample.ko");
	modfile_close(&m);
	CU_ASSERT_PTR_NULL(m.bytes);
}

static void compressed(void)
{
	static const enum compression formats[] = {COMPRESSION_XZ, COMPRESSION_ZSTD,
						   COMPRESSION_GZIP};
	struct blob plain, packed;
	struct modfile m;
	char err[KF_ERR] = "";
	size_t i;

	if (!sample_module("modfile/plain.ko", &sample))
		return;
	CU_ASSERT_EQUAL_FATAL(kf_read_file(scratch("modfile/plain.ko"), &plain, err), 0);
	for (i = 0; i < 3; i++) {
		packed = fake_compress(&plain, formats[i]);
		scratch_write("modfile/packed.ko.x", packed.data, packed.size);
		CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/packed.ko.x"), &m, err), 0);
		check_sample(&m);
		CU_ASSERT_EQUAL(m.size, plain.size);
		modfile_close(&m);
		scratch_write("modfile/packed.ko.x", packed.data, packed.size / 2);
		CU_ASSERT_EQUAL(modfile_open(scratch("modfile/packed.ko.x"), &m, err), -1);
		ASSERT_SAYS(err, "and cannot be unpacked: the ");
		free(packed.data);
	}
	free(plain.data);
}

/* Local symbols stripped away. Expect: exports by their strings. */
static void stripped_exports(void)
{
	struct sample s = {.name = "strings"};
	struct modfile m;
	char err[KF_ERR] = "";

	s.code = "char strings[] __attribute__((section(\"__ksymtab_strings\"), used)) = "
		 "\"one\\0\\0two\\0NS\";";
	if (!sample_module("modfile/strings.ko", &s))
		return;
	CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/strings.ko"), &m, err), 0);
	CU_ASSERT(has(m.exports, m.export_count, "one") && has(m.exports, m.export_count, "two"));
	modfile_close(&m);
}

static void debug_information(void)
{
	struct modfile m;
	char *source = "int x;", err[KF_ERR];

	if (!sample_module("modfile/nodebug.ko", &sample))
		return;
	CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/nodebug.ko"), &m, err), 0);
	CU_ASSERT(!m.has_debug);
	modfile_close(&m);
	/* Without .modinfo it is only an object file, with or without debug information. */
	CU_ASSERT(scratch_compile("modfile/object.o", source, "-g"));
	CU_ASSERT_EQUAL(modfile_open(scratch("modfile/object.o"), &m, err), -1);
	ASSERT_SAYS(err, "not a kernel module: it has no .modinfo section");
}

static void expect_params(const struct modfile *m, const char *param, const char *text)
{
	char *const params[] = {"debug=1", (char *)param};
	char err[KF_ERR] = "";

	CU_ASSERT_EQUAL(modfile_check_params(m, params, 2, err), text ? -1 : 0);
	if (text)
		ASSERT_SAYS(err, text);
}

static void parameters(void)
{
	struct sample none = {.name = "none"};
	char *const one[] = {"x=1"};
	char err[KF_ERR];
	struct modfile m;

	if (!sample_module("modfile/params.ko", &sample) ||
	    !sample_module("modfile/none.ko", &none))
		return;
	CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/params.ko"), &m, err), 0);
	expect_params(&m, "quiet", NULL);
	expect_params(&m, "id=1,2", NULL);
	expect_params(&m, "id=", NULL);
	expect_params(&m, "dyndbg=+p", NULL);
	expect_params(&m, "async-probe", NULL);
	expect_params(&m, "x=1", "params.ko has no parameter 'x'; it has: debug, quiet, id");
	expect_params(&m, "debu=1", "has no parameter 'debu'");
	expect_params(&m, "=1", "'=1' is not a parameter: write name=value");
	modfile_close(&m);
	CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/none.ko"), &m, err), 0);
	CU_ASSERT_EQUAL(modfile_check_params(&m, one, 1, err), -1);
	ASSERT_SAYS(err, "none.ko has no parameter 'x'; it has none");
	CU_ASSERT_EQUAL(modfile_check_params(&m, NULL, 0, err), 0);
	modfile_close(&m);
}

/* A thousand parameters. Expect: the sentence still ends within its room. */
static void many_parameters(void)
{
	struct modfile m = {.path = "/many.ko"};
	char *const one[] = {"x=1"}, name[] = "a_parameter_with_quite_a_long_name";
	char err[KF_ERR];
	unsigned i;

	m.params = kf_array(NULL, 1000, sizeof(*m.params));
	for (i = 0; i < 1000; i++)
		m.params[i] = name;
	m.param_count = 1000;
	CU_ASSERT_EQUAL(modfile_check_params(&m, one, 1, err), -1);
	ASSERT_SAYS(err, "...");
	free(m.params);
}

static void not_at_hand(void)
{
	struct kernel_paths paths;
	struct modfile m;
	char err[KF_ERR];

	if (!sample_module("modfile/kernel.ko", &sample))
		return;
	use_empty_places("modfile/root");
	CU_ASSERT_EQUAL_FATAL(modfile_open(scratch("modfile/kernel.ko"), &m, err), 0);
	CU_ASSERT_EQUAL(modfile_find_kernel(&m, &paths, err), -1);
	ASSERT_SAYS(err, "kernel.ko: built for kernel 9.9.9-test, and no image of kernel "
			 "9.9.9-test is at hand");
	ASSERT_SAYS(err, "`kfail kernel fetch 9.9.9-test` gets it");
	modfile_close(&m);
	use_real_places();
}

/* Every 7th module of the real kernel. Expect: opened, of this kernel, named after its file. */
static void real_modules(void)
{
	char *roots[] = {real_kernel() ? real_kernel()->modules : NULL, NULL};
	unsigned seen = 0, opened = 0;
	struct modfile m;
	char err[KF_ERR];
	FTSENT *e;
	FTS *fts;

	if (!roots[0]) {
		skip("no modules at hand");
		return;
	}
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while ((e = fts_read(fts))) {
		if (e->fts_info != FTS_F || !strstr(e->fts_name, ".ko") || seen++ % 7)
			continue;
		if (modfile_open(e->fts_path, &m, err)) {
			CU_FAIL("a module of the kernel was refused");
			fprintf(stderr, "%s\n", err);
			continue;
		}
		CU_ASSERT_STRING_EQUAL(m.kernel_version, real_kernel()->version);
		CU_ASSERT_EQUAL(strcspn(e->fts_name, "."), strlen(m.name));
		opened++;
		modfile_close(&m);
	}
	fts_close(fts);
	CU_ASSERT(opened > 50);
}

CU_TestInfo modfile_tests[] = {
	{"what a module says of itself", what_it_says},
	{"compressed modules", compressed},
	{"exports of a stripped module", stripped_exports},
	{"debug information", debug_information},
	{"parameters", parameters},
	{"many parameters", many_parameters},
	{"its kernel is not at hand", not_at_hand},
	{"modules of the real kernel", real_modules},
	CU_TEST_INFO_NULL,
};
