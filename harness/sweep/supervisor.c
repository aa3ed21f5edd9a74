// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor: forks workers from the prepared process, listens to them, buries them, and never touches
 * the world itself, so that each new worker starts from the same clean state.
 *
 *	start one worker: it runs the baseline, then takes slots like all others
 *	until every slot is released and every worker is gone:
 *		as many workers as there is work for
 *		read the pipes; a closed pipe is a worker's end
 *		a worker's end with a slot in hand: the run gets a verdict in its place
 *		a worker that gives no sign of life: killed, which is a worker's end
 *		release the slots that are complete, in order
 *
 * An operation that does not return is ended inside the worker, by the target's timer. The killing here is the net
 * below that: it uses the worker's CPU time, so that a busy host does not make findings, and much longer wall
 * time for one that sleeps.
 */
#include "merge.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../allocator/core/settings.h"
#include "../trace/symbols.h"
#include "../trace/util.h"

#define ERR_MAX		256
#define POLL_MS		20
#define PROGRESS_S	0.1
#define RUNS_PER_FORK	16 /* a further worker must have this much work ahead to be worth its fork */
#define IDLE_DEATHS_MAX 3  /* in a row, of workers that had nothing in hand */

struct process {
	pid_t pid; /* 0: none */
	int pipe;
	char *text; /* the line that is not complete yet */
	size_t used, room;
	uint32_t beats;	  /* at the last sign of life */
	double cpu, wall; /* clocks at that time */
	bool killed;	  /* by us: it was stuck */
};

struct supervisor {
	const struct target *target;
	const struct sweep_options *options;
	struct shared *shared;
	struct merge merge;
	struct process processes[JOBS_MAX];
	unsigned jobs, alive, idle_deaths;
	bool baseline_released;
	uint32_t released; /* slots */
	double start, shown;
	char *err;
	bool failed;
};

static double now(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_time(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) ? 0 : now(clock);
}

static void fail(struct supervisor *s, const char *what)
{
	if (!s->failed)
		snprintf(s->err, ERR_MAX, "%s", what);
	s->failed = true;
}

/* ---- workers ---- */

static void start_worker(struct supervisor *s, unsigned index)
{
	struct process *p = &s->processes[index];
	int fds[2];
	pid_t pid;

	atomic_store(&s->shared->workers[index].current, IDLE);
	if (pipe(fds)) {
		fail(s, "cannot make a pipe for a worker");
		return;
	}
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		/* With one worker left a sweep is slower, not wrong. */
		if (!s->alive)
			fail(s, "cannot fork a worker");
		return;
	}
	if (!pid) {
		close(fds[0]);
		worker_main(s->target, s->options, s->shared, index, fds[1]);
	}
	close(fds[1]);
	*p = (struct process){.pid = pid, .pipe = fds[0], .text = p->text, .room = p->room};
	p->wall = now(CLOCK_MONOTONIC);
	s->alive++;
}

static unsigned workers_wanted(const struct supervisor *s)
{
	const struct shared *shared = s->shared;
	uint32_t next = atomic_load(&shared->next), count = atomic_load(&shared->count);
	uint32_t left = next < count ? count - next : 0;
	uint64_t wanted = s->alive;

	if (!atomic_load(&shared->baseline.done))
		return 1;
	/* Those alive are busy with a slot each; what is left is for more of them. */
	if (left)
		wanted = 1 + left / RUNS_PER_FORK;
	return wanted < s->jobs ? (unsigned)wanted : s->jobs;
}

static void start_workers(struct supervisor *s)
{
	unsigned wanted = workers_wanted(s);

	for (unsigned i = 0; i < s->jobs && s->alive < wanted && !s->failed; i++)
		if (!s->processes[i].pid)
			start_worker(s, i);
}

/* ---- a worker's end ---- */

static char *schedule_text(const struct supervisor *s, uint32_t slot)
{
	char text[SCHEDULE_TEXT_MAX];
	struct schedule schedule;

	slot_schedule(s->options, s->shared, slot, &schedule);
	return xstrdup(schedule_print(&schedule, text, sizeof(text)));
}

static void blame_hang(struct supervisor *s, uint32_t slot)
{
	struct finding f = {.kind = FINDING_HANG, .schedule = schedule_text(s, slot)};

	f.what =
		xasprintf("an operation did not end within %u ms and did not answer the timer; its "
			  "worker was killed",
			  s->options->timeout_ms);
	merge_finding(&s->merge, slot, &f);
}

static void blame_nobody(struct supervisor *s, uint32_t slot, int status)
{
	struct not_judged entry = {.schedule = schedule_text(s, slot)};

	if (WIFSIGNALED(status))
		entry.why =
			xasprintf("the worker was ended by signal %d (%s) that kfail did not catch",
				  WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		entry.why =
			xasprintf("the worker ended by itself with status %d", WEXITSTATUS(status));
	merge_not_judged(&s->merge, slot, &entry);
}

/* The slot gets the verdict that its worker could not leave. */
static void settle_slot(struct supervisor *s, uint32_t slot, int status, bool stuck)
{
	struct slot *to = slot == BASELINE ? NULL : &s->shared->slots[slot];

	if (stuck)
		blame_hang(s, slot);
	else
		blame_nobody(s, slot, status);
	if (to) {
		to->flags = stuck ? RUN_ACCUSED : RUN_NOT_JUDGED;
		to->lines = (uint16_t)merge_arrived(&s->merge, slot);
		atomic_store(&to->state, SLOT_DONE);
		return;
	}
	s->shared->baseline.died = s->shared->baseline.in_init = true;
	s->shared->baseline.not_judged = !stuck;
	s->shared->baseline.lines = (uint16_t)merge_arrived(&s->merge, BASELINE);
	atomic_store(&s->shared->baseline.done, 1);
}

/* Reading a module's debug information takes milliseconds. Done here once, it is there for all workers to come. */
static void learn_names(struct worker_cell *cell)
{
	struct frame frame;

	for (uint32_t i = 0; i < cell->place_count && i < PLACES_MAX; i++)
		symbols_resolve(cell->places[i], false, &frame, 1);
	cell->place_count = 0;
}

static bool in_hand(const struct supervisor *s, uint32_t slot)
{
	if (slot == IDLE)
		return false;
	if (slot == BASELINE)
		return !atomic_load(&s->shared->baseline.done);
	return atomic_load(&s->shared->slots[slot].state) != SLOT_DONE;
}

static void bury(struct supervisor *s, unsigned index)
{
	struct process *p = &s->processes[index];
	uint32_t slot = atomic_load(&s->shared->workers[index].current);
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(p->pipe);
	p->pid = 0;
	s->alive--;
	learn_names(&s->shared->workers[index]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_BROKEN)
		fail(s, "a worker could not begin its work");
	if (in_hand(s, slot)) {
		s->idle_deaths = 0;
		settle_slot(s, slot, status, p->killed);
	} else if (WIFEXITED(status) &&
		   (WEXITSTATUS(status) == WORKER_DONE || WEXITSTATUS(status) == WORKER_SPENT)) {
		s->idle_deaths = 0;
	} else if (++s->idle_deaths >= IDLE_DEATHS_MAX) {
		fail(s, "workers end before they run anything");
	}
}

/* ---- listening ---- */

static void take_lines(struct supervisor *s, struct process *p)
{
	char *line = p->text, *end;

	while ((end = memchr(line, '\n', p->used - (size_t)(line - p->text)))) {
		*end = '\0';
		if (*line && !merge_line(&s->merge, line))
			fail(s, "a worker sent a line that is not a finding");
		line = end + 1;
	}
	p->used -= (size_t)(line - p->text);
	memmove(p->text, line, p->used);
}

/* False: the pipe is closed. */
static bool listen_to(struct supervisor *s, struct process *p)
{
	ssize_t n;

	if (p->room - p->used < 65536) {
		p->room += 131072;
		p->text = xrealloc(p->text, p->room);
	}
	n = read(p->pipe, p->text + p->used, p->room - p->used);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	p->used += (size_t)n;
	take_lines(s, p);
	return true;
}

static void listen_all(struct supervisor *s)
{
	struct pollfd fds[JOBS_MAX];
	unsigned index[JOBS_MAX], n = 0;

	for (unsigned i = 0; i < s->jobs; i++) {
		if (!s->processes[i].pid)
			continue;
		index[n] = i;
		fds[n++] = (struct pollfd){.fd = s->processes[i].pipe, .events = POLLIN};
	}
	if (poll(fds, n, POLL_MS) <= 0)
		return;
	for (unsigned i = 0; i < n; i++)
		if (fds[i].revents && !listen_to(s, &s->processes[index[i]]))
			bury(s, index[i]);
}

/* ---- the net ---- */

static void check_life(struct supervisor *s, unsigned index)
{
	struct process *p = &s->processes[index];
	uint32_t beats = atomic_load(&s->shared->workers[index].beats);
	double cpu, wall = now(CLOCK_MONOTONIC), limit = s->options->timeout_ms / 1e3;

	if (beats != p->beats || atomic_load(&s->shared->workers[index].current) == IDLE) {
		p->beats = beats;
		p->cpu = cpu_time(p->pid);
		p->wall = wall;
		return;
	}
	/* Asked only once some time has passed without a beat. */
	if (wall - p->wall < limit)
		return;
	cpu = cpu_time(p->pid);
	if (cpu - p->cpu < 2 * limit + 0.5 && wall - p->wall < 20 * limit + 10)
		return;
	p->killed = true;
	kill(p->pid, SIGKILL);
}

static void check_lives(struct supervisor *s)
{
	for (unsigned i = 0; i < s->jobs; i++)
		if (s->processes[i].pid && !s->processes[i].killed)
			check_life(s, i);
}

/* ---- releasing ---- */

static void count_slot(struct sweep_result *out, const struct slot *slot)
{
	if (!(slot->flags & RUN_CONSUMED))
		return;
	out->injected++;
	if (slot->flags & (RUN_ACCUSED | RUN_NOT_JUDGED))
		return;
	if (slot->flags & RUN_ABSORBED)
		out->absorbed++;
	else
		out->clean++;
}

/* A store that fails says so itself when it is closed; the sweep goes on. */
static void keep_run(struct supervisor *s, const struct slot *slot)
{
	struct store *store = s->options->store;
	struct schedule schedule;
	char text[SCHEDULE_TEXT_MAX];
	struct store_run run = {.schedule = text, .flags = slot->flags};

	if (!store)
		return;
	slot_schedule(s->options, s->shared, s->released, &schedule);
	schedule_print(&schedule, text, sizeof(text));
	store_put_run(store, s->options->stored, &run);
}

static unsigned points_to_sweep(const struct supervisor *s)
{
	if (s->options->baseline_only)
		return 0;
	return s->options->schedules ? s->options->schedule_count : s->shared->baseline.points;
}

static void release_baseline(struct supervisor *s)
{
	struct sweep_result *out = s->merge.out;
	const struct shared *shared = s->shared;

	if (!atomic_load(&shared->baseline.done) ||
	    merge_arrived(&s->merge, BASELINE) < shared->baseline.lines)
		return;
	merge_release(&s->merge, BASELINE);
	out->baseline.result = (int)shared->baseline.result;
	out->baseline.points = shared->baseline.points;
	out->points = points_to_sweep(s);
	s->baseline_released = true;
}

static void release(struct supervisor *s)
{
	const struct shared *shared = s->shared;

	if (!s->baseline_released)
		release_baseline(s);
	while (s->baseline_released && s->released < atomic_load(&shared->count)) {
		const struct slot *slot = &shared->slots[s->released];

		if (atomic_load_explicit(&slot->state, memory_order_acquire) != SLOT_DONE)
			return;
		if (slot->lines) {
			if (merge_arrived(&s->merge, s->released) < slot->lines)
				return;
			merge_release(&s->merge, s->released);
		}
		count_slot(s->merge.out, slot);
		keep_run(s, slot);
		s->released++;
	}
}

static bool finished(const struct supervisor *s)
{
	return s->baseline_released && s->released == atomic_load(&s->shared->count) && !s->alive;
}

static void show_progress(struct supervisor *s)
{
	double t = now(CLOCK_MONOTONIC);
	struct sweep_progress p = {.done = s->released,
				   .total = atomic_load(&s->shared->count),
				   .findings = s->merge.out->finding_count,
				   .seconds = t - s->start};

	if (!s->options->progress || t - s->shown < PROGRESS_S)
		return;
	s->shown = t;
	s->options->progress(&p, s->options->arg);
}

/* ---- the whole ---- */

static void kill_all(struct supervisor *s)
{
	for (unsigned i = 0; i < s->jobs; i++) {
		struct process *p = &s->processes[i];

		if (!p->pid)
			continue;
		kill(p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(p->pipe);
		p->pid = 0;
	}
	s->alive = 0;
}

/* Points that nobody could reach, because the baseline did not get through init. */
static void note_unreached(struct supervisor *s)
{
	struct sweep_result *out = s->merge.out;
	struct not_judged entry = {0};

	if (!s->shared->baseline.died || !s->shared->baseline.in_init || s->options->baseline_only)
		return;
	entry.schedule = xstrdup("1+");
	entry.why = xstrdup("init did not come back even without a refusal, so no point was swept");
	merge_not_judged(&s->merge, BASELINE, &entry);
	merge_release(&s->merge, BASELINE);
	out->points = 0;
}

/* An init that fails by itself shows only its failure path: what lies behind has not been judged. */
static void note_failed_baseline(struct supervisor *s)
{
	int64_t result = s->shared->baseline.result;
	const char *name = result < 0 && result >= -4095 ? strerrorname_np((int)-result) : NULL;
	struct not_judged entry = {0};

	if (s->shared->baseline.died || result >= 0 || !s->baseline_released)
		return;
	entry.schedule = xstrdup("");
	entry.why = xasprintf(
		"init returned %lld (-%s) without any refusal: only what it did until then was "
		"judged; does it want a device or a parameter?",
		(long long)result, name ? name : "?");
	merge_not_judged(&s->merge, BASELINE, &entry);
	merge_release(&s->merge, BASELINE);
}

static enum sweep_status status_of(const struct sweep_result *out)
{
	for (unsigned i = 0; i < out->finding_count; i++)
		if (!out->findings[i].core)
			return SWEEP_FINDINGS;
	return out->not_judged_count ? SWEEP_NOT_JUDGED : SWEEP_CLEAN;
}

static unsigned jobs_of(const struct sweep_options *options)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = options->jobs ? options->jobs : cpus > 0 ? (unsigned)cpus : 1;

	return jobs < JOBS_MAX ? jobs : JOBS_MAX;
}

static void supervise(struct supervisor *s)
{
	while (!s->failed && !finished(s)) {
		start_workers(s);
		if (!s->failed)
			listen_all(s);
		check_lives(s);
		release(s);
		show_progress(s);
		if (s->options->store)
			store_tick(s->options->store);
	}
	kill_all(s);
}

static void conclude(struct supervisor *s)
{
	struct sweep_result *out = s->merge.out;

	note_unreached(s);
	note_failed_baseline(s);
	out->status = status_of(out);
	out->seconds = now(CLOCK_MONOTONIC) - s->start;
	if (out->seconds > 0)
		out->runs_per_second = (s->released + 1) / out->seconds;
	if (s->options->store)
		store_finish(s->options->store, s->options->stored, out);
}

static void supervisor_free(struct supervisor *s)
{
	for (unsigned i = 0; i < JOBS_MAX; i++)
		free(s->processes[i].text);
	merge_clear(&s->merge);
	free(s);
}

static void append_setting(const char *name, const char *value, void *arg)
{
	char **text = arg;
	char *longer = xasprintf("%s%s%s=%s", *text, **text ? " " : "", name, value);

	free(*text);
	*text = longer;
}

static char *settings_text(void)
{
	char *text = xstrdup("");

	kf_settings_for_each_changed(kf_settings(), append_setting, &text);
	return text;
}

static int sweep_with(struct shared *shared, const struct target *target,
		      const struct sweep_options *options, struct sweep_result *out, char *err)
{
	struct supervisor *s = xcalloc(1, sizeof(*s));
	bool failed;

	*out = (struct sweep_result){.kernel = xstrdup(target->kernel),
				     .module = xstrdup(target->module),
				     .scenario = xstrdup("init-exit"),
				     .settings = settings_text()};
	s->target = target;
	s->options = options;
	s->shared = shared;
	s->merge.options = options;
	s->merge.out = out;
	s->merge.target = target;
	s->merge.shared = shared;
	s->jobs = jobs_of(options);
	s->start = now(CLOCK_MONOTONIC);
	s->err = err;
	supervise(s);
	failed = s->failed;
	if (!failed)
		conclude(s);
	supervisor_free(s);
	if (failed)
		sweep_result_clear(out);
	return failed ? -1 : 0;
}

static struct shared *shared_or_sentence(char *err)
{
	struct shared *shared = shared_new();

	if (!shared)
		snprintf(err, ERR_MAX, "no memory to share with workers: %s", strerror(errno));
	return shared;
}

int sweep(const struct target *target, const struct sweep_options *options,
	  struct sweep_result *out, char *err)
{
	struct shared *shared = shared_or_sentence(err);
	int result;

	if (!shared)
		return -1;
	result = sweep_with(shared, target, options, out, err);
	shared_free(shared);
	return result;
}

int sweep_baseline(const struct target *target, const struct sweep_options *options,
		   struct run_expect *expect, struct sweep_result *out, char *err)
{
	static struct shared *shared; /* expect->sites lie in it */
	struct sweep_options alone = *options;

	shared_free(shared);
	shared = shared_or_sentence(err);
	if (!shared)
		return -1;
	alone.baseline_only = true;
	alone.store = NULL;
	alone.jobs = 1;
	if (sweep_with(shared, target, &alone, out, err))
		return -1;
	shared_expect(shared, expect);
	judge_set_known(shared->baseline.keys, shared->baseline.key_count);
	return 0;
}
