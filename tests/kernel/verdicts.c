// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the verdicts the expected ones? Sweeps modules and holds the findings against a table of what
 * must be found in each: nothing missing, and nothing more. The table's format is described at the
 * top of tests/drivers/expected; a module that has no line there must be clean.
 *
 *	verdicts KFAIL EXPECTED MODULE.ko [MODULE.ko ...] [-- kfail's own options]
 *
 * Prints a line per module, and every difference; ends with "N passed, N failed", status 1 when one
 * failed.
 */
#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define LINES_MAX 512
#define WORDS_MAX 8

struct expectation {
	char name[64], kind[32], schedule[16], function[64], words[128];
	bool met;
};

static struct expectation table[LINES_MAX];
static unsigned table_count;
static const char *extra_options = "";

/* "@name --points=calls": a module that is swept with options of its own. */
static struct {
	char name[64], options[128];
} option_table[LINES_MAX];
static unsigned option_count;

static void read_table(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];

	if (!file) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof(line), file) && table_count < LINES_MAX) {
		struct expectation *e = &table[table_count];

		if (option_count < LINES_MAX &&
		    sscanf(line, "@%63s %127[^\n]", option_table[option_count].name,
			   option_table[option_count].options) == 2)
			option_count++;
		if (line[0] == '@')
			continue;
		if (line[0] == '#' || sscanf(line, "%63s %31s %15s %63s %127[^\n]", e->name,
					     e->kind, e->schedule, e->function, e->words) != 5)
			continue;
		table_count++;
	}
	fclose(file);
}

/* foo_bug.ko and foo_ok.ko have the options of "foo". */
static const char *options_of(const char *name)
{
	size_t length = strlen(name);
	unsigned i;

	if (length > 3 && !strcmp(name + length - 3, "_ok"))
		length -= 3;
	for (i = 0; i < option_count; i++)
		if (strlen(option_table[i].name) == length &&
		    !strncmp(option_table[i].name, name, length))
			return option_table[i].options;
	return "";
}

/* foo_bug.ko is meant by "foo", and so is foo.ko; foo_ok.ko by nothing. */
static void table_name(const char *path, char *name, size_t size)
{
	const char *base = strrchr(path, '/');
	char *end;

	snprintf(name, size, "%s", base ? base + 1 : path);
	end = strstr(name, ".ko");
	if (end)
		*end = 0;
	end = strrchr(name, '_');
	if (end && !strcmp(end, "_bug"))
		*end = 0;
}

static bool contains(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; text && *text; text++)
		if (!strncasecmp(text, word, n))
			return true;
	return false;
}

static bool stack_has(const json_t *stack, const char *function)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(stack, i, frame)
	{
		const char *name = json_string_value(json_object_get(frame, "function"));

		/* The compiler may have split the function: NAME.part.0, NAME.constprop.0. */
		if (name && !strncmp(name, function, strlen(function)) &&
		    (!name[strlen(function)] || name[strlen(function)] == '.'))
			return true;
	}
	return false;
}

static bool function_occurs(const json_t *finding, const char *function)
{
	const json_t *object;
	size_t i;

	if (!strcmp(function, "-") || stack_has(json_object_get(finding, "stack"), function))
		return true;
	json_array_foreach(
		json_object_get(finding, "objects"), i,
		object) if (stack_has(json_object_get(object, "allocated"), function) ||
			    stack_has(json_object_get(object, "freed"), function)) return true;
	return false;
}

static bool text_has(const json_t *object, const char *key, const char *word)
{
	return contains(json_string_value(json_object_get(object, key)), word);
}

static bool word_occurs(const json_t *finding, const char *word)
{
	const json_t *object;
	char size[32];
	size_t i;

	if (text_has(finding, "what", word))
		return true;
	json_array_foreach(json_object_get(finding, "objects"), i, object)
	{
		snprintf(size, sizeof(size), "%lld",
			 (long long)json_integer_value(json_object_get(object, "size")));
		if (text_has(object, "type", word) || text_has(object, "cache", word) ||
		    text_has(object, "place", word) || !strcmp(size, word))
			return true;
	}
	return false;
}

static bool words_occur(const json_t *finding, const char *words)
{
	char copy[128], *word, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strtok_r(rest, " \t", &rest)))
		if (strcmp(word, "-") && !word_occurs(finding, word))
			return false;
	return true;
}

static bool schedule_fits(const json_t *finding, const char *expected)
{
	const char *schedule = json_string_value(json_object_get(finding, "schedule"));

	if (!strcmp(expected, "*"))
		return schedule && *schedule;
	return schedule && !strcmp(schedule, strcmp(expected, "-") ? expected : "");
}

static bool fits(const json_t *finding, const struct expectation *e)
{
	const char *kind = json_string_value(json_object_get(finding, "kind"));

	return kind && !strcmp(kind, e->kind) && schedule_fits(finding, e->schedule) &&
	       function_occurs(finding, e->function) && words_occur(finding, e->words);
}

static bool is_expected(const json_t *finding, const char *name)
{
	bool found = false;
	unsigned i;

	for (i = 0; i < table_count; i++) {
		if (strcmp(table[i].name, name) || !fits(finding, &table[i]))
			continue;
		table[i].met = found = true;
	}
	return found;
}

static void print_finding(const char *what, const json_t *finding)
{
	const json_t *frame = json_array_get(json_object_get(finding, "stack"), 0);
	const char *function = json_string_value(json_object_get(frame, "function"));

	printf("    %s: %s, schedule %s, in %s: %s\n", what,
	       json_string_value(json_object_get(finding, "kind")),
	       json_string_value(json_object_get(finding, "schedule")), function ? function : "-",
	       json_string_value(json_object_get(finding, "what")));
}

/* Schedules that single refusals do not reach are asked for. */
static const char *special_schedule(const char *name)
{
	unsigned i;

	for (i = 0; i < table_count; i++)
		if (!strcmp(table[i].name, name) && strpbrk(table[i].schedule, "+x,"))
			return table[i].schedule;
	return NULL;
}

static json_t *sweep(const char *kfail, const char *module, const char *name, const char *schedule,
		     int *status)
{
	char command[2048];
	json_error_t error;
	json_t *result;
	FILE *pipe;

	snprintf(command, sizeof(command), "'%s' sweep --json - %s%s %s %s '%s' 2>/dev/null", kfail,
		 schedule ? "--schedule " : "", schedule ? schedule : "", extra_options,
		 options_of(name), module);
	pipe = popen(command, "r");
	result = pipe ? json_loadf(pipe, JSON_DISABLE_EOF_CHECK, &error) : NULL;
	*status = pipe ? pclose(pipe) : -1;
	*status = WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
	return result;
}

static unsigned compare(const json_t *result, const char *name)
{
	const json_t *finding, *entry;
	unsigned i, wrong = 0;
	size_t k;

	json_array_foreach(json_object_get(result, "findings"), k, finding)
	{
		if (json_is_true(json_object_get(finding, "core")) || is_expected(finding, name))
			continue;
		print_finding("not expected", finding);
		wrong++;
	}
	json_array_foreach(json_object_get(result, "not_judged"), k, entry)
	{
		printf("    not judged: %s: %s\n",
		       json_string_value(json_object_get(entry, "schedule")),
		       json_string_value(json_object_get(entry, "why")));
		wrong++;
	}
	for (i = 0; i < table_count; i++) {
		if (strcmp(table[i].name, name) || table[i].met)
			continue;
		printf("    missing: %s, schedule %s, in %s: %s\n", table[i].kind,
		       table[i].schedule, table[i].function, table[i].words);
		wrong++;
	}
	return wrong;
}

static bool expects_findings(const char *name)
{
	unsigned i;

	for (i = 0; i < table_count; i++)
		if (!strcmp(table[i].name, name))
			return true;
	return false;
}

static bool check(const char *kfail, const char *module)
{
	char name[256];
	int status, expected_status;
	unsigned wrong;
	json_t *result;

	table_name(module, name, sizeof(name));
	result = sweep(kfail, module, name, special_schedule(name), &status);
	if (!result) {
		printf("FAIL %s: no result, kfail ended with status %d\n", name, status);
		return false;
	}
	wrong = compare(result, name);
	json_decref(result);
	expected_status = expects_findings(name) ? 1 : 0;
	if (status != expected_status) {
		printf("    exit status %d, expected %d\n", status, expected_status);
		wrong++;
	}
	printf("%s %s\n", wrong ? "FAIL" : "ok  ", name);
	return !wrong;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	int i;

	if (argc < 4) {
		fprintf(stderr, "usage: verdicts KFAIL EXPECTED MODULE.ko ... [-- OPTIONS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	read_table(argv[2]);
	for (i = 3; i < argc; i++)
		if (!strcmp(argv[i], "--") && i + 1 < argc)
			extra_options = argv[i + 1];
	for (i = 3; i < argc && strcmp(argv[i], "--"); i++)
		check(argv[1], argv[i]) ? passed++ : failed++;
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
