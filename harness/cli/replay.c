// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail replay: one schedule, in this very process, so that a debugger can watch; with the kernel's log, each refusal in the
 * kernel's words, and the findings. The baseline runs before it in a process of its own, since the judges
 * compare with it: what it shows is not the schedule's doing, and a retry must give its result.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../reports/report.h"
#include "../native/native.h"
#include "../trace/util.h"
#include "../inject/interrupts.h"
#include "../judge/lock_order.h"
#include "recall.h"

static void print_result(const struct cli *cli, const struct target *target,
			 const struct run_result *result)
{
	const char *operation = target->scenario ? run_operation_name(target, 0) : "init";
	const char *name = result->result < 0 && result->result >= -4095
				   ? strerrorname_np((int)-result->result)
				   : NULL;

	if (result->returned && name)
		printf("%s returned -%s", operation, name);
	else if (result->returned)
		printf("%s returned %lld", operation, (long long)result->result);
	else
		printf("%s did not return", operation);
	printf("; %u request%s, %u refused%s%s\n\n", result->points, result->points == 1 ? "" : "s",
	       inject_refused(), cli->schedule[0] ? " under schedule " : "", cli->schedule);
}

static void print_findings(const struct cli *cli, struct run_result *result)
{
	struct sweep_options options = cli_sweep_options(cli);
	char *tail = cli_replay_tail(cli);

	options.replay_tail = tail;
	for (unsigned i = 0; i < result->finding_count; i++) {
		struct finding *f = &result->findings[i];

		f->replay = sweep_replay_line(&options, f->operation, f->schedule);
		report_finding_text(stdout, f, i + 1, cli_colour(stdout), true);
	}
	if (result->not_judged)
		printf("not judged: %s\n", result->why.why);
	free(tail);
}

/* Is the finding that was asked for there again? */
static void tell_recalled(const struct cli *cli, struct run_result *result)
{
	for (unsigned i = 0; cli->finding && i < result->finding_count; i++) {
		finding_set_group(&result->findings[i]);
		if (!strcmp(result->findings[i].group, cli->finding->group))
			return;
	}
	if (cli->finding)
		printf("finding %s does not show in this run\n", cli->finding->id);
}

static int status_of(const struct cli *cli, const struct run_result *result)
{
	if (result->accused)
		return STATUS_FINDINGS;
	if (result->not_judged)
		return STATUS_NOT_JUDGED;
	if (cli->parsed.irq && !interrupts_last())
		return cli_no_such_interrupt(cli, result->interrupts);
	if (schedule_is_numbers(&cli->parsed) && !result->consumed)
		return cli_no_such_point(cli, result->points);
	printf("%s\n",
	       result->consumed ? "nothing wrong" : "nothing wrong, and nothing was refused");
	return STATUS_CLEAN;
}

/* What the baseline shows is not the schedule's doing; told in a line each. When the schedule is the baseline itself,
 * the run to come tells it all, except that runs differ: one run cannot show that. */
static bool tell_baseline(const struct cli *cli, const struct sweep_result *baseline)
{
	bool differs = false;

	for (unsigned i = 0; i < baseline->finding_count; i++) {
		const struct finding *f = &baseline->findings[i];
		bool one_run_cannot = f->kind == FINDING_NONDETERMINISM;

		if (f->core || (schedule_is_empty(&cli->parsed) && !one_run_cannot))
			continue;
		printf("without any refusal%s: %s: %s\n", cli->schedule[0] ? " already" : "",
		       finding_kind_name(f->kind), f->what);
		differs |= one_run_cannot;
	}
	return differs;
}

static int know_baseline(const struct cli *cli, const struct target *target,
			 struct run_expect *expect, bool *differs)
{
	struct sweep_options options = cli_sweep_options(cli);
	struct sweep_result result;
	char err[256];

	options.verbose = false;
	if (sweep_baseline(target, &options, expect, &result, err)) {
		cli_complain("%s", err);
		return STATUS_FAILED;
	}
	*differs = tell_baseline(cli, &result);
	sweep_result_clear(&result);
	if (schedule_is_empty(&cli->parsed)) {
		judge_set_known(NULL, 0);
		lock_order_set_known(NULL, 0);
	}
	return 0;
}

static void print_policy(const struct cli *cli, const struct target *target)
{
	char *policy = policy_text(inject_policy(), target->module, &cli->parsed, 1);

	report_policy_text(stdout, policy, cli_colour(stdout));
	free(policy);
}

static int replay(const struct cli *cli, const struct target *target)
{
	const struct run_options options = {
		.timeout_ms = cli->timeout_ms,
		.verbose = true,
		.trace = true,
		.unload = schedule_is_empty(&cli->parsed),
		.hide_user = schedule_is_empty(&cli->parsed) || cli->hide_user,
	};
	struct run_expect expect = {0};
	struct run_result result;
	bool differs;
	char err[256];
	int status;

	print_policy(cli, target);
	status = know_baseline(cli, target, &expect, &differs);
	if (status)
		return status;
	if (cli->gdb)
		cli_tell_gdb(target);
	run_attach(target);
	if (run_prepare(target, &options, 0, err))
		return cli_complain("not judged: %s", err), STATUS_NOT_JUDGED;
	/* With --verbose a kernel prints its log itself. */
	if (!cli->verbose || !strcmp(target->kernel, "native"))
		judge_set_log(cli_print_log);
	run_schedule(target, &options, schedule_is_empty(&cli->parsed) ? NULL : &expect,
		     &cli->parsed, &result);
	judge_set_log(NULL);
	print_result(cli, target, &result);
	print_findings(cli, &result);
	tell_recalled(cli, &result);
	result.accused |= differs;
	status = status_of(cli, &result);
	status = cli_trace_close() ?: status;
	/* A world that died is no longer fit for destructors and exit handlers. */
	native_cleanup();
	fflush(stdout);
	cli_valgrind_concluded(status);
	_exit(status);
}

/* Everything comes from the store. */
static int replay_finding(const struct cli *cli)
{
	struct recall recall;
	struct cli made;
	int status = recall_find(cli, cli->files[0], &recall);

	if (!status)
		status = recall_command(cli, &recall, &made);
	if (status) {
		recall_clear(&recall);
		return status;
	}
	made.finding = &recall.place;
	return cli_replay(&made);
}

static int become_valgrind(const struct cli *cli)
{
	char **words = xcalloc(cli_replay_argc(cli), sizeof(*words));

	cli_replay_argv(cli, words);
	return cli_become_valgrind(cli, words);
}

int cli_replay(const struct cli *cli)
{
	struct target *target;
	int status;

	if (!cli->schedule && cli->file_count == 1 && recall_is_id(cli->files[0]))
		return replay_finding(cli);
	if (!cli->schedule)
		return cli_complain(
			"replay wants a finding's id, or --schedule S as its replay line has it "
			"('' for a run without a refusal)");
	if (cli->gdb && !getenv("KFAIL_UNDER_GDB"))
		return cli_become_gdb(cli);
	if (cli->valgrind && !cli_in_valgrind())
		return become_valgrind(cli); /* a finding that was made so */
	status = cli_trace_open(cli) ?: cli_prepare(cli, &target);
	return status ? status : replay(cli, target);
}
