// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad input: each gives one sentence, no target, and leaves nothing behind. And parameters, which
 * are part of loading.
 */
#include "native_test.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/kfail-native-test-XXXXXX";

/* A driver of a few lines, in a directory of our own; and compiled files go there too. */
static const char *write_driver(const char *name, const char *text)
{
	static char path[256];
	FILE *file;

	if (strstr(dir, "XXXXXX") && mkdtemp(dir))
		setenv("TMPDIR", dir, 1);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
	return path;
}

static bool left_behind(void)
{
	char pattern[256];
	glob_t found;
	bool any;

	snprintf(pattern, sizeof(pattern), "%s/kfail-*", dir);
	any = glob(pattern, 0, NULL, &found) == 0;
	globfree(&found);
	return any;
}

static void refused(const struct trial *trial, const char *sentence)
{
	const struct seen *seen = try_driver(trial);

	CU_ASSERT(seen->finished);
	CU_ASSERT_EQUAL(seen->prepared, -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(seen->err, sentence));
	CU_ASSERT_PTR_NULL(strchr(seen->err, '\n'));
	CU_ASSERT_FALSE(left_behind());
	if (!strstr(seen->err, sentence))
		printf("\n'%s' is not in '%s'\n", sentence, seen->err);
}

#define SKELETON                                         \
	"#include <linux/module.h>\n"                    \
	"static int __init t_init(void) { return 0; }\n" \
	"module_init(t_init);\n"

static void test_source(void)
{
	refused(&(struct trial){.driver = "/nonexistent.c", .quiet = true},
		"/nonexistent.c: No such file");
	refused(&(struct trial){.driver = write_driver("a.c", "int x = ;\n"), .quiet = true},
		"does not compile");
	refused(&(struct trial){.driver = write_driver("a.c", "#include <linux/pci.h>\n"),
				.quiet = true},
		"does not compile");
	refused(&(struct trial){.driver = write_driver("a.c", "#include <stdio.h>\n"),
				.quiet = true},
		"does not compile");
	refused(&(struct trial){.driver = write_driver("a.c", "int x;\n"), .quiet = true},
		"a has neither module_init() nor module_exit()");
	refused(&(struct trial){.driver = write_driver("my-driver.c", "void rock(void);\n" SKELETON
								      "void (*p)(void) = rock;\n"),
				.quiet = true},
		"my_driver needs rock");
	refused(&(struct trial){.driver = write_driver("a.so", "not an object\n"), .quiet = true},
		"a cannot be loaded");
}

static void test_compiler(void)
{
	const char *driver = write_driver("a.c", SKELETON);

	refused(&(struct trial){.driver = driver, .cc = "no-such-compiler", .quiet = true},
		"cannot run the compiler 'no-such-compiler'");
	refused(&(struct trial){.driver = driver,
				.cflags = "-DMODULE_LICENSE=%%% -Wbad -Werror",
				.quiet = true},
		"does not compile");
	setenv("KFAIL_DATADIR", "/nonexistent", 1);
	refused(&(struct trial){.driver = driver, .quiet = true},
		"KFAIL_DATADIR has no headers for native mode");
	unsetenv("KFAIL_DATADIR");
	setenv("TMPDIR", "/nonexistent", 1);
	refused(&(struct trial){.driver = driver, .quiet = true},
		"cannot make a directory for the compiled a, ");
	setenv("TMPDIR", dir, 1);
}

static void test_success(void)
{
	const struct seen *seen = try_driver(&(struct trial){
		.driver = write_driver("fine.c", SKELETON), .cc = "gcc -m64", .body = body_init});

	CU_ASSERT(seen->finished && !seen->prepared && seen->alive);
	CU_ASSERT_FALSE(left_behind());
}

#define PARAMS                                                                                    \
	SKELETON "static int n = 3; module_param(n, int, 0444);\n"                                \
		 "static bool on; module_param(on, bool, 0);\n"                                   \
		 "static char *word = \"none\"; module_param(word, charp, 0);\n"                  \
		 "static char text[8]; module_param_string(str, text, sizeof(text), 0);\n"        \
		 "static unsigned short v[3]; static int vs; module_param_array(v, ushort, &vs, " \
		 "0);\n"                                                                          \
		 "static int other(void)\n"                                                       \
		 "{ pr_info(\"%d %d %s %s %d:%d,%d\", n, on, word, text, vs, v[0], v[1]);\n"      \
		 "  return -EPERM; }\n"

static const char *with_init(void)
{
	return write_driver("params.c", "#include <linux/module.h>\n"
					"#define module_init(x) extern int unused_##x\n" PARAMS
					"#undef module_init\n"
					"const initcall_t native_module_init = other;\n");
}

static void test_params(void)
{
	static const char *const good[] = {"n=0x10", "on", "word=hello", "str=abc", "v=7,8", NULL};
	static const char *const unknown[] = {"m=1", NULL};
	static const char *const range[] = {"n=99999999999", NULL};
	static const char *const many[] = {"v=1,2,3,4", NULL};
	static const char *const too_long[] = {"str=0123456789", NULL};
	const char *driver = with_init();
	const struct seen *seen = try_driver(&(struct trial){
		.driver = driver, .cflags = "-w", .params = good, .body = body_init});

	CU_ASSERT_EQUAL(seen->prepared, 0);
	CU_ASSERT_EQUAL(seen->result, -1);
	CU_ASSERT_STRING_EQUAL(seen->log, "16 1 hello abc 2:7,8\n");
	refused(&(struct trial){.driver = driver, .params = unknown, .quiet = true},
		"params has no parameter 'm'");
	refused(&(struct trial){.driver = driver, .params = range, .quiet = true},
		"does not accept 'n=99999999999': Numerical result out of range");
	refused(&(struct trial){.driver = driver, .params = many, .quiet = true},
		"does not accept 'v=1,2,3,4': Invalid argument");
	refused(&(struct trial){.driver = driver, .params = too_long, .quiet = true},
		"does not accept 'str=0123456789': No space");
}

/* A driver's own function keeps its meaning, though kfail has one of the same name. */
static void test_own_names(void)
{
	const struct seen *seen = try_driver(&(struct trial){
		.driver = write_driver(
			"names.c",
			"#include <linux/module.h>\n"
			"int snapshot_take(void); int snapshot_take(void) { return -77; }\n"
			"static int t_init(void) { return snapshot_take(); }\n"
			"module_init(t_init);\n"),
		.body = body_init});

	CU_ASSERT_EQUAL(seen->prepared, 0);
	CU_ASSERT_EQUAL(seen->result, -77);
}

/* What another compiler made, without frame pointers: stacks come from libunwind then. */
static void test_object(void)
{
	char object[256], command[1024];
	const struct seen *seen;

	snprintf(object, sizeof(object), "%s/death.so", dir);
	snprintf(command, sizeof(command),
		 "cc -w -shared -fPIC -O2 -g -fomit-frame-pointer -nostdinc "
		 "-Iharness/native/include "
		 "-include harness/native/include/linux/kconfig.h -Wl,-Bsymbolic -o %s " DRIVERS
		 "death.c",
		 object);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	seen = try_driver(&(struct trial){.driver = object,
					  .params = (const char *const[]){"how=spin", NULL},
					  .body = body_init});
	CU_ASSERT_EQUAL(seen->death.kind, DEATH_DEADLOCK);
	CU_ASSERT(seen_frame(seen, "spin_lock") && seen_frame(seen, "die"));
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CU_ASSERT_EQUAL(system(command), 0);
	unsetenv("TMPDIR");
}

CU_TestInfo compile_tests[] = {
	{"sources", test_source},
	{"compilers and directories", test_compiler},
	{"success leaves nothing behind", test_success},
	{"parameters", test_params},
	{"names that kfail has too", test_own_names},
	{"an object of somebody else", test_object},
	CU_TEST_INFO_NULL,
};
