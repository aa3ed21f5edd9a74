// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the struct page of a free page as it must be? Follows page_bad_reason(), free_pages_prepare() and
 * check_new_pages() of mm/page_alloc.c of 6.1, with CONFIG_DEBUG_VM: every block is checked when it is freed,
 * and when it leaves its zone. A page with a wrong state is told and left out: freed, it stays where it is; about to
 * be handed out, its block is lost for good and another one is taken.
 */
#include "base.h"

/* PAGE_FLAGS_CHECK_AT_FREE: locked, lru, active, slab, reserved, private, private_2, writeback, unevictable, mlocked. */
#define FLAGS_AT_FREE 0x30f231u

/* Anonymous pages keep theirs, marked in the lowest two bits, until they are freed. */
static bool has_mapping(const struct page *page)
{
	return page->mapping && !((u64)(uintptr_t)page->mapping & 3);
}

static const char *freed_page_trouble(const struct page *page, u64 i, bool compound)
{
	if (page[i].refcount)
		return "nonzero _refcount";
	if (page[i].mapcount != -1)
		return "nonzero mapcount";
	if (page[i].flags & FLAGS_AT_FREE)
		return "PAGE_FLAGS_CHECK_AT_FREE flag(s) set";
	if (!i || !compound)
		return has_mapping(page + i) ? "non-NULL mapping" : NULL;
	if (!(page[i].compound_head & 1))
		return "PageTail not set";
	if (page[i].compound_head != ((u64)(uintptr_t)page | 1))
		return "compound_head not consistent";
	return NULL;
}

const char *kf_check_freed_block(const struct page *page, unsigned order)
{
	bool compound = order && kf_is_compound(page);

	for (u64 i = 0; i < 1ull << order; i++) {
		const char *trouble = freed_page_trouble(page, i, compound);

		if (trouble)
			return trouble;
	}
	return NULL;
}

static const char *new_page_trouble(const struct page *page)
{
	if (page->mapcount != -1)
		return "nonzero mapcount";
	if (page->mapping)
		return "non-NULL mapping";
	if (page->refcount)
		return "nonzero _refcount";
	if (page->flags & KF_PAGE_FLAG_BITS)
		return "PAGE_FLAGS_CHECK_AT_PREP flag(s) set";
	return page->memcg_data ? "page still charged to cgroup" : NULL;
}

const char *kf_check_new_block(u64 pfn, unsigned order)
{
	const struct page *page = kf_page_at(pfn);

	for (u64 i = 0; i < 1ull << order; i++) {
		const char *trouble = new_page_trouble(page + i);

		if (trouble)
			return trouble;
	}
	return NULL;
}

void kf_lose_block(u64 pfn, unsigned order, const char *reason)
{
	struct kf_object obj;
	bool known = kf_frame_object(pfn, &obj);

	kf_frame_at(pfn)->order = (u8)order;
	kf_frame_set(pfn, KF_FRAME_LOST);
	__atomic_add_fetch(&kf_state()->page.lost, 1, __ATOMIC_RELAXED);
	kf_report_bad_page(kf_page_at(pfn), reason);
	kf_tell(KF_BUG_BAD_PAGE, kf_frame_virt(pfn), known ? &obj : NULL, NULL, reason);
}
