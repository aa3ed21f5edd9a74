// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine, as start_kernel() and setup_arch() would have found it: one CPU, one node, the zones
 * that the allocators have, a struct page for each frame. Called by the host before the first init
 * function. After setup_arch(), mm_init(), free_area_init() of 6.1.
 */
#include <linux/mm.h>
#include <linux/memblock.h>
#include <linux/mmzone.h>
#include <linux/memory.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/static_call.h>
#include <linux/delay.h>
#include <linux/irq.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include "host.h"

extern struct pglist_data *node_data[];
extern struct mem_section **mem_section;
extern bool no_hash_pointers;
extern char *saved_command_line;
extern atomic_t ignore_console_lock_warning;
extern struct per_cpu_pages boot_pageset;
extern struct per_cpu_zonestat boot_zonestats;
extern struct per_cpu_nodestat boot_nodestats;
extern void lruvec_init(struct lruvec *lruvec);
extern int slab_state;
void kf_cpu_init(void);
void kf_tasks_init(void);
void kf_fill_kmalloc_caches(void);
void kf_pci_init(void);
void kf_return_zero(void);
int kf_might_resched(void);
int kf_cond_resched(void);

static struct mem_section_usage section_usage;
static struct cpumask node_cpus;

static void point_static_call(void *trampoline, void *target)
{
	*(u8 *)trampoline = 0xe9;
	*(s32 *)(trampoline + 1) = (u64)target - ((u64)trampoline + 5);
}

static void init_static_calls(void)
{
	point_static_call(__SCT__might_resched, kf_might_resched);
	point_static_call(__SCT__cond_resched, kf_cond_resched);
	point_static_call(__SCT__preempt_schedule, kf_return_zero);
	point_static_call(__SCT__preempt_schedule_notrace, kf_return_zero);
}

static void init_addresses(const struct kf_world_config *config)
{
	page_offset_base = config->direct_map;
	vmemmap_base = config->struct_pages;
	vmalloc_base = config->vmalloc_at;
	phys_base = 0;
	__per_cpu_offset[0] = config->percpu_base;
	this_cpu_write(this_cpu_off, config->percpu_base);
	raw_cpu_write_4(__preempt_count, PREEMPT_ENABLED);
	max_pfn = max_low_pfn = config->pages;
	high_memory = (void *)(config->direct_map + (config->pages << PAGE_SHIFT));
}

static void init_one_cpu(void)
{
	int i;

	nr_cpu_ids = 1;
	bitmap_zero(cpumask_bits(&__cpu_possible_mask), NR_CPUS);
	bitmap_zero(cpumask_bits(&__cpu_online_mask), NR_CPUS);
	__cpu_possible_mask.bits[0] = __cpu_online_mask.bits[0] = 1;
	__cpu_present_mask.bits[0] = __cpu_active_mask.bits[0] = 1;
	atomic_set(&__num_online_cpus, 1);
	node_cpus.bits[0] = 1;
	for (i = 0; i < MAX_NUMNODES; i++)
		node_to_cpumask_map[i] = &node_cpus;
	loops_per_jiffy = 1 << 20;
}

static void init_sections(const struct kf_world_config *config)
{
	struct mem_section *sections = kf_boot_alloc(SECTIONS_PER_ROOT * sizeof(*sections));
	unsigned long i;

	mem_section = kf_boot_alloc(NR_SECTION_ROOTS * sizeof(*mem_section));
	mem_section[0] = sections;
	for (i = 0; i <= config->pages >> PFN_SECTION_SHIFT; i++) {
		sections[i].section_mem_map = config->struct_pages | SECTION_MARKED_PRESENT |
					      SECTION_HAS_MEM_MAP | SECTION_IS_ONLINE |
					      SECTION_IS_EARLY;
		sections[i].usage = &section_usage;
	}
}

static void init_zone(struct pglist_data *node, int i, const struct kf_world_config *config)
{
	static const char *const names[] = {"DMA", "DMA32", "Normal", "Movable", "Device"};
	struct zone *zone = &node->node_zones[i];

	zone->zone_pgdat = node;
	zone->name = names[i];
	spin_lock_init(&zone->lock);
	zone->per_cpu_pageset = &boot_pageset;
	zone->per_cpu_zonestats = &boot_zonestats;
	if (i > ZONE_NORMAL)
		return;
	zone->zone_start_pfn = config->zone_start[i];
	zone->spanned_pages = zone->present_pages = config->zone_end[i] - config->zone_start[i];
	atomic_long_set(&zone->managed_pages, config->managed[i]);
	totalram_pages_add(config->managed[i]);
}

static void init_node(const struct kf_world_config *config)
{
	struct pglist_data *node = kf_boot_alloc(sizeof(*node));
	struct zoneref *ref;
	int i, list;

	node_data[0] = node;
	node->node_spanned_pages = node->node_present_pages = config->pages;
	node->per_cpu_nodestats = &boot_nodestats;
	init_waitqueue_head(&node->kswapd_wait);
	init_waitqueue_head(&node->pfmemalloc_wait);
	lruvec_init(&node->__lruvec);
	for (i = 0; i < MAX_NR_ZONES; i++)
		init_zone(node, i, config);
	for (list = 0; list < MAX_ZONELISTS; list++) {
		ref = node->node_zonelists[list]._zonerefs;
		for (i = ZONE_NORMAL; i >= 0; i--, ref++)
			*ref = (struct zoneref){&node->node_zones[i], i};
	}
	for (i = 0; i < NR_NODE_STATES; i++) {
		nodes_clear(node_states[i]);
		node_states[i].bits[0] = 1;
	}
	nr_node_ids = nr_online_nodes = 1;
}

void kf_world_init(const struct kf_world_config *config)
{
	kf_booting = 1;
	init_addresses(config);
	init_one_cpu();
	kf_cpu_init();
	init_static_calls();
	init_sections(config);
	init_node(config);
	kf_fill_kmalloc_caches();
	slab_state = 3; /* UP */
	no_hash_pointers = true;
	atomic_set(&ignore_console_lock_warning, 1);
	saved_command_line = kf_boot_alloc(64);
	kf_tasks_init();
	kf_pci_init();
	kf_show_init();
}

/* 24 legacy interrupt lines with a chip that does nothing: request_irq() works, nothing ever fires
 * by itself.
 */
int kf_init_irqs(void)
{
	int i, first = __irq_alloc_descs(0, 0, 24, 0, NULL, NULL);

	for (i = 0; i < 24; i++)
		irq_set_chip_and_handler_name(i, &dummy_irq_chip, handle_simple_irq, "kfail");
	return first;
}

extern int init_mkdir(const char *path, umode_t mode);
extern int init_mount(const char *dev, const char *dir, const char *type, unsigned long flags,
		      void *data);

int kf_mount_filesystems(void)
{
	static const char *const mounts[][2] = {
		{"/dev", "devtmpfs"},
		{"/sys", "sysfs"},
		{"/proc", "proc"},
		{"/tmp", "ramfs"},
	};
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(mounts); i++) {
		init_mkdir(mounts[i][0], 0755);
		err = err ?: init_mount(mounts[i][1], mounts[i][0], mounts[i][1], 0, NULL);
	}
	return err;
}

/* The kernel has chosen its preemption model meanwhile, and led its own might_resched() to __cond_resched(), which asks
 * less. */
static void lead_static_calls(void)
{
	static_call_update(might_resched, kf_might_resched);
	static_call_update(cond_resched, kf_cond_resched);
}

void kf_booted(void)
{
	lead_static_calls();
	kf_booting = 0;
	gfp_allowed_mask = __GFP_BITS_MASK; /* kernel_init_freeable() */
	raw_cpu_write_4(__preempt_count, PREEMPT_ENABLED);
	kf_irq_flags = X86_EFLAGS_IF;
}

/* The execution context, for the judges. */
void kf_context(u32 *preempt, u32 *irqs_off, u32 *rcu_depth)
{
	*preempt = preempt_count();
	*irqs_off = !kf_irq_flags;
	*rcu_depth = current->rcu_read_lock_nesting;
}

/* The task, for traces. Time since boot: jiffies begin five minutes before they wrap. */
void kf_trace_task(struct kf_task_info *out)
{
	out->ns = sched_clock() - (u64)INITIAL_JIFFIES * TICK_NSEC;
	memcpy(out->comm, current->comm, sizeof(out->comm));
	out->pid = current->pid;
	out->preempt_count = preempt_count();
	out->migrate_disabled = current->migration_disabled;
	out->irqs_off = !kf_irq_flags;
}
