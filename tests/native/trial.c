// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trying a driver in a child process: see native_test.h.
 */
#include "native_test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../allocator/page/fence.h"
#include "../../harness/inject/inject.h"
#include "../../harness/trace/depot.h"
#include "../../harness/trace/symbols.h"

static struct seen *shared;

static void keep_log(const char *line)
{
	size_t n = strlen(shared->log);

	snprintf(shared->log + n, sizeof(shared->log) - n, "%s\n", line);
}

static void silence(void)
{
	int null = open("/dev/null", O_WRONLY);

	if (null >= 0)
		dup2(null, STDERR_FILENO);
}

static void start_guard(const char *edge, const struct target *target)
{
	const struct kf_fence_policy policy = {
		.every = 1, .edge = strcmp(edge, "left") ? KF_FENCE_RIGHT : KF_FENCE_LEFT};

	target->mark();
	CU_ASSERT_EQUAL_FATAL(kf_fence_start(&policy), 0);
}

static void child(const struct trial *trial)
{
	static const char *const none[] = {NULL};
	const char *const *params = trial->params ? trial->params : none;
	struct target *target;
	bool allocations = true;
	char err[CALLS_ERR];
	unsigned count = 0;

	while (params[count])
		count++;
	if (trial->cc)
		setenv("CC", trial->cc, 1);
	if (trial->cflags)
		setenv("KFAIL_CFLAGS", trial->cflags, 1);
	if (trial->quiet)
		silence();
	if (trial->points && calls_choose(trial->points, &allocations, err))
		snprintf(shared->err, sizeof(shared->err), "%.255s", err);
	inject_allocations(allocations);
	shared->prepared =
		native_prepare(trial->driver, (char *const *)params, count, &target, shared->err);
	if (!shared->prepared && trial->guard)
		start_guard(trial->guard, target);
	judge_set_log(keep_log);
	if (!shared->prepared && trial->body)
		trial->body(target, shared);
	shared->finished = true;
	exit(0);
}

const struct seen *try_driver(const struct trial *trial)
{
	pid_t pid;

	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(shared, 0, sizeof(*shared));
	fflush(NULL);
	pid = fork();
	if (!pid)
		child(trial);
	waitpid(pid, NULL, 0);
	if (!shared->finished || (shared->prepared && !trial->quiet))
		printf("\n%s: %s\n", trial->driver, shared->err);
	return shared;
}

/* ---- bodies ---- */

static void note_finding(struct seen *seen, const struct finding *f)
{
	unsigned n = seen->finding_count++;

	if (n >= FINDINGS_MAX)
		return;
	seen->findings[n].kind = f->kind;
	snprintf(seen->findings[n].schedule, sizeof(seen->findings[n].schedule), "%s",
		 f->schedule ? f->schedule : "");
	snprintf(seen->findings[n].what, sizeof(seen->findings[n].what), "%s", f->what);
	if (f->stack.count)
		snprintf(seen->findings[n].function, sizeof(seen->findings[n].function), "%s",
			 f->stack.frames[0].function);
}

void body_run(const struct target *target, struct seen *seen)
{
	const struct run_options options = {.timeout_ms = 2000};
	const struct schedule nothing = {.count = 0};
	struct run_result result = {.died = false};

	run_attach(target);
	run_schedule(target, &options, NULL, &nothing, &result);
	seen->alive = !result.died;
	seen->result = result.result;
	for (unsigned i = 0; i < result.finding_count; i++)
		note_finding(seen, &result.findings[i]);
	if (result.not_judged)
		snprintf(seen->err, sizeof(seen->err), "not judged: %s", result.why.why);
	run_result_clear(&result);
}

void body_sweep(const struct target *target, struct seen *seen)
{
	const struct sweep_options options = {.jobs = 1, .timeout_ms = 2000, .replay = "-"};
	struct sweep_result result;

	memset(&result, 0, sizeof(result));
	if (sweep(target, &options, &result, seen->err))
		return;
	seen->alive = true;
	seen->result = result.baseline.result;
	for (unsigned i = 0; i < result.finding_count; i++)
		if (!result.findings[i].core)
			note_finding(seen, &result.findings[i]);
	sweep_result_clear(&result);
}

static void name_frames(struct seen *seen)
{
	struct frame frames[16];
	const uint64_t *pcs;
	unsigned count = depot_get(seen->death.stack, &pcs), n = 0;

	for (unsigned i = 0; i < count && n < 8; i++) {
		unsigned got = symbols_resolve(pcs[i], i == 0 && seen->death.exact_pc, frames, 16);

		for (unsigned k = 0; k < got && n < 8; k++, n++)
			snprintf(seen->frames[n], sizeof(seen->frames[n]), "%s",
				 frames[k].function);
	}
}

void body_init(const struct target *target, struct seen *seen)
{
	target->restore();
	seen->alive = target->call(TARGET_INIT, &seen->result, &seen->death, 300);
	if (!seen->alive)
		name_frames(seen);
}

const char *seen_finding(const struct seen *seen, enum finding_kind kind)
{
	for (unsigned i = 0; i < seen->finding_count && i < FINDINGS_MAX; i++)
		if (seen->findings[i].kind == kind)
			return seen->findings[i].what;
	return NULL;
}

bool seen_frame(const struct seen *seen, const char *function)
{
	for (unsigned i = 0; i < 8; i++)
		if (!strcmp(seen->frames[i], function))
			return true;
	return false;
}
