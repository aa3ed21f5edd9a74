// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the page allocator, and of what cuts pages: exact, split, fragments, kmap.
 */
#include "oracle.h"

#include <string.h>
#include "../../allocator/core/cpu.h"
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/kmap.h"
#include "../../allocator/kin/page_frag.h"
#include "../../allocator/page/page_alloc.h"

static struct kf_page_frag_cache frags;

static void put_pages(struct thing *t)
{
	kf_free_pages(t->pages[0], t->order);
}

static void put_exact(struct thing *t)
{
	kf_free_pages_exact(t->p, t->size);
}

static void put_frag(struct thing *t)
{
	kf_page_frag_free(t->p);
}

static const struct family pages_family = {.name = "pages", .put = put_pages, .dies = true};
static const struct family exact_family = {.name = "exact", .put = put_exact, .dies = true};
static const struct family frag_family = {.name = "page_frag", .put = put_frag};

/* One zone at a time, as the kernel wants it. */
static u32 page_gfp(const uint8_t *call)
{
	u32 gfp = fuzz_gfp(fuzz_get(&field_gfp, call));

	if (gfp & KF_GFP_DMA)
		return gfp & ~(u32)(KF_GFP_DMA32 | KF_GFP_HIGHMEM);
	return gfp & KF_GFP_DMA32 ? gfp & ~(u32)KF_GFP_HIGHMEM : gfp;
}

static void add_pages(u32 handle, struct page *page, unsigned order, u32 gfp)
{
	struct thing t = {.family = &pages_family,
			  .p = kf_frame_virt(kf_page_to_pfn(page)),
			  .size = KF_PAGE_SIZE << order,
			  .gfp = gfp,
			  .order = order,
			  .pages = {page}};

	things_free(handle);
	sound(!(kf_page_to_pfn(page) & ((1ull << order) - 1)), "a block is not aligned");
	things_add(handle, &t);
}

void do_alloc_pages(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call), gfp = page_gfp(call);
	unsigned order = fuzz_get(&field_order, call);
	struct page *page;

	things_free(handle);
	page = kf_alloc_pages(gfp, order);
	if (order >= KF_MAX_ORDER) {
		sound(!page, "an order above the largest was served");
		return;
	}
	if (result_is_right(page, KF_PAGE_SIZE << order, gfp, false, false))
		add_pages(handle, page, order, gfp);
}

void do_alloc_pages_exact(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call);
	struct thing t = {.family = &exact_family,
			  .size = fuzz_get(&field_size, call),
			  .gfp = page_gfp(call) & ~(u32)(KF_GFP_HIGHMEM | KF_GFP_COMP)};

	things_free(handle);
	t.p = kf_alloc_pages_exact(t.size, t.gfp);
	if (!t.size || t.size > KF_PAGE_SIZE << (KF_MAX_ORDER - 1)) {
		sound(!t.p, "an exact block of no size, or above the largest, was served");
		return;
	}
	if (!result_is_right(t.p, t.size, t.gfp, false, false))
		return;
	sound(!((uintptr_t)t.p & ~KF_PAGE_MASK), "an exact block does not begin with a page");
	things_add(handle, &t);
}

void do_alloc_pages_bulk(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call), n = fuzz_get(&field_count, call),
	    gfp = page_gfp(call);
	struct page *pages[BULK_MAX] = {NULL};
	unsigned got;

	if (!n)
		return;
	got = kf_alloc_pages_bulk(gfp, n, pages);
	if (!sound(got <= n, "more pages than were asked for"))
		return;
	if (!result_is_right(got, KF_PAGE_SIZE, gfp, false, false))
		return;
	for (unsigned i = 0; i < got; i++)
		add_pages(handle + i, pages[i], 0, gfp);
}

void do_split_page(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_of, call);
	struct thing *at = thing_at(handle), t;

	if (!at || at->family != &pages_family || at->gfp & KF_GFP_COMP || at->order > 3)
		return;
	t = things_take(handle);
	kf_split_page(t.pages[0], t.order);
	for (u32 i = 0; i < 1u << t.order && !oracle_over; i++)
		add_pages(handle + i, t.pages[0] + i, 0, t.gfp & ~(u32)KF_GFP_ZERO);
}

/* ---- fragments -------------------------------------------------------------------------------------------------------- */

void do_page_frag_alloc(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_to, call),
	    gfp = page_gfp(call) & ~(u32)(KF_GFP_HIGHMEM | KF_GFP_COMP | KF_GFP_ZERO);
	u32 align = 1u << fuzz_get(&field_align, call);
	struct thing t = {.family = &frag_family, .size = fuzz_get(&field_size, call), .gfp = gfp};

	things_free(handle);
	if (!t.size)
		return;
	t.p = kf_page_frag_alloc_align(&frags, (u32)t.size, gfp, ~(align - 1));
	if (t.size > KF_PAGE_FRAG_CACHE_MAX_SIZE) {
		sound(!t.p, "a fragment above the largest block was served");
		return;
	}
	/* It asks for a large block, and then for a page, which may be too small, and stays for the next. */
	if (!result_is_right(t.p, t.size, gfp, t.size > KF_PAGE_SIZE, true))
		return;
	sound(!((uintptr_t)t.p & (align - 1) & ~KF_PAGE_MASK), "a fragment is not aligned");
	things_add(handle, &t);
}

void do_page_frag_drain(const uint8_t *call)
{
	kf_page_frag_cache_empty(&frags);
}

void pages_end(void)
{
	kf_page_frag_cache_empty(&frags);
}

/* ---- mapping for a while -------------------------------------------------------------------------------------------------- */

/* What is written through the mapping is in the page, and the other way round. */
void do_kmap(const uint8_t *call)
{
	struct thing *t = thing_at(fuzz_get(&field_of, call));
	bool local = fuzz_get(&field_local, call);
	char *p;

	if (!t || t->family != &pages_family)
		return;
	p = local ? kf_kmap_local(t->pages[0]) : kf_kmap(t->pages[0]);
	if (!sound(p, "a page cannot be mapped"))
		return;
	sound(!memcmp(p, t->p, KF_PAGE_SIZE), "a mapping is not its page");
	p[1] ^= 0x5a;
	sound(p[1] == t->p[1], "a mapping is not its page");
	p[1] ^= 0x5a;
	sound(local || kf_kmap_to_page(p) == t->pages[0] || !kf_page_is_highmem(t->pages[0]),
	      "a mapping is of another page");
	if (local)
		kf_kunmap_local(p);
	else
		kf_kunmap(t->pages[0]);
}

void do_drain(const uint8_t *call)
{
	if (fuzz_get(&field_drain, call) == DRAIN_ALL)
		kf_drain_all_pages();
	else
		kf_drain_local_pages();
}

void pages_forget(void)
{
	memset(&frags, 0, sizeof(frags));
}
