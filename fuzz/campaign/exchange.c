// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peers: campaigns of the same target on other machines. As AFL++'s guide prescribes, only the
 * queue of each peer's main instance is fetched, which has what its secondaries found; our main one
 * then reads it as any other queue of the folder, and what is new there reaches our secondaries
 * through it.
 *
 *	PLACE			rsync reads it as it is: a folder, HOST:FOLDER over ssh
 *	PLACE with * or ?	folders; those that are there by now, without our own
 *
 * Peers are asked one after the other, in a process of its own. One that does not answer, or that
 * fuzzes something else, is told in run/exchange.log and costs nothing but this.
 */
#include "campaign.h"

#include <glob.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../harness/trace/util.h"
#include "../triage/files.h"

#define RSYNC_TIMEOUT "--timeout=30"
#define SSH	      "ssh -o BatchMode=yes -o ConnectTimeout=10"

/* rsync FROM to TO with these options; false: it failed. */
static bool fetch(const char *log, const char *const *options, char *from, char *to)
{
	char **argv = NULL;
	unsigned n = 0;
	struct spawn what = {.output = log};
	int status;

	strings_add(&argv, &n, xstrdup("rsync"));
	strings_add(&argv, &n, xstrdup("--recursive"));
	strings_add(&argv, &n, xstrdup("--times"));
	strings_add(&argv, &n, xstrdup(RSYNC_TIMEOUT));
	strings_add(&argv, &n, xstrdup("--rsh=" SSH));
	for (; *options; options++)
		strings_add(&argv, &n, xstrdup(*options));
	strings_add(&argv, &n, xstrdup(from));
	strings_add(&argv, &n, xstrdup(to));
	what.argv = argv;
	status = spawn_wait(&what);
	strings_free(argv);
	return !status;
}

/* Our own folder is not a peer, however it is called. */
static bool is_ours(const struct campaign *campaign, const char *place)
{
	struct stat a, b;

	return !stat(campaign->folder, &a) && !stat(place, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

__attribute__((format(printf, 3, 4))) static void complain(const char *log, const char *place,
							   const char *format, ...)
{
	FILE *file = fopen(log, "ae");
	va_list args;

	if (!file)
		return;
	fprintf(file, "%s: ", place);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
	fclose(file);
}

/* The peer's campaign.json, which says what its main instance is called, and what it fuzzes. */
static bool ask_peer(const struct campaign *campaign, const char *place, const char *log,
		     struct campaign *peer)
{
	static const char *const options[] = {NULL};
	char *folder = campaign_path(campaign, "run/peer"), *from, *to, err[CAMPAIGN_ERR];
	bool good = false;

	file_make_directories(folder);
	from = xasprintf("%s/campaign.json", place);
	to = xasprintf("%s/campaign.json", folder);
	unlink(to);
	if (!fetch(log, options, from, to))
		complain(log, place, "does not answer");
	else if (campaign_load(folder, peer, err))
		complain(log, place, "%s", err);
	else
		good = true;
	free(to);
	free(from);
	free(folder);
	return good;
}

static void fetch_queue(const struct campaign *campaign, const char *place, const char *node,
			const char *log)
{
	static const char *const options[] = {"--include=/queue/", "--include=/queue/id:*",
					      "--include=/fuzzer_stats", "--exclude=*", NULL};
	char *from = xasprintf("%s/sync/%s-main/", place, node);
	char *to = campaign_path(campaign, "sync/%s-main/", node);

	file_make_directories(to);
	if (!fetch(log, options, from, to))
		complain(log, place, "its queue cannot be fetched");
	free(to);
	free(from);
}

static void exchange_with(const struct campaign *campaign, const char *place, const char *log)
{
	struct campaign peer = {0};

	if (is_ours(campaign, place) || !ask_peer(campaign, place, log, &peer))
		return;
	if (!strcmp(peer.node, campaign->node))
		complain(log, place,
			 "is called %s, as this one is: give one of them another --node",
			 peer.node);
	else if (strcmp(peer.target, campaign->target) != 0)
		complain(log, place, "fuzzes %s, and not %s", peer.target, campaign->target);
	else
		fetch_queue(campaign, place, peer.node, log);
	campaign_clear(&peer);
}

static int exchange(void *arg)
{
	const struct campaign *campaign = arg;
	char *log = campaign_path(campaign, "run/exchange.log");

	unlink(log);
	for (unsigned i = 0; i < campaign->peer_count; i++) {
		const char *place = campaign->peers[i];
		glob_t places = {0};

		if (!strpbrk(place, "*?[")) {
			exchange_with(campaign, place, log);
			continue;
		}
		if (!glob(place, 0, NULL, &places))
			for (size_t p = 0; p < places.gl_pathc; p++)
				exchange_with(campaign, places.gl_pathv[p], log);
		globfree(&places);
	}
	free(log);
	return 0;
}

pid_t exchange_start(const struct campaign *campaign)
{
	return campaign->peer_count ? spawn_function(exchange, (void *)campaign) : -1;
}
