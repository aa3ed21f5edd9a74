// SPDX-License-Identifier: GPL-2.0-only
/* What is wrong with a scenario is one sentence. A process loads one program, so each is loaded in a child. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "suites.h"

/* The sentence for this source (NULL: for the file `path`); "" when it is loaded. */
static const char *load(const char *path, const char *source)
{
	static char err[PROGRAM_ERR];
	char dir[] = "/tmp/kfail-test-XXXXXX", file[64];
	int fds[2];
	ssize_t n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/my.c", dir);
	if (source) {
		FILE *f = fopen(file, "w");

		fputs(source, f);
		fclose(f);
	}
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	fflush(NULL);
	if (!fork()) {
		err[0] = '\0';
		freopen("/dev/null", "w", stderr);
		program_load(source ? file : path, err);
		_exit(write(fds[1], err, sizeof(err)) != sizeof(err));
	}
	n = read(fds[0], err, sizeof(err));
	CU_ASSERT_EQUAL(n, (ssize_t)sizeof(err));
	while (wait(NULL) > 0)
		;
	close(fds[0]);
	close(fds[1]);
	unlink(file);
	rmdir(dir);
	return err;
}

#define HEAD "#include <kfail/scenario.h>\n"

static void expect_sentence(const char *source, const char *words)
{
	const char *sentence = load(NULL, source);

	if (!strstr(sentence, words))
		printf("\n    \"%s\" does not say \"%s\"\n", sentence, words);
	CU_ASSERT_PTR_NOT_NULL(strstr(sentence, words));
}

static void test_good(void)
{
	CU_ASSERT_STRING_EQUAL(load(NULL, HEAD "OPERATION(a) { return 0; }\n"), "");
	CU_ASSERT_STRING_EQUAL(
		load(NULL, HEAD "#include <stdio.h>\n#include <stdlib.h>\n#include <math.h>\n"
				"OPERATION(a) { char t[9]; snprintf(t, 9, \"%d\", atoi(\"7\")); "
				"puts(t); return strlen(t); }\n"),
		"");
}

static void test_bad_source(void)
{
	expect_sentence("int x = ;\n", "my.c does not compile");
	expect_sentence(HEAD "OPERATION(a) { return no_such_function(); }\n", "does not compile");
	expect_sentence("int x;\n", "does not include <kfail/scenario.h>");
	expect_sentence(HEAD, "has no OPERATION()");
	expect_sentence(HEAD "OPERATION(init) { return 0; }\n", "cannot be named init");
	expect_sentence(
		HEAD "#define kfail_program my_program\n"
		     "const struct { int version, size; } __attribute__((visibility(\"default\"))) "
		     "x;\n",
		"has no OPERATION()");
}

static void test_imports(void)
{
	expect_sentence(HEAD "#include <pthread.h>\nOPERATION(a) { pthread_t t; return "
			     "pthread_create(&t, NULL, NULL, NULL); }\n",
			"pthread_create(): threads are not supported in scenarios");
	expect_sentence(HEAD
			"#include <stdio.h>\nOPERATION(a) { return !fopen(\"/dev/x\", \"r\"); }\n",
			"calls fopen(), which a scenario cannot do");
	expect_sentence(HEAD "OPERATION(a) { return fork(); }\n", "calls fork()");
	expect_sentence(HEAD "#include <signal.h>\nOPERATION(a) { return !signal(1, SIG_IGN); }\n",
			"calls signal()");
	/* As a pointer in its data, too. */
	expect_sentence(HEAD
			"static pid_t (*volatile f)(void) = fork;\nOPERATION(a) { return f(); }\n",
			"calls fork()");
}

static void test_bad_file(void)
{
	CU_ASSERT_PTR_NOT_NULL(strstr(load("/nowhere/my.c", NULL), "the scenario /nowhere/my.c"));
	CU_ASSERT_PTR_NOT_NULL(strstr(load("/etc/passwd", NULL), "cannot be loaded"));
}

CU_TestInfo load_tests[] = {
	{"programs that can be loaded", test_good},
	{"sources that are wrong", test_bad_source},
	{"imports that would go to the host", test_imports},
	{"files that are none", test_bad_file},
	CU_TEST_INFO_NULL,
};
