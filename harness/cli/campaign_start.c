// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail campaign start: a new folder, or one that is gone on with. All that can be wrong is looked at before the supervisor begins;
 * what only AFL++ knows comes from it as its first news, so that who starts a campaign sees that it fuzzes, or why not.
 *
 *	start --fork--> supervisor: owner, seeds, campaign.json, instances
 *	  reads one line  <------------  0, or a status and a sentence
 */
#include "campaign_cmd.h"

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
#include "../trace/util.h"

#define EXCHANGE_MINUTES 10

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

	return status ? (cli_complain("%s", err), status) : campaign_tell(s->cli, s->campaign);
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

int campaign_start(const struct cli *cli)
{
	struct campaign campaign;
	struct starting s = {.cli = cli, .campaign = &campaign, .to = -1};
	int status;

	s.made = !campaign_exists(cli->files[1]);
	status = s.made ? make(cli, &campaign) : campaign_open(cli, &campaign);
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
