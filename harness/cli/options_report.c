// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that say how a result is told: files for programs, annotations, findings that are accepted. They change
 * nothing of a run. All files are tried before the sweep begins.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../reports/report.h"

enum {
	OPTION_JSON = OPTIONS_REPORT,
	OPTION_JUNIT,
	OPTION_SARIF,
	OPTION_ANNOTATE,
	OPTION_SOURCE_ROOT,
	OPTION_ACCEPTED,
	OPTION_SUPPRESSIONS,
	OPTION_KERNEL_REPORTS,
};

static const struct cli_option options[] = {
	{REPORTING | COMMAND_FUZZ | COMMAND_CAMPAIGN,
	 false,
	 {"json", OPTION_JSON, "FILE", 0, "write the result as JSON (-: to standard output)", 0}},
	{REPORTING | COMMAND_FUZZ | COMMAND_CAMPAIGN,
	 false,
	 {"junit", OPTION_JUNIT, "FILE", 0, "write it as JUnit XML, for CI servers", 0}},
	{REPORTING | COMMAND_FUZZ | COMMAND_CAMPAIGN,
	 false,
	 {"sarif", OPTION_SARIF, "FILE", 0, "write it as SARIF 2.1.0, for code scanning", 0}},
	{REPORTING,
	 false,
	 {"annotate", OPTION_ANNOTATE, NULL, 0,
	  "print a line for each finding that GitHub Actions shows beside the source", 0}},
	{REPORTING,
	 false,
	 {"source-root", OPTION_SOURCE_ROOT, "DIRECTORY", 0,
	  "name source files relative to it there (default: the current directory)", 0}},
	{REPORTING | COMMAND_FUZZ,
	 false,
	 {"accepted", OPTION_ACCEPTED, "FILE", 0,
	  "findings that are known, not held against the module until a day: lines of MODULE ID "
	  "YYYY-MM-DD REASON",
	  0}},
	{REPORTING | COMMAND_FUZZ,
	 false,
	 {"suppressions", OPTION_SUPPRESSIONS, "FILE", 0,
	  "findings that do not count, as for LeakSanitizer: lines of leak:FUNCTION, or another "
	  "kind",
	  0}},
	{COMMAND_SWEEP | COMMAND_RUN | COMMAND_REPORT,
	 false,
	 {"kernel-reports", OPTION_KERNEL_REPORTS, NULL, 0,
	  "below each finding, what slub_debug, KASAN, kmemleak or might_sleep() would have "
	  "printed",
	  0}},
	{0},
};

static void parse_accepted(struct cli *cli, const char *path)
{
	char err[ACCEPTED_ERR];

	if (cli->accepted.path)
		cli_complain("--accepted is given twice");
	else if (accepted_read(path, &cli->accepted, err))
		cli_complain("%s", err);
	else
		return;
	exit(STATUS_USAGE);
}

static void parse_suppressions(struct cli *cli, const char *path)
{
	char err[SUPPRESSIONS_ERR];

	if (cli->suppressions.path)
		cli_complain("--suppressions is given twice");
	else if (suppressions_read(path, &cli->suppressions, err))
		cli_complain("%s", err);
	else
		return;
	exit(STATUS_USAGE);
}

static void parse_root(struct cli *cli, const char *path)
{
	free(cli->source_root);
	cli->source_root = realpath(path, NULL);
	if (cli->source_root)
		return;
	cli_complain("--source-root: %s: %m", path);
	exit(STATUS_USAGE);
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_JSON:
		cli->json = arg;
		return true;
	case OPTION_JUNIT:
		cli->junit = arg;
		return true;
	case OPTION_SARIF:
		cli->sarif = arg;
		return true;
	case OPTION_ANNOTATE:
		cli->annotate = true;
		return true;
	case OPTION_SOURCE_ROOT:
		parse_root(cli, arg);
		return true;
	case OPTION_ACCEPTED:
		parse_accepted(cli, arg);
		return true;
	case OPTION_SUPPRESSIONS:
		parse_suppressions(cli, arg);
		return true;
	case OPTION_KERNEL_REPORTS:
		cli->kernel_reports = true;
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	const char *const paths[] = {cli->json, cli->junit, cli->sarif};

	for (unsigned i = 0; i < 3; i++) {
		int error = paths[i] ? report_check(paths[i]) : 0;

		if (error)
			return cli_complain("the result cannot be written to %s: %s", paths[i],
					    strerror(-error));
		for (unsigned j = 0; paths[i] && j < i; j++)
			if (paths[j] && !strcmp(paths[i], paths[j]))
				return cli_complain("two reports cannot both go to %s", paths[i]);
	}
	return 0;
}

const struct option_group report_options = {options, parse, check};
