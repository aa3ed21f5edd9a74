// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail campaign: ../../fuzz/campaign for people. Each subcommand has a folder; what it does there is in that room, and here is what
 * is asked of the command line and told.
 */
#include "campaign_cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../fuzz/campaign/campaign.h"
#include "../../fuzz/triage/triage.h"
#include "../../reports/report.h"
#include "../trace/util.h"

#define STOP_SECONDS 180

int campaign_open(const struct cli *cli, struct campaign *campaign)
{
	char err[CAMPAIGN_ERR];
	int status = campaign_load(cli->files[1], campaign, err);

	return status ? (cli_complain("%s", err), status) : 0;
}

static int no_more_words(const struct cli *cli)
{
	return cli->file_count > 2 ? cli_complain("campaign %s: \"%s\" is one word too many",
						  cli->files[0], cli->files[2])
				   : 0;
}

/* ---- report --------------------------------------------------------------------------------------------------------- */

/* A campaign that never ran an input has judged nothing. */
static void nothing_fuzzed(const struct campaign *campaign, struct sweep_result *result)
{
	unsigned count;
	struct stats *stats = stats_read_all(campaign, &count);
	bool fuzzed = false;

	for (unsigned i = 0; i < count; i++)
		fuzzed |= stats_is_ours(campaign, stats[i].name) && stats[i].execs;
	free(stats);
	if (fuzzed)
		return;
	result->not_judged = xreallocarray(result->not_judged, result->not_judged_count + 1,
					   sizeof(*result->not_judged));
	result->not_judged[result->not_judged_count++] = (struct not_judged){
		.schedule = xstrdup(""), .why = xstrdup("no instance has run an input yet")};
	if (result->status == SWEEP_CLEAN)
		result->status = SWEEP_NOT_JUDGED;
}

static void print(const struct cli *cli, const struct campaign *campaign,
		  const struct sweep_result *result, FILE *out)
{
	char *findings = campaign_path(campaign, "findings");

	for (unsigned i = 0; i < result->finding_count; i++) {
		unsigned also = triage_also(findings, result->findings[i].id);

		report_finding_text(out, &result->findings[i], i + 1, cli_colour(out), false);
		if (also)
			fprintf(out, "    %u other input%s it too\n\n", also,
				also == 1 ? " shows" : "s show");
	}
	free(findings);
	for (unsigned i = 0; i < result->not_judged_count; i++)
		fprintf(out, "not judged: %s\n", result->not_judged[i].why);
	status_print(campaign, out);
}

static int regress(const struct cli *cli, const struct campaign *campaign, FILE *out)
{
	char *findings, err[FUZZ_ERR];
	int count;

	if (!cli->campaign.regress)
		return 0;
	findings = campaign_path(campaign, "findings");
	count = triage_regress(findings, cli->campaign.regress, err);
	free(findings);
	if (count < 0)
		return cli_complain("%s", err), STATUS_FAILED;
	fprintf(out, "%d regression%s new in %s\n", count, count == 1 ? " is" : "s are",
		cli->campaign.regress);
	return 0;
}

int campaign_tell(const struct cli *cli, const struct campaign *campaign)
{
	FILE *out = cli_report_to(cli, "-") ? stderr : stdout;
	static const int statuses[] = {
		[SWEEP_CLEAN] = STATUS_CLEAN,
		[SWEEP_FINDINGS] = STATUS_FINDINGS,
		[SWEEP_NOT_JUDGED] = STATUS_NOT_JUDGED,
	};
	struct sweep_result result;
	char err[CAMPAIGN_ERR];
	int status = campaign_findings(campaign, &result, err);

	if (status)
		return cli_complain("%s", err), status;
	nothing_fuzzed(campaign, &result);
	status = campaign_record(campaign, &result, true, err);
	if (status)
		cli_complain("%s", err);
	print(cli, campaign, &result, out);
	status = status ? status : cli_export(cli, &result, out);
	status = status ? status : regress(cli, campaign, out);
	status = status ? status : statuses[result.status];
	sweep_result_clear(&result);
	return status;
}

static int report(const struct cli *cli)
{
	struct campaign campaign;
	char where[256], err[CAMPAIGN_ERR];
	unsigned findings;
	int status = campaign_open(cli, &campaign);
	pid_t pid;

	if (status)
		return status;
	/* While it runs its supervisor does that. */
	if (owner_of(&campaign, &pid, where) == OWNER_NONE)
		status = crashes_triage(&campaign, &findings, err);
	status = status ? (cli_complain("%s", err), status) : campaign_tell(cli, &campaign);
	campaign_clear(&campaign);
	return status;
}

/* ---- the others ----------------------------------------------------------------------------------------------------------- */

static int status(const struct cli *cli)
{
	struct campaign campaign;
	char err[CAMPAIGN_ERR];
	int result = campaign_open(cli, &campaign);

	if (result)
		return result;
	if (!cli->json || strcmp(cli->json, "-") != 0)
		status_print(&campaign, stdout);
	if (cli->json)
		result = status_json(&campaign, cli->json, err);
	campaign_clear(&campaign);
	return result ? (cli_complain("%s", err), result) : STATUS_CLEAN;
}

static int wait_until_gone(const struct campaign *campaign)
{
	char where[256];
	pid_t pid;

	for (unsigned tenths = 0; tenths < STOP_SECONDS * 10; tenths++) {
		if (owner_of(campaign, &pid, where) == OWNER_NONE)
			return printf("%s: stopped\n", campaign->folder), STATUS_CLEAN;
		usleep(100000);
	}
	return cli_complain("%s: %s does not end", campaign->folder, where), STATUS_FAILED;
}

static int stop(const struct cli *cli)
{
	struct campaign campaign;
	char where[256];
	int result = campaign_open(cli, &campaign);
	enum owner owner;
	pid_t pid;

	if (result)
		return result;
	owner = owner_of(&campaign, &pid, where);
	if (owner == OWNER_NONE)
		printf("%s: is not running\n", campaign.folder);
	else if (owner == OWNER_ELSEWHERE)
		result = cli_complain("%s is run by %s: stop it there", campaign.folder, where);
	else if (kill(pid, SIGTERM))
		result = cli_complain("%s: %s: %s", campaign.folder, where, strerror(errno));
	else
		result = wait_until_gone(&campaign);
	campaign_clear(&campaign);
	return result;
}

static int must_be_stopped(const struct campaign *campaign, const char *what)
{
	char where[256];
	pid_t pid;

	if (owner_of(campaign, &pid, where) == OWNER_NONE)
		return 0;
	return cli_complain("%s is running (%s): stop it before you %s", campaign->folder, where,
			    what);
}

static int merge(const struct cli *cli)
{
	struct campaign campaign;
	char err[CAMPAIGN_ERR];
	int result;

	if (cli->file_count < 3)
		return cli_complain("campaign merge wants the folders that are merged into %s",
				    cli->files[1]);
	result = campaign_open(cli, &campaign);
	if (result)
		return result;
	result = must_be_stopped(&campaign, "merge");
	for (unsigned i = 2; i < cli->file_count && !result; i++) {
		result = corpus_merge(&campaign, cli->files[i], stdout, err);
		if (result)
			cli_complain("%s", err);
	}
	campaign_clear(&campaign);
	return result;
}

static int minimise(const struct cli *cli)
{
	struct campaign campaign;
	char err[CAMPAIGN_ERR];
	int result = campaign_open(cli, &campaign);

	if (result)
		return result;
	result = must_be_stopped(&campaign, "minimise");
	if (!result) {
		result = corpus_minimise(&campaign, cli->campaign.corpus, stdout, err);
		if (result)
			cli_complain("%s", err);
	}
	campaign_clear(&campaign);
	return result;
}

static const struct subcommand {
	const char *name;
	int (*run)(const struct cli *cli);
	bool more_words;
} subcommands[] = {
	{"start", campaign_start, false}, {"status", status, false}, {"stop", stop, false},
	{"report", report, false},	  {"merge", merge, true},    {"minimise", minimise, false},
};

int cli_campaign(const struct cli *cli)
{
	for (unsigned i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		int result;

		if (strcmp(cli->files[0], subcommands[i].name) != 0)
			continue;
		result = subcommands[i].more_words ? 0 : no_more_words(cli);
		return result ? result : subcommands[i].run(cli);
	}
	return cli_complain(
		"campaign has no subcommand \"%s\": start, status, stop, report, merge, "
		"minimise",
		cli->files[0]);
}
