// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory is short: mm/vmscan.c, mm/oom_kill.c. The kernel's own shrinkers and OOM notifiers, called when the allocators
 * ask for them, and kswapd.
 *
 * Direct reclaim and the notifiers run inside the request that is short of memory, on frames of the host, where no
 * other task can take over: one that waits ends the world (sched.c). kswapd is a task like any other: it is woken,
 * runs when the others wait, and its shrinkers may wait. The kernel's function kswapd() goes by the kernel's
 * own counts of free pages, which nobody keeps here; this one asks the allocators.
 */
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/mmzone.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/vmstat.h>
#include <trace/events/vmscan.h>
#include "host.h"

#define PRIORITY_FIRST 12 /* DEF_PRIORITY of mm/vmscan.c */

/* The kernel's own lists of who can give memory back. */
unsigned long shrink_slab(gfp_t gfp, int nid, struct mem_cgroup *memcg, int priority);
extern struct blocking_notifier_head oom_notify_list;

int kf_reclaiming;

/* The list of all shrinkers is that of the root group. */
static unsigned long shrink(gfp_t gfp, int priority)
{
	return shrink_slab(gfp, 0, root_mem_cgroup, priority);
}

/* ---- for the allocators ---- */

/* As __perform_reclaim() runs them. */
unsigned long kf_reclaim(u32 gfp, u32 order, u32 priority)
{
	unsigned int flags;
	unsigned long freed;

	if (kf_booting || kf_reclaiming)
		return 0;
	kf_reclaiming = 1;
	flags = memalloc_noreclaim_save();
	freed = shrink(gfp, priority);
	memalloc_noreclaim_restore(flags);
	kf_reclaiming = 0;
	return freed;
}

/* The first thing that out_of_memory() does; there is no process that it could kill. */
unsigned long kf_oom(u32 gfp, u32 order)
{
	unsigned long freed = 0;

	if (kf_booting || kf_reclaiming)
		return 0;
	kf_reclaiming = 1;
	blocking_notifier_call_chain(&oom_notify_list, 0, &freed);
	kf_reclaiming = 0;
	return freed;
}

/* ---- kswapd ---- */

static struct task_struct *kswapd_task;
static bool kswapd_woken;

/* balance_pgdat() */
static void balance(void)
{
	struct kf_kswapd work;
	int priority;

	kf_kswapd_begin(&work);
	for (priority = PRIORITY_FIRST; priority && !kf_kswapd_balanced(&work); priority--)
		shrink(GFP_KERNEL, priority);
	kf_kswapd_end(&work);
}

static int kswapd_main(void *unused)
{
	current->flags |= PF_MEMALLOC | PF_KSWAPD;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kswapd_woken)
			schedule();
		__set_current_state(TASK_RUNNING);
		kswapd_woken = false;
		balance();
	}
	return 0;
}

/* The hook `kswapd`: false while there is no such task yet. */
bool kf_wake_kswapd_task(void)
{
	if (!kswapd_task)
		return false;
	kswapd_woken = true;
	wake_up_process(kswapd_task);
	return true;
}

/* ---- what the kernel's tracepoints say, for the allocators' traces ---- */

/* A tracepoint disables preemption around its probes, which is no part of the context that it happens in. */
static void leave_tracepoint(void)
{
	preempt_count_sub(1);
}

static void enter_tracepoint(void)
{
	preempt_count_add(1);
}

static void shrink_starts(void *unused, struct shrinker *shrinker, struct shrink_control *sc,
			  long deferred, unsigned long freeable, unsigned long long delta,
			  unsigned long total, int priority)
{
	const struct kf_shrink_event event = {.shrinker = shrinker,
					      .scan_objects = (void *)shrinker->scan_objects,
					      .priority = priority,
					      .deferred = deferred,
					      .freeable = freeable,
					      .delta = delta,
					      .total = total};

	leave_tracepoint();
	host_shrink_starts(&event, sc->gfp_mask);
	enter_tracepoint();
}

static void shrink_ends(void *unused, struct shrinker *shrinker, int nid, int freed, long deferred,
			long next_deferred, long total)
{
	const struct kf_shrink_event event = {.shrinker = shrinker,
					      .scan_objects = (void *)shrinker->scan_objects,
					      .deferred = deferred,
					      .next_deferred = next_deferred,
					      .total = total};

	leave_tracepoint();
	host_shrink_ends(&event, freed);
	enter_tracepoint();
}

/* The last step of the boot: what becomes short from now on is told to those who can help. */
int kf_start_reclaim(void)
{
	struct task_struct *task = kthread_run(kswapd_main, NULL, "kswapd0");

	if (IS_ERR(task))
		return PTR_ERR(task);
	kswapd_task = NODE_DATA(0)->kswapd = task;
	return register_trace_mm_shrink_slab_start(shrink_starts, NULL)
		       ?: register_trace_mm_shrink_slab_end(shrink_ends, NULL);
}
