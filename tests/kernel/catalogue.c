// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does kfail find the bugs of the catalogue? Sweeps each module of tests/catalogue, and its corrected twin, which is the same
 * module with the parameter fixed=1, and holds the findings against one column of the table.
 *
 *	catalogue KFAIL TABLE COLUMN DIRECTORY [-- kfail's own options]	check; DIRECTORY holds NAME.ko
 *	catalogue --learn ...							print what is found, in the table's words
 *
 * A cell of the table (tests/catalogue/table) is
 *
 *	KIND:MARK	a finding of this kind, in one of whose stacks is the line of NAME.c with the comment @MARK; several
 *			such, separated by commas: one of them
 *	KIND		a finding of this kind, wherever
 *	-		nothing is found
 *	?		not checked in this column
 *
 * and the twin must be clean in all of them. Prints a line for each module; ends with "N passed, N failed", status 1 when one
 * failed, 2 for a wrong call or table.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_MAX_LENGTH 64
#define CELL_MAX	128
#define COLUMNS_MAX	12
#define MARKS_MAX	16

/* The comments @MARK of a source. */
struct marks {
	unsigned count;
	struct {
		char word[16];
		int line;
	} marks[MARKS_MAX];
};

struct bench {
	const char *kfail, *directory, *options;
	char sources[1024]; /* the directory of the table */
	bool learn;
};

static _Noreturn void stop(const char *what, const char *detail)
{
	fprintf(stderr, "catalogue: %s: %s\n", what, detail);
	exit(2);
}

static void read_marks(const struct bench *bench, const char *name, struct marks *out)
{
	char path[1200], text[512], *at;
	int line = 0;
	FILE *file;

	out->count = 0;
	snprintf(path, sizeof(path), "%s/%s.c", bench->sources, name);
	file = fopen(path, "r");
	if (!file)
		stop("the table names a module that has no source", path);
	while (fgets(text, sizeof(text), file)) {
		line++;
		for (at = text; (at = strchr(at, '@')) && out->count < MARKS_MAX; at++)
			if (sscanf(at, "@%15[a-z]", out->marks[out->count].word) == 1)
				out->marks[out->count++].line = line;
	}
	fclose(file);
}

/* Is this frame of the line of NAME.c that bears the mark? */
static bool frame_is(const json_t *frame, const char *name, int line)
{
	const char *file = json_string_value(json_object_get(frame, "file"));
	char ending[NAME_MAX_LENGTH + 8];
	size_t n;

	snprintf(ending, sizeof(ending), "/%s.c", name);
	n = file ? strlen(file) : 0;
	return n >= strlen(ending) && !strcmp(file + n - strlen(ending), ending) &&
	       json_integer_value(json_object_get(frame, "line")) == line;
}

static bool stack_has(const json_t *stack, const char *name, int line)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(stack, i, frame) if (frame_is(frame, name, line)) return true;
	return false;
}

/* In one of the stacks of the finding: its own, the refused request's, those of its objects. */
static bool line_occurs(const json_t *finding, const char *name, int line)
{
	const json_t *object;
	size_t i;

	if (stack_has(json_object_get(finding, "stack"), name, line) ||
	    stack_has(json_object_get(json_object_get(finding, "point"), "stack"), name, line))
		return true;
	json_array_foreach(json_object_get(finding, "objects"), i, object)
	{
		if (stack_has(json_object_get(object, "allocated"), name, line) ||
		    stack_has(json_object_get(object, "freed"), name, line))
			return true;
	}
	return false;
}

static bool mark_occurs(const json_t *finding, const char *name, const struct marks *marks,
			const char *word)
{
	unsigned i;

	for (i = 0; i < marks->count; i++)
		if (!strcmp(marks->marks[i].word, word) &&
		    line_occurs(finding, name, marks->marks[i].line))
			return true;
	return false;
}

/* One alternative of a cell, "KIND" or "KIND:MARK". */
static bool found(const json_t *result, const char *name, const struct marks *marks,
		  const char *wanted)
{
	size_t kind_length = strcspn(wanted, ":"), i;
	const char *mark = wanted[kind_length] ? wanted + kind_length + 1 : NULL;
	const json_t *finding;

	json_array_foreach(json_object_get(result, "findings"), i, finding)
	{
		const char *kind = json_string_value(json_object_get(finding, "kind"));

		if (json_is_true(json_object_get(finding, "core")) || !kind ||
		    strlen(kind) != kind_length || strncmp(kind, wanted, kind_length))
			continue;
		if (!mark || mark_occurs(finding, name, marks, mark))
			return true;
	}
	return false;
}

static bool cell_holds(const json_t *result, const char *name, const struct marks *marks,
		       const char *cell)
{
	char copy[CELL_MAX], *word, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", cell);
	while ((word = strtok_r(rest, ",", &rest)))
		if (found(result, name, marks, word))
			return true;
	return false;
}

static json_t *sweep(const struct bench *bench, const char *name, bool fixed, int *status)
{
	char command[4096], scenario[1200] = "";
	json_error_t error;
	json_t *result;
	FILE *pipe;

	snprintf(scenario, sizeof(scenario), "grep -q '\"device.h\"' '%s/%s.c'", bench->sources,
		 name);
	if (system(scenario) == 0)
		snprintf(scenario, sizeof(scenario), "--scenario '%s/use_device.c'",
			 bench->sources);
	else
		scenario[0] = 0;
	snprintf(command, sizeof(command),
		 "timeout 120 '%s' sweep --json - %s %s '%s/%s.ko' -- fixed=%d 2>/dev/null",
		 bench->kfail, bench->options, scenario, bench->directory, name, fixed);
	pipe = popen(command, "r");
	result = pipe ? json_loadf(pipe, JSON_DISABLE_EOF_CHECK, &error) : NULL;
	*status = pipe ? pclose(pipe) : -1;
	*status = WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
	return result;
}

/* What there is, in the words of the table. */
static void print_findings(const json_t *result, const char *name, const struct marks *marks)
{
	const json_t *finding, *entry;
	unsigned k;
	size_t i;

	json_array_foreach(json_object_get(result, "findings"), i, finding)
	{
		printf("    %s", json_string_value(json_object_get(finding, "kind")));
		for (k = 0; k < marks->count; k++)
			if (line_occurs(finding, name, marks->marks[k].line))
				printf(":%s", marks->marks[k].word);
		printf("  (schedule \"%s\")  %s%s\n",
		       json_string_value(json_object_get(finding, "schedule")),
		       json_string_value(json_object_get(finding, "what")),
		       json_is_true(json_object_get(finding, "core")) ? " [core]" : "");
	}
	json_array_foreach(json_object_get(result, "not_judged"), i, entry)
		printf("    not judged (schedule \"%s\"): %s\n",
		       json_string_value(json_object_get(entry, "schedule")),
		       json_string_value(json_object_get(entry, "why")));
}

/* The module as it is, or its twin: true when all is as expected. */
static bool check_one(const struct bench *bench, const char *name, const char *cell, bool fixed)
{
	struct marks marks;
	int status, wanted;
	json_t *result;
	bool good;

	read_marks(bench, name, &marks);
	result = sweep(bench, name, fixed, &status);
	if (!result) {
		printf("    %s: no result, kfail ended with status %d\n", fixed ? "twin" : "bug",
		       status);
		return false;
	}
	wanted = !strcmp(cell, "-") ? 0 : 1;
	good = status == wanted && (!wanted || cell_holds(result, name, &marks, cell));
	if (!good || bench->learn) {
		printf("    %s: status %d, expected %d (%s)\n", fixed ? "twin" : "bug", status,
		       wanted, cell);
		print_findings(result, name, &marks);
	}
	json_decref(result);
	return good;
}

static bool check(const struct bench *bench, const char *name, const char *cell)
{
	bool bug = check_one(bench, name, cell, false), twin = check_one(bench, name, "-", true);

	printf("%s %s\n", bug && twin ? "ok  " : "FAIL", name);
	return bug && twin;
}

/* Words of a line; the comment behind # is none. Returns how many. */
static unsigned split(char *line, char *words[COLUMNS_MAX])
{
	unsigned n = 0;
	char *rest = line;

	line[strcspn(line, "#\n")] = 0;
	while (n < COLUMNS_MAX && (words[n] = strtok_r(rest, " \t", &rest)))
		n++;
	return n;
}

static unsigned column_of(char *words[COLUMNS_MAX], unsigned n, const char *column)
{
	unsigned i;

	for (i = 1; i < n; i++)
		if (!strcmp(words[i], column))
			return i;
	stop("the table has no such column", column);
}

static bool run_table(const struct bench *bench, const char *table, const char *column)
{
	unsigned n, at = 0, passed = 0, failed = 0;
	char line[1024], *words[COLUMNS_MAX];
	FILE *file = fopen(table, "r");

	if (!file)
		stop("cannot be read", table);
	while (fgets(line, sizeof(line), file)) {
		n = split(line, words);
		if (!n)
			continue;
		if (!at) {
			at = column_of(words, n, column);
			continue;
		}
		if (n <= at)
			stop("a line of the table has too few columns", words[0]);
		if (!strcmp(words[at], "?") && !bench->learn)
			continue;
		check(bench, words[0], words[at]) ? passed++ : failed++;
	}
	fclose(file);
	printf("%u passed, %u failed\n", passed, failed);
	return !failed;
}

int main(int argc, char **argv)
{
	struct bench bench = {.options = ""};
	char *slash;
	int first = 1;

	if (argc > 1 && !strcmp(argv[1], "--learn")) {
		bench.learn = true;
		first++;
	}
	if (argc < first + 4) {
		fprintf(stderr, "usage: catalogue [--learn] KFAIL TABLE COLUMN DIRECTORY [-- "
				"OPTIONS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	bench.kfail = argv[first];
	snprintf(bench.sources, sizeof(bench.sources), "%s", argv[first + 1]);
	slash = strrchr(bench.sources, '/');
	if (!slash)
		stop("give the table with its directory", argv[first + 1]);
	*slash = 0;
	bench.directory = argv[first + 3];
	if (argc > first + 5 && !strcmp(argv[first + 4], "--"))
		bench.options = argv[first + 5];
	return run_table(&bench, argv[first + 1], argv[first + 2]) ? 0 : 1;
}
