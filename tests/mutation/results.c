// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of each mutant: a log with a line of JSON for each, which an interrupted run goes on from; the file of mutants
 * that are equivalent, each with its reason; tables for people, one object for programs.
 *
 * score = killed / (reached - equivalent). What is reached and not judged counts against it.
 */
#include "mutation.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

static const char *const operators[OP_NR] = {
	[OP_FREE] = "free",
	[OP_UNDO] = "undo",
	[OP_UNLOCK] = "unlock",
	[OP_SWAP] = "swap",
	[OP_GOTO_LATER] = "goto-later",
	[OP_GOTO_EARLIER] = "goto-earlier",
	[OP_EXIT] = "exit",
	[OP_CHECK] = "check",
	[OP_ERROR_CODE] = "error-code",
	[OP_GFP] = "gfp",
};

static const char *const verdicts[VERDICT_NR] = {
	[VERDICT_NONE] = "not tried",	     [VERDICT_KILLED] = "killed",
	[VERDICT_SURVIVED] = "survived",     [VERDICT_NOT_REACHED] = "not reached",
	[VERDICT_NOT_BUILT] = "not built",   [VERDICT_NOT_JUDGED] = "not judged",
	[VERDICT_EQUIVALENT] = "equivalent",
};

const char *operator_name(enum mutation_operator op)
{
	return operators[op];
}

int operator_parse(const char *name)
{
	for (int i = 0; i < OP_NR; i++)
		if (!strcmp(operators[i], name))
			return i;
	return -1;
}

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict];
}

static enum verdict verdict_parse(const char *name)
{
	for (int i = 0; name && i < VERDICT_NR; i++)
		if (!strcmp(verdicts[i], name))
			return i;
	return VERDICT_NONE;
}

/* ---- keys ---- */

static void hash(XXH3_state_t *state, const char *text)
{
	XXH3_64bits_update(state, text, strlen(text) + 1);
}

/* How the module is used: words, and the programs among them. */
static void hash_sweeps(XXH3_state_t *state, const struct driver *driver)
{
	for (unsigned i = 0; i < driver->sweep_count; i++)
		for (unsigned k = 0; k < driver->sweeps[i].count; k++) {
			const char *word = driver->sweeps[i].words[k];
			char *path = text_program(word);
			char *text =
				strstr(word, ".c") ? text_read(path ? path : word, NULL) : NULL;

			hash(state, word);
			hash(state, text ? text : "");
			free(path);
			free(text);
		}
}

void results_key(struct driver *driver)
{
	XXH3_state_t *state = XXH3_createState();

	for (unsigned i = 0; i < driver->mutant_count; i++) {
		struct mutant *mutant = &driver->mutants[i];

		XXH3_64bits_reset(state);
		hash(state, driver->name);
		hash(state, mutant->id);
		hash(state, driver->sources[mutant->source].text);
		for (unsigned k = 0; k < mutant->edit_count; k++) {
			XXH3_64bits_update(state, &mutant->edits[k].start,
					   2 * sizeof(mutant->edits[k].start));
			hash(state, mutant->edits[k].text);
		}
		hash_sweeps(state, driver);
		snprintf(mutant->key, sizeof(mutant->key), "%016llx",
			 (unsigned long long)XXH3_64bits_digest(state));
	}
	XXH3_freeState(state);
}

/* ---- the log ---- */

static struct mutant *find_key(struct driver *driver, const char *key)
{
	for (unsigned i = 0; key && i < driver->mutant_count; i++)
		if (!strcmp(driver->mutants[i].key, key))
			return &driver->mutants[i];
	return NULL;
}

static void load_line(struct driver *driver, const char *line)
{
	json_t *entry = json_loads(line, 0, NULL); /* NULL: half a line, of a run that was killed */
	struct mutant *mutant = find_key(driver, json_string_value(json_object_get(entry, "key")));
	const char *why = json_string_value(json_object_get(entry, "why"));

	if (mutant) {
		mutant->verdict =
			verdict_parse(json_string_value(json_object_get(entry, "verdict")));
		free(mutant->why);
		mutant->why = why ? strdup(why) : NULL;
	}
	json_decref(entry);
}

void results_load(struct driver *driver, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		load_line(driver, line);
	free(line);
	if (file)
		fclose(file);
}

bool results_log(const char *path, const struct mutant *mutant)
{
	json_t *entry = json_pack("{ssssssso}", "key", mutant->key, "id", mutant->id, "verdict",
				  verdict_name(mutant->verdict), "why",
				  mutant->why ? json_string(mutant->why) : json_null());
	char *text = json_dumps(entry, JSON_COMPACT), *line = text_format("%s\n", text);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	bool good = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	if (!good)
		fprintf(stderr, "mutation: cannot write %s: %m\n", path);
	if (fd >= 0)
		close(fd);
	free(line);
	free(text);
	json_decref(entry);
	return good;
}

/* ---- equivalent mutants ---- */

/* "DRIVER  ID  the reason": an entry only stands for what survived. */
static bool equivalent_line(struct driver *driver, char *line, const char *path, unsigned number)
{
	char *rest = line, *name = strsep(&rest, " \t"), *id;

	while (rest && (*rest == ' ' || *rest == '\t'))
		rest++;
	id = strsep(&rest, " \t");
	while (rest && (*rest == ' ' || *rest == '\t'))
		rest++;
	if (!id || !rest || !*rest) {
		fprintf(stderr, "mutation: %s:%u: a line is a driver, a mutant and the reason\n",
			path, number);
		return false;
	}
	if (strcmp(name, driver->name))
		return true;
	for (unsigned i = 0; i < driver->mutant_count; i++) {
		struct mutant *mutant = &driver->mutants[i];

		if (strcmp(mutant->id, id))
			continue;
		if (mutant->verdict == VERDICT_KILLED)
			fprintf(stderr, "mutation: %s:%u: %s is not equivalent: %s\n", path, number,
				id, mutant->why ? mutant->why : "it was killed");
		if (mutant->verdict != VERDICT_SURVIVED)
			return true;
		mutant->verdict = VERDICT_EQUIVALENT;
		free(mutant->why);
		mutant->why = strdup(rest);
		return true;
	}
	fprintf(stderr, "mutation: %s:%u: %s has no mutant %s\n", path, number, driver->name, id);
	return false;
}

bool results_equivalent(struct driver *driver, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	bool good = true;

	while (file && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		number++;
		if (*line && *line != '#')
			good = equivalent_line(driver, line, path, number) && good;
	}
	free(line);
	if (file)
		fclose(file);
	return good;
}

/* ---- tables ---- */

struct counts {
	unsigned of[VERDICT_NR], all;
};

static unsigned reached(const struct counts *counts)
{
	return counts->of[VERDICT_KILLED] + counts->of[VERDICT_SURVIVED] +
	       counts->of[VERDICT_NOT_JUDGED] + counts->of[VERDICT_EQUIVALENT];
}

static double score(const struct counts *counts)
{
	unsigned judged = reached(counts) - counts->of[VERDICT_EQUIVALENT];

	return judged ? 100.0 * counts->of[VERDICT_KILLED] / judged : -1;
}

static void count(struct counts *counts, const struct mutant *mutant)
{
	counts->of[mutant->verdict]++;
	counts->all += mutant->verdict != VERDICT_NONE;
}

static void print_row(const char *name, const struct counts *counts)
{
	char text[16] = "-";

	if (score(counts) >= 0)
		snprintf(text, sizeof(text), "%.1f %%", score(counts));
	printf("%-20s %7u %9u %11u %7u %6u %8u %10u %10u %8s\n", name, counts->all,
	       counts->of[VERDICT_NOT_BUILT], counts->of[VERDICT_NOT_REACHED], reached(counts),
	       counts->of[VERDICT_KILLED], counts->of[VERDICT_SURVIVED],
	       counts->of[VERDICT_NOT_JUDGED], counts->of[VERDICT_EQUIVALENT], text);
}

static void print_head(const char *what)
{
	printf("%-20s %7s %9s %11s %7s %6s %8s %10s %10s %8s\n", what, "mutants", "not built",
	       "not reached", "reached", "killed", "survived", "not judged", "equivalent", "score");
}

static void print_survivors(const struct driver *driver, const char *work)
{
	for (unsigned i = 0; i < driver->mutant_count; i++) {
		const struct mutant *mutant = &driver->mutants[i];
		char *diff;

		if (mutant->verdict != VERDICT_SURVIVED && mutant->verdict != VERDICT_NOT_JUDGED)
			continue;
		diff = text_diff(&driver->sources[mutant->source], mutant, work);
		printf("\n%s: %s %s, in %s%s%s\n%s", verdict_name(mutant->verdict), driver->name,
		       mutant->id, mutant->function, mutant->why ? ": " : "",
		       mutant->why ? mutant->why : "", diff);
		free(diff);
	}
}

double results_print(const struct driver *drivers, unsigned driver_count, const char *work,
		     bool diffs)
{
	struct counts all = {.all = 0}, by_operator[OP_NR] = {{.all = 0}};

	print_head("driver");
	for (unsigned i = 0; i < driver_count; i++) {
		struct counts counts = {.all = 0};

		for (unsigned k = 0; k < drivers[i].mutant_count; k++) {
			count(&counts, &drivers[i].mutants[k]);
			count(&by_operator[drivers[i].mutants[k].op], &drivers[i].mutants[k]);
			count(&all, &drivers[i].mutants[k]);
		}
		print_row(drivers[i].name, &counts);
	}
	printf("\n");
	print_head("operator");
	for (int i = 0; i < OP_NR; i++)
		print_row(operator_name(i), &by_operator[i]);
	print_row("all", &all);
	for (unsigned i = 0; diffs && i < driver_count; i++)
		print_survivors(&drivers[i], work);
	return score(&all);
}

/* ---- JSON ---- */

static json_t *counts_json(const struct counts *counts)
{
	json_t *object = json_pack("{sisi}", "mutants", counts->all, "reached", reached(counts));

	for (int i = VERDICT_NONE + 1; i < VERDICT_NR; i++)
		json_object_set_new(object, verdict_name(i), json_integer(counts->of[i]));
	json_object_set_new(object, "score",
			    score(counts) < 0 ? json_null() : json_real(score(counts)));
	return object;
}

static json_t *mutant_json(const struct driver *driver, const struct mutant *mutant,
			   const char *work)
{
	char *diff = text_diff(&driver->sources[mutant->source], mutant, work);
	json_t *object = json_pack(
		"{sssssssisssssoss}", "id", mutant->id, "operator", operator_name(mutant->op),
		"file", driver->sources[mutant->source].name, "line", mutant->line, "function",
		mutant->function, "verdict", verdict_name(mutant->verdict), "why",
		mutant->why ? json_string(mutant->why) : json_null(), "diff", diff);

	free(diff);
	return object;
}

static json_t *driver_json(const struct driver *driver, const char *work)
{
	json_t *mutants = json_array(), *object;
	struct counts counts = {.all = 0};

	for (unsigned i = 0; i < driver->mutant_count; i++) {
		count(&counts, &driver->mutants[i]);
		if (driver->mutants[i].verdict != VERDICT_NONE)
			json_array_append_new(mutants,
					      mutant_json(driver, &driver->mutants[i], work));
	}
	object = counts_json(&counts);
	json_object_set_new(object, "driver", json_string(driver->name));
	json_object_set_new(object, "from", json_string(driver->from));
	json_object_set_new(object, "list", mutants);
	return object;
}

bool results_json(const struct driver *drivers, unsigned driver_count, const char *work,
		  const char *path)
{
	json_t *list = json_array(), *whole;
	struct counts all = {.all = 0};
	int error;

	for (unsigned i = 0; i < driver_count; i++) {
		json_array_append_new(list, driver_json(&drivers[i], work));
		for (unsigned k = 0; k < drivers[i].mutant_count; k++)
			count(&all, &drivers[i].mutants[k]);
	}
	whole = counts_json(&all);
	json_object_set_new(whole, "drivers", list);
	error = strcmp(path, "-") ? json_dump_file(whole, path, JSON_INDENT(1))
				  : json_dumpf(whole, stdout, JSON_INDENT(1));
	if (error)
		fprintf(stderr, "mutation: cannot write %s: %m\n", path);
	json_decref(whole);
	return !error;
}
