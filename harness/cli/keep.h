/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line's side of the result store: where it is, and what of a command line makes the identity of a sweep.
 */
#ifndef KFAIL_CLI_KEEP_H
#define KFAIL_CLI_KEEP_H

#include "../store/store.h"
#include "cli.h"

/* The path of the store: --store, $KFAIL_STORE, or the default place; malloc()ed. NULL: there is none ($KFAIL_STORE is
 * empty, or there is no home). */
char *keep_path(const struct cli *cli);
/* Open it for a sweep. 0 with *store (NULL: results are not kept), or the status to exit with (said why). */
int keep_open(const struct cli *cli, struct store **store);
/* Open it for a command that reads. */
int keep_open_reader(const struct cli *cli, struct store **store);
/* Begin this sweep in options->store, or find the one to resume: 0 with options->stored, or the status to exit with (said
 * why). All that says what is swept must be in the options. A default store that cannot be written is closed (said). */
int keep_begin(const struct cli *cli, const struct target *target, struct sweep_options *options);
/* When all is said: the status to exit with, which is `status` unless results were lost that the user wanted in a file. */
int keep_close(const struct cli *cli, struct store *store, int status);

#endif
