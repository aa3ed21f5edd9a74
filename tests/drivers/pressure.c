// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: a driver that keeps blocks of zone DMA at hand, and gives them back when memory is short. It uses the zone up
 * itself, and init fails with -EIO when nobody asks for the blocks: first kswapd, while init waits; then direct
 * reclaim, inside init's own request and with its scope of memalloc_nofs_save(). With oom=1 it goes on with all
 * memory there is, until its OOM notifier is asked, too.
 * Finding: none. A block that is freed is filled with poison, so oom=1 is for --set page_poison=0.
 */
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define ORDER	8
#define KEPT	4
#define ZONE	64 /* blocks, more than the zone has */
#define HIGHEST 10

static int oom;
module_param(oom, int, 0444);

static DEFINE_SPINLOCK(lock);
static LIST_HEAD(kept); /* through page->lru */
static LIST_HEAD(taken);
static unsigned long nr_kept;

static DECLARE_WAIT_QUEUE_HEAD(asked);
static bool by_kswapd, by_request, by_oom;
static bool emergency; /* the shrinker gives nothing */
static gfp_t asked_with;

/* ---- blocks ---- */

static void keep(struct page *page)
{
	spin_lock(&lock);
	list_add(&page->lru, &kept);
	nr_kept++;
	spin_unlock(&lock);
}

static bool give_one(void)
{
	struct page *page = NULL;

	spin_lock(&lock);
	if (nr_kept) {
		page = list_first_entry(&kept, struct page, lru);
		list_del(&page->lru);
		nr_kept--;
	}
	spin_unlock(&lock);
	if (page)
		__free_pages(page, ORDER);
	return page;
}

static bool take(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp | __GFP_NOWARN, order);

	if (!page)
		return false;
	set_page_private(page, order);
	list_add(&page->lru, &taken);
	return true;
}

/* Have as many at hand as at first, whatever kswapd left. */
static void keep_taken(void)
{
	struct page *page;

	while (nr_kept < KEPT && !list_empty(&taken)) {
		page = list_first_entry(&taken, struct page, lru);
		list_del(&page->lru);
		set_page_private(page, 0);
		keep(page);
	}
}

static void give_all(void)
{
	struct page *page, *next;

	while (give_one())
		;
	list_for_each_entry_safe(page, next, &taken, lru) {
		unsigned int order = page_private(page);

		list_del(&page->lru);
		set_page_private(page, 0);
		__free_pages(page, order);
	}
}

/* ---- who asks for them ---- */

static unsigned long count_kept(struct shrinker *shrinker, struct shrink_control *sc)
{
	return emergency ? 0 : nr_kept;
}

static unsigned long give_kept(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long freed = 0;

	while (freed < sc->nr_to_scan && give_one())
		freed++;
	if (current->flags & PF_KSWAPD) {
		by_kswapd = true;
		wake_up(&asked);
	} else {
		by_request = true;
		asked_with = sc->gfp_mask;
	}
	return freed ? freed : SHRINK_STOP;
}

static struct shrinker shrinker = {
	.count_objects = count_kept,
	.scan_objects = give_kept,
	.seeks = DEFAULT_SEEKS,
	.batch = 1,
};

static int no_memory_left(struct notifier_block *block, unsigned long unused, void *freed)
{
	by_oom = true;
	while (give_one())
		*(unsigned long *)freed += 1 << ORDER;
	return NOTIFY_OK;
}

static struct notifier_block notifier = {.notifier_call = no_memory_left};

/* ---- running short ---- */

static int fill(gfp_t zone)
{
	struct page *page;

	while (nr_kept < KEPT) {
		page = alloc_pages(GFP_KERNEL | zone | __GFP_NOWARN | __GFP_NORETRY, ORDER);
		if (!page)
			return -ENOMEM;
		keep(page);
	}
	return 0;
}

/* Requests that may not wait wake kswapd and fail; the next one finds what kswapd had from us. */
static int wait_for_kswapd(void)
{
	unsigned int i;

	for (i = 0; i < ZONE && take(GFP_NOWAIT | GFP_DMA, ORDER); i++)
		;
	if (!wait_event_timeout(asked, by_kswapd, HZ))
		return i < ZONE ? -ENOMEM : -EIO;
	return take(GFP_NOWAIT | GFP_DMA, ORDER) ? 0 : -ENOMEM;
}

static int reclaim_directly(void)
{
	unsigned int scope = memalloc_nofs_save(), i;
	bool served = true;

	keep_taken();
	for (i = 0; i < ZONE && served && !by_request; i++)
		served = take(GFP_KERNEL | GFP_DMA | __GFP_RETRY_MAYFAIL, ORDER);
	memalloc_nofs_restore(scope);
	if (!served)
		return -ENOMEM;
	return by_request && !(asked_with & __GFP_FS) ? 0 : -EIO;
}

/* The blocks at hand are only for the notifier now: it is asked when the shrinkers had nothing. */
static int run_out_of_memory(void)
{
	int order, err = fill(0);

	if (err)
		return err;
	emergency = true;
	for (order = HIGHEST; order >= 0; order--)
		while (take(GFP_KERNEL | __GFP_NORETRY, order))
			;
	if (!take(GFP_KERNEL, 0))
		return -ENOMEM;
	return by_oom ? 0 : -EIO;
}

static int __init pressure_init(void)
{
	int err = register_shrinker(&shrinker, "kfail-pressure");

	if (err)
		return err;
	err = register_oom_notifier(&notifier);
	if (!err)
		err = fill(GFP_DMA);
	if (!err)
		err = wait_for_kswapd();
	if (!err)
		err = reclaim_directly();
	if (!err && oom)
		err = run_out_of_memory();
	if (!err)
		return 0;
	unregister_oom_notifier(&notifier);
	unregister_shrinker(&shrinker);
	give_all();
	return err;
}

static void __exit pressure_exit(void)
{
	unregister_oom_notifier(&notifier);
	unregister_shrinker(&shrinker);
	give_all();
}

module_init(pressure_init);
module_exit(pressure_exit);
MODULE_LICENSE("GPL");
