// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a command that has a result does with it, beside telling it to people: accepted findings are marked, and the
 * files that were asked for are written.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../../reports/report.h"

const char *cli_report_to(const struct cli *cli, const char *path)
{
	if (!path)
		return NULL;
	if (cli->json && !strcmp(cli->json, path))
		return "--json";
	if (cli->junit && !strcmp(cli->junit, path))
		return "--junit";
	return cli->sarif && !strcmp(cli->sarif, path) ? "--sarif" : NULL;
}

static void today(char day[11])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(day, 11, "%Y-%m-%d", gmtime_r(&now, &tm));
}

bool cli_accepts(const struct cli *cli, const char *module, const struct finding *finding)
{
	char day[11];

	today(day);
	return accepted_find(&cli->accepted, module, finding, day) ||
	       suppressions_find(&cli->suppressions, finding);
}

void cli_accept(const struct cli *cli, struct sweep_result *result, bool whole)
{
	struct suppressions suppressions = cli->suppressions;
	struct accepted accepted = cli->accepted;
	char day[11];

	today(day);
	accepted_apply(&accepted, result, day, whole);
	suppressions_apply(&suppressions, result, whole);
}

static int told(const char *path, int error)
{
	if (!error)
		return 0;
	cli_complain("the result cannot be written to %s: %s", path, strerror(-error));
	return STATUS_FAILED;
}

int cli_export(const struct cli *cli, const struct sweep_result *result, FILE *out)
{
	char *here = getcwd(NULL, 0);
	const struct report_about about = {
		.version = cli->version,
		.root = cli->source_root ? cli->source_root : here,
	};
	int status = 0;

	if (cli->json)
		status = told(cli->json, report_json(cli->json, result, cli->version));
	if (cli->junit)
		status |= told(cli->junit, report_junit(cli->junit, result, &about));
	if (cli->sarif)
		status |= told(cli->sarif, report_sarif(cli->sarif, result, &about));
	if (cli->annotate)
		report_annotations(out, result, &about);
	free(here);
	return status;
}
