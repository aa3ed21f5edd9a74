// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mutation score of drivers: options, and the course of things.
 *
 *	mutation [OPTION...] [NAME ...]				drivers of the list tests/mutation/drivers; none: all
 *	mutation [OPTION...] DIRECTORY|SOURCE.c [-- ARGUMENTS]	any driver; arguments are those of kfail sweep
 *
 * For each driver: build it with all its mutants; sweep the original among them, which says what is reached; then each mutant
 * that is: choose it, sweep, compare, by --jobs workers that take the next one as they get done. A worker is a process
 * with its own copy of the tree. Each verdict is in the log before the next mutant begins, so that a run
 * that was interrupted goes on where it was.
 *
 * Exit status: 0 the score is at least --target; 1 it is not; 2 wrong usage; 3 an original could not be built, swept or
 * judged, or has a finding that tests/mutation/originals does not explain; 77 it cannot be fetched here.
 */
#include "mutation.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRIVERS_MAX 64

struct options {
	const char *list, *equivalent, *originals, *work, *json, *module, *only, *id;
	unsigned jobs, every, seed;
	double target;
	bool fresh, retry, dry, quiet, wanted[OP_NR];
	char *names[DRIVERS_MAX];
	unsigned name_count;
	struct sweep_arguments extra; /* behind -- */
};

static struct options options = {
	.list = MUTATION_DIR "/drivers",
	.equivalent = MUTATION_DIR "/equivalent",
	.jobs = 1,
	.every = 1,
	.target = 95,
};

static const struct argp_option option_table[] = {
	{"jobs", 'j', "N", 0, "workers (1)", 0},
	{"every", 'e', "N", 0, "a sample: every Nth mutant", 0},
	{"seed", 's', "N", 0, "which of them the sample begins with (0)", 0},
	{"operator", 'o', "NAME,...", 0, "these operators only", 0},
	{"mutant", 'm', "ID", 0, "this mutant only: \"vpoll.c:97:2:free\"", 0},
	{"module", 'M', "FOO.ko", 0, "of a directory with several modules, the one that is mutated",
	 0},
	{"source", 'S', "A.c,...", 0, "mutate these sources of it only", 0},
	{"list", 'l', "FILE", 0, "drivers, instead of tests/mutation/drivers", 0},
	{"equivalent", 'q', "FILE", 0, "equivalent mutants, instead of tests/mutation/equivalent",
	 0},
	{"originals", 'O', "FILE", 0,
	 "what is known of unchanged drivers, instead of tests/mutation/originals; without it, a "
	 "directory or source is not asked for what it shows",
	 0},
	{"work", 'w', "DIRECTORY", 0, "trees and logs ($KFAIL_CACHE/mutation)", 0},
	{"json", 'J', "FILE", 0, "the result as one object (-: standard output, without tables)",
	 0},
	{"target", 't', "PERCENT", 0, "the score below which the exit status is 1 (95)", 0},
	{"retry", 'r', NULL, 0, "try again what was not killed", 0},
	{"fresh", 'f', NULL, 0, "try all again", 0},
	{"dry-run", 'n', NULL, 0, "list the mutants, and do nothing", 0},
	{0},
};

static unsigned number(struct argp_state *state, const char *text, const char *what, unsigned least)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || *text == '-' || value < least || value > 1000000)
		argp_error(state, "--%s wants a number from %u on, not \"%s\"", what, least, text);
	return (unsigned)value;
}

static void choose_operators(struct argp_state *state, char *list)
{
	char *word;

	while ((word = strsep(&list, ","))) {
		int op = operator_parse(word);

		if (op < 0)
			argp_error(state, "--operator: there is no operator \"%s\"", word);
		options.wanted[op] = true;
	}
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	switch (key) {
	case 'j':
		options.jobs = number(state, argument, "jobs", 1);
		break;
	case 'e':
		options.every = number(state, argument, "every", 1);
		break;
	case 's':
		options.seed = number(state, argument, "seed", 0);
		break;
	case 't':
		options.target = number(state, argument, "target", 0);
		break;
	case 'o':
		choose_operators(state, argument);
		break;
	case 'm':
		options.id = argument;
		break;
	case 'M':
		options.module = argument;
		break;
	case 'S':
		options.only = argument;
		break;
	case 'l':
		options.list = argument;
		break;
	case 'q':
		options.equivalent = argument;
		break;
	case 'O':
		options.originals = argument;
		break;
	case 'w':
		options.work = argument;
		break;
	case 'J':
		options.json = argument;
		break;
	case 'r':
		options.retry = true;
		break;
	case 'f':
		options.fresh = true;
		break;
	case 'n':
		options.dry = true;
		break;
	case ARGP_KEY_ARG:
		if (options.name_count == DRIVERS_MAX)
			argp_error(state, "more than %d drivers", DRIVERS_MAX);
		options.names[options.name_count++] = argument;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* ---- which drivers ---- */

static bool is_path(const char *name)
{
	return strchr(name, '/') || access(name, F_OK) == 0;
}

static void add_word(struct sweep_arguments *sweep, const char *word)
{
	sweep->words = realloc(sweep->words, (sweep->count + 1) * sizeof(*sweep->words));
	sweep->words[sweep->count++] = strdup(word);
}

/* The module that a sweep judges: the last before the parameters. */
static const char *judged(const struct sweep_arguments *sweep)
{
	const char *module = NULL;

	for (unsigned i = 0; i < sweep->count && strcmp(sweep->words[i], "--"); i++) {
		const char *end = strrchr(sweep->words[i], '.');

		if (end && !strcmp(end, ".ko"))
			module = sweep->words[i];
	}
	return module;
}

static struct driver *find_driver(struct driver *drivers, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(drivers[i].name, name))
			return &drivers[i];
	return NULL;
}

static bool is_asked_for(const char *name)
{
	bool asked = !options.name_count;

	for (unsigned i = 0; i < options.name_count; i++)
		asked = asked || !strcmp(options.names[i], name);
	return asked;
}

/* "NAME FROM SOURCES arguments of kfail sweep": a further line of the same name is a further sweep. */
static bool list_line(struct driver *drivers, unsigned *count, char *line, unsigned number)
{
	char *name = strtok(line, " \t\n"), *from = strtok(NULL, " \t\n"), *word;
	const char *only = strtok(NULL, " \t\n"), *module;
	struct sweep_arguments sweep = {0};
	struct driver *driver;

	if (!name || *name == '#')
		return true;
	while ((word = strtok(NULL, " \t\n")))
		add_word(&sweep, word);
	module = judged(&sweep);
	if (!module) {
		fprintf(stderr,
			"mutation: %s:%u: a line is a name, a package, sources (or *), and "
			"arguments of kfail sweep with a module\n",
			options.list, number);
		return false;
	}
	if (!is_asked_for(name))
		return true;
	driver = find_driver(drivers, *count, name);
	if (!driver) {
		driver = &drivers[(*count)++];
		*driver = (struct driver){
			.name = strdup(name), .from = strdup(from), .module = strdup(module)};
		driver->only = strcmp(only, "*") ? strdup(only) : NULL;
	}
	if (driver->sweep_count == SWEEPS_MAX || *count == DRIVERS_MAX) {
		fprintf(stderr, "mutation: %s:%u: too many lines\n", options.list, number);
		return false;
	}
	driver->sweeps[driver->sweep_count++] = sweep;
	return true;
}

static bool read_list(struct driver *drivers, unsigned *count)
{
	FILE *file = fopen(options.list, "re");
	char *line = NULL;
	size_t size = 0;
	bool good = file;

	if (!file)
		fprintf(stderr, "mutation: cannot read %s: %m\n", options.list);
	for (unsigned n = 1; good && getline(&line, &size, file) > 0; n++)
		good = list_line(drivers, count, line, n);
	free(line);
	if (file)
		fclose(file);
	for (unsigned i = 0; good && i < options.name_count; i++)
		if (!find_driver(drivers, *count, options.names[i])) {
			fprintf(stderr, "mutation: %s is neither in %s nor a directory or source\n",
				options.names[i], options.list);
			good = false;
		}
	return good;
}

/* A driver that is in no list: its name is that of the directory or source. */
static void from_path(struct driver *driver, const char *path)
{
	char *full = realpath(path, NULL), *slash = strrchr(full, '/');

	*driver = (struct driver){.name = strdup(slash + 1), .from = full};
	driver->only = options.only ? strdup(options.only) : NULL;
	if (options.module)
		driver->module = strdup(options.module);
	else if (strlen(driver->name) > 2 && !strcmp(driver->name + strlen(driver->name) - 2, ".c"))
		driver->module =
			text_format("%.*s.ko", (int)strlen(driver->name) - 2, driver->name);
}

/* Its sweep, when the module is known: all that can fail is refused, as long as the arguments do not say what. */
static void default_sweep(struct driver *driver)
{
	struct sweep_arguments *sweep = &driver->sweeps[driver->sweep_count++];
	bool points = false, placed = false;

	for (unsigned i = 0; i < options.extra.count; i++)
		points = points || !strncmp(options.extra.words[i], "--points", 8);
	if (!points)
		add_word(sweep, "--points=all");
	for (unsigned i = 0; i < options.extra.count; i++) {
		if (!placed && !strcmp(options.extra.words[i], "--")) {
			add_word(sweep, driver->module);
			placed = true;
		}
		add_word(sweep, options.extra.words[i]);
	}
	if (!placed)
		add_word(sweep, driver->module);
}

/* ---- one driver ---- */

static bool chosen(const struct driver *driver, unsigned index)
{
	const struct mutant *mutant = &driver->mutants[index];
	bool any = false;

	if (options.id)
		return !strcmp(mutant->id, options.id);
	for (int i = 0; i < OP_NR; i++)
		any = any || options.wanted[i];
	return (!any || options.wanted[mutant->op]) && (index + options.seed) % options.every == 0;
}

/* Mutants that are not in the sample are dropped; the others keep their order. */
static void sample(struct driver *driver)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < driver->mutant_count; i++)
		if (chosen(driver, i))
			driver->mutants[kept++] = driver->mutants[i];
	driver->mutant_count = kept;
}

/* A driver of the list is known; of another one nobody has said what is wrong with it. */
static bool is_explained(const struct driver *driver, const struct findings *findings)
{
	const char *const named[] = {options.originals, NULL};
	const char *const known[] = {MUTATION_DIR "/originals", MUTATION_DIR "/../real/expected",
				     NULL};

	if (options.originals)
		return originals_explain(driver, findings, named);
	return is_path(options.name_count ? options.names[0] : "") ||
	       originals_explain(driver, findings, known);
}

/* Sweeps of the original, against which those of the mutants are held, and which say what is reached. */
static bool sweep_original(struct driver *driver, const char *tree, struct findings *known)
{
	char *path = text_format("%s/marks", tree);
	bool good = marks_open(path) && build_select(driver, tree, 0);

	for (unsigned i = 0; good && i < driver->sweep_count; i++) {
		sweep_module(driver, &driver->sweeps[i], tree, 0, &known[i]);
		good = !known[i].failed;
		if (!good)
			fprintf(stderr, "mutation: the original of %s cannot be swept: %s\n",
				driver->name, known[i].not_judged);
	}
	for (unsigned i = 0; good && i < driver->mutant_count; i++)
		if (driver->mutants[i].verdict == VERDICT_NONE && !mark_seen(i + 1))
			driver->mutants[i].verdict = VERDICT_NOT_REACHED;
	close(MARK_FD);
	free(path);
	return good;
}

static void judge(const struct driver *driver, struct mutant *mutant, const char *tree,
		  const struct findings *known)
{
	struct findings findings;
	char *not_judged = NULL;

	mutant->verdict = VERDICT_SURVIVED;
	for (unsigned i = 0; i < driver->sweep_count && mutant->verdict == VERDICT_SURVIVED; i++) {
		unsigned budget = 60 + (unsigned)(10 * known[i].seconds);
		const char *told;

		sweep_module(driver, &driver->sweeps[i], tree, budget, &findings);
		told = findings_new(&findings, &known[i]);
		if (told) {
			mutant->verdict = VERDICT_KILLED;
			mutant->why = strdup(told);
		} else if (findings.not_judged && !not_judged &&
			   (!known[i].not_judged || findings.failed ||
			    strcmp(known[i].not_judged, findings.not_judged)))
			not_judged = strdup(findings.not_judged);
		findings_clear(&findings);
	}
	if (mutant->verdict == VERDICT_SURVIVED && not_judged) {
		mutant->verdict = VERDICT_NOT_JUDGED;
		mutant->why = not_judged;
	} else
		free(not_judged);
}

static int work(const struct driver *driver, unsigned worker, const char *schema, const char *log,
		unsigned *next, const struct findings *known)
{
	char *name = text_format("%u", worker);
	char *tree = build_copy(driver, schema, name);
	unsigned i;

	free(name);
	while (tree && (i = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED)) < driver->mutant_count) {
		struct mutant *mutant = &driver->mutants[i];

		if (mutant->verdict != VERDICT_NONE)
			continue;
		if (!build_select(driver, tree, i + 1))
			return 1;
		judge(driver, mutant, tree, known);
		if (!results_log(log, mutant))
			return 1;
		fprintf(stderr, "%s %s: %s%s%s\n", driver->name, mutant->id,
			verdict_name(mutant->verdict), mutant->why ? ": " : "",
			mutant->why ? mutant->why : "");
	}
	return tree ? 0 : 1;
}

static bool run_workers(const struct driver *driver, const char *schema, const char *log,
			const struct findings *known)
{
	unsigned *next =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = next != MAP_FAILED;
	int status;

	fflush(NULL);
	for (unsigned i = 0; good && i < options.jobs; i++)
		if (!fork())
			_exit(work(driver, i, schema, log, next, known));
	while (wait(&status) > 0)
		good = good && status == 0;
	return good;
}

/* What the log says is taken, but for what is to be tried again. */
static void take_log(struct driver *driver, const char *log)
{
	if (options.fresh || options.id)
		return;
	results_load(driver, log);
	for (unsigned i = 0; i < driver->mutant_count; i++)
		if (options.retry && driver->mutants[i].verdict != VERDICT_KILLED)
			driver->mutants[i].verdict = VERDICT_NONE;
}

static bool is_done(const struct driver *driver)
{
	for (unsigned i = 0; i < driver->mutant_count; i++)
		if (driver->mutants[i].verdict == VERDICT_NONE)
			return false;
	return true;
}

/* What is known without a sweep of its own. */
static void log_untried(const struct driver *driver, const char *log)
{
	for (unsigned i = 0; i < driver->mutant_count; i++)
		if (driver->mutants[i].verdict == VERDICT_NOT_REACHED ||
		    driver->mutants[i].verdict == VERDICT_NOT_BUILT)
			results_log(log, &driver->mutants[i]);
}

static bool make_schema(struct driver *driver, const char *tree)
{
	if (build_schema(driver, tree))
		return true;
	fprintf(stderr, "mutation: %s with its mutants cannot be built: see %s/log\n", driver->name,
		tree);
	return false;
}

static bool prepare(struct driver *driver)
{
	if (!build_tree(driver, options.work))
		return false;
	if (!driver->sweep_count)
		default_sweep(driver);
	for (unsigned i = 0; i < driver->source_count; i++)
		if (!operators_find(driver, i))
			return false;
	sample(driver);
	results_key(driver);
	return true;
}

/* Each time that the original is swept: what it shows and nobody explains makes the whole run fail, behind its scores. */
static bool explained_all(const struct driver *driver, const struct findings *known)
{
	bool all = true;

	for (unsigned i = 0; i < driver->sweep_count; i++)
		all = is_explained(driver, &known[i]) && all;
	return all;
}

static bool score(struct driver *driver)
{
	struct findings known[SWEEPS_MAX] = {{0}};
	char *log = text_format("%s/%s.log", options.work, driver->name), *tree;
	bool good = true;

	take_log(driver, log);
	if (!is_done(driver)) {
		tree = build_copy(driver, driver->tree, "schema");
		good = tree && make_schema(driver, tree) && sweep_original(driver, tree, known);
		if (good)
			log_untried(driver, log);
		good = good && run_workers(driver, tree, log, known);
		good = explained_all(driver, known) && good;
		results_load(driver, log);
		free(tree);
	}
	for (unsigned i = 0; i < driver->sweep_count; i++)
		findings_clear(&known[i]);
	free(log);
	return good && results_equivalent(driver, options.equivalent);
}

static void list_mutants(const struct driver *driver)
{
	for (unsigned i = 0; i < driver->mutant_count; i++) {
		char *diff = text_diff(&driver->sources[driver->mutants[i].source],
				       &driver->mutants[i], options.work);

		printf("%s %s, in %s\n%s\n", driver->name, driver->mutants[i].id,
		       driver->mutants[i].function, diff);
		free(diff);
	}
}

/* ---- the command ---- */

/* What stands behind -- is kfail's. */
static int split(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		for (int k = i + 1; k < argc; k++)
			add_word(&options.extra, argv[k]);
		return i;
	}
	return argc;
}

static bool find_drivers(struct driver *drivers, unsigned *count)
{
	if (options.name_count == 1 && is_path(options.names[0])) {
		if (access(options.names[0], R_OK)) {
			fprintf(stderr, "mutation: cannot read %s: %m\n", options.names[0]);
			return false;
		}
		from_path(&drivers[(*count)++], options.names[0]);
		return true;
	}
	if (options.extra.count) {
		fprintf(stderr, "mutation: arguments behind -- are for a directory or a source\n");
		return false;
	}
	return read_list(drivers, count);
}

static bool make_work(void)
{
	const char *cache = getenv("KFAIL_CACHE");

	if (!options.work)
		options.work = text_format("%s/mutation", cache ? cache : ".cache");
	if (mkdir(options.work, 0777) && access(options.work, W_OK)) {
		fprintf(stderr, "mutation: cannot make %s: %m\n", options.work);
		return false;
	}
	options.work = realpath(options.work, NULL);
	return true;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		option_table,
		parse,
		"[NAME ...]\nDIRECTORY|SOURCE.c [-- ARGUMENTS OF KFAIL SWEEP]",
		"How many of the bugs that one wrong line makes in a driver does kfail report?",
		NULL,
		NULL,
		NULL};
	static struct driver drivers[DRIVERS_MAX];
	unsigned count = 0;
	bool good = true;
	double reached;

	argp_err_exit_status = 2;
	argp_parse(&argp, split(argc, argv), argv, 0, NULL, NULL);
	if (!make_work() || !find_drivers(drivers, &count))
		return 2;
	for (unsigned i = 0; i < count; i++) {
		if (!prepare(&drivers[i])) {
			good = false;
			continue;
		}
		if (options.dry)
			list_mutants(&drivers[i]);
		else
			good = score(&drivers[i]) && good;
	}
	if (options.dry)
		return good ? 0 : 3;
	reached = options.json && !strcmp(options.json, "-")
			  ? options.target
			  : results_print(drivers, count, options.work, true);
	if (options.json && !results_json(drivers, count, options.work, options.json))
		return 3;
	if (!good)
		return 3;
	return reached < options.target;
}
