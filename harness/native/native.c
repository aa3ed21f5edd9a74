// SPDX-License-Identifier: GPL-2.0-only
/*
 * Native mode as a target of the sweep engine: preparing it, its operations, restoring it.
 *
 * The snapshot covers the world's memory, the driver's data, the runtime's state and the driver's
 * stack, so a run depends on nothing that an earlier run did.
 */
#include "native.h"
#include "../memcheck/memcheck.h"
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../allocator/page/fence.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/core/memory.h"
#include "../judge/locks.h"
#include "../../allocator/slab/slab.h"
#include "../instrument/access.h"
#include "../trace/symbols.h"
#include "instrument.h"

#define PROGRAM_REGIONS_MAX 16

/* Memory of a scenario's program; and the snapshot is to be taken again. */
static struct {
	struct snapshot_region memory[PROGRAM_REGIONS_MAX];
	unsigned count;
	bool retake;
} program;

static int take_snapshot(char *err);

/* ---- operations ---- */

static int64_t run_init(void *arg)
{
	return native_driver.init ? native_driver.init() : 0;
}

static int64_t run_exit(void *arg)
{
	if (native_driver.exit)
		native_driver.exit();
	return 0;
}

static int64_t run_settle(void *arg)
{
	return (int64_t)native_settle();
}

static int64_t run_idle(void *arg)
{
	native_idle();
	return 0;
}

static int64_t run_syscall(void *arg)
{
	struct target_syscall *call = arg;

	return native_do_syscall(call->number, call->args, &call->missing);
}

static bool native_syscall(struct target_syscall *call, int64_t *result, struct death *death,
			   unsigned timeout_ms)
{
	uint32_t held = native_state.held_count;
	bool alive = native_run(run_syscall, call, result, death, timeout_ms);

	native_flush_log();
	if (!alive)
		return false;
	call->unbalanced = native_state.held_count > held;
	native_check_held(held, call->name);
	return true;
}

static bool do_init(int64_t *result, struct death *death, unsigned timeout_ms)
{
	uint32_t held = native_state.held_count;
	bool alive;

	native_state.gone = false;
	alive = native_run(run_init, NULL, result, death, timeout_ms);
	native_flush_log();
	if (!alive)
		return false;
	native_state.gone = *result < 0;
	native_check_held(held, "init");
	return true;
}

static bool do_exit(int64_t *result, struct death *death, unsigned timeout_ms)
{
	uint32_t held = native_state.held_count;
	bool alive = native_run(run_exit, NULL, result, death, timeout_ms);

	native_flush_log();
	native_state.gone = true;
	if (alive)
		native_check_held(held, "exit");
	return alive;
}

static bool do_settle(int64_t *result, struct death *death, unsigned timeout_ms)
{
	bool alive = native_run(run_settle, NULL, result, death, timeout_ms);

	native_flush_log();
	return alive;
}

static void do_reload(void)
{
	for (unsigned i = 0; i < native_driver.data_count; i++)
		snapshot_restore_range(native_driver.data[i].start, native_driver.data[i].size);
	native_state.gone = false;
}

static bool native_call(enum target_op op, int64_t *result, struct death *death,
			unsigned timeout_ms)
{
	death->kind = DEATH_NONE;
	*result = 0;
	switch (op) {
	case TARGET_INIT:
		return do_init(result, death, timeout_ms);
	case TARGET_EXIT:
		return do_exit(result, death, timeout_ms);
	case TARGET_SETTLE:
		return do_settle(result, death, timeout_ms);
	case TARGET_RELOAD:
		do_reload();
		return true;
	case TARGET_IDLE:
		return native_run(run_idle, NULL, result, death, timeout_ms);
	case TARGET_LIVE:
	case TARGET_UNLOAD: /* there is no loader whose path could go wrong */
		return true;
	}
	return true;
}

static void native_retake(void)
{
	char err[ERR_MAX];

	if (!take_snapshot(err))
		return;
	fprintf(stderr, "kfail: %s\n", err);
	exit(4);
}

/* Mappings first: what was vmalloc()ed since the snapshot is gone then. */
static void native_restore(void)
{
	if (program.retake) {
		program.retake = false;
		native_retake();
		return;
	}
	(void)VALGRIND_MAKE_MEM_DEFINED(native_stack_bounds.low, native_stack_bounds.size);
	kf_mapping_rollback();
	memcheck_return();
	snapshot_restore();
}

/* ---- questions ---- */

/* All that runs on the driver's stack runs for the driver. */
static struct caller native_caller(void)
{
	return (struct caller){.stack = native_stack(), .on_behalf = native_running()};
}

static const char *native_module_of(uint64_t pc)
{
	return native_in_module(pc) ? native_driver.name : NULL;
}

static void native_dangling(native_visit *fn, void *arg)
{
	native_pending(fn, arg);
	native_registered(fn, arg);
}

static void tell_root(uint64_t start, uint64_t size, const char *name, bool gone,
		      void (*fn)(const struct kml_root *root, void *arg), void *arg)
{
	fn(&(struct kml_root){.kind = KML_DATA,
			      .start = start,
			      .end = start + size,
			      .name = name,
			      .gone = gone},
	   arg);
}

static void native_roots(void (*fn)(const struct kml_root *root, void *arg), void *arg)
{
	const uint64_t low = native_stack_bounds.low, high = low + native_stack_bounds.size;
	uint64_t sp = native_running() ? (uint64_t)__builtin_frame_address(0) : high, start, size;

	for (unsigned i = 0; i < native_driver.data_count; i++)
		tell_root(native_driver.data[i].start, native_driver.data[i].size,
			  native_driver.name, native_state.gone, fn, arg);
	tell_root((uint64_t)&native_state, sizeof(native_state), "kernel", false, fn, arg);
	native_seldom_region(&start, &size);
	tell_root(start, size, "kernel", false, fn, arg);
	fn(&(struct kml_root){.kind = KML_STACK,
			      .start = low,
			      .end = high,
			      .sp = sp - low < high - low ? sp : high,
			      .name = "the driver's task"},
	   arg);
}

static void native_mark(void)
{
	snapshot_drop();
	program.retake = true;
}

bool native_is_user(uint64_t addr)
{
	for (unsigned i = 0; i < program.count; i++)
		if (addr - program.memory[i].start < program.memory[i].size)
			return true;
	return false;
}

extern char native_copy_insn[];

/* The driver's own instruction, or native_copy(), which is a leaf. */
static bool user_access(void *context, uint64_t addr, bool write)
{
	uint64_t pc = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	struct bad_access bad = {.kind = FINDING_WILD_ACCESS,
				 .type = "user-memory-access",
				 .addr = addr,
				 .write = write};

	if (!native_in_module(pc))
		return pc == (uint64_t)native_copy_insn;
	if (judge_told_access(addr))
		return false;
	bad.stack = native_fault_stack(context, &bad.exact);
	snprintf(bad.where, sizeof(bad.where),
		 "a pointer of user space is followed, which only copy functions may do");
	judge_bad_access(&bad, pc);
	return false;
}

static void code(struct coverage_code *out)
{
	*out = (struct coverage_code){.count = 1, .collector = native_collector()};
	out->ranges[0].start = native_driver.text;
	out->ranges[0].end = native_driver.text_end;
}

static int by_chance(uint64_t user_end, char *err)
{
	native_user_end = user_end;
	native_kill_waits = true;
	return 0;
}

static int native_program(const struct snapshot_region *memory, unsigned count, char *err)
{
	if (count > PROGRAM_REGIONS_MAX) {
		snprintf(err, ERR_MAX, "the scenario's program has too many segments");
		return -1;
	}
	memcpy(program.memory, memory, count * sizeof(*memory));
	program.count = count;
	native_mark();
	return 0;
}

static int native_adopt(void)
{
	native_run_adopt();
	return kf_memory_unshare();
}

static void native_debugger(FILE *out)
{
	fprintf(out, "add-symbol-file %s -o 0x%lx\n", native_driver.path, native_driver.start);
}

static struct target native_target = {
	.kernel = "native",
	.module = native_driver.name,
	.call = native_call,
	.restore = native_restore,
	.syscall = native_syscall,
	.program = native_program,
	.by_chance = by_chance,
	.mark = native_mark,
	.context = native_context,
	.task = native_task,
	.caller = native_caller,
	.in_module = native_in_module,
	.module_of = native_module_of,
	.dangling = native_dangling,
	.access_stack = native_access_stack,
	.active = native_active,
	.adopt = native_adopt,
	.stacks = native_run_stacks,
	.rearm = native_run_rearm,
	.roots = native_roots,
	.user_access = user_access,
	.code = code,
	.debugger = native_debugger,
};

/* ---- preparing ---- */

static int fail(char *err, const char *what, int error)
{
	snprintf(err, ERR_MAX, "%s: %s", what, strerror(error));
	return -1;
}

/* The name of a module, as kbuild makes it of a file's name. */
static void module_name(const char *source, char *name, size_t size)
{
	const char *slash = strrchr(source, '/'), *base = slash ? slash + 1 : source;
	const char *dot = strrchr(base, '.');

	snprintf(name, size, "%.*s", (int)(dot && dot != base ? dot - base : (long)strlen(base)),
		 base);
	for (char *c = name; *c; c++)
		if (*c == '-' || *c == '.')
			*c = '_';
}

const char *native_object(void)
{
	return native_driver.path;
}

void native_each_device(void (*fn)(const char *name, void *arg), void *arg)
{
	native_each_node(fn, arg);
}

int native_start(char *err)
{
	int error = kf_memory_init(&kf_layout_native);

	if (error)
		return fail(err, "the simulated memory cannot be mapped", -error);
	kf_memblock_free_all();
	error = kf_slab_init();
	if (error)
		return fail(err, "the slab caches cannot be made", -error);
	return 0;
}

static bool on_driver_stack(uint64_t addr)
{
	return addr - native_stack_bounds.low < native_stack_bounds.size;
}

static bool may_reclaim(void)
{
	return !(native_task_bits() & (KF_TASK_MEMALLOC | KF_TASK_NOFS | KF_TASK_NOIO));
}

static void watch_locks(void)
{
	const struct lock_eyes eyes = {
		.held = native_held_locks,
		.count = &native_state.held_count,
		.task = native_task,
		.on_stack = on_driver_stack,
		.may_reclaim = may_reclaim,
	};

	locks_attach(&eyes);
}

static int start_world(char *err)
{
	if (native_start(err))
		return -1;
	if (!native_run_open())
		return fail(err, "the driver's stack cannot be made", errno);
	kf_hooks.exposed = snapshot_touch;
	/* Valgrind cannot run an instruction again that faulted in its midst. */
	if (RUNNING_ON_VALGRIND)
		snapshot_use_copies();
	kf_mapping_veil(!RUNNING_ON_VALGRIND);
	memcheck_open();
	kf_hooks.vmap_purge = native_vmap_purge;
	kf_hooks.wait = native_wait;
	kf_hooks.task = native_task_bits;
	kf_hooks.oom = native_oom;
	kf_hooks.kswapd = native_wake_kswapd;
	kf_hooks.whence = native_whence;
	kf_hooks.defer = native_defer;
	watch_locks();
	return 0;
}

static unsigned add_region(struct snapshot_region *regions, unsigned n, uint64_t start,
			   uint64_t size)
{
	bool (*hidden)(uint64_t) = kf_fence_active() ? kf_fence_hidden : NULL;

	if (size)
		regions[n++] = (struct snapshot_region){.start = start,
							.size = size,
							.prot = PROT_READ | PROT_WRITE,
							.shared = kf_page_is_promoted,
							.hidden = hidden};
	return n;
}

static int take_snapshot(char *err)
{
	const struct kf_layout *l = kf_layout();
	struct snapshot_region regions[KF_NR_ZONES + 18 + PROGRAM_REGIONS_MAX];
	uint64_t start, size;
	unsigned n = 0;
	int error;

	for (int z = 0; z < KF_NR_ZONES; z++)
		n = add_region(regions, n, kf_zone_address(l, (enum kf_zone_id)z),
			       l->zone[z].end - l->zone[z].start);
	n = add_region(regions, n, l->vmemmap,
		       (l->phys_end / KF_PAGE_SIZE * sizeof(struct page) + KF_PAGE_SIZE - 1) &
			       KF_PAGE_MASK);
	n = add_region(regions, n, l->meta, l->meta_size);
	n = add_region(regions, n, l->percpu, l->percpu_unit * l->nr_cpus);
	n = add_region(regions, n, (uint64_t)&native_state, sizeof(native_state));
	native_seldom_region(&start, &size);
	n = add_region(regions, n, start, size);
	native_run_region(&regions[n++]);
	for (unsigned i = 0; i < native_driver.data_count; i++)
		regions[n++] = native_driver.data[i];
	for (unsigned i = 0; i < program.count; i++)
		regions[n++] = program.memory[i];
	n += shadow_regions(&regions[n]);
	kf_warm_pages();
	kf_mapping_mark();
	memcheck_mark();
	error = snapshot_take(regions, n);
	if (error)
		return fail(err, "the snapshot cannot be taken", -error);
	return 0;
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && !strcmp(text + n - m, suffix);
}

static int make_object(const char *source, const char *module, char *object, size_t size, char *err)
{
	struct stat st;

	if (stat(source, &st)) {
		snprintf(err, ERR_MAX, "%.180s: %s", source, strerror(errno));
		return -1;
	}
	native_driver.frame_pointers = !has_suffix(source, ".so");
	if (native_driver.frame_pointers)
		return native_compile(source, module, object, size, err);
	/* With a slash, so that the dynamic loader does not search for it. */
	snprintf(object, size, "%s%s", strchr(source, '/') ? "" : "./", source);
	return 0;
}

int native_prepare(const char *source, char *const *params, unsigned param_count,
		   struct target **out, char *err)
{
	char module[56], object[4096];

	module_name(source, module, sizeof(module));
	if (make_object(source, module, object, sizeof(object), err) || start_world(err) ||
	    native_load(object, module, params, param_count, err))
		return -1;
	symbols_add_self();
	symbols_set_native_module(native_driver.name, native_driver.path);
	if (native_instrument_open(err) || take_snapshot(err))
		return -1;
	native_target.permanent = !native_driver.exit;
	native_target.library = true; /* EXPORT_SYMBOL() leaves no trace to ask for */
	*out = &native_target;
	return 0;
}
