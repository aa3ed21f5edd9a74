/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A finding out of the store becomes the command line that shows it again.
 */
#ifndef KFAIL_CLI_RECALL_H
#define KFAIL_CLI_RECALL_H

#include "../store/store.h"
#include "cli.h"

struct recall {
	struct store_place place;
	struct store_sweep what;
	char *operation; /* of the scenario; NULL: the default scenario */
};

/* Is this word the beginning of a finding's id rather than a file? */
bool recall_is_id(const char *word);
/* Find it, and see that its files are there. 0, or the status to exit with (said why). A file that has changed is said,
 * and no obstacle: it may be the correction that is to be tried. */
int recall_find(const struct cli *cli, const char *prefix, struct recall *out);
/* The command line, in *out: as if all of it had been typed, in the directory of then and with its environment; what
 * `cli` itself has besides (a debugger, traces, ...) is kept. 0, or the status to exit with (said why). */
int recall_command(const struct cli *cli, const struct recall *recall, struct cli *out);
void recall_clear(struct recall *recall);

#endif
