// SPDX-License-Identifier: GPL-2.0-only
/*
 * Booting the image: what start_kernel() and kernel_init_freeable() of 6.1 (init/main.c) call, in
 * their order, without the steps that set up hardware or what is overridden; then all initcall
 * levels. Data: the two lists below. A name that starts with kf_ is the override layer's.
 */
#include <stdio.h>
#include <string.h>
#include "../../allocator/page/memblock.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "layout.h"
#include "world_internal.h"

static const char *const early_steps[] = {
	"jump_label_init",
	"static_call_init",
	"cgroup_init_early",
	"page_address_init",
	"sort_main_extable",
	"vfs_caches_init_early",
	"radix_tree_init",
	"maple_tree_init",
	"sched_init",
	"workqueue_init_early",
	"early_irq_init",
	"kf_init_irqs",
	"tick_init",
	"init_timers",
	"srcu_init",
	"hrtimers_init",
	"softirq_init",
	"timekeeping_init",
	"async_init",
	"early_trace_init",
	"trace_init",
	"perf_event_init",
	"console_init",
	"pid_idr_init",
	"anon_vma_init",
	"cred_init",
	"fork_init",
	"proc_caches_init",
	"uts_ns_init",
	"key_init",
	"security_init",
	"net_ns_init",
	"buffer_init",
	"numa_policy_init",
	"vfs_caches_init",
	"pagecache_init",
	"signals_init",
	"seq_file_init",
	"proc_root_init",
	"nsfs_init",
	"cpuset_init",
	"cgroup_init",
	"kf_start_kthreadd",
	"workqueue_init",
	"workqueue_init_topology",
	"init_mm_internals",
	"cpuset_init_smp",
	"driver_init",
	"init_irq_proc",
};

/* Initcalls that start what the world does not have: grace-period threads, real mode, reclaim threads, late tracing of
 * the boot, the sched clock's hardware, resume from disk. */
static const char *const skipped_initcalls[] = {
	"rcu_spawn_gp_kthread",	 "do_init_real_mode",	    "kswapd_init",
	"kcompactd_init",	 "init_per_zone_wmark_min", "late_trace_init",
	"sched_clock_init_late", "software_resume",	    "rcu_set_runtime_mode",
};

static const char *const levels[] = {
	"__initcall_start",  "__initcall0_start", "__initcall1_start", "__initcall2_start",
	"__initcall3_start", "__initcall4_start", "__initcall5_start", "__initcallrootfs_start",
	"__initcall6_start", "__initcall7_start", "__initcall_end",
};
#define COUNT(array) (sizeof(array) / sizeof(array[0]))

struct boot {
	bool verbose;
	char *err;
};

static void print_death_stack(void)
{
	const uint64_t *pcs, *end;
	unsigned n = depot_get(kernel_death()->stack, &pcs);

	for (end = pcs + n; pcs < end; pcs++) {
		uint64_t offset = 0;
		const char *name = symbols_kernel_name(*pcs, &offset);

		fprintf(stderr, "    %s+%#lx\n", name ? name : "?", (unsigned long)offset);
	}
}

/* Run one init function. 0, or -1 when it trapped (err: which, and how). */
static int run_step(const struct boot *boot, const char *name, uint64_t fn)
{
	double start = now_ms();
	uint64_t value = 0;

	world.info.init_functions++;
	if (kernel_call(fn, 0, 0, 0, &value) == KERNEL_DIED) {
		world.info.init_traps++;
		fprintf(stderr, "kfail: boot: %s: %s\n", name, kernel_death()->what);
		print_death_stack();
		snprintf(boot->err, KF_ERR,
			 "boot of %s stopped in %s: %s; `kfail kernel boot --verbose` shows the "
			 "way there",
			 world.info.version, name, kernel_death()->what);
		return -1;
	}
	if (boot->verbose && (int)value < 0)
		fprintf(stderr, "[boot] %s returned %d\n", name, (int)value);
	if (boot->verbose && now_ms() - start > 20)
		fprintf(stderr, "[boot] %s took %.1f ms\n", name, now_ms() - start);
	return 0;
}

static uint64_t step_address(const char *name)
{
	return strncmp(name, "kf_", 3) ? image_symbol(name) : overlay_symbol(name);
}

static int run_named(const struct boot *boot, const char *name)
{
	uint64_t fn = step_address(name);

	if (!fn) {
		if (boot->verbose)
			fprintf(stderr, "[boot] this kernel has no %s\n", name);
		return 0;
	}
	return run_step(boot, name, fn);
}

static bool is_skipped(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(skipped_initcalls); i++)
		if (!strcmp(name, skipped_initcalls[i]))
			return true;
	return false;
}

/* Entries of an initcall section are 32-bit offsets from their own place. */
static int run_level(const struct boot *boot, unsigned level)
{
	const int32_t *entry = (const int32_t *)image_symbol(levels[level]);
	const int32_t *end = (const int32_t *)image_symbol(levels[level + 1]);
	double start = now_ms();
	unsigned count = 0;

	for (; entry < end; entry++, count++) {
		uint64_t fn = (uint64_t)entry + (int64_t)*entry, offset;
		const char *name = symbols_kernel_name(fn, &offset);

		if (!is_skipped(name) && run_step(boot, name, fn))
			return -1;
	}
	if (boot->verbose)
		fprintf(stderr, "[boot] level %s: %u calls, %.1f ms\n", levels[level], count,
			now_ms() - start);
	return 0;
}

static void fill_config(struct kf_world_config *config)
{
	struct kf_zone_stat stat;
	int i;

	*config = (struct kf_world_config){
		.direct_map = DIRECT_MAP,
		.struct_pages = VMEMMAP_BASE,
		.percpu_base = PERCPU_BASE,
		.vmalloc_at = VMALLOC_BASE,
		.pages = PHYS_END >> KF_PAGE_SHIFT,
	};
	for (i = 0; i <= KF_ZONE_NORMAL; i++) { /* the kernel's numbers, too */
		kf_zone_stat(i, &stat);
		config->zone_start[i] = stat.start_pfn;
		config->zone_end[i] = stat.start_pfn + stat.spanned;
		config->managed[i] = stat.managed;
	}
}

int world_boot(bool verbose, char *err)
{
	struct boot boot = {verbose, err};
	struct kf_world_config *config = kf_memblock_alloc(sizeof(*config), 64, 0, 0, false);
	unsigned i;

	kf_memblock_free_all();
	if (kf_slab_init()) {
		snprintf(err, KF_ERR, "no memory for the slab caches of the world");
		return -1;
	}
	fill_config(config);
	if (kernel_call(overlay_symbol("kf_world_init"), (uint64_t)config, 0, 0, NULL) ==
	    KERNEL_DIED) {
		snprintf(err, KF_ERR, "setting up the world of %s: %s", world.info.version,
			 kernel_death()->what);
		print_death_stack();
		return -1;
	}
	for (i = 0; i < COUNT(early_steps); i++)
		if (run_named(&boot, early_steps[i]))
			return -1;
	kernel_call(overlay_symbol("kf_booted"), 0, 0, 0, NULL);
	for (i = 0; i + 1 < COUNT(levels); i++)
		if (run_level(&boot, i))
			return -1;
	return run_named(&boot, "kf_start_reclaim") || run_named(&boot, "kf_mount_filesystems") ||
			       run_named(&boot, "kf_settle")
		       ? -1
		       : 0;
}
