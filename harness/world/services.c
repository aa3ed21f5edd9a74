// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host services for the override layer (override/host.h): log, ends of the world, judgements,
 * module files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/hooks.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../inject/inject.h"
#include "../instrument/access.h"
#include "../judge/locks.h"
#include "../sweep/target.h"
#include "../trace/depot.h"
#include "file.h"
#include "loaded.h"

#define REQUESTED_MAX 32

uint32_t world_trap_stack;
static bool verbose;
static char last_line[1100];
static uint64_t boundary_addr, booting_addr, settling_addr, fn_context, fn_task, fn_task_bits,
	fn_reclaim, fn_oom, fn_kswapd, fn_defer_slab;

void host_log(int level, const char *text, size_t length);
void host_end(int kind, const char *what);
void host_sleep_in_atomic(const char *what);
void host_not_running(const char *what, unsigned state);
void host_context(const char *what);
void host_warning(const char *what);
void host_name_taken(const char *what);
bool host_request_module(const char *alias, unsigned i, char *path, size_t size);
void *host_read_module(const char *path, size_t *size);
int host_agent(int64_t result);
void host_shrink_starts(const struct kf_shrink_event *event, uint32_t gfp);
void host_shrink_ends(const struct kf_shrink_event *event, uint64_t freed);

void services_init(void)
{
	boundary_addr = overlay_symbol("kf_boundary");
	booting_addr = overlay_symbol("kf_booting");
	settling_addr = overlay_symbol("kf_settling");
	fn_context = overlay_symbol("kf_context");
	fn_task = overlay_symbol("kf_trace_task");
	fn_defer_slab = overlay_symbol("kf_defer_slab");
	fn_task_bits = overlay_symbol("kf_task_bits");
	fn_reclaim = overlay_symbol("kf_reclaim");
	fn_oom = overlay_symbol("kf_oom");
	fn_kswapd = overlay_symbol("kf_wake_kswapd_task");
}

/* ---- hooks of the allocators that the kernel answers; before it runs, there is no task and nothing to reclaim ---- */

static bool kernel_answers(uint64_t fn)
{
	return fn && kernel_running();
}

static uint32_t hook_task(void)
{
	return kernel_answers(fn_task_bits) ? (uint32_t)kernel_function(fn_task_bits, 0, 0, 0) : 0;
}

static uint64_t hook_reclaim(uint32_t gfp, unsigned order, int priority)
{
	return kernel_answers(fn_reclaim)
		       ? kernel_function(fn_reclaim, gfp, order, (uint64_t)priority)
		       : 0;
}

static uint64_t hook_oom(uint32_t gfp, unsigned order)
{
	return kernel_answers(fn_oom) ? kernel_function(fn_oom, gfp, order, 0) : 0;
}

static bool hook_kswapd(unsigned zone, unsigned order)
{
	return kernel_answers(fn_kswapd) && (kernel_function(fn_kswapd, 0, 0, 0) & 1);
}

/* ---- the kernel's shrinkers, for traces ---- */

static void shrink_event(const struct kf_event *event)
{
	if (kf_tracing)
		kf_hooks.event(event);
}

void host_shrink_starts(const struct kf_shrink_event *shrink, uint32_t gfp)
{
	if (gfp & KF_GFP_FS)
		locks_shrinker(true);
	shrink_event(&(struct kf_event){
		.kind = KF_EVENT_SHRINK_SLAB_START, .shrink = shrink, .gfp = gfp});
}

void host_shrink_ends(const struct kf_shrink_event *shrink, uint64_t freed)
{
	locks_shrinker(false);
	shrink_event(&(struct kf_event){
		.kind = KF_EVENT_SHRINK_SLAB_END, .shrink = shrink, .value = freed});
}

void services_install_hooks(void)
{
	kf_hooks.kswapd = hook_kswapd;
	kf_hooks.task = hook_task;
	kf_hooks.reclaim = hook_reclaim;
	kf_hooks.oom = hook_oom;
}

void services_set_verbose(bool on)
{
	verbose = on;
	if (on) /* else texts are made only for judge_set_log() */
		kf_hooks.log = services_log;
}

const char *services_last_line(void)
{
	return last_line;
}

uint64_t world_boundary(void)
{
	return boundary_addr ? *(uint64_t *)boundary_addr : 0;
}

bool world_settling(void)
{
	return settling_addr && *(int *)settling_addr;
}

static bool booting(void)
{
	return !booting_addr || *(int *)booting_addr;
}

void world_context(struct target_context *out)
{
	uint32_t preempt, irqs_off, rcu_depth;

	((void (*)(uint32_t *, uint32_t *, uint32_t *))fn_context)(&preempt, &irqs_off, &rcu_depth);
	*out = (struct target_context){preempt, irqs_off, rcu_depth};
}

void world_task(struct trace_task *out)
{
	struct kf_task_info info;

	((void (*)(struct kf_task_info *))fn_task)(&info);
	*out = (struct trace_task){.ns = info.ns,
				   .pid = info.pid,
				   .preempt_count = info.preempt_count,
				   .migrate_disabled = info.migrate_disabled,
				   .irqs_disabled = info.irqs_off};
	memcpy(out->comm, info.comm, sizeof(out->comm));
}

/* HZ of the images that are booted. */
#define NS_PER_JIFFY 4000000

void world_whence(struct kf_whence *out)
{
	struct trace_task task = {.comm = "swapper"};

	if (!booting())
		world_task(&task);
	*out = (struct kf_whence){.jiffies = task.ns / NS_PER_JIFFY, .pid = task.pid};
	memcpy(out->comm, task.comm, sizeof(out->comm));
}

/* Host addresses must not get into world memory, so the layer calls what it knows: there is one user. */
void world_defer(void (*fn)(void *), void *arg)
{
	if (fn == kf_slab_after_grace_period && fn_defer_slab)
		((void (*)(void *))fn_defer_slab)(arg);
	else
		fn(arg);
}

void host_log(int level, const char *text, size_t length)
{
	char *line = last_line;
	int n = (int)(length < 1023 ? length : 1023);

	while (n && text[n - 1] == '\n')
		n--;
	snprintf(line, sizeof(last_line), "%.*s", n, text);
	if (verbose)
		fprintf(stderr, "[kernel] %s\n", line);
	if (!booting())
		judge_log(line);
}

void services_log(int level, const char *line)
{
	host_log(level, line, strlen(line));
}

void host_end(int kind, const char *what)
{
	static const enum death_kind kinds[] = {[KF_END_BUG] = DEATH_BUG,
						[KF_END_DEADLOCK] = DEATH_DEADLOCK,
						[KF_END_NOT_JUDGED] = DEATH_NOT_JUDGED};

	kernel_die(kinds[kind], what);
}

void host_sleep_in_atomic(const char *what)
{
	struct target_context context;

	world_context(&context);
	judge_sleep_in_atomic(what, &context);
}

void host_not_running(const char *what, unsigned state)
{
	judge_not_running(what, state);
}

void host_context(const char *what)
{
	judge_context(what);
}

void host_warning(const char *what)
{
	judge_warning(what);
}

void host_name_taken(const char *what)
{
	if (!inject_refused())
		judge_warning(what);
}

bool host_request_module(const char *alias, unsigned i, char *path, size_t size)
{
	static char *files[REQUESTED_MAX];
	static unsigned count;
	unsigned k;

	if (i == 0) {
		for (k = 0; k < count; k++)
			free(files[k]);
		count = modfile_lookup_alias(&world.paths, alias, files, REQUESTED_MAX);
	}
	if (i >= count)
		return false;
	snprintf(path, size, "%s", files[i]);
	return true;
}

void *host_read_module(const char *path, size_t *size)
{
	struct modfile mod;
	char err[KF_ERR];
	void *copy;

	if (modfile_open(path, &mod, err)) {
		fprintf(stderr, "kfail: request_module: %s\n", err);
		return NULL;
	}
	if (!shadow_is_open() && loaded_is_instrumented(&mod)) {
		fprintf(stderr,
			"kfail: request_module: %s is instrumented: give it on the command line, "
			"before "
			"the module under test\n",
			mod.path);
		modfile_close(&mod);
		return NULL;
	}
	loaded_remember_file(mod.name, mod.path);
	copy = world_module_buffer(mod.bytes, mod.size);
	*size = mod.size;
	modfile_close(&mod);
	return copy;
}

int host_agent(int64_t result)
{
	kernel_yield(result);
}
