// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail report: what is in the store, as the sweep itself told it.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../reports/report.h"
#include "../judge/group.h"
#include "keep.h"

static int cannot_read(const struct store *store)
{
	return cli_complain("%s", store_error(store));
}

static void put_line(const struct store_line *line, void *arg)
{
	bool *any = arg;
	char shard[32] = "";

	if (!*any)
		printf("%6s  %-19s  %-16s %-17s %-11s %7s %9s\n", "sweep", "started (UTC)",
		       "module", "kernel", "status", "points", "findings");
	*any = true;
	if (line->shards)
		snprintf(shard, sizeof(shard), "  shard %u/%u", line->shard, line->shards);
	if (line->shards && !line->shard)
		snprintf(shard, sizeof(shard), "  merged of %u", line->shards);
	printf("%6lld  %.10s %.8s  %-16s %-17s %-11s %7u %9u  %s%s\n", (long long)line->id,
	       line->started, line->started + 11, line->module, line->kernel,
	       line->status ? line->status : "interrupted", line->points, line->findings,
	       line->plan, shard);
}

static int list(struct store *store)
{
	bool any = false;

	if (store_list(store, put_line, &any))
		return cannot_read(store);
	if (!any)
		printf("%s has no sweeps yet\n", store_path(store));
	return STATUS_CLEAN;
}

/* "last", or a number of the list. 0: said why. */
static int64_t which(const struct cli *cli, struct store *store)
{
	const char *word = cli->file_count ? cli->files[0] : "last";
	struct store_sweep what;
	long long id;
	char *end;

	if (!strcmp(word, "last")) {
		id = store_newest(store);
		if (!id)
			cli_complain("%s has no sweeps yet", store_path(store));
		return id;
	}
	id = strtoll(word, &end, 10);
	if (*end || id <= 0) {
		cli_complain("\"%s\" is no sweep: the first column of `kfail report --list`, or "
			     "last",
			     word);
		return 0;
	}
	if (store_describe(store, id, &what)) {
		cli_complain("%s has no sweep %lld; `kfail report --list` lists them",
			     store_path(store), id);
		return 0;
	}
	store_sweep_clear(&what);
	return id;
}

static int status_of(const struct sweep_result *result)
{
	if (result->status == SWEEP_CLEAN)
		return STATUS_CLEAN;
	return result->status == SWEEP_FINDINGS ? STATUS_FINDINGS : STATUS_NOT_JUDGED;
}

static void print(const struct cli *cli, FILE *out, const struct sweep_result *result)
{
	unsigned number = 0;

	for (unsigned i = 0; i < result->finding_count; i++) {
		const struct finding *f = &result->findings[i];

		if (report_is_accused(f) && finding_is_first(result, f))
			report_finding_text(out, f, ++number, cli_colour(out), cli->kernel_reports);
	}
	report_summary_text(out, result, cli_colour(out));
}

static int report(const struct cli *cli, struct store *store, int64_t sweep)
{
	FILE *out = cli_report_to(cli, "-") ? stderr : stdout;
	struct sweep_result result;
	int status;

	if (store_load(store, sweep, &result))
		return cannot_read(store);
	cli_accept(cli, &result, false);
	print(cli, out, &result);
	status = cli_export(cli, &result, out);
	if (!status)
		status = status_of(&result);
	sweep_result_clear(&result);
	return status;
}

int cli_report(const struct cli *cli)
{
	struct store *store;
	int status = keep_open_reader(cli, &store);
	int64_t sweep;

	if (status)
		return status;
	if (cli->list) {
		status = list(store);
	} else {
		sweep = which(cli, store);
		status = sweep ? report(cli, store, sweep) : STATUS_USAGE;
	}
	store_close(store);
	return status;
}
