// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of single pages by the kernel's names (linux/highmem-internal.h of 6.1), with what a 64-bit kernel does not
 * notice: a kmap() that is never undone, local mappings out of order or left behind.
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/highmem.h"

static struct kf_page *inner(const struct page *page)
{
	return (struct kf_page *)page;
}

/* The record of a page; for NULL, one that is not in use. NULL: the table is full. */
static struct native_kmap *record(const struct page *page)
{
	for (unsigned int i = 0; i < NATIVE_KMAPS_MAX; i++)
		if (native_seldom.kmaps[i].page == page)
			return &native_seldom.kmaps[i];
	return NULL;
}

NATIVE_API void *kmap(struct page *page)
{
	struct native_kmap *map = record(page) ?: record(NULL);

	native_may_sleep("kmap");
	if (map) {
		native_seldom.kmaps_used += !map->page;
		map->page = page;
		map->caller = NATIVE_CALLER();
		map->count++;
	}
	return kf_kmap(inner(page));
}

NATIVE_API void kunmap(struct page *page)
{
	struct native_kmap *map = record(page);

	native_may_sleep("kunmap");
	if (map && !--map->count) {
		map->page = NULL;
		native_seldom.kmaps_used--;
	} else if (!map && record(NULL))
		judge_warning("kunmap() of a page that is not mapped by kmap()");
	kf_kunmap(inner(page));
}

NATIVE_API struct page *kmap_to_page(void *addr)
{
	return (struct page *)kf_kmap_to_page(addr);
}

NATIVE_API void kmap_flush_unused(void)
{
	kf_kmap_flush_unused();
}

NATIVE_API void *kmap_local_page(struct page *page)
{
	void *p;

	native_enter();
	p = kf_kmap_local(inner(page));
	BUG_ON(!p);
	return p;
}

NATIVE_API void *kmap_local_pfn(unsigned long pfn)
{
	return kmap_local_page(pfn_to_page(pfn));
}

NATIVE_API void native_kunmap_local(const void *addr)
{
	native_enter();
	kf_kunmap_local(addr);
}

NATIVE_API void *kmap_atomic(struct page *page)
{
	void *p;

	native_enter();
	native_preempt_add(PREEMPT_OFFSET);
	native_seldom.task.pagefault_disabled++;
	p = kf_kmap_local(inner(page));
	BUG_ON(!p);
	return p;
}

NATIVE_API void native_kunmap_atomic(const void *addr)
{
	native_enter();
	kf_kunmap_local(addr);
	native_seldom.task.pagefault_disabled--;
	native_preempt_sub(PREEMPT_OFFSET, "kunmap_atomic() enables preemption");
}

NATIVE_API bool PageHighMem(const struct page *page)
{
	return kf_page_is_highmem(inner(page));
}

/* ---- what is left -------------------------------------------------------------------------------------------------- */

void native_mapped_pages(native_visit *fn, void *arg)
{
	for (unsigned int i = 0; native_seldom.kmaps_used && i < NATIVE_KMAPS_MAX; i++) {
		struct native_kmap *map = &native_seldom.kmaps[i];

		if (map->page && native_in_module(map->caller))
			fn((uint64_t)&map->caller, map->caller,
			   "a kmap() of a page that no kunmap() has undone", arg);
	}
}

void native_check_kmap(const char *operation)
{
	unsigned int depth = kf_kmap_local_depth();

	/* With preemption disabled it was kmap_atomic(), and the preempt count tells. */
	if (depth && !native_state.preempt_count)
		judge_note(FINDING_LOCK_IMBALANCE,
			   "%s left %u local mapping%s of pages: kmap_local_page() "
			   "without its kunmap_local()",
			   operation, depth, depth == 1 ? "" : "s");
}
