// SPDX-License-Identifier: GPL-2.0-only
/*
 * When no zone is above its low watermark: wake kswapd, take from the reserves what the request may take, reclaim,
 * retry, and at last the OOM notifiers. Follows __alloc_pages_slowpath() and its helpers in mm/page_alloc.c of 6.1,
 * and wakeup_kswapd() of mm/vmscan.c:
 *
 *	1. kswapd; the min watermark, and below it for __GFP_HIGH, atomic, MEMALLOC and OOM victims
 *	2. without __GFP_DIRECT_RECLAIM, or while reclaiming: no more
 *	3. direct reclaim, then the highatomic reserve and the lists of all CPUs
 *	4. __GFP_NORETRY: no more; order above 3: only with __GFP_RETRY_MAYFAIL
 *	5. again while reclaim makes progress; 16 times without for orders above 3
 *	6. OOM notifiers, for orders up to 3 from Normal memory; again if they freed something
 *	7. __GFP_NOFAIL: into the reserves
 *	8. the report of a page allocation failure
 *
 * Where it differs: kswapd is whoever answers the hook, now or later. Progress is what really became free, so nobody can
 * keep the loop going by words. There is no page cache that reclaim would find something in, no compaction (its answer is always "skipped"), and no process
 * that could be killed or that would give memory back later: where the kernel kills one, or waits for others
 * (GFP_NOFS, __GFP_NOFAIL), a request fails after the notifiers. A task with a fatal signal gets the victim's
 * reserves once. A failing __GFP_NOFAIL is told: the kernel would hang there.
 *
 * No lock is held here: all of this may run foreign code.
 */
#include <sched.h>

#include "base.h"
#include "shrinker.h"

#define MAX_RECLAIM_RETRIES 16
#define DEF_PRIORITY	    12
#define SWAP_CLUSTER_MAX    32 /* pages that one direct reclaim tries to free */

/* One request in the slow path. */
struct slow {
	struct kf_alloc *alloc;
	u32 task, flags;
	u64 freed; /* by the newest direct reclaim */
	unsigned fruitless;
	bool again;
};

/* ---- who asks -------------------------------------------------------------------------------- */

static u32 reclaimer(void)
{
	return kf_cpu() == KF_NO_CPU ? KF_MAX_CPUS + 1 : kf_cpu() + 1;
}

/* Reclaim runs as PF_MEMALLOC, so what it allocates itself does not reclaim again. */
static u32 task_now(void)
{
	u32 by = __atomic_load_n(&kf_state()->page.reclaiming, __ATOMIC_RELAXED);

	return kf_hooks.task() | (by == reclaimer() ? KF_TASK_MEMALLOC : 0);
}

/* gfp_to_alloc_flags() */
static u32 flags_of(u32 gfp, unsigned order, u32 task)
{
	u32 flags = KF_WMARK_MIN | (gfp & (KF_ALLOC_MIN_RESERVE | KF_ALLOC_KSWAPD));

	if (gfp & KF_GFP_DIRECT_RECLAIM) {
		if (task & KF_TASK_REALTIME && !(task & (KF_TASK_HARDIRQ | KF_TASK_SOFTIRQ)))
			flags |= KF_ALLOC_MIN_RESERVE;
		return flags;
	}
	if (gfp & KF_GFP_NOMEMALLOC)
		return flags;
	flags |= KF_ALLOC_NON_BLOCK;
	if (order && flags & KF_ALLOC_MIN_RESERVE)
		flags |= KF_ALLOC_HIGHATOMIC;
	return flags;
}

/* __gfp_pfmemalloc_flags(): who may ignore the watermarks, altogether or halfway; 0: this one may not. */
static u32 reserve_flags(u32 gfp, u32 task)
{
	if (gfp & KF_GFP_NOMEMALLOC)
		return 0;
	if (gfp & KF_GFP_MEMALLOC)
		return KF_ALLOC_NO_WATERMARKS;
	if (task & KF_TASK_HARDIRQ)
		return 0;
	if (task & KF_TASK_MEMALLOC)
		return KF_ALLOC_NO_WATERMARKS;
	return task & KF_TASK_OOM_VICTIM && !(task & KF_TASK_SOFTIRQ) ? KF_ALLOC_OOM : 0;
}

bool kf_gfp_pfmemalloc_allowed(u32 gfp)
{
	return reserve_flags(gfp, task_now()) != 0;
}

/* current_gfp_context(), the part that matters from here on: memalloc_noio_save() and memalloc_nofs_save(). */
static u32 scoped(u32 gfp, u32 task)
{
	if (task & KF_TASK_NOIO)
		return gfp & ~(u32)(KF_GFP_IO | KF_GFP_FS);
	return task & KF_TASK_NOFS ? gfp & ~(u32)KF_GFP_FS : gfp;
}

/* ---- kswapd ---------------------------------------------------------------------------------- */

static bool boosted(unsigned highest)
{
	for (unsigned id = 0; id <= highest; id++)
		if (kf_peek(&kf_state()->page.zone[id].boost))
			return true;
	return false;
}

/* pgdat_balanced(): some zone has enough. What a watermark is boosted by the kernel would take out of its page cache. */
bool kf_kswapd_balanced(const struct kf_kswapd *work)
{
	const struct kf_zone *zones = kf_state()->page.zone;

	for (unsigned id = 0; id <= work->highest; id++)
		if (zones[id].managed &&
		    kf_watermark_ok(&zones[id], work->order,
				    kf_watermark(&zones[id], KF_WMARK_HIGH), work->highest, 0))
			return true;
	return false;
}

void kf_kswapd_begin(struct kf_kswapd *out)
{
	struct kf_page_state *page = &kf_state()->page;

	kf_lock(&page->kswapd_lock);
	*out = page->kswapd;
	page->kswapd = (struct kf_kswapd){0};
	kf_unlock(&page->kswapd_lock);
	kf_trace_page(KF_EVENT_KSWAPD_WAKE, KF_NO_PFN, out->order, 0, 0);
}

void kf_kswapd_end(const struct kf_kswapd *work)
{
	for (unsigned id = 0; id <= work->highest; id++)
		__atomic_store_n(&kf_state()->page.zone[id].boost, 0, __ATOMIC_RELAXED);
}

static u32 most(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* wakeup_kswapd(). When nobody will do the work, the boost ends here. */
void kf_wake_kswapd(struct kf_zone *zone, unsigned order, unsigned highest)
{
	struct kf_page_state *page = &kf_state()->page;
	struct kf_kswapd work = {order, highest};

	if (kf_kswapd_balanced(&work) && !boosted(highest))
		return;
	kf_lock(&page->kswapd_lock);
	page->kswapd.order = most(page->kswapd.order, order);
	page->kswapd.highest = most(page->kswapd.highest, highest);
	kf_unlock(&page->kswapd_lock);
	if (kf_hooks.kswapd(zone->id, order))
		return;
	kf_kswapd_begin(&work);
	kf_kswapd_end(&work);
}

/* There is one node, so kswapd is woken once, for the highest zone that has memory. */
static void wake_kswapd(const struct slow *s)
{
	struct kf_zone *zones = kf_state()->page.zone;

	if (!(s->flags & KF_ALLOC_KSWAPD))
		return;
	for (int id = (int)s->alloc->highest; id >= 0; id--)
		if (zones[id].managed) {
			kf_wake_kswapd(&zones[id], s->alloc->order, s->alloc->highest);
			return;
		}
}

/* ---- reclaim --------------------------------------------------------------------------------- */

static u64 free_pages(void)
{
	u64 pages = 0;

	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		const struct kf_zone *zone = &kf_state()->page.zone[id];

		pages += kf_peek(&zone->free);
		for (unsigned cpu = 0; zone->pcp && cpu < kf_here.layout.nr_cpus; cpu++)
			pages += __atomic_load_n(&zone->pcp[cpu].count, __ATOMIC_RELAXED);
	}
	return pages;
}

static u64 growth(u64 before)
{
	u64 now = free_pages();

	return now > before ? now - before : 0;
}

/* try_to_free_pages(): harder each time, until a cluster of pages is free. */
static u64 reclaim_pages(u32 gfp, unsigned order)
{
	u64 before = free_pages(), freed = 0;

	for (int priority = DEF_PRIORITY; priority >= 0 && freed < SWAP_CLUSTER_MAX; priority--) {
		kf_shrink_slab(gfp, priority);
		kf_hooks.reclaim(gfp, order, priority);
		freed = growth(before);
	}
	return freed;
}

/* One reclaims at a time; for the others that is progress which somebody makes for them. */
static u64 reclaim_alone(u32 gfp, unsigned order)
{
	u32 *reclaiming = &kf_state()->page.reclaiming, nobody = 0;
	u64 freed;

	if (!__atomic_compare_exchange_n(reclaiming, &nobody, reclaimer(), false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED)) {
		sched_yield();
		return 1;
	}
	freed = reclaim_pages(gfp, order);
	__atomic_store_n(reclaiming, 0, __ATOMIC_RELEASE);
	return freed;
}

/* __alloc_pages_direct_reclaim() */
static u64 direct_reclaim(struct slow *s)
{
	u64 pfn;

	s->freed = reclaim_alone(s->alloc->gfp, s->alloc->order);
	pfn = kf_freelist(s->alloc, s->flags);
	if (pfn != KF_NO_PFN)
		return pfn;
	kf_highatomic_unreserve(s->alloc->highest, s->alloc->type, false);
	kf_pcp_drain_all();
	return kf_freelist(s->alloc, s->flags);
}

/* should_reclaim_retry() */
static bool reclaim_again(struct slow *s)
{
	if (s->freed && s->alloc->order <= KF_COSTLY_ORDER)
		s->fruitless = 0;
	else
		s->fruitless++;
	if (s->freed && s->fruitless <= MAX_RECLAIM_RETRIES)
		return true;
	return kf_highatomic_unreserve(s->alloc->highest, s->alloc->type, true);
}

/* ---- the last resort ------------------------------------------------------------------------- */

/* Cases in which the OOM killer is not even asked. */
static bool oom_is_no_help(const struct kf_alloc *alloc)
{
	return alloc->order > KF_COSTLY_ORDER ||
	       alloc->gfp & (KF_GFP_RETRY_MAYFAIL | KF_GFP_THISNODE) ||
	       alloc->highest < KF_ZONE_NORMAL;
}

/* out_of_memory(): did anything come of it? */
static bool out_of_memory(struct slow *s)
{
	u64 before = free_pages();

	kf_hooks.oom(s->alloc->gfp, s->alloc->order);
	if (growth(before))
		return true;
	if (s->task & KF_TASK_KILLED && !(s->task & KF_TASK_OOM_VICTIM)) {
		s->task |= KF_TASK_OOM_VICTIM;
		return true;
	}
	if (s->alloc->gfp & KF_GFP_FS && !(s->alloc->gfp & KF_GFP_NOWARN))
		kf_log(4, "Out of memory and no killable processes...");
	return false;
}

/* __alloc_pages_may_oom() */
static u64 may_oom(struct slow *s)
{
	u64 pfn = kf_freelist(s->alloc, KF_WMARK_HIGH);

	if (pfn != KF_NO_PFN || oom_is_no_help(s->alloc))
		return pfn;
	s->again = out_of_memory(s);
	s->fruitless = 0;
	if (s->again && s->alloc->gfp & KF_GFP_NOFAIL)
		return kf_freelist(s->alloc, KF_ALLOC_NO_WATERMARKS);
	return KF_NO_PFN;
}

static void warn(const struct kf_alloc *alloc, bool when, const char *what)
{
	if (when && !(alloc->gfp & KF_GFP_NOWARN))
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL, what);
}

static u64 never_fail(struct slow *s)
{
	struct kf_alloc *alloc = s->alloc;
	u64 pfn;

	if (!(alloc->gfp & KF_GFP_DIRECT_RECLAIM)) {
		warn(alloc, true, "__GFP_NOFAIL where the request may not sleep, and it failed");
		return KF_NO_PFN;
	}
	warn(alloc, s->task & KF_TASK_MEMALLOC, "__GFP_NOFAIL while reclaiming");
	warn(alloc, alloc->order > KF_COSTLY_ORDER, "__GFP_NOFAIL of order 4 or more");
	pfn = kf_freelist(alloc, KF_ALLOC_MIN_RESERVE);
	if (pfn == KF_NO_PFN)
		pfn = kf_freelist(alloc, KF_ALLOC_NO_WATERMARKS);
	if (pfn == KF_NO_PFN)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"System is deadlocked on memory: __GFP_NOFAIL, and nothing is left");
	return pfn;
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Victims that found nothing leave; the others go on while something comes of it. */
static bool victim_leaves(const struct slow *s)
{
	return s->task & KF_TASK_OOM_VICTIM &&
	       (s->flags & KF_ALLOC_OOM || s->alloc->gfp & KF_GFP_NOMEMALLOC);
}

/* One turn; `again` says whether another one makes sense. */
static u64 turn(struct slow *s)
{
	const u32 gfp = s->alloc->gfp;
	u32 reserves = reserve_flags(gfp, s->task);
	u64 pfn;

	s->again = false;
	if (reserves)
		s->flags = reserves | (s->flags & KF_ALLOC_KSWAPD);
	pfn = kf_freelist(s->alloc, s->flags);
	if (pfn != KF_NO_PFN || !(gfp & KF_GFP_DIRECT_RECLAIM) || s->task & KF_TASK_MEMALLOC)
		return pfn;
	pfn = direct_reclaim(s);
	if (pfn != KF_NO_PFN || gfp & KF_GFP_NORETRY)
		return pfn;
	if (s->alloc->order > KF_COSTLY_ORDER &&
	    (gfp & (KF_GFP_RETRY_MAYFAIL | KF_GFP_IO)) != (KF_GFP_RETRY_MAYFAIL | KF_GFP_IO))
		return pfn;
	s->again = reclaim_again(s);
	if (s->again)
		return pfn;
	pfn = may_oom(s);
	s->again = s->again && !victim_leaves(s);
	return pfn;
}

/* An order above 3 with __GFP_NORETRY would only be worth it if compaction had found something. */
static bool not_worth_it(const struct slow *s)
{
	const u32 wants = KF_GFP_NORETRY | KF_GFP_DIRECT_RECLAIM | KF_GFP_IO;

	return s->alloc->order > KF_COSTLY_ORDER && (s->alloc->gfp & wants) == wants &&
	       !reserve_flags(s->alloc->gfp, s->task);
}

u64 kf_slowpath(struct kf_alloc *alloc)
{
	const u32 contradiction = KF_GFP_ATOMIC_BIT | KF_GFP_DIRECT_RECLAIM;
	struct slow s = {.alloc = alloc, .task = task_now()};
	u64 pfn;

	if ((alloc->gfp & contradiction) == contradiction) {
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"__GFP_ATOMIC together with __GFP_DIRECT_RECLAIM");
		alloc->gfp &= ~(u32)KF_GFP_ATOMIC_BIT;
	}
	alloc->gfp = scoped(alloc->gfp, s.task);
	s.flags = flags_of(alloc->gfp, alloc->order, s.task);
	wake_kswapd(&s);
	pfn = kf_freelist(alloc, s.flags);
	if (pfn != KF_NO_PFN)
		return pfn;
	s.again = !not_worth_it(&s);
	while (s.again && pfn == KF_NO_PFN)
		pfn = turn(&s);
	if (pfn == KF_NO_PFN && alloc->gfp & KF_GFP_NOFAIL)
		pfn = never_fail(&s);
	if (pfn == KF_NO_PFN)
		kf_report_failure(alloc->gfp, alloc->order, alloc->highest);
	return pfn;
}
