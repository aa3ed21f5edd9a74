// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of campaigns. Those of start say how it is run; what is fuzzed stands behind "--", as
 * words of kfail fuzz.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/util.h"

enum {
	OPTION_NODE = OPTIONS_CAMPAIGN,
	OPTION_INPUT,
	OPTION_PROGRAM,
	OPTION_ASAN_PROGRAM,
	OPTION_SECONDS,
	OPTION_EXECS,
	OPTION_SEED,
	OPTION_PEER,
	OPTION_EXCHANGE,
	OPTION_FOREGROUND,
	OPTION_UNTIL_FINDING,
	OPTION_CORPUS,
	OPTION_REGRESS,
};

#define SECONDS_MAX (10u * 365 * 86400)
#define NODE_MAX    32

static const struct cli_option options[] = {
	{COMMAND_CAMPAIGN,
	 false,
	 {"seconds", OPTION_SECONDS, "N", 0, "start: end after so long (default: when stopped)",
	  0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"execs", OPTION_EXECS, "N", 0, "start: each instance ends after about N inputs", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"until-finding", OPTION_UNTIL_FINDING, NULL, 0, "start: end at the first finding", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"foreground", OPTION_FOREGROUND, NULL, 0,
	  "start: stay, and report at the end with its status", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"input", OPTION_INPUT, "DIR", 0,
	  "start: seeds, as text (.kfuzz) or bytes (default: the target's own corpus)", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"seed", OPTION_SEED, "N", 0,
	  "start: of randomness; instances count on from it (default: 1)", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"node", OPTION_NODE, "NAME", 0,
	  "start: what this machine is called among its peers (default: the host's name)", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"peer", OPTION_PEER, "DIR|HOST:DIR", 0,
	  "start: exchange inputs with this campaign, by rsync; * and ? stand for several folders; "
	  "may "
	  "be given again",
	  0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"exchange", OPTION_EXCHANGE, "MINUTES", 0, "start: how often (default: 10)", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"program", OPTION_PROGRAM, "FILE", 0,
	  "start: the kfail that AFL++ drives (default: fuzz/kfail beside this one)", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"asan-program", OPTION_ASAN_PROGRAM, "FILE", 0,
	  "start: one with AddressSanitizer (default: fuzz-asan/kfail, if there is one)", 0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"corpus", OPTION_CORPUS, "DIR", 0, "minimise: also write the inputs as text into DIR",
	  0}},
	{COMMAND_CAMPAIGN,
	 false,
	 {"regress", OPTION_REGRESS, "DIR", 0,
	  "report: write the smallest input of each finding into DIR, and a line in its list", 0}},
	{0},
};

static void parse_seed(struct cli *cli, const char *text)
{
	char *end;

	errno = 0;
	cli->campaign.seed = strtoull(text, &end, 10);
	cli->campaign.seed_given = true;
	if (*end || end == text || text[0] == '-' || errno) {
		cli_complain("--seed wants a number, not \"%s\"", text);
		exit(STATUS_USAGE);
	}
}

/* It becomes a part of folders' names, and AFL++ wants no other letters there. */
static void check_node(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-')
			name = "";
	if (*name && strlen(name) <= NODE_MAX)
		return;
	cli_complain("--node wants a name of at most %d letters, digits, - and _", NODE_MAX);
	exit(STATUS_USAGE);
}

static void add_peer(struct cli *cli, char *place)
{
	cli->campaign.peers = xreallocarray(cli->campaign.peers, cli->campaign.peer_count + 1,
					    sizeof(*cli->campaign.peers));
	cli->campaign.peers[cli->campaign.peer_count++] = place;
}

static bool parse(struct cli *cli, int key, char *arg)
{
	switch (key) {
	case OPTION_NODE:
		check_node(arg);
		cli->campaign.node = arg;
		return true;
	case OPTION_INPUT:
		cli->campaign.input = arg;
		return true;
	case OPTION_PROGRAM:
		cli->campaign.program = arg;
		return true;
	case OPTION_ASAN_PROGRAM:
		cli->campaign.asan_program = arg;
		return true;
	case OPTION_SECONDS:
		cli->campaign.seconds = cli_number("seconds", arg, SECONDS_MAX);
		return true;
	case OPTION_EXECS:
		cli->campaign.execs = cli_number("execs", arg, INT32_MAX);
		return true;
	case OPTION_SEED:
		parse_seed(cli, arg);
		return true;
	case OPTION_PEER:
		add_peer(cli, arg);
		return true;
	case OPTION_EXCHANGE:
		cli->campaign.exchange_minutes = cli_number("exchange", arg, 100000);
		return true;
	case OPTION_FOREGROUND:
		cli->campaign.foreground = true;
		return true;
	case OPTION_UNTIL_FINDING:
		cli->campaign.until_finding = true;
		return true;
	case OPTION_CORPUS:
		cli->campaign.corpus = arg;
		return true;
	case OPTION_REGRESS:
		cli->campaign.regress = arg;
		return true;
	default:
		return false;
	}
}

/* ---- which subcommand takes what ---- */

static bool starts(const struct cli *cli)
{
	return cli->campaign.seconds || cli->campaign.execs || cli->campaign.until_finding ||
	       cli->campaign.foreground || cli->campaign.input || cli->campaign.seed_given ||
	       cli->campaign.node || cli->campaign.peer_count || cli->campaign.exchange_minutes ||
	       cli->campaign.program || cli->campaign.asan_program || cli->jobs || cli->param_count;
}

static int check(struct cli *cli)
{
	const char *word = cli->file_count ? cli->files[0] : "";

	if (cli->command->bit != COMMAND_CAMPAIGN)
		return 0;
	if (strcmp(word, "start") != 0 && starts(cli))
		return cli_complain("campaign %s: how a campaign is run is said to start", word);
	if (strcmp(word, "minimise") != 0 && cli->campaign.corpus)
		return cli_complain("--corpus is for minimise");
	if (strcmp(word, "report") != 0 && cli->campaign.regress)
		return cli_complain("--regress is for report");
	if (cli->json && strcmp(word, "report") != 0 && strcmp(word, "status") != 0 &&
	    !cli->campaign.foreground)
		return cli_complain("--json is for report, status, and start --foreground");
	return 0;
}

const struct option_group campaign_options = {options, parse, check};
