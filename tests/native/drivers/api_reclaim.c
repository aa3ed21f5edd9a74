// SPDX-License-Identifier: GPL-2.0-only
/* Shrinkers, OOM notifiers, scopes of the task, and copies with page faults disabled. */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "check.h"

#define ORDER 8
#define DMA   (GFP_KERNEL | GFP_DMA | __GFP_NOWARN)

static struct page *kept;
static unsigned int counted, scanned;

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	counted++;
	return kept ? 1 : SHRINK_EMPTY;
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	scanned++;
	CHECK(sc->nr_to_scan == 2); /* twice what there is, at the most */
	if (!kept)
		return SHRINK_STOP;
	__free_pages(kept, ORDER);
	kept = NULL;
	return 1;
}

static struct shrinker shrinker = {
	.count_objects = count, .scan_objects = scan, .seeks = DEFAULT_SEEKS};

static unsigned int take_all(struct page **blocks, gfp_t gfp)
{
	unsigned int n = 0;

	while (n < 32 && (blocks[n] = alloc_pages(gfp, ORDER)))
		n++;
	return n;
}

static void give_all(struct page **blocks, unsigned int n)
{
	while (n)
		__free_pages(blocks[--n], ORDER);
}

/* What the shrinker keeps comes to the request that is short of memory, if it may reclaim. */
static void shrinkers(void)
{
	struct page *blocks[64];
	unsigned int n, scope;

	kept = alloc_pages(DMA, ORDER);
	CHECK(kept && !register_shrinker(&shrinker, "kept"));
	n = take_all(blocks, GFP_NOWAIT | GFP_DMA | __GFP_NOWARN);
	CHECK(n && n < 32 && kept && !counted);
	scope = memalloc_noreclaim_save();
	CHECK(!alloc_pages(DMA | __GFP_NOMEMALLOC, ORDER) && !counted);
	memalloc_noreclaim_restore(scope);
	blocks[n] = alloc_pages(DMA | __GFP_RETRY_MAYFAIL, ORDER);
	CHECK(blocks[n] && !kept && counted && scanned == 1);
	n += blocks[n] != NULL;
	unregister_shrinker(&shrinker);
	unregister_shrinker(&shrinker);
	counted = 0;
	n += take_all(blocks + n, DMA); /* until reclaim is tried, and fails */
	CHECK(!counted);
	give_all(blocks, n);
	CHECK(!prealloc_shrinker(&shrinker, "%s", "never registered"));
	free_prealloced_shrinker(&shrinker);
}

static int on_oom(struct notifier_block *nb, unsigned long action, void *data)
{
	counted++;
	if (!kept)
		return NOTIFY_DONE;
	__free_pages(kept, 0);
	kept = NULL;
	*(unsigned long *)data += 1;
	return NOTIFY_OK;
}

static struct notifier_block notifier = {.notifier_call = on_oom};

/* The notifiers are asked before a request fails that the OOM killer would be called for. */
static void notifiers(void)
{
	struct page *blocks = NULL, *page;

	kept = alloc_page(GFP_KERNEL);
	CHECK(kept && !register_oom_notifier(&notifier));
	counted = 0;
	for (int order = 10; order >= 0; order--)
		while ((page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN | __GFP_MEMALLOC, order))) {
			page->private = (unsigned long)blocks | (unsigned int)order;
			blocks = page;
		}
	CHECK(!counted);
	CHECK(!alloc_page(GFP_KERNEL | __GFP_NOWARN) && counted && !kept);
	while ((page = blocks)) {
		blocks = (struct page *)(page->private & ~15ul);
		__free_pages(page, page->private & 15);
	}
	CHECK(!unregister_oom_notifier(&notifier));
}

/* A copy in kmap_atomic() or with page faults disabled does not sleep. */
static void copies(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = kmap_atomic(page), c = 1;

	CHECK(pagefault_disabled());
	CHECK(!copy_from_user(p, &c, 1) && *p == 1);
	CHECK(__copy_from_user_inatomic(p, NULL, 1) == 1);
	kunmap_atomic(p);
	CHECK(!pagefault_disabled());
	__free_page(page);
}

static void lists(void)
{
	LIST_HEAD(list);
	struct page *page, *next;

	CHECK(alloc_pages_bulk_list(GFP_KERNEL, 5, &list) == 5);
	list_for_each_entry_safe(page, next, &list, lru)
		__free_page(page);
}

static void all(void)
{
	shrinkers();
	notifiers();
	copies();
	lists();
}

CHECKED_DRIVER(all);
