/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of `kfail fuzz` on a driver share: fuzz_driver.c, fuzz_afl.c.
 */
#ifndef KFAIL_CLI_FUZZ_H
#define KFAIL_CLI_FUZZ_H

#include "cli.h"

/* fuzz_afl.c: run AFL++ on the attached driver, in the folder of --output, and tell what it found. A status. */
int cli_fuzz_campaign(const struct cli *cli);

#endif
