// SPDX-License-Identifier: GPL-2.0-only
/*
 * --trace, --trace-dat and --trace-events: where the trace of the one run goes. Files are tried before anything runs, and appear
 * whole or not at all. The process that made the run writes them; what it could not write, because it was killed,
 * this one does.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include "../../reports/output.h"
#include "../trace/tracing.h"

static const struct cli *asked;

static bool is_file(const char *path)
{
	return path && strcmp(path, "-") != 0;
}

static bool write_file(const char *path, void (*write)(FILE *out))
{
	struct output output;
	int error = output_open(&output, path);

	if (!error) {
		write(output.file);
		error = output_commit(&output);
	}
	if (error)
		cli_complain("the trace cannot be written to \"%s\": %s", path, strerror(-error));
	return !error;
}

/* Standard output, unless that is a report's. */
static bool write_terminal(void)
{
	FILE *out = cli_report_to(asked, "-") ? stderr : stdout;

	trace_write_text(out);
	fputc('\n', out);
	if (!fflush(out))
		return true;
	cli_complain("the trace cannot be written to the terminal");
	return false;
}

static bool deliver(void)
{
	bool done = true;

	if (is_file(asked->trace_text))
		done = write_file(asked->trace_text, trace_write_text);
	else if (asked->trace_text)
		done = write_terminal();
	if (asked->trace_dat)
		done &= write_file(asked->trace_dat, trace_write_dat);
	return done;
}

static int check_file(const char *path)
{
	int error = is_file(path) ? output_check(path) : 0;

	if (!error)
		return 0;
	return cli_complain("the trace cannot be written to \"%s\": %s", path, strerror(-error));
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* trace.dat is binary: nothing else can go to the same place, but a summary on standard output. */
static int check_places(const struct cli *cli)
{
	if (same(cli->trace_dat, cli->trace_text))
		return cli_complain("--trace and --trace-dat cannot both go to \"%s\"",
				    cli->trace_dat);
	if (cli_report_to(cli, cli->trace_dat))
		return cli_complain("--trace-dat and %s cannot both go to \"%s\"",
				    cli_report_to(cli, cli->trace_dat), cli->trace_dat);
	return 0;
}

int cli_trace_open(const struct cli *cli)
{
	char err[TRACE_ERR_MAX];
	int status;

	if (!cli->trace_text && !cli->trace_dat)
		return 0;
	status = check_places(cli) ?: check_file(cli->trace_text) ?: check_file(cli->trace_dat);
	if (status)
		return status;
	asked = cli;
	return trace_open(cli->trace_events, deliver, err) ? cli_complain("%s", err) : 0;
}

int cli_trace_close(void)
{
	bool failed;

	trace_rescue();
	failed = trace_failed();
	trace_close();
	return failed ? STATUS_FAILED : 0;
}
