// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sweep of one module by the kfail command, and its findings in a form in which those of a mutant can be held against those
 * of the original: kind, operation, the driver's lines where a request was refused, where it went wrong, where what is left
 * was made. Numbers of points, addresses and offsets differ between builds and are not part of it.
 *
 * A finding that kfail lays to the kernel's own door does not count.
 */
#include "mutation.h"

#include <ctype.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* "foo.c:12" of the innermost frame that has a line in a driver; malloc()ed. */
static char *place_of(const json_t *stack)
{
	const char *module, *file, *slash;
	const json_t *frame;
	size_t i;

	json_array_foreach(stack, i, frame)
	{
		module = text_of(frame, "module");
		file = text_of(frame, "file");
		if (!*module || !*file)
			continue;
		slash = strrchr(file, '/');
		return text_format("%s:%d", slash ? slash + 1 : file,
				   (int)json_integer_value(json_object_get(frame, "line")));
	}
	return strdup("-");
}

/* A sentence without its numbers. */
static char *without_numbers(const char *text)
{
	char *out = malloc(strlen(text) + 1), *end = out;

	while (*text) {
		if (!isdigit((unsigned char)*text)) {
			*end++ = *text++;
			continue;
		}
		*end++ = '#';
		while (isxdigit((unsigned char)*text) || *text == 'x')
			text++;
	}
	*end = '\0';
	return out;
}

static char *append(char *text, const char *more)
{
	char *both = text_format("%s|%s", text, more);

	free(text);
	return both;
}

static char *append_place(char *text, const json_t *stack)
{
	char *place = place_of(stack);
	char *both = append(text, place);

	free(place);
	return both;
}

static char *key_of(const json_t *finding)
{
	char *key = append(strdup(text_of(finding, "kind")), text_of(finding, "operation"));
	const json_t *objects = json_object_get(finding, "objects"), *object;
	size_t i;

	key = append_place(key, json_object_get(json_object_get(finding, "point"), "stack"));
	key = append_place(key, json_object_get(finding, "stack"));
	json_array_foreach(objects, i, object)
	{
		key = append(key, text_of(object, "type"));
		key = append(key, text_of(object, "cache"));
		key = append_place(key, json_object_get(object, "allocated"));
	}
	if (!json_array_size(objects) && !json_array_size(json_object_get(finding, "stack"))) {
		char *what = without_numbers(text_of(finding, "what"));

		key = append(key, what);
		free(what);
	}
	return key;
}

static void append_functions(char **text, const json_t *stack)
{
	const json_t *frame;
	size_t i;

	json_array_foreach(stack, i, frame)
	{
		const char *name = text_of(frame, "function");
		/* The compiler may have split it: NAME.part.0. */
		char *both = text_format("%s %.*s", *text, (int)strcspn(name, "."), name);

		free(*text);
		*text = both;
	}
}

/* The names of all functions in its stacks. malloc()ed. */
static char *functions_of(const json_t *finding)
{
	const json_t *objects = json_object_get(finding, "objects"), *object;
	char *text = strdup("");
	size_t i;

	append_functions(&text, json_object_get(json_object_get(finding, "point"), "stack"));
	append_functions(&text, json_object_get(finding, "stack"));
	json_array_foreach(objects, i, object)
		append_functions(&text, json_object_get(object, "allocated"));
	return text;
}

static void add(struct findings *out, char *key, char *told, const json_t *finding)
{
	out->kinds = realloc(out->kinds, (out->count + 1) * sizeof(*out->kinds));
	out->functions = realloc(out->functions, (out->count + 1) * sizeof(*out->functions));
	out->kinds[out->count] = strdup(text_of(finding, "kind"));
	out->functions[out->count] = functions_of(finding);
	out->keys = realloc(out->keys, (out->count + 1) * sizeof(*out->keys));
	out->told = realloc(out->told, (out->count + 1) * sizeof(*out->told));
	out->keys[out->count] = key;
	out->told[out->count++] = told;
}

static void read_findings(const json_t *whole, struct findings *out)
{
	const json_t *findings = json_object_get(whole, "findings"), *finding;
	const json_t *not_judged = json_object_get(whole, "not_judged");
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (json_is_true(json_object_get(finding, "core")))
			continue;
		add(out, key_of(finding),
		    text_format("%s (%s%sschedule %s): %s", text_of(finding, "kind"),
				text_of(finding, "operation"),
				*text_of(finding, "operation") ? ", " : "",
				text_of(finding, "schedule"), text_of(finding, "what")),
		    finding);
	}
	if (json_array_size(not_judged))
		out->not_judged = strdup(text_of(json_array_get(not_judged, 0), "why"));
	out->seconds = json_number_value(json_object_get(whole, "seconds"));
}

/* One word of a sweep: a module of the tree, a scenario of ours, or as it is. malloc()ed. */
static char *resolve(const char *word, const char *tree)
{
	const char *end = strrchr(word, '.');
	char *path;

	path = text_program(word);
	if (path)
		return path;
	if (!end || strcmp(end, ".ko"))
		return strdup(word);
	path = text_format("%s/%s", tree, word);
	if (!access(path, R_OK))
		return path;
	free(path);
	return strdup(word);
}

static void run(char **words, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (fd < 0)
		_exit(127);
	dup2(fd, 1);
	dup2(fd, 2);
	execv(words[0], words);
	_exit(127);
}

void sweep_module(const struct driver *driver, const struct sweep_arguments *arguments,
		  const char *tree, unsigned budget, struct findings *out)
{
	char *words[128] = {NULL}, *json = text_format("%s/sweep.json", tree);
	char *log = text_format("%s/sweep.log", tree);
	const char *kfail = getenv("KFAIL");
	unsigned n = 0;
	json_t *whole;
	int status = 0;
	pid_t pid;

	(void)driver;
	*out = (struct findings){0};
	words[n++] = strdup(kfail ? kfail : "kfail");
	words[n++] = strdup("sweep");
	for (const char *const *word = (const char *const[]){"--no-store", "--no-confirm", "--jobs",
							     "1", "--json", NULL};
	     *word; word++)
		words[n++] = strdup(*word);
	words[n++] = strdup(json);
	if (budget) {
		words[n++] = strdup("--budget");
		words[n++] = text_format("%u", budget);
	}
	for (unsigned i = 0; i < arguments->count && n < 126; i++)
		words[n++] = resolve(arguments->words[i], tree);
	remove(json);
	fflush(NULL);
	pid = fork();
	if (!pid)
		run(words, log);
	waitpid(pid, &status, 0);
	whole = json_load_file(json, 0, NULL);
	if (whole)
		read_findings(whole, out);
	if (!whole || !WIFEXITED(status) || WEXITSTATUS(status) == 2 || WEXITSTATUS(status) == 4) {
		out->failed = true;
		free(out->not_judged);
		out->not_judged = text_format(
			"kfail ended with status %d: see %s",
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), log);
	}
	json_decref(whole);
	for (unsigned i = 0; i < n; i++)
		free(words[i]);
	free(json);
	free(log);
}

void findings_clear(struct findings *findings)
{
	for (unsigned i = 0; i < findings->count; i++) {
		free(findings->keys[i]);
		free(findings->told[i]);
		free(findings->kinds[i]);
		free(findings->functions[i]);
	}
	free(findings->kinds);
	free(findings->functions);
	free(findings->keys);
	free(findings->told);
	free(findings->not_judged);
	*findings = (struct findings){0};
}

const char *findings_new(const struct findings *is, const struct findings *known)
{
	for (unsigned i = 0; i < is->count; i++) {
		unsigned k = 0;

		while (k < known->count && strcmp(is->keys[i], known->keys[k]))
			k++;
		if (k == known->count)
			return is->told[i];
	}
	return NULL;
}

bool marks_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
	bool good = fd >= 0 && dup2(fd, MARK_FD) == MARK_FD;

	if (!good)
		fprintf(stderr, "mutation: cannot open %s as descriptor %d: %m\n", path, MARK_FD);
	close(fd);
	return good;
}

bool mark_seen(unsigned number)
{
	char mark = 0;

	return pread(MARK_FD, &mark, 1, number) == 1 && mark;
}
