/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of `kfail campaign` share: campaign_cmd.c, campaign_start.c.
 */
#ifndef KFAIL_CLI_CAMPAIGN_H
#define KFAIL_CLI_CAMPAIGN_H

#include "cli.h"

struct campaign;

/* campaign_cmd.c: the campaign in the folder of the command line; 0 or a status (said why). */
int campaign_open(const struct cli *cli, struct campaign *campaign);
/* Tell everything that was found, keep it, and write the reports that were asked for; its status. */
int campaign_tell(const struct cli *cli, const struct campaign *campaign);
/* campaign_start.c: the subcommand; a status. */
int campaign_start(const struct cli *cli);

#endif
