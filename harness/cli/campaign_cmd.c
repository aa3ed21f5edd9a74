// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail campaign: ../../fuzz/campaign for people. Each subcommand has a folder; what it does there is in that room, and here is what
 * is asked of the command line and told.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../fuzz/campaign/campaign.h"
#include "../../fuzz/engine/engine.h"
#include "../../fuzz/triage/files.h"
#include "../../fuzz/triage/triage.h"
#include "../../reports/report.h"
#include "../trace/util.h"

#define EXCHANGE_MINUTES 10
#define STOP_SECONDS	 180

static int load(const struct cli *cli, struct campaign *campaign)
{
	char err[CAMPAIGN_ERR];
	int status = campaign_load(cli->files[1], campaign, err);

	return status ? (cli_complain("%s", err), status) : 0;
}

static int no_more_words(const struct cli *cli)
{
	return cli->file_count > 2 ? cli_complain("campaign %s: \"%s\" is one word too many",
						  cli->files[0], cli->files[2])
				   : 0;
}

/* ---- report --------------------------------------------------------------------------------------------------------- */

/* A campaign that never ran an input has judged nothing. */
static void nothing_fuzzed(const struct campaign *campaign, struct sweep_result *result)
{
	unsigned count;
	struct stats *stats = stats_read_all(campaign, &count);
	bool fuzzed = false;

	for (unsigned i = 0; i < count; i++)
		fuzzed |= stats_is_ours(campaign, stats[i].name) && stats[i].execs;
	free(stats);
	if (fuzzed)
		return;
	result->not_judged = xreallocarray(result->not_judged, result->not_judged_count + 1,
					   sizeof(*result->not_judged));
	result->not_judged[result->not_judged_count++] = (struct not_judged){
		.schedule = xstrdup(""), .why = xstrdup("no instance has run an input yet")};
	if (result->status == SWEEP_CLEAN)
		result->status = SWEEP_NOT_JUDGED;
}

static void print(const struct cli *cli, const struct campaign *campaign,
		  const struct sweep_result *result, FILE *out)
{
	char *findings = campaign_path(campaign, "findings");

	for (unsigned i = 0; i < result->finding_count; i++) {
		unsigned also = triage_also(findings, result->findings[i].id);

		report_finding_text(out, &result->findings[i], i + 1, cli_colour(out), false);
		if (also)
			fprintf(out, "    %u other input%s it too\n\n", also,
				also == 1 ? " shows" : "s show");
	}
	free(findings);
	for (unsigned i = 0; i < result->not_judged_count; i++)
		fprintf(out, "not judged: %s\n", result->not_judged[i].why);
	status_print(campaign, out);
}

static int regress(const struct cli *cli, const struct campaign *campaign, FILE *out)
{
	char *findings, err[FUZZ_ERR];
	int count;

	if (!cli->campaign.regress)
		return 0;
	findings = campaign_path(campaign, "findings");
	count = triage_regress(findings, cli->campaign.regress, err);
	free(findings);
	if (count < 0)
		return cli_complain("%s", err), STATUS_FAILED;
	fprintf(out, "%d regression%s new in %s\n", count, count == 1 ? " is" : "s are",
		cli->campaign.regress);
	return 0;
}

static int tell(const struct cli *cli, const struct campaign *campaign)
{
	FILE *out = cli_report_to(cli, "-") ? stderr : stdout;
	static const int statuses[] = {
		[SWEEP_CLEAN] = STATUS_CLEAN,
		[SWEEP_FINDINGS] = STATUS_FINDINGS,
		[SWEEP_NOT_JUDGED] = STATUS_NOT_JUDGED,
	};
	struct sweep_result result;
	char err[CAMPAIGN_ERR];
	int status = campaign_findings(campaign, &result, err);

	if (status)
		return cli_complain("%s", err), status;
	nothing_fuzzed(campaign, &result);
	status = campaign_record(campaign, &result, true, err);
	if (status)
		cli_complain("%s", err);
	print(cli, campaign, &result, out);
	status = status ? status : cli_export(cli, &result, out);
	status = status ? status : regress(cli, campaign, out);
	status = status ? status : statuses[result.status];
	sweep_result_clear(&result);
	return status;
}

static int report(const struct cli *cli)
{
	struct campaign campaign;
	char where[256], err[CAMPAIGN_ERR];
	unsigned findings;
	int status = load(cli, &campaign);
	pid_t pid;

	if (status)
		return status;
	/* While it runs its supervisor does that. */
	if (owner_of(&campaign, &pid, where) == OWNER_NONE)
		status = crashes_triage(&campaign, &findings, err);
	status = status ? (cli_complain("%s", err), status) : tell(cli, &campaign);
	campaign_clear(&campaign);
	return status;
}

/* ---- start -------------------------------------------------------------------------------------------------------------- */

/* FILE below the folder of this program, if it is there; malloc()ed. */
static char *beside(const char *file)
{
	char *self = spawn_self(), *slash = strrchr(self, '/'), *path;

	if (slash)
		*slash = 0;
	path = xasprintf("%s/%s", self, file);
	free(self);
	if (!access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

/* Of a driver its own behaviour is covered, and nothing of kfail; of all others kfail's code is what is fuzzed. */
static bool is_driver(const struct campaign *campaign)
{
	return !strcmp(campaign->target, "driver");
}

static int find_program(const struct cli *cli, struct campaign *campaign)
{
	if (cli->campaign.program)
		campaign->program = realpath(cli->campaign.program, NULL);
	else if (fuzz_can_afl())
		campaign->program = spawn_self();
	else
		campaign->program = beside(is_driver(campaign) ? "kfail-afl" : "fuzz/kfail");
	if (!campaign->program && cli->campaign.program)
		return cli_complain("--program: %s: %s", cli->campaign.program, strerror(errno));
	if (!campaign->program)
		return cli_complain("there is no kfail that AFL++ can drive: `make%s` builds it "
				    "where AFL++ is installed (package afl++), --program names it",
				    is_driver(campaign) ? "" : " fuzz-targets");
	return 0;
}

/* Of the target's form of inputs; bytes without a form have none. */
static char *find_mutator(const struct campaign *campaign)
{
	const struct fuzz_target *target = fuzz_target_find(campaign->target);

	if (is_driver(campaign))
		return beside("libkfail-mutate-driver.so");
	return target && target->grammar ? beside("libkfail-mutator.so") : NULL;
}

static int find_programs(const struct cli *cli, struct campaign *campaign)
{
	int status = find_program(cli, campaign);

	if (status)
		return status;
	if (cli->campaign.asan_program) {
		campaign->asan_program = realpath(cli->campaign.asan_program, NULL);
		if (!campaign->asan_program)
			return cli_complain("--asan-program: %s: %s", cli->campaign.asan_program,
					    strerror(errno));
	} else if (!is_driver(campaign)) {
		campaign->asan_program = beside("fuzz-asan/kfail");
	}
	campaign->cmplog_program = is_driver(campaign) ? NULL : beside("fuzz-cmplog/kfail");
	campaign->mutator = find_mutator(campaign);
	return 0;
}

static char *host_name(void)
{
	char name[33] = "";

	gethostname(name, sizeof(name) - 1);
	for (char *at = name; *at; at++)
		if (*at == '.')
			*at = 0;
		else if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
				 *at))
			*at = '_';
	return xstrdup(name[0] ? name : "node");
}

static void take_words(const struct cli *cli, struct campaign *campaign)
{
	for (unsigned i = 0; i < cli->param_count; i++)
		strings_add(&campaign->words, &campaign->word_count, xstrdup(cli->params[i]));
}

/* What may be said anew to one that is gone on with. */
static void take_run(const struct cli *cli, struct campaign *campaign)
{
	if (cli->jobs)
		campaign->jobs = cli->jobs;
	if (cli->campaign.exchange_minutes)
		campaign->exchange_minutes = cli->campaign.exchange_minutes;
	if (!cli->campaign.peer_count)
		return;
	strings_free(campaign->peers);
	campaign->peers = NULL;
	campaign->peer_count = 0;
	for (unsigned i = 0; i < cli->campaign.peer_count; i++)
		strings_add(&campaign->peers, &campaign->peer_count,
			    xstrdup(cli->campaign.peers[i]));
}

static int cannot_make(const char *folder)
{
	return cli_complain("%s: %s", folder, strerror(errno));
}

/* The folder of a new campaign, with what it is made of. */
static int make(const struct cli *cli, struct campaign *campaign)
{
	static const char *const parts[] = {"run", "sync", "findings", "seeds"};
	const char *folder = cli->files[1];
	char *cwd;
	int status;

	*campaign = (struct campaign){0};
	if (!cli->param_count)
		return cli_complain(
			"campaign start: what is fuzzed? -- --target NAME, or a driver; "
			"`kfail fuzz` lists the targets");
	campaign->target = campaign_target_of(cli->params, cli->param_count);
	status = find_programs(cli, campaign);
	if (status)
		return status;
	if (file_make_directories(folder))
		return cannot_make(folder);
	campaign->folder = realpath(folder, NULL);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]) && campaign->folder; i++) {
		char *part = campaign_path(campaign, "%s", parts[i]);

		if (mkdir(part, 0777) && errno != EEXIST)
			status = cannot_make(part);
		free(part);
	}
	cwd = getcwd(NULL, 0);
	campaign->directory = xstrdup(cwd ? cwd : "/");
	free(cwd);
	campaign->version = xstrdup(cli->version);
	campaign->node = cli->campaign.node ? xstrdup(cli->campaign.node) : host_name();
	campaign->seed = cli->campaign.seed_given ? cli->campaign.seed : 1;
	campaign->jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	campaign->exchange_minutes = EXCHANGE_MINUTES;
	take_words(cli, campaign);
	take_run(cli, campaign);
	return status;
}

/* What belongs to the campaign itself cannot be changed when it is gone on with. */
static int check_same(const struct cli *cli, const struct campaign *campaign)
{
	const char *folder = cli->files[1];

	if (cli->param_count && !campaign_same_words(campaign, cli->params, cli->param_count))
		return cli_complain("%s fuzzes something else (%s): go on with it without words "
				    "behind --, or take another folder",
				    folder, campaign->target);
	if (cli->campaign.node && strcmp(cli->campaign.node, campaign->node) != 0)
		return cli_complain("%s is called %s, and cannot be called %s", folder,
				    campaign->node, cli->campaign.node);
	if (cli->campaign.seed_given && cli->campaign.seed != campaign->seed)
		return cli_complain("%s has another --seed", folder);
	if (cli->campaign.input)
		return cli_complain("%s has its seeds already: --input is for a new one", folder);
	return 0;
}

/* Is AFL++'s runtime in it? Its name for shared test cases is then; looked for in two pieces, so that this program, which looks for
 * it, does not have it. */
static bool is_for_afl(const char *program)
{
	static const char first[] = "__AFL_SHM_FUZZ", second[] = "_ID";
	size_t size, n = sizeof(first) - 1;
	char *bytes = file_read(program, 1ul << 30, &size), *at = bytes;
	bool found = false;

	/* There is a NUL behind the bytes. */
	while (!found && at && (at = memmem(at, size - (size_t)(at - bytes), first, n))) {
		at += n;
		found = !strncmp(at, second, sizeof(second) - 1);
	}
	free(bytes);
	return found;
}

static int check_tools(const struct campaign *campaign)
{
	if (!spawn_finds("afl-fuzz"))
		return cli_complain("afl-fuzz is not installed: it is in Debian's package afl++");
	if (campaign->peer_count && !spawn_finds("rsync"))
		return cli_complain(
			"--peer: rsync is not installed: it is in Debian's package rsync");
	if (access(campaign->program, X_OK))
		return cli_complain("%s: %s: the kfail that AFL++ drives", campaign->program,
				    strerror(errno));
	if (!is_for_afl(campaign->program))
		return cli_complain("%s: AFL++ cannot drive it: it is no build for AFL++ "
				    "(`make fuzz-targets`)",
				    campaign->program);
	return 0;
}

struct starting {
	const struct cli *cli;
	struct campaign *campaign;
	bool made; /* now: it needs seeds */
	int to;	   /* who waits for the news */
	bool up;
	char why[CAMPAIGN_ERR]; /* it did not come up; "": it did */
};

/* A status and a sentence, for who waits; once. */
static void send_news(struct starting *s, int status, const char *sentence)
{
	if (s->to < 0)
		return;
	dprintf(s->to, "%d %s\n", status, sentence);
	close(s->to);
	s->to = -1;
}

static void is_up(const char *why, void *arg)
{
	struct starting *s = arg;

	s->up = !why;
	snprintf(s->why, sizeof(s->why), "%s", why ? why : "");
	if (!why && s->cli->campaign.foreground)
		fprintf(stderr, "%s: %u instances; `kfail campaign status %s` looks at them\n",
			s->campaign->folder, s->campaign->jobs, s->campaign->folder);
	if (why)
		send_news(s, STATUS_FAILED, s->why);
	else
		send_news(s, 0, "");
}

/* The whole life of a supervisor. A status, with a sentence in err. */
static int live(struct starting *s, char *err)
{
	const struct campaign_limits limits = {
		.seconds = s->cli->campaign.seconds,
		.execs = s->cli->campaign.execs,
		.until_finding = s->cli->campaign.until_finding,
	};
	int status = owner_take(s->campaign, err);

	if (status)
		return status;
	if (s->made)
		status = corpus_seed(s->campaign, s->cli->campaign.input, err);
	/* Last: a folder with it has everything else. */
	if (!status)
		status = campaign_save(s->campaign, err);
	if (!status)
		status = supervise(s->campaign, &limits, is_up, s, err);
	if (!status && !s->up) {
		snprintf(err, CAMPAIGN_ERR, "%.400s", s->why);
		status = STATUS_FAILED;
	}
	owner_leave(s->campaign);
	return status;
}

static int stay(struct starting *s)
{
	char err[CAMPAIGN_ERR];
	int status = live(s, err);

	return status ? (cli_complain("%s", err), status) : tell(s->cli, s->campaign);
}

/* Away from this terminal. */
static void become_daemon(struct starting *s)
{
	char *log = campaign_path(s->campaign, "run/supervisor.log");
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666), null = open("/dev/null", O_RDWR);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(fd < 0 ? null : fd, STDOUT_FILENO);
	dup2(fd < 0 ? null : fd, STDERR_FILENO);
	free(log);
}

static int leave(struct starting *s)
{
	char line[CAMPAIGN_ERR + 16] = "", err[CAMPAIGN_ERR];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC))
		return cli_complain("no pipe: %s", strerror(errno)), STATUS_FAILED;
	pid = fork();
	if (pid < 0)
		return cli_complain("no process: %s", strerror(errno)), STATUS_FAILED;
	if (!pid) {
		close(fds[0]);
		s->to = fds[1];
		become_daemon(s);
		status = live(s, err);
		if (status)
			send_news(s, status, err);
		_exit(status);
	}
	close(fds[1]);
	n = read(fds[0], line, sizeof(line) - 1);
	close(fds[0]);
	line[n > 0 ? n : 0] = 0;
	line[strcspn(line, "\n")] = 0;
	status = n > 0 ? atoi(line) : STATUS_FAILED;
	if (status)
		return cli_complain("%s",
				    n > 0 ? strchr(line, ' ') + 1
					  : "the supervisor ended; run/supervisor.log may say why"),
		       status;
	printf("%s: %u instances of %s; `kfail campaign status %s` looks at them\n",
	       s->campaign->folder, s->campaign->jobs, s->campaign->target, s->campaign->folder);
	return STATUS_CLEAN;
}

static int start(const struct cli *cli)
{
	struct campaign campaign;
	struct starting s = {.cli = cli, .campaign = &campaign, .to = -1};
	int status;

	s.made = !campaign_exists(cli->files[1]);
	status = s.made ? make(cli, &campaign) : load(cli, &campaign);
	if (!status && !s.made) {
		status = check_same(cli, &campaign);
		take_run(cli, &campaign);
	}
	if (!status)
		status = check_tools(&campaign);
	/* A limit on the size of files is an error like a full disk, and no reason to die. */
	signal(SIGXFSZ, SIG_IGN);
	if (!status)
		status = cli->campaign.foreground ? stay(&s) : leave(&s);
	campaign_clear(&campaign);
	return status;
}

/* ---- the others ----------------------------------------------------------------------------------------------------------- */

static int status(const struct cli *cli)
{
	struct campaign campaign;
	char err[CAMPAIGN_ERR];
	int result = load(cli, &campaign);

	if (result)
		return result;
	if (!cli->json || strcmp(cli->json, "-") != 0)
		status_print(&campaign, stdout);
	if (cli->json)
		result = status_json(&campaign, cli->json, err);
	campaign_clear(&campaign);
	return result ? (cli_complain("%s", err), result) : STATUS_CLEAN;
}

static int wait_until_gone(const struct campaign *campaign)
{
	char where[256];
	pid_t pid;

	for (unsigned tenths = 0; tenths < STOP_SECONDS * 10; tenths++) {
		if (owner_of(campaign, &pid, where) == OWNER_NONE)
			return printf("%s: stopped\n", campaign->folder), STATUS_CLEAN;
		usleep(100000);
	}
	return cli_complain("%s: %s does not end", campaign->folder, where), STATUS_FAILED;
}

static int stop(const struct cli *cli)
{
	struct campaign campaign;
	char where[256];
	int result = load(cli, &campaign);
	enum owner owner;
	pid_t pid;

	if (result)
		return result;
	owner = owner_of(&campaign, &pid, where);
	if (owner == OWNER_NONE)
		printf("%s: is not running\n", campaign.folder);
	else if (owner == OWNER_ELSEWHERE)
		result = cli_complain("%s is run by %s: stop it there", campaign.folder, where);
	else if (kill(pid, SIGTERM))
		result = cli_complain("%s: %s: %s", campaign.folder, where, strerror(errno));
	else
		result = wait_until_gone(&campaign);
	campaign_clear(&campaign);
	return result;
}

static int must_be_stopped(const struct campaign *campaign, const char *what)
{
	char where[256];
	pid_t pid;

	if (owner_of(campaign, &pid, where) == OWNER_NONE)
		return 0;
	return cli_complain("%s is running (%s): stop it before you %s", campaign->folder, where,
			    what);
}

static int merge(const struct cli *cli)
{
	struct campaign campaign;
	char err[CAMPAIGN_ERR];
	int result;

	if (cli->file_count < 3)
		return cli_complain("campaign merge wants the folders that are merged into %s",
				    cli->files[1]);
	result = load(cli, &campaign);
	if (result)
		return result;
	result = must_be_stopped(&campaign, "merge");
	for (unsigned i = 2; i < cli->file_count && !result; i++) {
		result = corpus_merge(&campaign, cli->files[i], stdout, err);
		if (result)
			cli_complain("%s", err);
	}
	campaign_clear(&campaign);
	return result;
}

static int minimise(const struct cli *cli)
{
	struct campaign campaign;
	char err[CAMPAIGN_ERR];
	int result = load(cli, &campaign);

	if (result)
		return result;
	result = must_be_stopped(&campaign, "minimise");
	if (!result) {
		result = corpus_minimise(&campaign, cli->campaign.corpus, stdout, err);
		if (result)
			cli_complain("%s", err);
	}
	campaign_clear(&campaign);
	return result;
}

static const struct subcommand {
	const char *name;
	int (*run)(const struct cli *cli);
	bool more_words;
} subcommands[] = {
	{"start", start, false},   {"status", status, false}, {"stop", stop, false},
	{"report", report, false}, {"merge", merge, true},    {"minimise", minimise, false},
};

int cli_campaign(const struct cli *cli)
{
	for (unsigned i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		int result;

		if (strcmp(cli->files[0], subcommands[i].name) != 0)
			continue;
		result = subcommands[i].more_words ? 0 : no_more_words(cli);
		return result ? result : subcommands[i].run(cli);
	}
	return cli_complain(
		"campaign has no subcommand \"%s\": start, status, stop, report, merge, "
		"minimise",
		cli->files[0]);
}
