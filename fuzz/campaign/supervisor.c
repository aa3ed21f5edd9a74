// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor: one loop, a few times a second.
 *
 *	waiting --start--> running --ended by itself (-E)--> ended
 *	   ^			|
 *	   |			+--AFL++ says no before the first input--> refused: its sentence is told, it is not tried again
 *	   +----- died ---------+		    (a folder that another one still leaves is tried again)
 *
 * One that dies again and again without having fuzzed in between is given up. The campaign goes on
 * with the others; it is over when none is left. Crashes are triaged, and peers asked, in processes
 * of their own, which nothing waits for until the end. What each is doing is in run/state.json,
 * what happened in run/events.log.
 */
#include "campaign.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../harness/judge/finding_json.h"
#include "../../harness/trace/util.h"
#include "../engine/target.h"
#include "../triage/files.h"

#define TICK_MS		500
#define SCAN_SECONDS	2
#define STOP_SECONDS	30 /* for AFL++ to write what it has */
#define DEATHS_MAX	5  /* in a row, without an input in between */
#define BACKOFF_SECONDS 2

enum doing { WAITING, RUNNING, ENDED, REFUSED, GIVEN_UP };
static const char *const doing_names[] = {
	[WAITING] = "waiting", [RUNNING] = "running",	[ENDED] = "ended",
	[REFUSED] = "refused", [GIVEN_UP] = "given-up",
};

struct member {
	const struct instance *instance;
	enum doing doing;
	pid_t pid;
	time_t next;		 /* WAITING: when it is started */
	unsigned starts, deaths; /* in all; in a row without having fuzzed */
	bool fuzzes;		 /* since it was started */
	char why[256];		 /* the last sentence of one that ended badly */
};

struct supervisor {
	const struct campaign *campaign;
	const struct campaign_limits *limits;
	struct member *members;
	time_t began, next_scan, next_exchange;
	pid_t triage, exchange;
	int signals; /* signalfd */
	int stopped; /* the signal; 0: none */
	bool found, told_up;
	uint64_t mark; /* of the crashes that were looked at */
	void (*up)(const char *why, void *arg);
	void *arg;
};

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* ---- what is told ---- */

__attribute__((format(printf, 2, 3))) static void event(const struct supervisor *s,
							const char *format, ...)
{
	char *path = campaign_path(s->campaign, "run/events.log"), stamp[32];
	FILE *file = fopen(path, "ae");
	time_t at = time(NULL);
	struct tm tm;
	va_list args;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
	if (file) {
		fprintf(file, "%s ", stamp);
		va_start(args, format);
		vfprintf(file, format, args);
		va_end(args);
		fputc('\n', file);
		fclose(file);
	}
	free(path);
}

static void write_states(const struct supervisor *s)
{
	json_t *object = json_object(), *array = json_array();
	char *path = campaign_path(s->campaign, "run/state.json"), *text, err[FUZZ_ERR];

	for (unsigned i = 0; i < s->campaign->jobs; i++) {
		const struct member *m = &s->members[i];
		json_t *one = json_object();

		json_put(one, "name", json_text(m->instance->name));
		json_put(one, "state", json_text(doing_names[m->doing]));
		json_put(one, "restarts", json_u64(m->starts ? m->starts - 1 : 0));
		json_put(one, "why", json_text(m->why));
		if (!array || json_array_append_new(array, one))
			out_of_host_memory(1);
	}
	json_put(object, "instances", array);
	text = json_dumps(object, JSON_INDENT(1));
	/* A disk that is full is told by who writes what counts. */
	if (text)
		file_write(path, text, strlen(text), err);
	free(text);
	free(path);
	json_decref(object);
}

struct instance_state *supervisor_states(const struct campaign *campaign, unsigned *count)
{
	char *path = campaign_path(campaign, "run/state.json");
	json_t *object = json_load_file(path, 0, NULL);
	const json_t *array = json_object_get(object, "instances"), *one;
	struct instance_state *states = xcalloc(json_array_size(array), sizeof(*states));
	size_t i;

	*count = (unsigned)json_array_size(array);
	json_array_foreach(array, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *state = json_string_value(json_object_get(one, "state"));
		const char *why = json_string_value(json_object_get(one, "why"));

		snprintf(states[i].name, sizeof(states[i].name), "%s", name ? name : "?");
		snprintf(states[i].state, sizeof(states[i].state), "%s", state ? state : "?");
		snprintf(states[i].why, sizeof(states[i].why), "%s", why ? why : "");
		states[i].restarts = (unsigned)json_get_u64(one, "restarts");
	}
	json_decref(object);
	free(path);
	return states;
}

/* ---- instances ---- */

static char *log_of(const struct supervisor *s, const struct member *m)
{
	return campaign_path(s->campaign, "run/%s.log", m->instance->name);
}

static void start(struct supervisor *s, struct member *m)
{
	char *log = log_of(s, m);
	const struct spawn what = {
		.argv = m->instance->argv,
		.variables = m->instance->variables,
		.directory = s->campaign->directory,
		.output = log,
	};

	/* Of this life only: AFL++'s last words are looked for in it. */
	unlink(log);
	m->pid = spawn(&what);
	m->starts++;
	m->fuzzes = false;
	m->doing = m->pid > 0 ? RUNNING : WAITING;
	m->next = now() + BACKOFF_SECONDS;
	if (m->starts > 1)
		event(s, "%s: started again", m->instance->name);
	free(log);
}

/* Has it run an input since it was started? Its numbers carry its process id then. */
static bool has_fuzzed(const struct supervisor *s, const struct member *m)
{
	char *path = campaign_path(s->campaign, "sync/%s/fuzzer_stats", m->instance->name);
	struct stats stats;
	bool fuzzed = stats_read(path, &stats) && stats.pid == m->pid;

	free(path);
	return fuzzed;
}

/* Colours and controls of a terminal go; what is left of the line. */
static char *plain(char *line)
{
	char *to = line;

	for (char *at = line; *at && *at != '\n'; at++) {
		if (*at == '\033') {
			at += strcspn(at, "mKJHl");
			if (!*at)
				break;
		} else if ((unsigned char)*at >= ' ') {
			*to++ = *at;
		}
	}
	*to = 0;
	return line + strspn(line, " ");
}

/* "[-] PROGRAM ABORT : sentence", "[-] SYSTEM ERROR : sentence", or the last line that there is. */
static void last_words(const char *log, char out[256])
{
	static const char *const marks[] = {"PROGRAM ABORT : ", "SYSTEM ERROR : ", "kfail: "};
	FILE *file = fopen(log, "re");
	bool marked = false;
	char line[4096];

	out[0] = 0;
	while (file && fgets(line, sizeof(line), file)) {
		char *text = plain(line);

		for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			char *at = strstr(text, marks[i]);

			if (!at)
				continue;
			snprintf(out, 256, "%.255s", i < 2 ? at + strlen(marks[i]) : at);
			marked = true;
		}
		if (!marked && *text)
			snprintf(out, 256, "%.255s", text);
	}
	if (file)
		fclose(file);
}

/* One that another process of AFL++ is still leaving. */
static bool is_passing(const char *why)
{
	return strstr(why, "actively used");
}

static void ended(struct supervisor *s, struct member *m, int status)
{
	char *log = log_of(s, m);
	bool fuzzed = m->fuzzes || has_fuzzed(s, m);

	m->pid = 0;
	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		m->doing = ENDED;
		event(s, "%s: ended", m->instance->name);
		free(log);
		return;
	}
	last_words(log, m->why);
	free(log);
	if (WIFSIGNALED(status))
		snprintf(m->why, sizeof(m->why), "it died: %s", strsignal(WTERMSIG(status)));
	m->deaths = fuzzed ? 1 : m->deaths + 1;
	m->doing = WAITING;
	m->next = now() + BACKOFF_SECONDS;
	if (WIFEXITED(status) && !fuzzed && !is_passing(m->why))
		m->doing = REFUSED;
	else if (m->deaths >= DEATHS_MAX)
		m->doing = GIVEN_UP;
	event(s, "%s: %s: %s", m->instance->name, doing_names[m->doing], m->why);
}

static struct member *member_of(struct supervisor *s, pid_t pid)
{
	for (unsigned i = 0; i < s->campaign->jobs; i++)
		if (s->members[i].pid == pid)
			return &s->members[i];
	return NULL;
}

/* AFL++'s own status is 0 when it was told to end. */
static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct member *m = member_of(s, pid);

		if (m)
			ended(s, m, status);
		if (pid == s->triage)
			s->triage = 0;
		if (pid == s->exchange)
			s->exchange = 0;
	}
}

static unsigned left(const struct supervisor *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->campaign->jobs; i++)
		count += s->members[i].doing == RUNNING || s->members[i].doing == WAITING;
	return count;
}

static void start_due(struct supervisor *s)
{
	for (unsigned i = 0; i < s->campaign->jobs; i++) {
		struct member *m = &s->members[i];

		/* The main one first: two that read the seeds at once gain nothing, and its refusal
		 * is everybody's. */
		if (i && s->members[0].doing == RUNNING && !s->members[0].fuzzes)
			return;
		if (m->doing == WAITING && now() >= m->next)
			start(s, m);
		if (m->doing == RUNNING && !m->fuzzes)
			m->fuzzes = has_fuzzed(s, m);
	}
}

static void tell_up(struct supervisor *s)
{
	const struct member *m = &s->members[0];

	if (s->told_up)
		return;
	if (m->fuzzes || m->doing == ENDED)
		s->up(NULL, s->arg);
	else if (m->doing == REFUSED || m->doing == GIVEN_UP)
		s->up(m->why, s->arg);
	else
		return;
	s->told_up = true;
}

/* ---- crashes and peers ---- */

/* In a child: what is new, and what it comes to in the store. */
static int triage(void *arg)
{
	const struct supervisor *s = arg;
	char err[CAMPAIGN_ERR];
	unsigned findings;
	int status = crashes_triage(s->campaign, &findings, err);

	if (status)
		event(s, "triage: %s", err);
	return status;
}

static void start_triage(struct supervisor *s)
{
	uint64_t mark;

	if (s->triage || now() < s->next_scan)
		return;
	s->next_scan = now() + SCAN_SECONDS;
	mark = crashes_mark(s->campaign);
	if (mark == s->mark)
		return;
	s->mark = mark;
	s->triage = spawn_function(triage, s);
}

static unsigned count_findings(const struct supervisor *s)
{
	struct sweep_result result;
	char err[CAMPAIGN_ERR];
	unsigned count;

	if (campaign_findings(s->campaign, &result, err))
		return 0;
	count = result.finding_count;
	sweep_result_clear(&result);
	return count;
}

static void start_exchange(struct supervisor *s)
{
	if (!s->campaign->peer_count || s->exchange > 0 || now() < s->next_exchange)
		return;
	s->next_exchange = now() + (time_t)s->campaign->exchange_minutes * 60;
	s->exchange = exchange_start(s->campaign);
}

/* ---- beginning and end ---- */

static void signal_all(struct supervisor *s, int signal)
{
	for (unsigned i = 0; i < s->campaign->jobs; i++)
		if (s->members[i].pid > 0)
			kill(s->members[i].pid, signal);
	if (s->exchange > 0)
		kill(s->exchange, signal);
	if (s->triage > 0 && s->stopped)
		kill(s->triage, signal);
}

static bool any_process(const struct supervisor *s)
{
	bool any = s->exchange > 0 || s->triage > 0;

	for (unsigned i = 0; i < s->campaign->jobs; i++)
		any |= s->members[i].pid > 0;
	return any;
}

/* A signal of those that are for this process; waits for one a tick. */
static void wait_for_signal(struct supervisor *s)
{
	struct pollfd fd = {.fd = s->signals, .events = POLLIN};
	struct signalfd_siginfo info;

	if (poll(&fd, 1, TICK_MS) > 0 && read(s->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			s->stopped = (int)info.ssi_signo;
}

static void end_all(struct supervisor *s)
{
	time_t deadline = now() + STOP_SECONDS;

	/* Who waits is not started again. */
	for (unsigned i = 0; i < s->campaign->jobs; i++)
		if (s->members[i].doing == WAITING)
			s->members[i].doing = ENDED;
	signal_all(s, SIGTERM);
	while (any_process(s)) {
		wait_for_signal(s);
		for (unsigned i = 0; i < s->campaign->jobs; i++)
			if (s->members[i].pid > 0 && now() >= deadline)
				kill(s->members[i].pid, SIGKILL);
		if (s->exchange > 0 && now() >= deadline)
			kill(s->exchange, SIGKILL);
		reap(s);
		owner_beat(s->campaign);
	}
	for (unsigned i = 0; i < s->campaign->jobs; i++)
		if (s->members[i].doing == WAITING)
			s->members[i].doing = ENDED;
}

static bool is_over(struct supervisor *s)
{
	/* Without the main one nothing is exchanged; what it is refused for is the others' too. */
	if (s->stopped || !left(s) || s->members[0].doing == REFUSED)
		return true;
	if (s->limits->seconds && now() >= s->began + (time_t)s->limits->seconds)
		return true;
	s->found = s->limits->until_finding && !s->triage && count_findings(s) > 0;
	return s->found;
}

static void loop(struct supervisor *s)
{
	do {
		start_due(s);
		tell_up(s);
		start_triage(s);
		start_exchange(s);
		write_states(s);
		owner_beat(s->campaign);
		wait_for_signal(s);
		reap(s);
	} while (!is_over(s));
	tell_up(s);
}

/* SIGTERM wants the end now; whoever looks at the campaign next triages what is left. */
static int conclude(struct supervisor *s, char *err)
{
	unsigned findings = 0;
	int status = 0;

	end_all(s);
	write_states(s);
	if (!s->told_up)
		s->up("it was ended before it began", s->arg);
	if (!s->stopped)
		status = crashes_triage(s->campaign, &findings, err);
	return status;
}

static void block_signals(struct supervisor *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC);
}

int supervise(const struct campaign *campaign, const struct campaign_limits *limits,
	      void (*up)(const char *why, void *arg), void *arg, char *err)
{
	struct instance *instances = instances_make(campaign, limits);
	struct supervisor s = {
		.campaign = campaign,
		.limits = limits,
		.members = xcalloc(campaign->jobs, sizeof(*s.members)),
		.began = now(),
		.up = up,
		.arg = arg,
	};
	int status;

	for (unsigned i = 0; i < campaign->jobs; i++)
		s.members[i].instance = &instances[i];
	block_signals(&s);
	event(&s, "start: %u instances of %s", campaign->jobs, campaign->target);
	loop(&s);
	event(&s, "end: %s",
	      s.stopped			      ? strsignal(s.stopped)
	      : s.found			      ? "a finding"
	      : s.members[0].doing == REFUSED ? "the main instance is refused"
	      : left(&s)		      ? "the time is up"
					      : "no instance is left");
	status = conclude(&s, err);
	close(s.signals);
	free(s.members);
	instances_free(instances, campaign->jobs);
	return status;
}
