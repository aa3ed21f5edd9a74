// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words for other programs and for people: a replay line must work when it is pasted into a shell, from the
 * directory where it was printed.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../trace/util.h"

int cli_complain(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("kfail: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_USAGE;
}

void cli_print_log(const char *line)
{
	fflush(stdout);
	fprintf(stderr, "[kernel] %s\n", line);
}

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_@%+=:,./-";

	return *word && !word[strspn(word, plain)];
}

char *cli_quote(const char *word)
{
	char *quoted, *to;

	if (is_plain(word))
		return xstrdup(word);
	/* 'it'\''s': a quote ends the quoting, stands alone, and quoting begins again. */
	quoted = to = xmalloc(4 * strlen(word) + 3);
	*to++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	}
	strcpy(to, "'");
	return quoted;
}

static char *append(char *line, const char *before, const char *word)
{
	char *quoted = cli_quote(word);
	char *longer = xasprintf("%s%s%s", line, before, quoted);

	free(quoted);
	free(line);
	return longer;
}

char *cli_replay_tail(const struct cli *cli)
{
	char *line = xstrdup("");

	for (unsigned i = 0; i < cli->replayed_count; i++)
		line = append(line, " ", cli->replayed[i]);
	for (unsigned i = 0; i < cli->file_count; i++)
		/* A file that looks like an option. */
		line = append(line, cli->files[i][0] == '-' ? " ./" : " ", cli->files[i]);
	for (unsigned i = 0; i < cli->param_count; i++)
		line = append(line, i ? " " : " -- ", cli->params[i]);
	return line;
}

unsigned cli_replay_argc(const struct cli *cli)
{
	return cli->replayed_count + cli->file_count + cli->param_count + 10;
}

void cli_replay_argv(const struct cli *cli, char **to)
{
	*to++ = (char *)"replay";
	if (cli->gdb)
		*to++ = (char *)"--gdb";
	if (cli->verbose)
		*to++ = (char *)"--verbose";
	*to++ = (char *)"--schedule";
	*to++ = (char *)(cli->schedule ? cli->schedule : "");
	if (cli->operation) {
		*to++ = (char *)"--operation";
		*to++ = (char *)cli->operation;
	}
	for (unsigned i = 0; i < cli->replayed_count; i++)
		*to++ = cli->replayed[i];
	for (unsigned i = 0; i < cli->file_count; i++)
		*to++ = cli->files[i];
	if (cli->param_count)
		*to++ = (char *)"--";
	for (unsigned i = 0; i < cli->param_count; i++)
		*to++ = cli->params[i];
	*to = NULL;
}

struct sweep_options cli_sweep_options(const struct cli *cli)
{
	return (struct sweep_options){
		.jobs = cli->jobs,
		.timeout_ms = cli->timeout_ms,
		.repeat = cli->repeat,
		.verbose = cli->verbose,
		.plan = cli->plan,
		.fork_at_point = cli->fork_at_point,
		.hide_user = cli->hide_user,
		.replay = "kfail replay",
		.confirm = !cli->no_confirm,
	};
}

bool cli_colour(FILE *out)
{
	return isatty(fileno(out)) && !getenv("NO_COLOR");
}

int cli_no_such_interrupt(const struct cli *cli, unsigned points)
{
	if (!points)
		return cli_complain("schedule \"%s\": no interrupt could come in this run",
				    cli->schedule);
	return cli_complain("schedule \"%s\": no interrupt came; the run has %u interrupt point%s",
			    cli->schedule, points, points == 1 ? "" : "s");
}

int cli_no_such_point(const struct cli *cli, unsigned points)
{
	if (!points)
		return cli_complain("schedule \"%s\": the run makes no request that can be refused",
				    cli->schedule);
	return cli_complain("schedule \"%s\": nothing was refused; the run makes %u request%s",
			    cli->schedule, points, points == 1 ? "" : "s");
}
