// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of free blocks per CPU and zone: nearly all small requests are served from here, without the zone's lock.
 * Follows rmqueue_pcplist(), free_unref_page(), free_pcppages_bulk(), zone_batchsize() and zone_highsize() of
 * mm/page_alloc.c of 6.1.
 *
 *	list[type][order]   3 migrate types x orders 0..3; a block is freed to the head and taken from the head
 *
 * An empty list gets a batch from its zone; a CPU that has more than `high` pages gives the longest unused back,
 * twice as many each time when it only frees. Blocks on their way between CPU and zone are on a list of nobody's,
 * so that neither lock is held while the other one is taken, or while a hook is called.
 *
 * Whoever does not get a CPU's list at once (it is being drained; there are more threads than CPUs) goes to the
 * zone. Pages of the reserve HighAtomic are listed as movable, as there.
 *
 * Not followed: the lists of order 9 for transparent huge pages.
 */
#include "base.h"

#define BATCH_SCALE_MAX 5 /* CONFIG_PCP_BATCH_SCALE_MAX */

static bool try_lock(u32 *lock)
{
	if (!__libc_single_threaded)
		return !__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE);
	if (*lock)
		return false;
	*lock = 1;
	return true;
}

/* This CPU's lists of the zone, locked; or NULL. */
static struct kf_pcp *try_own(struct kf_zone *zone)
{
	unsigned cpu = kf_cpu();
	struct kf_pcp *pcp;

	if (cpu >= kf_here.layout.nr_cpus)
		return NULL;
	pcp = &zone->pcp[cpu];
	return try_lock(&pcp->lock) ? pcp : NULL;
}

static unsigned list_index(unsigned type, unsigned order)
{
	return order * KF_MIGRATE_PCPTYPES + type;
}

static unsigned order_of_list(unsigned index)
{
	return index / KF_MIGRATE_PCPTYPES;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* About 0.1 % of the zone and at most 1 MiB, a quarter of it at a time; one less than a power of two. */
static u32 batch_of(const struct kf_zone *zone)
{
	u64 batch = zone->managed >> 10;

	batch = (batch < 256 ? batch : 256) / 4;
	batch = batch ? batch : 1;
	batch += batch / 2;
	batch = (1ull << (63 - __builtin_clzll(batch))) - 1;
	return (u32)(batch ? batch : 1);
}

void kf_pcp_update(struct kf_zone *zone)
{
	u32 high = (u32)(zone->watermark[KF_WMARK_LOW] / kf_here.layout.nr_cpus);
	u32 batch = batch_of(zone);

	/* Who looks while the zone grows never sees a batch above the limit. */
	__atomic_store_n(&zone->high, high > batch * 4 ? high : batch * 4, __ATOMIC_RELAXED);
	__atomic_store_n(&zone->batch, batch, __ATOMIC_RELEASE);
}

void kf_pcp_init(struct kf_zone *zone)
{
	for (unsigned cpu = 0; cpu < kf_here.layout.nr_cpus; cpu++)
		for (unsigned i = 0; i < KF_PCP_LISTS; i++)
			kf_list_init(&zone->pcp[cpu].list[i]);
}

/* ---- taking ---------------------------------------------------------------------------------- */

static u64 pop(struct kf_list *list)
{
	struct page *page = kf_container(list->next, struct page, lru);

	kf_list_del(&page->lru);
	return kf_pfn_of(page);
}

static void put_first(struct kf_list *list, u64 pfn)
{
	kf_list_add(&kf_page_at(pfn)->lru, list);
}

/* Lists are headed by themselves, so their elements move by changing four links. */
static void splice_tail(struct kf_list *from, struct kf_list *to)
{
	if (kf_list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
}

/* rmqueue_bulk(): blocks of the zone in the order of their addresses, on `list`; how many. */
static unsigned take_batch(struct kf_zone *zone, unsigned order, unsigned type, u32 flags,
			   struct kf_list *list)
{
	unsigned most = zone->batch > 1 ? zone->batch >> order : 1, n = 0;

	most = zone->batch > 1 && most < 2 ? 2 : most;
	kf_lock(&zone->lock);
	while (n < most) {
		struct kf_fallback fallback = {.happened = false};
		u64 pfn = kf_buddy_take(zone, order, type, flags, &fallback);

		if (fallback.happened && kf_tracing) {
			kf_unlock(&zone->lock);
			kf_trace_fallback(&fallback);
			kf_lock(&zone->lock);
		}
		if (pfn == KF_NO_PFN)
			break;
		kf_frame_set(pfn, KF_FRAME_PCP);
		kf_list_add_tail(&kf_page_at(pfn)->lru, list);
		n++;
	}
	kf_unlock(&zone->lock);
	return n;
}

/* Blocks that somebody wrote to while they were free are put aside; how many are left. */
static unsigned check_batch(struct kf_list *list, unsigned order, unsigned type)
{
	struct kf_list *at = list->next, *next;
	unsigned n = 0;

	for (; at != list; at = next) {
		u64 pfn = kf_pfn_of(kf_container(at, struct page, lru));
		const char *reason;

		next = at->next;
		kf_trace_page(KF_EVENT_PAGE_ALLOC_ZONE_LOCKED, pfn, order, 0, type);
		reason = kf_check_new_block(pfn, order);
		if (!reason) {
			n++;
			continue;
		}
		kf_list_del(at);
		kf_lose_block(pfn, order, reason);
	}
	return n;
}

static void give_list(struct kf_zone *zone, struct kf_list *list)
{
	if (kf_list_empty(list))
		return;
	kf_lock(&zone->lock);
	while (!kf_list_empty(list)) {
		u64 pfn = pop(list);

		kf_buddy_give(zone, pfn, kf_frame_at(pfn)->order, false);
	}
	kf_unlock(&zone->lock);
}

/* The list was empty: a batch of the zone, of which the first is taken. */
static u64 refill(struct kf_zone *zone, unsigned order, unsigned type, u32 flags)
{
	struct kf_list batch = {&batch, &batch};
	struct kf_pcp *pcp;
	unsigned n;
	u64 pfn;

	take_batch(zone, order, type, flags, &batch);
	n = check_batch(&batch, order, type);
	if (!n)
		return KF_NO_PFN;
	pfn = pop(&batch);
	pcp = try_own(zone);
	if (!pcp) {
		give_list(zone, &batch);
		return pfn;
	}
	splice_tail(&batch, &pcp->list[list_index(type, order)]);
	pcp->count += (n - 1) << order;
	pcp->allocs += 1ull << order;
	kf_unlock(&pcp->lock);
	return pfn;
}

u64 kf_pcp_take(struct kf_zone *zone, unsigned order, unsigned type, u32 flags)
{
	struct kf_pcp *pcp = try_own(zone);
	struct kf_list *list;
	u64 pfn;

	if (!pcp)
		return KF_NO_PFN;
	pcp->free_factor >>= 1;
	list = &pcp->list[list_index(type, order)];
	if (kf_list_empty(list)) {
		kf_unlock(&pcp->lock);
		pfn = refill(zone, order, type, flags);
	} else {
		pfn = pop(list);
		pcp->count -= 1u << order;
		pcp->allocs += 1ull << order;
		kf_unlock(&pcp->lock);
	}
	if (pfn != KF_NO_PFN)
		kf_frame_set(pfn, KF_FRAME_BLOCK);
	return pfn;
}

/* ---- giving back ----------------------------------------------------------------------------- */

/* nr_pcp_free(): how many pages go back to the zone now. */
static u32 excess(struct kf_pcp *pcp, const struct kf_zone *zone, bool all)
{
	u32 most = zone->high - zone->batch, n = zone->batch << pcp->free_factor;

	if (all)
		return pcp->count;
	if (n < most && pcp->free_factor < BATCH_SCALE_MAX)
		pcp->free_factor++;
	return n < most ? n : most;
}

/* free_pcppages_bulk(): take `pages` pages off the lists in turn, list `first` first, the oldest of each. */
static void move_off(struct kf_pcp *pcp, u32 pages, unsigned first, struct kf_list *to)
{
	s64 left = pages < pcp->count ? pages : pcp->count;

	for (unsigned i = first; left > 0; i = (i + 1) % KF_PCP_LISTS) {
		struct kf_list *list = &pcp->list[i];
		u32 size = 1u << order_of_list(i);

		while (left > 0 && !kf_list_empty(list)) {
			struct kf_list *oldest = list->prev;

			kf_list_del(oldest);
			kf_list_add_tail(oldest, to);
			pcp->count -= size;
			left -= size;
		}
	}
}

static void drain_list(struct kf_zone *zone, struct kf_list *list)
{
	for (const struct kf_list *at = list->next; kf_tracing && at != list; at = at->next) {
		u64 pfn = kf_pfn_of(kf_container(at, struct page, lru));

		kf_trace_page(KF_EVENT_PAGE_PCPU_DRAIN, pfn, kf_frame_at(pfn)->order, 0,
			      kf_block_type(pfn));
	}
	give_list(zone, list);
}

static void free_to_zone(struct kf_zone *zone, u64 pfn, unsigned order)
{
	kf_lock(&zone->lock);
	zone->frees += 1ull << order;
	kf_buddy_give(zone, pfn, order, false);
	kf_unlock(&zone->lock);
}

void kf_pages_free(u64 pfn, unsigned order, bool last)
{
	struct kf_zone *zone = kf_zone_at(pfn);
	struct kf_pcp *pcp = order <= KF_COSTLY_ORDER ? try_own(zone) : NULL;
	struct kf_list surplus = {&surplus, &surplus};
	unsigned type = kf_block_type(pfn), index;
	bool all;

	if (!pcp) {
		free_to_zone(zone, pfn, order);
		return;
	}
	index = list_index(type < KF_MIGRATE_PCPTYPES ? type : KF_MIGRATE_MOVABLE, order);
	kf_frame_at(pfn)->order = (u8)order;
	kf_frame_set(pfn, KF_FRAME_PCP);
	if (last)
		kf_list_add_tail(&kf_page_at(pfn)->lru, &pcp->list[index]);
	else
		put_first(&pcp->list[index], pfn);
	pcp->count += 1u << order;
	pcp->frees += 1ull << order;
	all = pcp->free_factor && order;
	if (all || pcp->count >= zone->high)
		move_off(pcp, excess(pcp, zone, all), index, &surplus);
	kf_unlock(&pcp->lock);
	drain_list(zone, &surplus);
}

/* ---- ahead of need ---------------------------------------------------------------------------- */

static void warm(struct kf_zone *zone, const struct kf_pcp *pcp)
{
	for (unsigned order = 0; order <= KF_COSTLY_ORDER; order++) {
		u64 pfn;

		if (pcp->count + 2 * zone->batch > zone->high ||
		    !kf_list_empty(&pcp->list[list_index(KF_MIGRATE_UNMOVABLE, order)]))
			continue;
		pfn = kf_pcp_take(zone, order, KF_MIGRATE_UNMOVABLE, 0);
		if (pfn != KF_NO_PFN)
			kf_pages_free(pfn, order, false);
	}
}

void kf_warm_pages(void)
{
	unsigned cpu = kf_cpu();

	for (unsigned id = 0; id < KF_NR_ZONES && cpu < kf_here.layout.nr_cpus; id++) {
		struct kf_zone *zone = &kf_state()->page.zone[id];

		if (zone->managed)
			warm(zone, &zone->pcp[cpu]);
	}
}

/* ---- draining -------------------------------------------------------------------------------- */

static void drain(struct kf_zone *zone, struct kf_pcp *pcp)
{
	struct kf_list all = {&all, &all};

	kf_lock(&pcp->lock);
	move_off(pcp, pcp->count, 0, &all);
	kf_unlock(&pcp->lock);
	drain_list(zone, &all);
}

static void drain_cpu(unsigned cpu)
{
	for (unsigned id = 0; id < KF_NR_ZONES; id++) {
		struct kf_zone *zone = &kf_state()->page.zone[id];

		if (zone->pcp && __atomic_load_n(&zone->pcp[cpu].count, __ATOMIC_RELAXED))
			drain(zone, &zone->pcp[cpu]);
	}
}

void kf_pcp_drain_all(void)
{
	for (unsigned cpu = 0; cpu < kf_here.layout.nr_cpus; cpu++)
		drain_cpu(cpu);
}

void kf_drain_all_pages(void)
{
	kf_pcp_drain_all();
	for (unsigned id = 0; id < KF_NR_ZONES; id++)
		kf_highatomic_give_up_unused(&kf_state()->page.zone[id]);
}

void kf_drain_local_pages(void)
{
	unsigned cpu = kf_cpu();

	if (cpu < kf_here.layout.nr_cpus)
		drain_cpu(cpu);
}

void kf_pcp_leave(unsigned cpu)
{
	if (kf_here.state && cpu < kf_here.layout.nr_cpus)
		drain_cpu(cpu);
}
