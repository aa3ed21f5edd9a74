// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of scans for unreferenced objects in the midst of a run (kmemleak).
 */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include "../kmemleak/kmemleak.h"
#include "../sweep/scan.h"
#include "../trace/util.h"

#define EVERY_MAX 1000000

enum { OPTION_SCAN_EVERY = OPTIONS_KMEMLEAK, OPTION_KMEMLEAK };

static const struct cli_option options[] = {
	{JUDGING,
	 true,
	 {"scan-every", OPTION_SCAN_EVERY, "N", 0,
	  "look for objects that nothing points to any more behind each Nth operation of the "
	  "scenario, init being the first; what is found is a leak, whoever frees it later",
	  0}},
	{JUDGING,
	 true,
	 {"kmemleak", OPTION_KMEMLEAK, "COMMAND,...", 0,
	  "right behind init, what would be written to /sys/kernel/debug/kmemleak: scan, clear, "
	  "dump=ADDR, stack=on|off, scan=on|off|SECS, off",
	  0}},
	{0},
};

static char *checked(const char *text)
{
	const char *at = text;
	char err[128];

	do {
		size_t n = strcspn(at, ",");
		char *word = xasprintf("%.*s", (int)n, at);
		bool good = kml_command_check(word, err);

		free(word);
		if (!good) {
			cli_complain("--kmemleak: %s", err);
			exit(STATUS_USAGE);
		}
		at += n;
	} while (*at++);
	return xstrdup(text);
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_SCAN_EVERY:
		cli->scan_every = cli_number("scan-every", arg, EVERY_MAX);
		return true;
	case OPTION_KMEMLEAK:
		cli->kmemleak = checked(arg);
		return true;
	default:
		return false;
	}
}

static int check(struct cli *cli)
{
	scan_set(cli->scan_every, cli->kmemleak);
	if (cli->injection && cli->injection->policy.compat)
		kml_set_rules(KML_KERNEL);
	return 0;
}

const struct option_group kmemleak_options = {options, parse, check};
