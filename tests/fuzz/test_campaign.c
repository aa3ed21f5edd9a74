// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a campaign is made of: its file, the words of its instances, the numbers of AFL++, who runs
 * it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../fuzz/campaign/campaign.h"
#include "../../fuzz/triage/files.h"
#include "suites.h"

static char folder[64], err[CAMPAIGN_ERR];

static void begin(struct campaign *c)
{
	char part[80];

	strcpy(folder, "/tmp/kfail-campaign-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(part, sizeof(part), "%s/run", folder);
	mkdir(part, 0700);
	*c = (struct campaign){
		.folder = strdup(folder),
		.version = strdup("1.2"),
		.target = strdup("canary"),
		.node = strdup("a"),
		.directory = strdup("/"),
		.jobs = 12,
		.exchange_minutes = 7,
		.seed = 41,
		.program = strdup("/bin/kfail"),
	};
	strings_add(&c->words, &c->word_count, strdup("--target=canary"));
	strings_add(&c->words, &c->word_count, strdup("--"));
	strings_add(&c->words, &c->word_count, strdup("\"x\"=\\ 1"));
}

static void end(struct campaign *c)
{
	campaign_clear(c);
	file_remove_tree(folder);
}

static void write_file(const char *name, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	CU_ASSERT_EQUAL(file_write(path, text, strlen(text), err), 0);
}

/* Expect: what is read is what was written, with all that a shell would take apart. */
static void test_file(void)
{
	struct campaign c, read;

	begin(&c);
	CU_ASSERT_FALSE(campaign_exists(folder));
	CU_ASSERT_EQUAL(campaign_load(folder, &read, err), CAMPAIGN_WRONG);
	strings_add(&c.peers, &c.peer_count, strdup("host:/a b"));
	CU_ASSERT_EQUAL(campaign_save(&c, err), 0);
	CU_ASSERT_TRUE(campaign_exists(folder));
	CU_ASSERT_EQUAL_FATAL(campaign_load(folder, &read, err), 0);
	CU_ASSERT_TRUE(campaign_same_words(&read, c.words, c.word_count));
	CU_ASSERT_FALSE(campaign_same_words(&read, c.words, 1));
	CU_ASSERT_STRING_EQUAL(read.node, "a");
	CU_ASSERT_STRING_EQUAL(read.folder, folder);
	CU_ASSERT_EQUAL(read.jobs, 12);
	CU_ASSERT_EQUAL(read.seed, 41);
	CU_ASSERT_EQUAL_FATAL(read.peer_count, 1);
	CU_ASSERT_STRING_EQUAL(read.peers[0], "host:/a b");
	CU_ASSERT_PTR_NULL(read.asan_program);
	campaign_clear(&read);
	end(&c);
}

static void test_damaged_file(void)
{
	static const char *const texts[] = {
		"", "{", "[1]", "{}", "{\"kfail\": \"1\", \"words\": 3}", "{\"target\": [\"x\"]}"};
	struct campaign c, read;

	begin(&c);
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_file("campaign.json", texts[i]);
		err[0] = 0;
		CU_ASSERT_EQUAL(campaign_load(folder, &read, err), CAMPAIGN_WRONG);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, "campaign.json"));
	}
	end(&c);
}

static void test_target(void)
{
	char *words[][3] = {{(char *)"--target", (char *)"x", NULL},
			    {(char *)"--target=y", NULL, NULL},
			    {(char *)"foo.ko", (char *)"--targets", NULL}};
	static const char *const targets[] = {"x", "y", "driver"};

	for (unsigned i = 0; i < 3; i++) {
		char *target = campaign_target_of(words[i], words[i][1] ? 2 : 1);

		CU_ASSERT_STRING_EQUAL(target, targets[i]);
		free(target);
	}
}

/* More words stand before what is the driver's own. */
static void test_words(void)
{
	struct campaign c;
	char *more[] = {(char *)"--run", (char *)"f"}, **words;

	begin(&c);
	words = campaign_fuzz_words(&c, "p", more, 2);
	CU_ASSERT_STRING_EQUAL(words[0], "p");
	CU_ASSERT_STRING_EQUAL(words[1], "fuzz");
	CU_ASSERT_STRING_EQUAL(words[2], "--target=canary");
	CU_ASSERT_STRING_EQUAL(words[3], "--run");
	CU_ASSERT_STRING_EQUAL(words[4], "f");
	CU_ASSERT_STRING_EQUAL(words[5], "--");
	CU_ASSERT_STRING_EQUAL(words[6], "\"x\"=\\ 1");
	CU_ASSERT_PTR_NULL(words[7]);
	strings_free(words);
	end(&c);
}

/* ---- instances ---- */

static unsigned count_word(const struct instance *all, unsigned count, const char *word)
{
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++)
		for (char **w = all[i].argv; *w && strcmp(*w, "--") != 0; w++)
			found += !strcmp(*w, word);
	return found;
}

static unsigned count_variable(const struct instance *all, unsigned count, const char *begins)
{
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++)
		for (char **v = all[i].variables; *v; v++)
			found += !strncmp(*v, begins, strlen(begins));
	return found;
}

/* Expect: one main instance, and the others of all kinds. */
static void test_instances(void)
{
	const struct campaign_limits limits = {.execs = 5};
	struct instance *all;
	struct campaign c;

	begin(&c);
	c.asan_program = strdup("/bin/kfail-asan");
	c.cmplog_program = strdup("/bin/kfail-cmplog");
	c.mutator = strdup("/lib/mutator.so");
	write_file("dictionary", "x");
	all = instances_make(&c, &limits);
	CU_ASSERT_EQUAL(count_word(all, 12, "-M"), 1);
	CU_ASSERT_EQUAL(count_word(all, 12, "-S"), 11);
	CU_ASSERT_STRING_EQUAL(all[0].name, "a-main");
	CU_ASSERT_STRING_EQUAL(all[11].name, "a-s11");
	CU_ASSERT(count_word(all, 12, "-L") >= 1);
	CU_ASSERT(count_word(all, 12, "-Z") >= 1);
	CU_ASSERT(count_word(all, 12, "-x") >= 1);
	CU_ASSERT(count_word(all, 12, "/bin/kfail-cmplog") >= 1);
	CU_ASSERT_EQUAL(count_word(all, 12, "-E"), 12);
	CU_ASSERT(count_variable(all, 12, "AFL_DISABLE_TRIM=") >= 1);
	CU_ASSERT(count_variable(all, 12, "AFL_CUSTOM_MUTATOR_LIBRARY=/lib/mutator.so") >= 8);
	CU_ASSERT(count_variable(all, 12, "AFL_CUSTOM_MUTATOR_LIBRARY=") < 12);
	CU_ASSERT_EQUAL(count_variable(all, 12, "AFL_AUTORESUME=1"), 12);
	CU_ASSERT_TRUE(all[2].asan);
	CU_ASSERT_FALSE(all[0].asan);
	/* No two fuzz alike: another seed for each. */
	for (unsigned i = 0; i < 12; i++) {
		char seed[16];

		snprintf(seed, sizeof(seed), "%u", 41 + i);
		CU_ASSERT_EQUAL(count_word(&all[i], 1, seed), 1);
	}
	instances_free(all, 12);
	end(&c);
}

/* What is not there is not asked for. */
static void test_plain_instances(void)
{
	const struct campaign_limits limits = {0};
	struct instance *all;
	struct campaign c;

	begin(&c);
	all = instances_make(&c, &limits);
	CU_ASSERT_EQUAL(count_word(all, 12, "-x"), 0);
	CU_ASSERT_EQUAL(count_word(all, 12, "-c"), 0);
	CU_ASSERT_EQUAL(count_word(all, 12, "-E"), 0);
	CU_ASSERT_EQUAL(count_variable(all, 12, "AFL_CUSTOM_MUTATOR"), 0);
	for (unsigned i = 0; i < 12; i++)
		CU_ASSERT_FALSE(all[i].asan);
	instances_free(all, 12);
	end(&c);
}

static void test_ours(void)
{
	struct campaign c;

	begin(&c);
	CU_ASSERT_TRUE(stats_is_ours(&c, "a-main"));
	CU_ASSERT_TRUE(stats_is_ours(&c, "a-s10"));
	CU_ASSERT_FALSE(stats_is_ours(&c, "a-b-main"));
	CU_ASSERT_FALSE(stats_is_ours(&c, "a-merged"));
	CU_ASSERT_FALSE(stats_is_ours(&c, "b-main"));
	CU_ASSERT_FALSE(stats_is_ours(&c, "a-s"));
	end(&c);
}

/* ---- numbers ---- */

static const char numbers[] = "start_time        : 1763000000\n"
			      "last_update       : 1763000100\n"
			      "run_time          : 100\n"
			      "fuzzer_pid        : 4711\n"
			      "execs_done        : 123456789012\n"
			      "execs_per_sec     : 5340.25\n"
			      "corpus_count      : 321\n"
			      "stability         : 98.76%\n"
			      "bitmap_cvg        : 12.34%\n"
			      "saved_crashes     : 2\n"
			      "saved_hangs       : 1\n"
			      "edges_found       : 2191\n"
			      "total_edges       : 18954\n"
			      "afl_banner        : execs_done : 7\n"
			      "command_line      : afl-fuzz -i a -o b\n";

static void test_numbers(void)
{
	struct stats stats;
	struct campaign c;
	char path[160];

	begin(&c);
	write_file("fuzzer_stats", numbers);
	snprintf(path, sizeof(path), "%s/fuzzer_stats", folder);
	CU_ASSERT_TRUE(stats_read(path, &stats));
	CU_ASSERT_EQUAL(stats.execs, 123456789012ull);
	CU_ASSERT_EQUAL(stats.pid, 4711);
	CU_ASSERT_EQUAL(stats.run_seconds, 100);
	CU_ASSERT_EQUAL(stats.corpus, 321);
	CU_ASSERT_EQUAL(stats.edges, 2191);
	CU_ASSERT_EQUAL(stats.map, 18954);
	CU_ASSERT_EQUAL(stats.crashes, 2);
	CU_ASSERT_EQUAL(stats.hangs, 1);
	CU_ASSERT_DOUBLE_EQUAL(stats.stability, 98.76, 0.001);
	CU_ASSERT_DOUBLE_EQUAL(stats.execs_per_second, 5340.25, 0.001);
	write_file("fuzzer_stats", "execs_done : 3\nexecs_per_sec : inf\n");
	CU_ASSERT_TRUE(stats_read(path, &stats));
	CU_ASSERT_EQUAL(stats.execs_per_second, 0);
	write_file("fuzzer_stats", "nothing of this : kind\n");
	CU_ASSERT_FALSE(stats_read(path, &stats));
	CU_ASSERT_FALSE(stats_read("/nonexistent", &stats));
	end(&c);
}

/* Low stability is a warning, of our own instances. */
static void test_status(void)
{
	struct campaign c;
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w+");

	begin(&c);
	CU_ASSERT_EQUAL(file_make_directories(strcat(strcpy(text, folder), "/sync/a-main")), 0);
	CU_ASSERT_EQUAL(file_make_directories(strcat(strcpy(text, folder), "/sync/b-main")), 0);
	text[0] = 0;
	write_file("sync/a-main/fuzzer_stats", numbers);
	write_file("sync/b-main/fuzzer_stats", numbers);
	status_print(&c, out);
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "not running"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "a-main               stopped"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "b-main               peer"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "warning: a-main: stability is 98.76 %"));
	CU_ASSERT_PTR_NULL(strstr(text, "warning: b-main"));
	end(&c);
}

/* ---- who runs it ---- */

static void test_owner(void)
{
	char where[256];
	struct campaign c;
	int status;
	pid_t pid, child;

	begin(&c);
	CU_ASSERT_EQUAL(owner_of(&c, &pid, where), OWNER_NONE);
	CU_ASSERT_EQUAL(owner_take(&c, err), 0);
	CU_ASSERT_EQUAL(owner_of(&c, &pid, where), OWNER_HERE);
	CU_ASSERT_EQUAL(pid, getpid());
	/* Another process cannot. */
	child = fork();
	if (!child)
		_exit(owner_take(&c, err));
	waitpid(child, &status, 0);
	CU_ASSERT_EQUAL(WEXITSTATUS(status), CAMPAIGN_WRONG);
	owner_leave(&c);
	CU_ASSERT_EQUAL(owner_of(&c, &pid, where), OWNER_NONE);
	end(&c);
}

/* A process number that another process has by now is not taken for the supervisor. */
static void test_reused_number(void)
{
	char where[256], text[256], *owner, path[160];
	struct campaign c;
	size_t size;
	pid_t pid;
	int number;
	unsigned long long started;

	begin(&c);
	CU_ASSERT_EQUAL(owner_take(&c, err), 0);
	snprintf(path, sizeof(path), "%s/run/supervisor.pid", folder);
	owner = file_read(path, 256, &size);
	CU_ASSERT_EQUAL_FATAL(sscanf(owner, "%d %llu", &number, &started), 2);
	CU_ASSERT_NOT_EQUAL(started, 0);
	snprintf(text, sizeof(text), "%d %llu%s", number, started - 1, strrchr(owner, ' '));
	write_file("run/supervisor.pid", text);
	CU_ASSERT_EQUAL(owner_of(&c, &pid, where), OWNER_NONE);
	/* One of another machine is there as long as it touches the file. */
	snprintf(text, sizeof(text), "%d %llu elsewhere/pid:[1]\n", number, started);
	write_file("run/supervisor.pid", text);
	CU_ASSERT_EQUAL(owner_of(&c, &pid, where), OWNER_ELSEWHERE);
	CU_ASSERT_PTR_NOT_NULL(strstr(where, "elsewhere"));
	utimensat(AT_FDCWD, path, (struct timespec[2]){{1, 0}, {1, 0}}, 0);
	CU_ASSERT_EQUAL(owner_of(&c, &pid, where), OWNER_NONE);
	owner_leave(&c);
	free(owner);
	end(&c);
}

CU_TestInfo campaign_tests[] = {
	{"campaign.json", test_file},
	{"a damaged one", test_damaged_file},
	{"what is fuzzed", test_target},
	{"words of kfail fuzz", test_words},
	{"instances of all kinds", test_instances},
	{"instances without what is not there", test_plain_instances},
	{"whose an instance is", test_ours},
	{"numbers of AFL++", test_numbers},
	{"status", test_status},
	{"who runs it", test_owner},
	{"a process number used again", test_reused_number},
	CU_TEST_INFO_NULL,
};
