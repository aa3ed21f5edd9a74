// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor: forks workers from the prepared process, listens to them, buries them, and never touches
 * the world itself, so that each new worker starts from the same clean state.
 *
 *	start one worker: it runs the baselines, then takes slots like all others
 *	until every slot is released and every worker is gone:
 *		as many workers as there is work for
 *		read the pipes; a closed pipe is a worker's end
 *		a worker's end with a slot in hand: the run gets a verdict in its place
 *		a worker that gives no sign of life: killed, which is a worker's end
 *		release the slots that are complete, in order; the plan may go on from there
 *
 * An operation that does not return is ended inside the worker, by the target's timer. The killing here is the net
 * below that: it uses the worker's CPU time, so that a busy host does not make findings, and much longer wall
 * time for one that sleeps.
 *
 * A worker that ends without a word may have been killed by somebody outside, and its run is made once more; the second
 * time it is not judged.
 *
 * Whoever interrupts the sweep (SIGINT, SIGTERM, SIGHUP) gets the result as far as it has come.
 */
#include "durable.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../trace/symbols.h"
#include "../trace/util.h"

#define PROGRESS_S	0.1
#define RUNS_PER_FORK	16 /* a further worker must have this much work ahead to be worth its fork */
#define IDLE_DEATHS_MAX 3  /* in a row, of workers that had nothing in hand */
#define ENDS_MAX	2  /* without a word, in one run */

/* The signal that ended the sweep; 0: none. */
static volatile sig_atomic_t interrupted;

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

void supervisor_fail(struct supervisor *s, const char *what)
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
		supervisor_fail(s, "cannot make a pipe for a worker");
		return;
	}
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		/* With one worker left a sweep is slower, not wrong. */
		if (!s->alive)
			supervisor_fail(s, "cannot fork a worker");
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

/* Baselines come one after another; then there is work for as many as have some runs ahead. */
static unsigned workers_wanted(const struct supervisor *s)
{
	const struct shared *shared = s->shared;
	uint32_t next = slot_next(shared), count = atomic_load(&shared->count);
	uint32_t left = next < count ? count - next : 0;
	uint64_t wanted = s->alive;

	if (atomic_load(&shared->stopped))
		return s->alive;
	if (s->baselines < shared->operations)
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

static char *operation_text(const struct supervisor *s, uint32_t slot)
{
	if (s->shared->operations < 2)
		return NULL;
	return xstrdup(run_operation_name(s->target, slot_operation(s->shared, slot)));
}

static void blame_hang(struct supervisor *s, uint32_t slot)
{
	struct finding f = {.kind = FINDING_HANG,
			    .schedule = schedule_text(s, slot),
			    .operation = operation_text(s, slot)};

	f.what =
		xasprintf("an operation did not end within %u ms and did not answer the timer; its "
			  "worker was killed",
			  s->options->timeout_ms);
	merge_finding(&s->merge, slot, &f);
}

static void blame_nobody(struct supervisor *s, uint32_t slot, int status)
{
	struct not_judged entry = {.schedule = schedule_text(s, slot),
				   .operation = operation_text(s, slot)};

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
static void settle(struct supervisor *s, uint32_t slot, int status, bool stuck)
{
	struct slot *to = &s->shared->slots[slot];
	struct baseline *base;

	if (stuck)
		blame_hang(s, slot);
	else
		blame_nobody(s, slot, status);
	if (!is_baseline(slot)) {
		to->flags = stuck ? RUN_ACCUSED : RUN_NOT_JUDGED;
		to->lines = (uint16_t)merge_arrived(&s->merge, slot);
		atomic_store(&to->state, SLOT_DONE);
		return;
	}
	base = &s->shared->baselines[slot - BASELINE];
	base->died = base->in_init = true;
	base->not_judged = !stuck;
	base->lines = (uint16_t)merge_arrived(&s->merge, slot);
	atomic_store(&base->done, 1);
}

/* A run whose worker is gone: once more, or a verdict. */
static void end_run(struct supervisor *s, uint32_t slot, int status, bool stuck)
{
	bool baseline = is_baseline(slot);
	uint8_t *ends = baseline ? &s->shared->baselines[slot - BASELINE].ends
				 : &s->shared->slots[slot].ends;

	if (stuck || ++*ends >= ENDS_MAX) {
		settle(s, slot, status, stuck);
		return;
	}
	merge_forget(&s->merge, slot);
	if (!baseline)
		slot_give_back(s->shared, slot);
}

/* Reading a module's debug information takes milliseconds. Done here once, it is there for all workers to come. */
static void learn_names(struct worker_cell *cell)
{
	struct frame frame;

	for (uint32_t i = 0; i < cell->place_count && i < PLACES_MAX; i++)
		symbols_resolve(cell->places[i], false, &frame, 1);
	cell->place_count = 0;
}

/* What the worker had taken and not done: true if there was any. The first of a row is what it died of. */
static bool end_row(struct supervisor *s, unsigned index, int status)
{
	struct worker_cell *cell = &s->shared->workers[index];
	uint32_t slot = atomic_load(&cell->current), end = atomic_load(&cell->row_end);
	bool ended = false, stuck = s->processes[index].killed;

	if (slot == IDLE)
		return false;
	if (is_baseline(slot)) {
		if (atomic_load(&s->shared->baselines[slot - BASELINE].done))
			return false;
		end_run(s, slot, status, stuck);
		return true;
	}
	for (; slot < end && slot < s->plan.count; slot++) {
		const struct slot *at = &s->shared->slots[slot];

		if (atomic_load(&at->owner) != index + 1 || atomic_load(&at->state) == SLOT_DONE)
			continue;
		if (ended)
			slot_give_back(s->shared, slot);
		else
			end_run(s, slot, status, stuck);
		ended = true;
	}
	return ended;
}

static void bury(struct supervisor *s, unsigned index)
{
	struct process *p = &s->processes[index];
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(p->pipe);
	p->pid = 0;
	s->alive--;
	learn_names(&s->shared->workers[index]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_BROKEN)
		supervisor_fail(s, "a worker could not begin its work");
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_PARANOID)
		supervisor_fail(s, "a restore did not bring back the world as it was (what a "
				   "worker has just said)");
	if (end_row(s, index, status)) {
		s->idle_deaths = 0;
	} else if (WIFEXITED(status) &&
		   (WEXITSTATUS(status) == WORKER_DONE || WEXITSTATUS(status) == WORKER_SPENT)) {
		s->idle_deaths = 0;
	} else if (++s->idle_deaths >= IDLE_DEATHS_MAX) {
		supervisor_fail(s, "workers end before they run anything");
	}
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

static bool finished(const struct supervisor *s)
{
	if (s->alive || !s->planned)
		return false;
	return s->released == s->plan.count || atomic_load(&s->shared->stopped);
}

/* Workers that wait look again: there is work, or there will be none. */
static void wake(struct supervisor *s)
{
	struct shared *shared = s->shared;
	bool news = slot_next(shared) < atomic_load(&shared->count) ||
		    atomic_load(&shared->complete) || atomic_load(&shared->stopped);
	int waiting = 0;

	sem_getvalue(&shared->work, &waiting);
	for (; news && waiting < (int)s->alive; waiting++)
		sem_post(&shared->work);
}

/* The clock decides how much of the plan is run, and never what: slots are taken in order. */
static void check_budget(struct supervisor *s)
{
	unsigned budget = s->options->plan.budget_s;

	if (!budget || now(CLOCK_MONOTONIC) - s->start < budget || s->out_of_time || !s->planned)
		return;
	s->out_of_time = true;
	atomic_store(&s->shared->stopped, true);
}

static void show_progress(struct supervisor *s)
{
	double t = now(CLOCK_MONOTONIC);
	struct sweep_progress p = {.done = s->released,
				   .total = s->plan.count,
				   .findings = s->merge.out->finding_count,
				   .seconds = t - s->start};

	if (!s->options->progress || t - s->shown < PROGRESS_S)
		return;
	s->shown = t;
	s->options->progress(&p, s->options->arg);
}

/* ---- the course ---- */

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

static unsigned jobs_of(const struct sweep_options *options)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = options->jobs ? options->jobs : cpus > 0 ? (unsigned)cpus : 1;

	return jobs < JOBS_MAX ? jobs : JOBS_MAX;
}

static void supervise(struct supervisor *s)
{
	while (!s->failed && !interrupted && !finished(s)) {
		start_workers(s);
		if (!s->failed)
			supervisor_listen(s, bury);
		check_lives(s);
		supervisor_release(s);
		check_budget(s);
		wake(s);
		show_progress(s);
		durable_tick(s);
	}
	kill_all(s);
}

static void supervisor_free(struct supervisor *s)
{
	for (unsigned i = 0; i < JOBS_MAX; i++)
		free(s->processes[i].text);
	merge_clear(&s->merge);
	plan_clear(&s->plan);
	free(s);
}

/* ---- signals ---- */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static void interrupt(int signal)
{
	interrupted = signal;
}

static void catch_signals(struct sigaction before[SIGNALS])
{
	const struct sigaction action = {.sa_handler = interrupt};

	interrupted = 0;
	for (unsigned i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &before[i]);
		/* Ignored on purpose (nohup) stays ignored. */
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static void release_signals(const struct sigaction before[SIGNALS])
{
	for (unsigned i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
}

/* ---- the whole ---- */

static int sweep_with(struct shared *shared, const struct target *target,
		      const struct sweep_options *options, struct sweep_result *out, char *err)
{
	struct supervisor *s = xcalloc(1, sizeof(*s));
	struct sigaction before[SIGNALS];
	int failed;

	result_begin(target, options, out);
	s->target = target;
	s->options = options;
	s->shared = shared;
	s->merge.options = options;
	s->merge.shared = shared;
	s->merge.out = out;
	s->merge.target = target;
	s->jobs = jobs_of(options);
	s->start = now(CLOCK_MONOTONIC);
	s->err = err;
	shared->operations = out->operation_count;
	catch_signals(before);
	durable_begin(s);
	supervise(s);
	release_signals(before);
	out->interrupted = interrupted;
	failed = s->failed ? s->refused ? SWEEP_REFUSED : -1 : 0;
	if (!failed)
		supervisor_conclude(s, now(CLOCK_MONOTONIC) - s->start);
	supervisor_free(s);
	if (failed)
		sweep_result_clear(out);
	return failed;
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
	shared_expect(shared, 0, expect);
	judge_set_known(shared->baselines[0].keys, shared->baselines[0].key_count);
	lock_order_set_known(shared->lock_edges, shared->lock_edge_count);
	judge_set_returned(shared->baselines[0].freed_at, shared->baselines[0].freed_at_count);
	return 0;
}
