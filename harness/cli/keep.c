// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where results are kept:
 *
 *	--store FILE		there, or not at all: what cannot be kept there is an error
 *	$KFAIL_STORE		the same for all commands of a shell; empty: nowhere
 *	otherwise		$XDG_STATE_HOME/kfail/results.db or ~/.local/state/kfail/results.db; a sweep
 *				that cannot write there says so in a line and goes on
 *
 * Two sweeps are of one identity when what they were told is the same: the contents of the files, the parameters, and all
 * options that change runs or choose schedules. Paths are no part of it: another machine has others.
 */
#include "keep.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../trace/util.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

/* Did the user say where? */
static bool is_wanted(const struct cli *cli)
{
	return cli->store || variable("KFAIL_STORE");
}

static char *default_directory(void)
{
	const char *state = variable("XDG_STATE_HOME"), *home = variable("HOME");

	if (state)
		return xasprintf("%s/kfail", state);
	return home ? xasprintf("%s/.local/state/kfail", home) : NULL;
}

char *keep_path(const struct cli *cli)
{
	const char *named = cli->store ? cli->store : getenv("KFAIL_STORE");
	char *directory, *path;

	if (named)
		return named[0] ? xstrdup(named) : NULL;
	directory = default_directory();
	path = directory ? xasprintf("%s/results.db", directory) : NULL;
	free(directory);
	return path;
}

/* All directories on the way to a file. */
static void make_directories(const char *path)
{
	char *part = xstrdup(path);

	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0700);
		*slash = '/';
	}
	free(part);
}

int keep_open(const struct cli *cli, struct store **store)
{
	char *path = cli->no_store ? NULL : keep_path(cli), err[STORE_ERR];
	int status = 0;

	*store = NULL;
	if (!path && cli->resume)
		return cli_complain("--resume: there is no store; name it with --store FILE");
	if (!path)
		return 0;
	if (cli->resume && access(path, F_OK))
		status = cli_complain("--resume: %s: %s", path, strerror(errno));
	if (status) {
		free(path);
		return status;
	}
	if (!is_wanted(cli))
		make_directories(path);
	/* A limit on the size of files is an error like a full disk, and no reason to die. */
	signal(SIGXFSZ, SIG_IGN);
	*store = store_open(path, err);
	free(path);
	if (*store && !cli->store)
		store_keep_log(*store);
	if (*store)
		return 0;
	if (is_wanted(cli) || cli->resume)
		return cli_complain("%s", err);
	fprintf(stderr, "kfail: results are not kept: %s\n", err);
	return 0;
}

int keep_open_reader(const struct cli *cli, struct store **store)
{
	char *path = keep_path(cli), err[STORE_ERR];

	if (!path)
		return cli_complain("there is no store of results; name it with --store FILE");
	*store = store_open_reader(path, err);
	free(path);
	return *store ? 0 : cli_complain("%s", err);
}

/* ---- what is swept ---- */

static void append_setting(const char *name, const char *value, void *arg)
{
	char **text = arg;
	char *longer = xasprintf("%s%s%s=%s", *text, **text ? " " : "", name, value);

	free(*text);
	*text = longer;
}

static char *settings_text(void)
{
	char *text = xstrdup("");

	kf_settings_for_each_changed(kf_settings(), append_setting, &text);
	return text;
}

static char *absolute_files(const struct cli *cli)
{
	char **paths = xcalloc(cli->file_count, sizeof(*paths)), *text;

	for (unsigned i = 0; i < cli->file_count; i++) {
		paths[i] = realpath(cli->files[i], NULL);
		if (!paths[i])
			paths[i] = xstrdup(cli->files[i]);
	}
	text = store_words(paths, cli->file_count);
	for (unsigned i = 0; i < cli->file_count; i++)
		free(paths[i]);
	free(paths);
	return text;
}

/* What native mode's compiler is told besides the source. */
static char *environment_text(const struct target *target)
{
	static const char *const names[] = {"CC", "KFAIL_CFLAGS"};
	char *words[2], *text;
	unsigned count = 0;

	for (unsigned i = 0; i < 2 && !strcmp(target->kernel, "native"); i++)
		if (variable(names[i]))
			words[count++] = xasprintf("%s=%s", names[i], variable(names[i]));
	text = store_words(words, count);
	while (count)
		free(words[--count]);
	return text;
}

static void add_word(char **text, const char *name, const char *value)
{
	char *longer = xasprintf("%s%s%s=%s", *text, **text ? " " : "", name, value);

	free(*text);
	*text = longer;
}

/* Which schedules are run, "" is every point; and the sites of --benign, whose file may change under the same name. */
static char *plan_text(const struct cli *cli, const struct sweep_options *sweep)
{
	const struct benign *benign = &cli->injection->policy.benign;
	char *text, count[16];

	if (sweep->baseline_only)
		return xstrdup("baseline");
	text = cli->schedule ? xasprintf("schedule=%s", cli->schedule) : plan_print(&cli->plan);
	snprintf(count, sizeof(count), "%u", cli->repeat);
	if (cli->repeat > 1)
		add_word(&text, "repeat", count);
	for (unsigned i = 0; i < benign->count; i++)
		add_word(&text, "benign", benign->entries[i].site);
	return text;
}

/* What the scenario does: its file, and what of it is swept. */
static char *scenario_hash(const struct cli *cli)
{
	char *files[] = {(char *)cli->scenario}, hash[STORE_HASH] = "";
	unsigned which;

	if (cli->scenario && strcmp(cli->scenario, "kunit") != 0)
		store_hash_files(files, 1, hash, &which);
	return xasprintf("%s%s%s%s%s%s", hash, cli->whole ? " whole" : "",
			 cli->operation ? " " : "", cli->operation ? cli->operation : "",
			 cli->without ? " without " : "", cli->without ? cli->without : "");
}

/* Everything is known: begin, or find what is to be resumed. As store_begin(). */
static int64_t begin(const struct cli *cli, const struct target *target,
		     const struct sweep_options *sweep, const char *hash, char *err)
{
	char *directory = getcwd(NULL, 0), *parameters = store_words(cli->params, cli->param_count);
	char *options = store_words(cli->replayed, cli->replayed_count);
	char *settings = settings_text(), *plan = plan_text(cli, sweep);
	char *policy = sweep_policy(target, sweep), *files = absolute_files(cli);
	char *environment = environment_text(target), *scenario = scenario_hash(cli);
	const struct store_sweep what = {
		.version = cli->version,
		.kernel = target->kernel,
		.module = target->module,
		.module_hash = hash,
		.parameters = parameters,
		.scenario = run_scenario_name(target),
		.scenario_hash = scenario,
		.settings = settings,
		.policy = policy,
		.plan = plan,
		.environment = environment,
		.shard = cli->plan.shard,
		.shards = cli->plan.shards,
		.files = files,
		.options = options,
		.directory = directory,
	};
	int64_t id = store_begin(sweep->store, &what, cli->resume, err);

	free(directory);
	free(parameters);
	free(options);
	free(settings);
	free(plan);
	free(policy);
	free(files);
	free(environment);
	free(scenario);
	return id;
}

int keep_begin(const struct cli *cli, const struct target *target, struct sweep_options *options)
{
	char hash[STORE_HASH], err[STORE_ERR] = "";
	unsigned which;
	int error;

	if (!options->store)
		return 0;
	error = store_hash_files(cli->files, cli->file_count, hash, &which);
	if (error)
		return cli_complain("%s: %s", cli->files[which], strerror(-error));
	options->stored = begin(cli, target, options, hash, err);
	if (options->stored > 0)
		return 0;
	if (!options->stored)
		error = cli_complain("--resume: %s has no interrupted sweep of %s with these "
				     "options",
				     store_path(options->store), target->module);
	else if (is_wanted(cli) || cli->resume)
		error = cli_complain("%s", err);
	else
		fprintf(stderr, "kfail: results are not kept: %s\n", err);
	/* Nothing was swept and all is said: keep_close() has nothing to add. */
	store_close(options->store);
	options->store = NULL;
	return error;
}

int keep_close(const struct cli *cli, struct store *store, int status)
{
	if (store && store_error(store)) {
		cli_complain("%s", store_error(store));
		if (is_wanted(cli))
			status = STATUS_FAILED;
	}
	store_close(store);
	return status;
}
