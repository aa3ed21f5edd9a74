// SPDX-License-Identifier: GPL-2.0-only
/*
 * An id needs nothing else: the newest sweep that has it knows the files, the parameters, every option that changes a
 * run, the directory and, in native mode, what the compiler was told.
 */
#include "recall.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../trace/util.h"
#include "keep.h"

#define ID_MIN 4 /* digits */
#define ID_MAX 16

bool recall_is_id(const char *word)
{
	size_t length = strlen(word);

	if (length < ID_MIN || length > ID_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)word[i]) && (word[i] < 'a' || word[i] > 'f'))
			return false;
	return true;
}

static void free_words(char **words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		free(words[i]);
	free(words);
}

static int check_files(const struct recall *recall)
{
	unsigned count, which;
	char **files = store_words_split(recall->what.files, &count), hash[STORE_HASH];
	int error = store_hash_files(files, count, hash, &which), status = 0;

	if (error)
		status = cli_complain("finding %s was made with %s: %s", recall->place.id,
				      files[which], strerror(-error));
	else if (strcmp(hash, recall->what.module_hash) != 0)
		fprintf(stderr,
			"kfail: %s has changed since finding %s was made: request numbers may "
			"mean other requests now\n",
			files[count - 1], recall->place.id);
	free_words(files, count);
	return status;
}

static int look_up(struct store *store, const char *prefix, struct recall *out)
{
	char err[STORE_ERR];

	if (store_find_finding(store, prefix, &out->place, err))
		return cli_complain("%s", err);
	if (store_describe(store, out->place.sweep, &out->what))
		return cli_complain("%s", store_error(store));
	out->operation = store_operation(store, out->place.sweep, out->place.operation);
	if (out->place.together)
		return cli_complain("finding %s is what several runs show together (%s and %s): "
				    "run its replay line, which is a sweep of these",
				    out->place.id, out->place.together, out->place.schedule);
	return 0;
}

int recall_find(const struct cli *cli, const char *prefix, struct recall *out)
{
	struct store *store;
	int status = keep_open_reader(cli, &store);

	*out = (struct recall){0};
	if (status)
		return status;
	status = look_up(store, prefix, out);
	store_close(store);
	return status ? status : check_files(out);
}

void recall_clear(struct recall *recall)
{
	free(recall->place.schedule);
	free(recall->place.together);
	free(recall->operation);
	store_sweep_clear(&recall->what);
}

/* ---- the command line ---- */

/* What a replay takes, for whichever command wants one. */
static const struct command replay_command = {
	.name = "replay",
	.bit = COMMAND_REPLAY,
	.files_min = 1,
	.files_max = 256,
	.takes_params = true,
	.run = cli_replay,
};

struct words {
	char **argv;
	int argc;
};

static void add(struct words *words, const char *word)
{
	words->argv = xreallocarray(words->argv, (size_t)words->argc + 2, sizeof(*words->argv));
	words->argv[words->argc++] = xstrdup(word);
	words->argv[words->argc] = NULL;
}

/* Returns how many there were. */
static unsigned add_all(struct words *words, const char *text)
{
	unsigned count;
	char **all = store_words_split(text, &count);

	for (unsigned i = 0; i < count; i++)
		add(words, all[i]);
	free_words(all, count);
	return count;
}

static bool has(const struct words *words, const char *word)
{
	for (int i = 0; i < words->argc; i++)
		if (!strcmp(words->argv[i], word))
			return true;
	return false;
}

/* The command line keeps pointing into these words. */
static struct words words_of(const struct recall *recall)
{
	struct words words = {0};

	add(&words, "replay");
	add_all(&words, recall->what.options);
	add(&words, "--schedule");
	add(&words, recall->place.schedule);
	if (recall->operation && !has(&words, "--operation")) {
		add(&words, "--operation");
		add(&words, recall->operation);
	}
	add_all(&words, recall->what.files);
	if (recall->what.parameters[0]) {
		add(&words, "--");
		add_all(&words, recall->what.parameters);
	}
	return words;
}

static void restore_environment(const struct recall *recall)
{
	unsigned count;
	char **names = store_words_split(recall->what.environment, &count);

	for (unsigned i = 0; i < count; i++) {
		char *value = strchr(names[i], '=');

		if (!value)
			continue;
		*value++ = '\0';
		setenv(names[i], value, 1);
	}
	free_words(names, count);
}

/* A file of this command line means the directory of now. */
static const char *from_here(const char *path)
{
	char *directory, *whole;

	if (!path || path[0] == '/' || !strcmp(path, "-"))
		return path;
	directory = getcwd(NULL, 0);
	whole = directory ? xasprintf("%s/%s", directory, path) : xstrdup(path);
	free(directory);
	return whole;
}

static void keep_own_options(const struct cli *cli, struct cli *out)
{
	out->gdb = cli->gdb;
	out->valgrind = cli->valgrind;
	out->verbose |= cli->verbose;
	out->store = from_here(cli->store);
	out->trace_text = from_here(cli->trace_text);
	out->trace_dat = from_here(cli->trace_dat);
	out->trace_events = cli->trace_events;
	if (cli->timeout_given)
		out->timeout_ms = cli->timeout_ms;
	out->version = cli->version;
}

/* What is stored begins with the hash of the scenario's file. One that is gone is told by who loads it. */
static void check_scenario(const struct recall *recall, const struct cli *made)
{
	char *files[] = {(char *)made->scenario}, hash[STORE_HASH];
	unsigned which;

	if (!made->scenario || !strcmp(made->scenario, "kunit") ||
	    store_hash_files(files, 1, hash, &which) ||
	    !strncmp(recall->what.scenario_hash, hash, strlen(hash)))
		return;
	fprintf(stderr,
		"kfail: %s has changed since finding %s was made: request numbers may mean other "
		"requests now\n",
		made->scenario, recall->place.id);
}

int recall_command(const struct cli *cli, const struct recall *recall, struct cli *out)
{
	struct words words = words_of(recall);
	struct cli own = *cli;
	int status;

	keep_own_options(cli, &own);
	if (chdir(recall->what.directory))
		fprintf(stderr, "kfail: %s, where finding %s was made: %s\n",
			recall->what.directory, recall->place.id, strerror(errno));
	restore_environment(recall);
	status = cli_parse(&replay_command, words.argc, words.argv, out);
	if (status)
		return status;
	keep_own_options(&own, out);
	check_scenario(recall, out);
	return 0;
}
