// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail sweep, run and leaks: the same engine with every point, one schedule, or none. Findings are printed as they
 * come, the progress of the rest on a line of its own if somebody is looking; the summary and the
 * reports for programs close.
 */
#include "keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../reports/report.h"

struct show {
	const struct cli *cli;
	const char *module;
	FILE *out;
	bool colour, line; /* a progress line stands on the terminal */
	bool kept;	   /* in a store */
	unsigned shown;	   /* findings against the module */
};

static void clear_line(struct show *show)
{
	if (show->line)
		fputs("\r\033[K", stderr);
	show->line = false;
}

static void show_finding(const struct finding *finding, unsigned number, void *arg)
{
	struct show *show = arg;

	/* The kernel's own issues stand in the summary, and so do accepted findings. */
	if (finding->core || cli_accepts(show->cli, show->module, finding))
		return;
	clear_line(show);
	report_finding_text(show->out, finding, ++show->shown, show->colour,
			    show->cli->kernel_reports || show->cli->command->bit == COMMAND_LEAKS);
	fflush(show->out);
}

static void show_progress(const struct sweep_progress *p, void *arg)
{
	struct show *show = arg;

	show->line = true;
	fprintf(stderr, "\r\033[K%u of %u runs, %u finding%s, %.0f runs/s", p->done, p->total,
		show->shown, show->shown == 1 ? "" : "s",
		p->seconds > 0 ? p->done / p->seconds : 0.0);
}

static enum status status_of(const struct sweep_result *result)
{
	switch (result->status) {
	case SWEEP_CLEAN:
		return STATUS_CLEAN;
	case SWEEP_FINDINGS:
		return STATUS_FINDINGS;
	case SWEEP_NOT_JUDGED:
		break;
	}
	return STATUS_NOT_JUDGED;
}

/* All that there is to sweep was swept. */
static bool is_whole(const struct cli *cli, const struct sweep_result *result)
{
	bool all = cli->command->bit == COMMAND_SWEEP || cli->command->bit == COMMAND_LEAKS;

	return all && !cli->injection->schedule_count && !result->shard && !result->not_swept &&
	       !result->interrupted && !(result->plan && result->plan[0]);
}

static int conclude(const struct cli *cli, struct show *show, struct sweep_result *result)
{
	int status;

	cli_accept(cli, result, is_whole(cli, result));
	clear_line(show);
	if (!result->interrupted && cli->parsed.irq && !cli->parsed.count && !result->injected &&
	    !result->finding_count && !result->not_judged_count)
		return cli_no_such_interrupt(cli, result->baseline.interrupts);
	if (!result->interrupted && schedule_is_numbers(&cli->parsed) && !result->injected &&
	    !result->finding_count && !result->not_judged_count)
		return cli_no_such_point(cli, result->baseline.points);
	if (cli->verbose)
		report_never_refused_text(show->out, result, show->colour);
	report_summary_text(show->out, result, show->colour);
	status = cli_export(cli, result, show->out);
	if (status)
		return status;
	if (result->interrupted)
		fprintf(stderr, "kfail: interrupted; %s\n",
			show->kept ? "the same command with --resume goes on from here"
				   : "nothing was kept that --resume could go on from");
	/* As a shell says it of a program that did not catch the signal. */
	return result->interrupted ? 128 + result->interrupted : (int)status_of(result);
}

static int sweep_target(const struct cli *cli, const struct target *target)
{
	struct show show = {
		.cli = cli,
		.module = target->module,
		.out = cli_report_to(cli, "-") ? stderr : stdout,
	};
	struct sweep_options options = cli_sweep_options(cli);
	char *tail = cli_replay_tail(cli), *policy, err[256];
	struct sweep_result result;
	int status = sweep_check(target, &options, err) ? cli_complain("%s", err) : 0, concluded;

	if (!status)
		status = keep_open(cli, &options.store);
	if (status) {
		free(tail);
		return status;
	}
	options.resume = cli->resume;

	/* A kernel prints its log itself. */
	if (cli->verbose && !strcmp(target->kernel, "native"))
		judge_set_log(cli_print_log);
	show.colour = cli_colour(show.out);
	options.replay_tail = tail;
	options.found = show_finding;
	options.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
	options.arg = &show;
	options.trace = true;
	if (cli->injection->schedule_count) {
		options.schedules = cli->injection->schedules;
		options.schedule_count = cli->injection->schedule_count;
	}
	options.canary = cli->command->bit == COMMAND_LEAKS;
	options.baseline_only = cli->command->bit != COMMAND_SWEEP && !options.schedules;
	status = keep_begin(cli, target, &options);
	if (status) {
		free(tail);
		return keep_close(cli, options.store, status);
	}
	show.kept = options.store;
	policy = sweep_policy(target, &options);
	report_policy_text(show.out, policy, show.colour);
	free(policy);
	status = sweep(target, &options, &result, err);
	if (status) {
		clear_line(&show);
		cli_complain("%s", err);
		free(tail);
		return keep_close(cli, options.store,
				  status == SWEEP_REFUSED ? STATUS_USAGE : STATUS_FAILED);
	}
	status = cli_trace_close();
	concluded = conclude(cli, &show, &result);
	status = status ?: cli_coverage_write(cli, target, show.out);
	sweep_result_clear(&result);
	free(tail);
	return keep_close(cli, options.store, status ?: concluded);
}

int cli_sweep(const struct cli *cli)
{
	struct target *target;
	int status = cli_trace_open(cli);

	if (!status)
		status = cli_prepare(cli, &target);
	return status ? status : sweep_target(cli, target);
}
