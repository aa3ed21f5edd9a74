// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail fuzz: a target of ../../fuzz, and inputs for it. Under AFL++ it is what AFL++ drives; else inputs are run from files, or
 * go between bytes and text.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../../fuzz/engine/engine.h"
#include "../../fuzz/input/grammar.h"
#include "../../reports/report.h"
#include "../trace/util.h"

static int list_targets(void)
{
	for (unsigned i = 0; fuzz_targets[i]; i++)
		printf("  %-12s %s\n", fuzz_targets[i]->name, fuzz_targets[i]->about);
	return STATUS_CLEAN;
}

static int open_target(const struct cli *cli, const struct fuzz_target *target)
{
	const struct fuzz_setup setup = {
		.settings = &cli->settings,
		.kernel = cli->kernel,
		.files = cli->fuzz.action == FUZZ_NOTHING ? cli->files : NULL,
		.file_count = cli->fuzz.action == FUZZ_NOTHING ? cli->file_count : 0,
		.params = cli->params,
		.param_count = cli->param_count,
	};
	char err[FUZZ_ERR];

	return fuzz_open(target, &setup, err) ? cli_complain("%s", err) : 0;
}

/* ---- running files ------------------------------------------------------------------------------------------ */

struct running {
	const struct cli *cli;
	const struct fuzz_target *target;
	FILE *out;
	struct sweep_result result;
	unsigned clean, found, not_judged, unreadable;
};

char *cli_fuzz_replay_words(const struct cli *cli, const char *file)
{
	struct cli made = *cli;
	char *tail, *line;

	made.file_count = 1 + cli->fuzz.module_count;
	made.files = xcalloc(made.file_count, sizeof(*made.files));
	made.files[0] = (char *)file;
	for (unsigned i = 0; i < cli->fuzz.module_count; i++)
		made.files[1 + i] = cli->fuzz.modules[i];
	tail = cli_replay_tail(&made);
	line = cli->fuzz.driver ? xasprintf("fuzz --run%s", tail)
				: xasprintf("fuzz --target %s --run%s", cli->fuzz.target, tail);
	free(made.files);
	free(tail);
	return line;
}

static void add_finding(struct running *r, const char *file, const struct finding *finding)
{
	struct sweep_result *result = &r->result;
	char *json = finding_to_json(finding), *words = cli_fuzz_replay_words(r->cli, file);
	struct finding *kept;

	result->findings = xreallocarray(result->findings, result->finding_count + 1,
					 sizeof(*result->findings));
	kept = &result->findings[result->finding_count];
	if (!finding_from_json(json, kept)) {
		finding_set_id(kept);
		finding_set_group(kept);
		free(kept->replay);
		kept->replay = xasprintf("kfail %s", words);
		report_finding_text(r->out, kept, ++result->finding_count, cli_colour(r->out),
				    false);
	}
	free(words);
	free(json);
}

static void add_not_judged(struct running *r, const char *file, const char *why)
{
	struct sweep_result *result = &r->result;

	result->not_judged = xreallocarray(result->not_judged, result->not_judged_count + 1,
					   sizeof(*result->not_judged));
	result->not_judged[result->not_judged_count++] =
		(struct not_judged){.schedule = xstrdup(""), .why = xasprintf("%s: %s", file, why)};
	fprintf(r->out, "%s: not judged: %s\n", file, why);
	r->not_judged++;
}

static void told(const char *file, const struct fuzz_outcome *outcome, const char *err, void *arg)
{
	struct running *r = arg;

	if (!outcome) {
		cli_complain("%s", err);
		r->unreadable++;
		return;
	}
	for (unsigned i = 0; i < outcome->count; i++)
		add_finding(r, file, &outcome->findings[i]);
	if (outcome->not_judged)
		add_not_judged(r, file, outcome->not_judged);
	r->found += outcome->count > 0;
	r->clean += !outcome->count && !outcome->not_judged;
	if (!outcome->count && !outcome->not_judged && r->cli->verbose)
		fprintf(r->out, "%s: clean\n", file);
}

static int status_of(const struct running *r)
{
	if (r->unreadable)
		return STATUS_USAGE;
	if (r->found)
		return STATUS_FINDINGS;
	return r->not_judged ? STATUS_NOT_JUDGED : STATUS_CLEAN;
}

static int run_files(const struct cli *cli, const struct fuzz_target *target)
{
	const struct fuzz_run_options options = {.timeout_ms = cli->timeout_ms, .careful = true};
	struct running r = {
		.cli = cli,
		.target = target,
		.out = cli_report_to(cli, "-") ? stderr : stdout,
		.result = {.kernel =
				   xstrdup(cli->fuzz.driver ? cli->fuzz.driver->kernel : "native"),
			   .module = xstrdup(cli->fuzz.driver ? cli->fuzz.driver->module
							      : target->name),
			   .scenario = xstrdup("fuzz")},
	};
	int error, status;

	error = fuzz_run_files(target, &options, cli->files, cli->file_count, told, &r);
	if (error)
		return cli_complain("inputs cannot be run: %s", strerror(-error)), STATUS_FAILED;
	if (r.unreadable < cli->file_count)
		fprintf(r.out, "%s: %u inputs: %u clean, %u with findings, %u not judged\n",
			target->name, cli->file_count - r.unreadable, r.clean, r.found,
			r.not_judged);
	status = status_of(&r);
	r.result.runs = cli->file_count - r.unreadable;
	r.result.clean = r.clean;
	r.result.status = r.found ? SWEEP_FINDINGS : r.not_judged ? SWEEP_NOT_JUDGED : SWEEP_CLEAN;
	error = cli_export(cli, &r.result, r.out);
	sweep_result_clear(&r.result);
	return error ? error : status;
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static int no_text(const struct fuzz_target *target)
{
	return cli_complain("inputs of %s have no text form", target->name);
}

static int print(const struct cli *cli, const struct fuzz_target *target)
{
	char err[FUZZ_ERR];
	uint8_t *data;
	size_t size;

	if (!target->print)
		return no_text(target);
	for (unsigned i = 0; i < cli->file_count; i++) {
		data = fuzz_load(target, cli->files[i], &size, err);
		if (!data)
			return cli_complain("%s", err);
		if (cli->file_count > 1)
			printf("# %s\n", cli->files[i]);
		target->print(data, size, stdout);
		free(data);
	}
	return STATUS_CLEAN;
}

static int write_input(const char *path, const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "wbe");
	bool whole = file && fwrite(data, 1, size, file) == size;

	if (file && fclose(file))
		whole = false;
	return whole ? 0 : cli_complain("%s: %s", path, strerror(errno));
}

/* Where the input of this file goes to; malloc()ed. */
static char *place(const char *out, bool directory, const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	size_t n = strlen(base) - (fuzz_is_text(base) ? strlen(FUZZ_TEXT_SUFFIX) : 0);

	return directory ? xasprintf("%s/%.*s", out, (int)n, base) : xstrdup(out);
}

static int assemble(const struct cli *cli, const struct fuzz_target *target)
{
	const char *out = cli->fuzz.out;
	bool directory;
	struct stat st;
	int status = 0;

	if (!target->assemble)
		return no_text(target);
	if (!out)
		return cli_complain("--assemble wants --out: a file, or a directory");
	directory = !stat(out, &st) && S_ISDIR(st.st_mode);
	if (cli->file_count > 1 && !directory)
		return cli_complain("%s: several inputs want a directory that is there", out);
	for (unsigned i = 0; i < cli->file_count && !status; i++) {
		char err[FUZZ_ERR], *path = place(out, directory, cli->files[i]);
		size_t size;
		uint8_t *data = fuzz_load(target, cli->files[i], &size, err);

		status = data ? write_input(path, data, size) : cli_complain("%s", err);
		free(data);
		free(path);
	}
	return status;
}

/* ---- the command ---------------------------------------------------------------------------------------------- */

static int drive(const struct cli *cli, const struct fuzz_target *target)
{
	int status;

	if (!fuzz_under_afl())
		return cli_complain("what shall be done with %s: --run, --print, --assemble, "
				    "--grammar or --dictionary? (afl-fuzz drives it in a build by "
				    "`make fuzz-targets`)",
				    target->name);
	status = open_target(cli, target);
	return status ? status : fuzz_afl(target);
}

static bool runs_inputs(const struct cli *cli)
{
	return cli->fuzz.action == FUZZ_RUN || cli->fuzz.action == FUZZ_TRIAGE ||
	       cli->fuzz.action == FUZZ_SHRINK;
}

int cli_fuzz_inputs(const struct cli *cli, const struct fuzz_target *target)
{
	bool wants_files = runs_inputs(cli) || cli->fuzz.action == FUZZ_PRINT ||
			   cli->fuzz.action == FUZZ_ASSEMBLE;

	if (wants_files && !cli->file_count)
		return cli_complain("fuzz wants a file with an input");
	switch (cli->fuzz.action) {
	case FUZZ_RUN:
		return run_files(cli, target);
	case FUZZ_PRINT:
		return print(cli, target);
	case FUZZ_ASSEMBLE:
		return assemble(cli, target);
	case FUZZ_GRAMMAR:
	case FUZZ_DICTIONARY:
		if (!target->grammar)
			return no_text(target);
		(cli->fuzz.action == FUZZ_GRAMMAR ? fuzz_print_reference
						  : fuzz_print_dictionary)(target->grammar, stdout);
		return STATUS_CLEAN;
	case FUZZ_TRIAGE:
		return cli_fuzz_triage(cli, target);
	case FUZZ_SHRINK:
		return cli_fuzz_shrink(cli, target);
	case FUZZ_SEEDS:
		return cli_complain("--seeds is for a driver: seeds of %s are in corpus/%s",
				    target->name, target->name);
	case FUZZ_NOTHING:
		break;
	}
	return drive(cli, target);
}

int cli_fuzz(const struct cli *cli)
{
	const struct fuzz_target *target;
	int status;

	if (cli_fuzz_has_driver(cli))
		return cli_fuzz_driver(cli);
	if (!cli->fuzz.target)
		return cli->file_count || cli->fuzz.action ? cli_complain("fuzz wants --target")
							   : list_targets();
	target = fuzz_target_find(cli->fuzz.target);
	if (!target)
		return cli_complain("there is no target \"%s\"; `kfail fuzz` lists them",
				    cli->fuzz.target);
	status = runs_inputs(cli) ? open_target(cli, target) : 0;
	return status ? status : cli_fuzz_inputs(cli, target);
}
