// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of harness/cli/: what the command line means, and that a replay line can be pasted into a shell. Complaints are tested
 * from outside, by tests/bad-input.sh.
 */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/cli/cli.h"

static const struct command sweep_command = {
	.name = "sweep",
	.bit = COMMAND_SWEEP,
	.args = "MODULE.ko",
	.summary = "Sweep",
	.files_min = 1,
	.files_max = 8,
	.takes_params = true,
};

static int parse(struct cli *cli, const char *const *words)
{
	static char *argv[32];
	int argc = 0;

	argv[argc++] = (char *)"sweep";
	while (*words)
		argv[argc++] = (char *)*words++;
	argv[argc] = NULL;
	return cli_parse(&sweep_command, argc, argv, cli);
}

#define PARSE(cli, ...) parse(cli, (const char *const[]){__VA_ARGS__, NULL})

static void test_words(void)
{
	struct cli cli;

	CU_ASSERT_EQUAL(PARSE(&cli, "-j", "3", "a.ko", "--timeout=50", "b.ko", "--schedule", "3,9",
			      "--verbose", "--json", "-"),
			0);
	CU_ASSERT_EQUAL(cli.jobs, 3);
	CU_ASSERT_EQUAL(cli.timeout_ms, 50);
	CU_ASSERT_TRUE(cli.timeout_given);
	CU_ASSERT_TRUE(cli.verbose);
	CU_ASSERT_STRING_EQUAL(cli.json, "-");
	CU_ASSERT_EQUAL(cli.parsed.count, 2);
	CU_ASSERT_EQUAL(cli.file_count, 2);
	CU_ASSERT_STRING_EQUAL(cli.files[0], "a.ko");
	CU_ASSERT_STRING_EQUAL(cli.files[1], "b.ko");
	CU_ASSERT_EQUAL(cli.param_count, 0);
}

/* Behind "--" everything is the module's, whatever it looks like. */
static void test_params(void)
{
	struct cli cli;

	CU_ASSERT_EQUAL(PARSE(&cli, "a.ko", "--", "jobs=3", "--schedule=7", "b.ko"), 0);
	CU_ASSERT_EQUAL(cli.file_count, 1);
	CU_ASSERT_EQUAL(cli.param_count, 3);
	CU_ASSERT_STRING_EQUAL(cli.params[1], "--schedule=7");
	CU_ASSERT_PTR_NULL(cli.schedule);
}

static void check_quote(const char *word, const char *quoted)
{
	char *text = cli_quote(word);

	CU_ASSERT_STRING_EQUAL(text, quoted);
	free(text);
}

static void test_quote(void)
{
	check_quote("foo.ko", "foo.ko");
	check_quote("/lib/modules/6.1.0-56-amd64/foo_bar.ko",
		    "/lib/modules/6.1.0-56-amd64/foo_bar.ko");
	check_quote("", "''");
	check_quote("two words.ko", "'two words.ko'");
	check_quote("it's.ko", "'it'\\''s.ko'");
	check_quote("$(reboot)", "'$(reboot)'");
	check_quote("a\nb", "'a\nb'");
	check_quote("*", "'*'");
	check_quote("~root", "'~root'");
}

/* A shell gives back the very words. */
static void test_shell_reads_it_back(void)
{
	static const char *const words[] = {"it's \"it\"", "$HOME `x` \\", "a  b\tc",
					    "!#&;|<>(){}[]?*~"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char command[256], back[256] = "", *quoted = cli_quote(words[i]);
		FILE *pipe;

		snprintf(command, sizeof(command), "printf %%s %s", quoted);
		pipe = popen(command, "r");
		CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
		CU_ASSERT_EQUAL(fread(back, 1, sizeof(back) - 1, pipe), strlen(words[i]));
		CU_ASSERT_STRING_EQUAL(back, words[i]);
		pclose(pipe);
		free(quoted);
	}
}

static void test_replay_line(void)
{
	struct sweep_options options;
	struct cli cli;
	char *tail, *line;

	CU_ASSERT_EQUAL(PARSE(&cli, "--kernel", "my images/vmlinuz", "--timeout", "50", "mc.ko",
			      "./-odd.ko", "--", "name=a b", "n=1"),
			0);
	tail = cli_replay_tail(&cli);
	options = cli_sweep_options(&cli);
	options.replay_tail = tail;
	line = sweep_replay_line(&options, NULL, "7x4");
	CU_ASSERT_STRING_EQUAL(line, "kfail replay --schedule 7x4 --kernel 'my images/vmlinuz' "
				     "--timeout 50 mc.ko ./-odd.ko -- 'name=a b' n=1");
	free(line);
	line = sweep_replay_line(&options, NULL, "");
	CU_ASSERT_PTR_EQUAL(strstr(line, "kfail replay --schedule '' --kernel"), line);
	free(line);
	free(tail);
}

/* Settings are taken in their order, the last one counts, and a replay line has them all. */
static void test_settings(void)
{
	struct cli cli;
	char *tail;

	CU_ASSERT_EQUAL(PARSE(&cli, "--set", "slub_debug=FZ;-,kmalloc-*", "--set=seed=7", "--set",
			      "seed=9", "--set", "slub_merge", "--profile=2.4", "a.ko"),
			0);
	CU_ASSERT_STRING_EQUAL(cli.settings.slub_debug, "FZ;-,kmalloc-*");
	CU_ASSERT_EQUAL(cli.settings.seed, 9);
	CU_ASSERT_TRUE(cli.settings.slub_merge);
	CU_ASSERT_STRING_EQUAL(cli.settings.profile, "2.4");
	tail = cli_replay_tail(&cli);
	CU_ASSERT_STRING_EQUAL(tail, " --set 'slub_debug=FZ;-,kmalloc-*' --set seed=7 "
				     "--set seed=9 --set slub_merge --profile 2.4 a.ko");
	free(tail);
}

static CU_TestInfo tests[] = {
	{"words", test_words},
	{"params", test_params},
	{"quote", test_quote},
	{"a shell reads it back", test_shell_reads_it_back},
	{"replay line", test_replay_line},
	{"settings", test_settings},
	CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
	{.pName = "command line", .pTests = tests},
	CU_SUITE_INFO_NULL,
};

int main(void)
{
	unsigned failures;

	if (CU_initialize_registry() || CU_register_suites(suites))
		return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures();
	CU_cleanup_registry();
	return failures ? 1 : 0;
}
