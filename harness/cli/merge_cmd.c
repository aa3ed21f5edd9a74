// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail merge: the stores of many machines become one, and the shards in them become wholes. Merging the same again
 * changes nothing, and what is missing can be added later.
 */
#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../store/merge.h"

static void put_whole(const struct store_union *whole, void *arg)
{
	static const char *const verdicts[] = {
		[SWEEP_CLEAN] = "clean",
		[SWEEP_FINDINGS] = "findings",
		[SWEEP_NOT_JUDGED] = "not judged",
	};
	int *status = arg;

	printf("sweep %lld: %s, %u part%s of %u shard%s: %s\n", (long long)whole->sweep,
	       whole->module, whole->parts, whole->parts == 1 ? "" : "s", whole->shards,
	       whole->shards == 1 ? "" : "s", verdicts[whole->status]);
	if (whole->missing)
		printf("  shards that are missing or not finished: %s\n", whole->missing);
	if (whole->conflicts)
		printf("  %u run%s came to different results in two parts\n", whole->conflicts,
		       whole->conflicts == 1 ? "" : "s");
	if (whole->status == SWEEP_FINDINGS)
		*status = STATUS_FINDINGS;
	else if (whole->status == SWEEP_NOT_JUDGED && *status == STATUS_CLEAN)
		*status = STATUS_NOT_JUDGED;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int check_inputs(const struct cli *cli)
{
	char err[STORE_ERR];

	for (unsigned i = 1; i < cli->file_count; i++) {
		struct store *input;

		if (same_file(cli->files[0], cli->files[i]))
			return cli_complain("%s is merged into, and cannot be merged from too",
					    cli->files[i]);
		input = store_open_reader(cli->files[i], err);
		if (!input)
			return cli_complain("%s", err);
		store_close(input);
	}
	return 0;
}

static int merge(const struct cli *cli, struct store *store)
{
	int status = STATUS_CLEAN;
	char err[STORE_ERR];

	for (unsigned i = 1; i < cli->file_count; i++)
		if (store_import(store, cli->files[i], err))
			return cli_complain("%s", err), STATUS_FAILED;
	if (store_unite(store, put_whole, &status, err))
		return cli_complain("%s", err), STATUS_FAILED;
	return status;
}

int cli_merge(const struct cli *cli)
{
	char err[STORE_ERR];
	struct store *store;
	int status = check_inputs(cli);

	/* Nothing is written before all that is read has been looked at. */
	if (status)
		return status;
	signal(SIGXFSZ, SIG_IGN);
	store = store_open(cli->files[0], err);
	if (!store)
		return cli_complain("%s", err);
	status = merge(cli, store);
	store_close(store);
	return status;
}
