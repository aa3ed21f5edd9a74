// SPDX-License-Identifier: GPL-2.0-only
/*
 * AFL++ on a driver: `kfail fuzz --output DIR foo.ko`.
 *
 *	this process: the driver prepared, a run without calls	--> what is wrong with it as it is
 *	DIR/description, DIR/seeds/				<-- what it can be asked, and inputs to begin with
 *	afl-fuzz -M main -o DIR, -S second ...			--> kfail-afl fuzz --target driver foo.ko
 *	DIR/<instance>/crashes, hangs				--> each run here once more, made smaller, once for each finding
 *	DIR/findings/ID/					<-- what it is, and the smallest input (../../fuzz/triage)
 *
 * The program that AFL++ drives is this one with AFL++'s runtime linked in (kfail-afl, beside it): nothing of kfail's own code is
 * instrumented, so that the map holds the driver's behaviour alone. AFL++'s folder is its own; what is added to it are
 * the three names above, so that a folder can be gone on with, merged and looked at as any of AFL++'s.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../fuzz/driver/driver.h"
#include "../../fuzz/engine/engine.h"
#include "../../reports/report.h"
#include "../trace/util.h"
#include "fuzz.h"

#define AFL_TIMEOUT   "20000+" /* ms: kfail's own limit is the one that tells what was wrong */
#define INSTANCES_MAX 64u

struct campaign {
	const struct cli *cli;
	const char *folder;
	char *description, *seeds; /* paths */
	char program[4096];	   /* that AFL++ drives */
	bool resumed;
	pid_t instances[INSTANCES_MAX];
	unsigned count;
};

static volatile sig_atomic_t interrupted;

/* ---- before ---- */

static int make_directory(const char *path)
{
	if (!mkdir(path, 0777) || errno == EEXIST)
		return 0;
	return cli_complain("%s: %s", path, strerror(errno));
}

static int find_program(struct campaign *c)
{
	ssize_t n = readlink("/proc/self/exe", c->program, sizeof(c->program) - 8);

	if (n < 0)
		return cli_complain("kfail does not find itself: %s", strerror(errno));
	c->program[n] = '\0';
	if (!fuzz_can_afl())
		strcpy(c->program + n, "-afl");
	if (access(c->program, X_OK))
		return cli_complain("%s is not there: it is built by `make` where AFL++ is "
				    "installed (package afl++)",
				    c->program);
	return 0;
}

/* As a shell looks for it. */
static bool is_in_path(const char *name)
{
	char *path = xstrdup(getenv("PATH") ?: "/usr/bin:/bin"), *rest = path, *directory, *file;
	bool found = false;

	while (!found && (directory = strsep(&rest, ":"))) {
		file = xasprintf("%s/%s", *directory ? directory : ".", name);
		found = !access(file, X_OK);
		free(file);
	}
	free(path);
	return found;
}

static int write_description(const struct campaign *c)
{
	FILE *out = fopen(c->description, "we");

	if (!out)
		return cli_complain("%s: %s", c->description, strerror(errno));
	model_print(driver_model(), out);
	return fclose(out) ? cli_complain("%s: %s", c->description, strerror(errno)) : 0;
}

static int write_seed(const struct campaign *c, const char *name, const uint8_t *data, size_t size)
{
	char *path = xasprintf("%s/%s", c->seeds, name);
	FILE *out = fopen(path, "wbe");
	bool whole = out && fwrite(data, 1, size, out) == size;

	if (out && fclose(out))
		whole = false;
	if (!whole)
		cli_complain("%s: %s", path, strerror(errno));
	free(path);
	return whole ? 0 : STATUS_USAGE;
}

static int keep_seed(const char *name, const uint8_t *data, size_t size, void *arg)
{
	return write_seed(arg, name, data, size);
}

/* One of --input: bytes as they are, text as bytes. */
static int copy_seed(const struct campaign *c, const char *name)
{
	char *path = xasprintf("%s/%s", c->cli->fuzz.input, name), err[FUZZ_ERR];
	size_t size;
	uint8_t *data = fuzz_load(&driver_target, path, &size, err);
	int status = data ? write_seed(c, name, data, size) : cli_complain("%s", err);

	free(data);
	free(path);
	return status;
}

static int copy_seeds(const struct campaign *c)
{
	DIR *from = opendir(c->cli->fuzz.input);
	struct dirent *entry;
	unsigned count = 0;
	int status = 0;

	if (!from)
		return cli_complain("--input %s: %s", c->cli->fuzz.input, strerror(errno));
	while (!status && (entry = readdir(from)))
		if (entry->d_name[0] != '.') {
			status = copy_seed(c, entry->d_name);
			count++;
		}
	closedir(from);
	if (!status && !count)
		status = cli_complain("--input %s: there is no input in it", c->cli->fuzz.input);
	return status;
}

static int prepare_folder(struct campaign *c)
{
	struct stat st;
	int status;

	c->description = xasprintf("%s/description", c->folder);
	c->seeds = xasprintf("%s/seeds", c->folder);
	c->resumed = !stat(c->description, &st);
	if (c->resumed && c->cli->fuzz.input)
		return cli_complain("%s is there already: --input is for a new folder", c->folder);
	if (c->resumed && c->cli->fuzz.description &&
	    strcmp(c->cli->fuzz.description, c->description) != 0)
		return cli_complain(
			"%s is there already, with a description of its own: its inputs "
			"belong to that one",
			c->folder);
	status = make_directory(c->folder) ?: make_directory(c->seeds);
	if (status || c->resumed)
		return status;
	status = write_description(c);
	if (status)
		return status;
	return c->cli->fuzz.input ? copy_seeds(c) : driver_seeds(keep_seed, c);
}

/* What is wrong with the driver as it is; inputs do not tell it again. */
static int tell_baseline(struct fuzz_outcome *out)
{
	char err[FUZZ_ERR];

	if (driver_baseline(out, err))
		return cli_complain("%s", err), STATUS_NOT_JUDGED;
	for (unsigned i = 0; i < out->count; i++)
		report_finding_text(stdout, &out->findings[i], i + 1, cli_colour(stdout), false);
	if (out->not_judged)
		printf("without any call: not judged: %s\n", out->not_judged);
	return out->lost ? STATUS_NOT_JUDGED : 0;
}

/* ---- AFL++ ---- */

/* The words of `kfail-afl fuzz ...`, behind those of AFL++. */
static void add_target(const struct campaign *c, const char **words, unsigned n)
{
	const struct cli *cli = c->cli;

	words[n++] = c->program;
	words[n++] = "fuzz";
	words[n++] = "--target";
	words[n++] = driver_target.name;
	words[n++] = "--description";
	words[n++] = c->description;
	for (unsigned i = 0; i < cli->replayed_count; i++)
		words[n++] = cli->replayed[i];
	for (unsigned i = 0; i < cli->fuzz.module_count; i++)
		words[n++] = cli->fuzz.modules[i];
	if (cli->param_count)
		words[n++] = "--";
	for (unsigned i = 0; i < cli->param_count; i++)
		words[n++] = cli->params[i];
	words[n] = NULL;
}

/* Beside the program; without it AFL++'s own mutations are left. */
static void use_mutator(const struct campaign *c, unsigned number)
{
	char *directory = xstrdup(c->program), *path;

	*strrchr(directory, '/') = '\0';
	path = xasprintf("%s/libkfail-mutate-driver.so", directory);
	if (!access(path, R_OK)) {
		setenv("AFL_CUSTOM_MUTATOR_LIBRARY", path, 0);
		/* AFL++'s own mutations shift calls against each other more often than not: for every other instance. */
		if (number % 2 == 0)
			setenv("AFL_CUSTOM_MUTATOR_ONLY", "1", 0);
	}
	free(path);
	free(directory);
}

static void set_environment(const struct campaign *c, unsigned number)
{
	static const char *const settings[][2] = {
		{"AFL_SKIP_CPUFREQ", "1"},
		{"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1"},
		{"AFL_NO_AFFINITY", "1"},
		/* Which call comes first and which last matters: a trimmed input is another one. */
		{"AFL_FORKSRV_INIT_TMOUT", "60000"},
		{"AFL_IGNORE_SEED_PROBLEMS", "1"},
	};

	for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		setenv(settings[i][0], settings[i][1], 0);
	if (c->count || c->cli->jobs > 1 || !isatty(STDOUT_FILENO))
		setenv("AFL_NO_UI", "1", 0);
	if (c->resumed)
		setenv("AFL_AUTORESUME", "1", 0);
	setenv("KFAIL_STORE", "", 1);
	use_mutator(c, number);
}

__attribute__((noreturn)) static void become_afl(const struct campaign *c, unsigned number)
{
	const char **words = xcalloc(64 + c->cli->replayed_count + c->cli->fuzz.module_count +
					     c->cli->param_count,
				     sizeof(*words));
	char *name = number ? xasprintf("second%u", number) : xstrdup("main");
	char *log = xasprintf("%s/%s.log", c->folder, name);
	unsigned n = 0;

	set_environment(c, number);
	words[n++] = "afl-fuzz";
	words[n++] = number ? "-S" : "-M";
	words[n++] = name;
	words[n++] = "-i";
	words[n++] = c->seeds;
	words[n++] = "-o";
	words[n++] = c->folder;
	words[n++] = "-t";
	words[n++] = AFL_TIMEOUT;
	words[n++] = "-m";
	words[n++] = "none";
	if (c->cli->fuzz.seconds) {
		words[n++] = "-V";
		words[n++] = xasprintf("%u", c->cli->fuzz.seconds);
	}
	if (c->cli->fuzz.seed) {
		words[n++] = "-s";
		words[n++] = xasprintf("%u", c->cli->fuzz.seed + number);
	}
	words[n++] = "--";
	add_target(c, words, n);
	/* Its screen is for one that somebody looks at. */
	if (getenv("AFL_NO_UI") && (!freopen(log, "w", stdout) || dup2(1, 2) < 0))
		_exit(127);
	execvp("afl-fuzz", (char *const *)words);
	fprintf(stderr, "kfail: afl-fuzz: %s\n", strerror(errno));
	_exit(127);
}

static void on_interrupt(int signal)
{
	interrupted = signal;
}

static void stop_all(const struct campaign *c)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->instances[i] > 0)
			kill(c->instances[i], SIGTERM);
}

/* Until all have ended. How many could not do their work. */
static unsigned wait_for_all(struct campaign *c)
{
	unsigned left = c->count, failed = 0;
	int status;

	while (left) {
		pid_t pid = waitpid(-1, &status, 0);

		if (pid < 0 && errno == EINTR) {
			stop_all(c);
			continue;
		}
		if (pid < 0)
			break;
		for (unsigned i = 0; i < c->count; i++) {
			if (c->instances[i] != pid)
				continue;
			c->instances[i] = 0;
			left--;
			failed += WIFEXITED(status) && WEXITSTATUS(status);
		}
	}
	return failed;
}

static unsigned run_afl(struct campaign *c)
{
	const struct sigaction action = {.sa_handler = on_interrupt};
	unsigned jobs = c->cli->jobs ? c->cli->jobs : 1;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	fflush(NULL);
	for (unsigned i = 0; i < jobs && i < INSTANCES_MAX; i++) {
		pid_t pid = fork();

		if (!pid)
			become_afl(c, i);
		if (pid > 0)
			c->instances[c->count++] = pid;
	}
	return wait_for_all(c);
}

/* ---- behind it ---- */

/* A number of an instance's fuzzer_stats, as text; "" when it is not there. */
static void read_stat(const struct campaign *c, const char *instance, const char *name, char *text,
		      size_t size)
{
	char *path = xasprintf("%s/%s/fuzzer_stats", c->folder, instance), line[256];
	FILE *in = fopen(path, "re");
	size_t n = strlen(name);

	text[0] = '\0';
	while (in && fgets(line, sizeof(line), in)) {
		const char *value = strchr(line, ':');

		if (strncmp(line, name, n) || (line[n] != ' ' && line[n] != ':') || !value)
			continue;
		snprintf(text, size, "%s", value + 1 + strspn(value + 1, " "));
		text[strcspn(text, "\n")] = '\0';
	}
	if (in)
		fclose(in);
	free(path);
}

static void tell_instance(const struct campaign *c, const char *name)
{
	char execs[32], speed[32], edges[32], corpus[32], stability[32];

	read_stat(c, name, "execs_done", execs, sizeof(execs));
	read_stat(c, name, "execs_per_sec", speed, sizeof(speed));
	read_stat(c, name, "edges_found", edges, sizeof(edges));
	read_stat(c, name, "corpus_count", corpus, sizeof(corpus));
	read_stat(c, name, "stability", stability, sizeof(stability));
	if (execs[0])
		printf("%s: %s inputs run, %s a second; %s kept, %s places covered, stability %s\n",
		       name, execs, speed, corpus, edges, stability);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct list {
	char **paths;
	unsigned count;
};

static void add_files(struct list *list, const char *directory)
{
	DIR *from = opendir(directory);
	struct dirent *entry;

	while (from && (entry = readdir(from))) {
		if (strncmp(entry->d_name, "id:", 3) != 0)
			continue;
		list->paths = xreallocarray(list->paths, list->count + 1, sizeof(*list->paths));
		list->paths[list->count++] = xasprintf("%s/%s", directory, entry->d_name);
	}
	if (from)
		closedir(from);
}

/* Its crashes and hangs; those of before it was gone on with are in folders whose names have a date behind. */
static void look_at_instance(const struct campaign *c, const char *name, struct list *found)
{
	char *folder = xasprintf("%s/%s", c->folder, name), *inner;
	DIR *from = opendir(folder);
	struct dirent *entry;

	while (from && (entry = readdir(from))) {
		if (strncmp(entry->d_name, "crashes", 7) != 0 &&
		    strncmp(entry->d_name, "hangs", 5) != 0)
			continue;
		inner = xasprintf("%s/%s", folder, entry->d_name);
		add_files(found, inner);
		free(inner);
	}
	if (from)
		closedir(from);
	free(folder);
}

static void look_at_instances(const struct campaign *c, struct list *found)
{
	DIR *from = opendir(c->folder);
	struct dirent *entry;

	while (from && (entry = readdir(from))) {
		if (entry->d_name[0] == '.')
			continue;
		tell_instance(c, entry->d_name);
		look_at_instance(c, entry->d_name, found);
	}
	if (from)
		closedir(from);
	if (found->count)
		qsort(found->paths, found->count, sizeof(*found->paths), by_name);
}

static bool has_run(const struct campaign *c)
{
	char execs[32];

	read_stat(c, "main", "execs_done", execs, sizeof(execs));
	return atol(execs) > 0;
}

static int tell_failure(const struct campaign *c)
{
	char *log = xasprintf("%s/main.log", c->folder), line[512];
	FILE *in = fopen(log, "re");

	while (in && fgets(line, sizeof(line), in))
		if (strstr(line, "PROGRAM ABORT") || strstr(line, "kfail: "))
			fprintf(stderr, "%s", line);
	if (in)
		fclose(in);
	cli_complain("AFL++ has run no input; %s says why", log);
	free(log);
	return STATUS_FAILED;
}

/* The smallest input of each finding. */
static void add_minimised(struct list *list, const char *folder)
{
	DIR *from = opendir(folder);
	struct dirent *entry;

	while (from && (entry = readdir(from))) {
		char *path = xasprintf("%s/%s/minimised", folder, entry->d_name);

		if (entry->d_name[0] == '.' || access(path, R_OK)) {
			free(path);
			continue;
		}
		list->paths = xreallocarray(list->paths, list->count + 1, sizeof(*list->paths));
		list->paths[list->count++] = path;
	}
	if (from)
		closedir(from);
	if (list->count)
		qsort(list->paths, list->count, sizeof(*list->paths), by_name);
}

/* Each of AFL++'s crashes and hangs once more, cold, and smaller; then what is left of them is told. */
static int triage_found(const struct campaign *c, struct list *found)
{
	struct cli made = *c->cli;
	struct list minimised = {0};
	char *folder = xasprintf("%s/findings", c->folder);
	int status;

	made.fuzz.action = FUZZ_TRIAGE;
	made.fuzz.out = folder;
	made.files = found->paths;
	made.file_count = found->count;
	status = cli_fuzz_inputs(&made, &driver_target);
	add_minimised(&minimised, folder);
	if (status <= STATUS_FINDINGS && minimised.count) {
		made.fuzz.action = FUZZ_RUN;
		made.files = minimised.paths;
		made.file_count = minimised.count;
		status = cli_fuzz_inputs(&made, &driver_target);
	}
	free(folder);
	return status;
}

/* No input shows anything; what the driver shows without one is the result. */
static int tell_nothing(const struct campaign *c, struct fuzz_outcome *baseline)
{
	struct sweep_result result = {
		.kernel = xstrdup(c->cli->fuzz.driver->kernel),
		.module = xstrdup(c->cli->fuzz.driver->module),
		.scenario = xstrdup("fuzz"),
		.status = baseline->count ? SWEEP_FINDINGS : SWEEP_CLEAN,
		.findings = baseline->findings,
		.finding_count = baseline->count,
	};
	int status;

	printf("no input was found that shows anything wrong\n");
	status = cli_export(c->cli, &result, stdout);
	result.findings = NULL; /* the outcome's */
	result.finding_count = 0;
	sweep_result_clear(&result);
	return status;
}

int cli_fuzz_campaign(const struct cli *cli)
{
	struct campaign c = {.cli = cli, .folder = cli->fuzz.output};
	struct fuzz_outcome baseline = {0};
	struct list found = {0};
	int status = 0;

	if (!is_in_path("afl-fuzz"))
		return cli_complain("afl-fuzz is not installed: `apt-get install afl++`; inputs "
				    "can be run without it (--run)");
	status = find_program(&c) ?: prepare_folder(&c) ?: tell_baseline(&baseline);
	if (status)
		return status;
	printf("fuzzing %s (%u files, %u ioctls, %u kinds of sockets) in %s\n",
	       cli->fuzz.driver->module, driver_model()->node_count, driver_model()->command_count,
	       driver_model()->family_count, c.folder);
	run_afl(&c);
	if (!has_run(&c))
		return tell_failure(&c);
	look_at_instances(&c, &found);
	if (found.count)
		status = triage_found(&c, &found);
	else
		status = tell_nothing(&c, &baseline);
	if (!status && baseline.count)
		status = STATUS_FINDINGS;
	fuzz_outcome_clear(&baseline);
	return status;
}
