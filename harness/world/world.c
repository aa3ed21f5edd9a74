// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel mode as a target of the sweep engine (sweep/target.h): the module under test waits in the
 * kernel's loader, right before its init, and the agent there (override/module.c) does one
 * operation after another. The snapshot is taken by the first restore in a process, so that a
 * forked worker protects its own memory.
 *
 * A second mapping of a frame (module and vmalloc ranges) is a region of its own in the snapshot,
 * whose pages are kept at the frame's address in the direct map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "../../allocator/page/fence.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/slab/profile.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../inject/calls.h"
#include "../instrument/access.h"
#include "../memcheck/client.h"
#include "../memcheck/memcheck.h"
#include "../snapshot/snapshot.h"
#include "../trace/depot.h"
#include "../trace/run_state.h"
#include "entries.h"
#include "active.h"
#include "file.h"
#include "judged.h"
#include "prepare.h"
#include "userspace.h"
#include "world.h"
#include "worldfile.h"

#define PROGRAM_REGIONS_MAX 16

RUN_STATE struct judged judged;

/* Memory of a scenario's program. */
static struct {
	struct snapshot_region memory[PROGRAM_REGIONS_MAX];
	unsigned count;
} program;

/* ---- snapshot ---- */

bool world_is_user(uint64_t addr)
{
	for (unsigned i = 0; i < program.count; i++)
		if (addr - program.memory[i].start < program.memory[i].size)
			return true;
	return false;
}

static uint64_t frame_address(uint64_t page)
{
	uint64_t pfn = kf_mapped_frame((void *)page);

	return pfn == ~0ull ? 0 : (uint64_t)kf_phys_to_virt(pfn << KF_PAGE_SHIFT);
}

struct region_list {
	struct snapshot_region *list;
	unsigned count, room;
};

static void add_region(struct region_list *regions, uint64_t start, uint64_t size, int prot,
		       uint64_t (*canonical)(uint64_t), bool opaque)
{
	if (regions->count == regions->room) {
		regions->room = regions->room * 2 + 512;
		regions->list = kf_array(regions->list, regions->room, sizeof(*regions->list));
	}
	regions->list[regions->count++] =
		(struct snapshot_region){start,
					 size,
					 prot,
					 canonical,
					 kf_page_is_promoted,
					 opaque,
					 kf_fence_active() ? kf_fence_hidden : NULL};
}

static void add_second_mapping(uint64_t va, uint64_t phys, uint64_t size, int prot, void *arg)
{
	add_region(arg, va, size, prot, frame_address, false);
}

/* Stack by stack: the guards between them stay as they are. */
static void add_stacks(struct region_list *regions)
{
	unsigned slot;

	for (slot = 0; slot < KF_STACKS; slot++)
		add_region(regions, KF_STACK_LOW(slot), KF_STACK_SIZE, PROT_READ | PROT_WRITE, NULL,
			   true);
}

/* Of the allocators: it names objects and frames, and keeps nothing registered. */
static bool is_bookkeeping(uint64_t start)
{
	return start == META_BASE || start == VMEMMAP_BASE;
}

static void add_shadow(struct region_list *regions)
{
	struct snapshot_region shadow[2];
	unsigned i, n = shadow_regions(shadow);

	for (i = 0; i < n; i++)
		add_region(regions, shadow[i].start, shadow[i].size, shadow[i].prot, NULL, true);
}

static int take_snapshot(void)
{
	struct world_region world_memory[WORLD_REGIONS_MAX];
	struct region_list regions = {0};
	unsigned i, n = world_regions(world_memory);
	int error;

	kf_warm_pages();
	for (i = 0; i < n; i++)
		if (world_memory[i].start != KF_STACK_BASE)
			add_region(&regions, world_memory[i].start, world_memory[i].size,
				   world_memory[i].prot, NULL,
				   is_bookkeeping(world_memory[i].start));
	add_stacks(&regions);
	add_shadow(&regions);
	for (i = 0; i < program.count; i++)
		add_region(&regions, program.memory[i].start, program.memory[i].size,
			   program.memory[i].prot, NULL, true);
	kf_mapping_for_each(add_second_mapping, &regions);
	error = snapshot_take(regions.list, regions.count);
	free(regions.list);
	if (error)
		return error;
	kf_mapping_mark();
	memcheck_mark();
	judged.snapshot_taken = true;
	return 0;
}

bool world_fault(uint64_t addr, bool write)
{
	if (kf_mapping_fault(addr))
		return true;
	return judged.snapshot_taken && !in_stack_guard(addr) && snapshot_fault(addr, write);
}

/* What a task had on its stack when the snapshot was taken may lie below where the stack ended since then. */
static void open_stacks(void)
{
	for (unsigned slot = 0; slot < KF_STACKS; slot++)
		(void)VALGRIND_MAKE_MEM_DEFINED(KF_STACK_LOW(slot), KF_STACK_SIZE);
}

static void restore(void)
{
	int error;

	if (judged.snapshot_taken) {
		kf_mapping_rollback();
		memcheck_return();
		if (memcheck_on)
			open_stacks();
		snapshot_restore();
	} else if ((error = take_snapshot())) {
		fprintf(stderr, "kfail: the world cannot be write-protected: %s\n",
			strerror(-error));
		exit(4);
	}
	judged.gone = false;
	kernel_set_agent_frame(judged.agent_frame);
	interrupts_run_begins();
}

static void mark(void)
{
	if (judged.snapshot_taken)
		snapshot_drop();
	judged.snapshot_taken = false;
	judged.agent_frame = kernel_agent_frame();
}

static int make_ready(const struct snapshot_region *memory, unsigned count, char *err)
{
	int64_t result = 0;

	if (count > PROGRAM_REGIONS_MAX)
		return kf_fail(err, "the scenario's program has too many segments");
	memcpy(program.memory, memory, count * sizeof(*memory));
	program.count = count;
	/* The last byte of its heap, which no program comes to. */
	*(uint64_t *)overlay_symbol("kf_no_arguments") = memory[0].start + memory[0].size - 1;
	if (kernel_continue(KF_OP_PROGRAM, &result) == KERNEL_DIED)
		return kf_fail(err, "the world could not be made ready for a program: %s",
			       kernel_death()->what);
	if (result)
		return kf_fail(err, "the world could not be made ready for a program: %s",
			       strerror(-(int)result));
	judged.agent_frame = kernel_agent_frame();
	return 0;
}

static int by_chance(uint64_t user_end, char *err)
{
	*(bool *)overlay_symbol("kf_kill_waits") = true;
	return world_set_user_end(user_end, err);
}

static int adopt(void)
{
	int error = kf_memory_unshare();

	if (judged.snapshot_taken)
		snapshot_drop();
	judged.snapshot_taken = false;
	return error ?: kernel_call_init();
}

/* ---- the module ---- */

bool world_in_judged(uint64_t pc)
{
	const struct kf_module_info *info = &judged.module->info;

	return pc - info->core < info->core_size || pc - info->init < info->init_size;
}

static void reload_range(uint64_t start, uint64_t end)
{
	uint64_t page, next, home;

	for (page = start; page < end; page = next) {
		next = (page & KF_PAGE_MASK) + KF_PAGE_SIZE;
		next = next < end ? next : end;
		home = frame_address(page & KF_PAGE_MASK);
		if (home)
			snapshot_restore_range(home + (page & ~KF_PAGE_MASK), next - page);
	}
}

void world_reload_module(void)
{
	const struct kf_module_info *info = &judged.module->info;
	uint64_t self = (uint64_t)info->module, end = info->core + info->core_size;

	reload_range(info->core + info->core_text_size, self < end ? self : end);
	if (self < end)
		reload_range(self + info->struct_size, end);
	reload_range(info->init, info->init + info->init_size);
	if (info->percpu)
		snapshot_restore_range(PERCPU_BASE + info->percpu, info->percpu_size);
}

static void rearm(void)
{
	world_timeout_ticks = 0;
}

/* ---- answers for the judges ---- */

/* The agent's own function, which calls the module's init and exit. */
static bool in_agent(uint64_t pc)
{
	static uint64_t start, end;
	uint32_t i;

	for (i = 0; !start && i + 1 < world.overlay.count; i++) {
		if (strcmp(world.overlay.strings + world.overlay.syms[i].name, "do_one_initcall"))
			continue;
		start = world.overlay.syms[i].addr;
		end = world.overlay.syms[i + 1].addr;
	}
	return pc > start && pc <= end;
}

/*
 * A function that ends in a call leaves no frame: when the module's init or exit was the last of its frames to go so, its
 * entry stands in for it, so that what it asked for is still seen to be its own.
 */
static unsigned name_tail_call(uint64_t *pcs, unsigned n, unsigned max)
{
	unsigned i, agent = n;

	for (i = 0; i < n; i++) {
		if (world_in_judged(pcs[i]))
			return n;
		if (agent == n && in_agent(pcs[i]))
			agent = i;
	}
	if (agent == n || n == max || !judged.running)
		return n;
	memmove(&pcs[agent + 1], &pcs[agent], (n - agent) * sizeof(pcs[0]));
	pcs[agent] = judged.running + 1;
	return n + 1;
}

/* The frames that asked: not those beyond an interrupt's boundary; of a stub only the one with its function's name. */
static unsigned asking_frames(uint64_t *pcs, unsigned max)
{
	unsigned crossed;

	kernel_hook_stack(pcs, max, &crossed);
	if (judged.has_stubs && crossed && calls_is_common(pcs[0]))
		memmove(pcs, pcs + 1, --crossed * sizeof(*pcs));
	return name_tail_call(pcs, crossed, max);
}

static bool any_in_judged(const uint64_t *pcs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (world_in_judged(pcs[i]))
			return true;
	return false;
}

/* The module's code is on the stack, or called a stub: a function of a file, say, that ends in that call is no frame. */
static bool on_behalf(const uint64_t *pcs, unsigned n)
{
	if (world_settling())
		return false;
	return any_in_judged(pcs, n) || (judged.has_stubs && n && calls_is_stub(pcs[0]));
}

static struct caller caller(void)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n = asking_frames(pcs, DEPOT_FRAMES_MAX);

	return (struct caller){
		.stack = world_trap_stack ?: depot_save(pcs, n),
		.on_behalf = on_behalf(pcs, n),
	};
}

static const char *module_of(uint64_t pc)
{
	const struct loaded *mod = loaded_find(pc);

	return mod ? mod->name : NULL;
}

static void code(struct coverage_code *out)
{
	const struct kf_module_info *info = &judged.module->info;

	*out = (struct coverage_code){.collector = overlay_symbol("__sanitizer_cov_trace_pc")};
	if (info->core_text_size) {
		out->ranges[out->count].start = info->core;
		out->ranges[out->count++].end = info->core + info->core_text_size;
	}
	if (info->init_size) {
		out->ranges[out->count].start = info->init;
		out->ranges[out->count++].end = info->init + info->init_size;
	}
}

static bool exports_symbols(const struct loaded *module)
{
	for (unsigned i = 0; i < module->section_count; i++)
		if (!strncmp(module->sections[i].name, "__ksymtab", 9))
			return true;
	return false;
}

/* A debugger plants its breakpoints through the write protection, but not where memory is shared:
 * open that.
 */
static void write_debugger_commands(FILE *out)
{
	const struct loaded *mod;
	unsigned i, k;

	for (i = 0; (mod = loaded_get(i)); i++) {
		if (!mod->path)
			continue;
		fprintf(out, "add-symbol-file %s", mod->path);
		for (k = 0; k < mod->section_count; k++)
			fprintf(out, " -s %s %#lx", mod->sections[k].name,
				(unsigned long)mod->sections[k].addr);
		fprintf(out, "\n");
		snapshot_touch((void *)mod->info.core, mod->info.core_size);
		snapshot_touch((void *)mod->info.init, mod->info.init_size);
	}
}

/* ---- preparing ---- */

int world_find_kernel(const struct world_options *options, struct kernel_paths *paths, char *err)
{
	struct modfile last;
	int result;

	if (options->kernel && strchr(options->kernel, '/'))
		return kernel_find_file(options->kernel, paths, err);
	if (options->kernel)
		return kernel_find(options->kernel, paths, err);
	if (modfile_open(options->modules[options->module_count - 1], &last, err))
		return -1;
	result = modfile_find_kernel(&last, paths, err);
	modfile_close(&last);
	return result;
}

int world_check_version(const struct modfile *files, unsigned count, char *err)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (strcmp(files[i].kernel_version, world.info.version))
			return kf_fail(err, "%s: built for kernel %s, and the world's is %s",
				       files[i].path, files[i].kernel_version, world.info.version);
	return 0;
}

int world_load_dependency(const struct modfile *file, char *err)
{
	enum kernel_how how;
	int64_t result;

	if (loaded_by_name(file->name))
		return 0;
	if (!loaded_shadow(file, err))
		return -1;
	how = loaded_load(file, NULL, 0, false, &result);
	if (how == KERNEL_DIED)
		return kf_fail(err, "%s, which is needed first, died in its init: %s", file->path,
			       kernel_death()->what);
	if (result)
		return kf_fail(err,
			       "%s, which is needed first, cannot be loaded: the kernel's loader "
			       "says %ld (%s)",
			       file->path, (long)result, strerror((int)-result));
	return 0;
}

static enum target_kunit kunit_of(const struct modfile *file, const struct loaded *module)
{
	for (unsigned i = 0; i < module->section_count; i++)
		if (!strcmp(module->sections[i].name, ".kunit_test_suites"))
			return KUNIT_WHEN_LIVE;
	for (unsigned i = 0; i < file->undefined_count; i++)
		if (!strcmp(file->undefined[i], "__kunit_test_suites_init"))
			return KUNIT_IN_INIT;
	return KUNIT_NONE;
}

static int load_judged(const struct world_options *options, const struct modfile *file, char *err)
{
	enum kernel_how how;
	int64_t result = 0;

	if (modfile_check_params(file, options->params, options->param_count, err))
		return -1;
	if (!loaded_shadow(file, err))
		return -1;
	if (calls_any())
		callpoints_open();
	how = loaded_load(file, options->params, options->param_count, true, &result);
	callpoints_ready();
	judged.has_stubs = calls_any();
	if (how == KERNEL_DIED)
		return kf_fail(err, "%s: the kernel's loader died: %s", file->path,
			       kernel_death()->what);
	if (how != KERNEL_YIELDED && !result)
		return kf_fail(err, "%s: it has no init function, so there is nothing to judge",
			       file->path);
	if (how != KERNEL_YIELDED)
		return kf_fail(err, "%s: the kernel's loader says %ld (%s)%s%s", file->path,
			       (long)result, strerror((int)-result),
			       services_last_line()[0] ? ": " : "", services_last_line());
	judged.fn.task = overlay_symbol("kf_task");
	judged.agent_frame = kernel_agent_frame();
	judged.module = loaded_by_name(file->name);
	if (!judged.module)
		return kf_fail(err, "%s: loaded, but not in the kernel's list", file->path);
	judged.kunit = kunit_of(file, judged.module);
	world_locks_watch(&judged.module->info);
	return entries_arm(err);
}

static int collect_coverage(const struct world_options *options, char *err)
{
	int error;

	if (!options->coverage)
		return 0;
	error = coverage_open(MODULE_BASE, MODULE_END - MODULE_BASE);
	if (error)
		return kf_fail(err, "no memory for the coverage: %s", strerror(-error));
	*(struct kf_coverage *)overlay_symbol("kf_coverage") = *coverage_map();
	return 0;
}

static int load_all(const struct world_options *options, char *err)
{
	struct modfile *files;
	int i, count = modfile_order(&world.paths, options->modules, options->module_count, &files,
				     err);
	int result = 0;

	if (count < 0)
		return -1;
	result = world_check_version(files, count, err) ?: collect_coverage(options, err);
	for (i = 0; i < count - 1 && !result; i++)
		result = world_load_dependency(&files[i], err);
	if (!result)
		kernel_call(overlay_symbol("kf_settle_time"), 6000, 0, 0, NULL);
	result = result ?: load_judged(options, &files[count - 1], err);
	for (i = 0; i < count; i++)
		modfile_close(&files[i]);
	free(files);
	return result;
}

/* The kernel and what is loaded already have what they have; requests from now on are served under these limits. */
static int set_profile(const struct kf_settings *settings, char *err)
{
	char why[KF_PROFILE_ERR];

	if (!settings || !strcmp(settings->profile, kf_settings()->profile))
		return 0;
	return kf_profile_set(settings->profile, why) ? kf_fail(err, "%s", why) : 0;
}

int world_prepare(const struct world_options *options, struct target **out, char *err)
{
	struct world_boot_options boot = {.settings = options->settings,
					  .verbose = options->verbose,
					  .poison = options->poison};
	struct world_boot_report report;
	struct kernel_paths paths;

	if (world_find_kernel(options, &paths, err))
		return -1;
	if (world_start(&paths, &boot, &report, err) || load_all(options, err) ||
	    set_profile(options->settings, err)) {
		kernel_paths_clear(&paths);
		return -1;
	}
	kernel_paths_clear(&paths);
	follow_calls();
	judged.target = (struct target){
		.kernel = world.info.version,
		.module = judged.module->name,
		.call = world_operate,
		.syscall = world_syscall,
		.restore = restore,
		.program = make_ready,
		.by_chance = by_chance,
		.mark = mark,
		.context = world_context,
		.task = world_task,
		.caller = caller,
		.in_module = world_in_judged,
		.module_of = module_of,
		.dangling = world_dangling,
		.access_stack = world_access_stack,
		.active = world_active_inside,
		.adopt = adopt,
		.kunit = judged.kunit,
		.stacks = kernel_stacks,
		.rearm = rearm,
		.roots = world_roots,
		.covered_start = IMAGE_BASE,
		.covered_end = RESERVED_END,
		.code = code,
		.user_access = trap_user_access,
		.permanent = !judged.module->info.exit_fn,
		.library = exports_symbols(judged.module),
		.debugger = write_debugger_commands,
	};
	*out = &judged.target;
	return 0;
}
