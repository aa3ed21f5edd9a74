// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc_pages() and its kin: the request is asked about, served by a zone, and its block made ready. Follows
 * __alloc_pages(), __alloc_pages_bulk(), prep_new_page() and prep_compound_page() of mm/page_alloc.c of 6.1.
 *
 * A page is in one of these hands:
 *	free		refcount 0, mapcount -1, flags only the zone
 *	a driver's	record BLOCK, TOLD and LIVE: the hooks know the block
 *	an allocator's	record BLOCK or SLAB, not TOLD (slab pages, vmalloc frames)
 */
#include "base.h"

/* The kernel's own mark in the mapping of tail pages. */
#define TAIL_MAPPING  0xdead000000000400ull
#define COMPOUND_DTOR 1
#define PFMEMALLOC    ((struct kf_list *)2) /* in lru.next: served from below the watermarks */

/* ---- a block is made ready ------------------------------------------------------------------- */

static void prepare_compound(struct page *page, unsigned order)
{
	page->flags |= 1ull << kf_here.layout.pg_head;
	for (u64 i = 1; i < 1ull << order; i++) {
		page[i].compound_head = (u64)(uintptr_t)page | 1;
		page[i].mapping = (void *)TAIL_MAPPING;
	}
	page[1].compound_dtor = COMPOUND_DTOR;
	page[1].compound_order = (u8)order;
	page[1].compound_mapcount = -1;
	page[1].compound_pincount = 0;
	page[1].compound_nr = 1u << order;
}

static bool wants_zeros(u32 gfp, enum kf_kind kind)
{
	return gfp & KF_GFP_ZERO || (kf_state()->settings.init_on_alloc && kind != KF_SLAB);
}

/* What is behind a slab or an area is told by those whose pages these are. */
static bool is_raw(enum kf_kind kind)
{
	return kind == KF_PAGES || kind == KF_KMALLOC_LARGE;
}

static struct page *prepare(u64 pfn, const struct kf_alloc *alloc, u32 gfp, enum kf_kind kind)
{
	struct page *page = kf_page_at(pfn);
	size_t bytes = KF_PAGE_SIZE << alloc->order;

	kf_tell_bytes(kf_frame_virt(pfn), bytes, KF_BYTES_KNOWN);
	if (kf_state()->settings.page_poison)
		kf_poison_lift(pfn, alloc->order);
	page->lru = (struct kf_list){alloc->pfmemalloc ? PFMEMALLOC : NULL, NULL};
	page->private = 0;
	page->refcount = 1;
	if (alloc->order && gfp & KF_GFP_COMP)
		prepare_compound(page, alloc->order);
	if (wants_zeros(gfp, kind))
		memset(kf_frame_virt(pfn), 0, bytes);
	else if (is_raw(kind))
		kf_tell_bytes(kf_frame_virt(pfn), bytes, KF_BYTES_NEW);
	kf_record(pfn, 1ull << alloc->order, 0, gfp, kind, 0);
	return page;
}

/* ---- a request is served --------------------------------------------------------------------- */

/* __GFP_MOVABLE together with __GFP_RECLAIMABLE is a mistake, and no type at all. */
static unsigned type_of(u32 gfp)
{
	unsigned type = kf_gfp_type(gfp);

	return type < KF_MIGRATE_PCPTYPES ? type : KF_MIGRATE_UNMOVABLE;
}

/* memalloc_pin_save(): no page that would have to move before it can be pinned. */
static u32 without_pinned(u32 gfp)
{
	if (gfp & KF_GFP_MOVABLE && kf_hooks.task() & KF_TASK_PIN)
		return gfp & ~(u32)KF_GFP_MOVABLE;
	return gfp;
}

static struct kf_alloc context_of(u32 gfp, unsigned order)
{
	gfp = without_pinned(gfp);
	return (struct kf_alloc){
		.gfp = gfp, .order = order, .highest = kf_gfp_zone(gfp), .type = type_of(gfp)};
}

/* alloc_flags_nofragment(): Normal memory is not mixed up while DMA32 could serve. */
static u32 first_flags(const struct kf_alloc *alloc)
{
	const struct kf_zone *zones = kf_state()->page.zone;
	unsigned id = alloc->highest;
	u32 flags = KF_WMARK_LOW | (alloc->gfp & KF_ALLOC_KSWAPD);

	while (id > KF_ZONE_NORMAL && !zones[id].managed)
		id--;
	return id == KF_ZONE_NORMAL ? flags | KF_ALLOC_NOFRAGMENT : flags;
}

/* Above the low watermark, while there is memory to be brought online. */
static u64 take(struct kf_alloc *alloc)
{
	u64 pfn, seen;

	do {
		seen = __atomic_load_n(&kf_state()->page.onlined, __ATOMIC_RELAXED);
		pfn = kf_freelist(alloc, first_flags(alloc));
	} while (pfn == KF_NO_PFN && kf_hotplug(alloc->highest, seen));
	return pfn;
}

u64 kf_pages_spare(unsigned order)
{
	struct kf_alloc alloc = context_of(KF_GFP_NOWAIT | KF_GFP_NOWARN, order);

	return kf_freelist(&alloc, first_flags(&alloc));
}

struct page *kf_pages_take_fenced(u32 gfp, unsigned order, enum kf_kind kind)
{
	const struct kf_alloc alloc = {.gfp = gfp, .order = order};
	u64 pfn = kf_fence_take(order);

	if (pfn == KF_NO_PFN)
		return NULL;
	if (kind != KF_SLAB)
		memset(kf_frame_virt(pfn), KF_BYTE_PAGE, KF_PAGE_SIZE << order);
	kf_trace_page(KF_EVENT_PAGE_ALLOC, pfn, order, gfp, type_of(gfp));
	return prepare(pfn, &alloc, gfp, kind);
}

struct page *kf_pages_take(u32 gfp, unsigned order, enum kf_kind kind)
{
	struct kf_alloc alloc;
	struct page *page;
	u64 pfn;

	if (kind != KF_PAGES && kind != KF_VMALLOC) /* these need an address */
		gfp &= ~(u32)KF_GFP_HIGHMEM;
	if ((kind == KF_PAGES || kind == KF_KMALLOC_LARGE) && kf_fence_turn(gfp)) {
		page = kf_pages_take_fenced(gfp, order, kind);
		if (page)
			return page;
	}
	alloc = context_of(gfp, order);
	pfn = take(&alloc);
	if (pfn == KF_NO_PFN)
		pfn = kf_slowpath(&alloc);
	kf_trace_page(KF_EVENT_PAGE_ALLOC, pfn, order, alloc.gfp, alloc.type);
	return pfn == KF_NO_PFN ? NULL : prepare(pfn, &alloc, gfp, kind);
}

struct page *kf_alloc_pages_internal(u32 gfp, unsigned order)
{
	return order < KF_MAX_ORDER ? kf_pages_take(gfp, order, KF_PAGES) : NULL;
}

/* ---- alloc_pages ----------------------------------------------------------------------------- */

bool kf_order_is_served(u32 gfp, unsigned order)
{
	if (order < kf_profile()->max_order)
		return true;
	if (!(gfp & KF_GFP_NOWARN) && !kf_profile()->quiet_order)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"page allocation of an order that there is not");
	return false;
}

bool kf_pages_permitted(u32 gfp, unsigned order, size_t size)
{
	const struct kf_request req = {.kind = KF_PAGES, .gfp = gfp, .order = order, .size = size};

	return !kf_state()->settings.hooks || kf_permitted(&req);
}

struct page *kf_alloc_pages(u32 gfp, unsigned order)
{
	size_t size = KF_PAGE_SIZE << (order < 32 ? order : 32);
	struct page *page;

	if (!kf_order_is_served(gfp, order))
		return NULL;
	gfp &= kf_state()->page.gfp_allowed_mask;
	if (!kf_pages_permitted(gfp, order, size))
		return NULL;
	if (gfp & KF_GFP_NOFAIL && order > 1)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "__GFP_NOFAIL of order 2 or more");
	page = kf_pages_take(gfp, order, KF_PAGES);
	if (page)
		kf_announce(kf_pfn_of(page), 1ull << order, size, gfp, KF_PAGES);
	return page;
}

u32 kf_gfp_allowed_mask(void)
{
	return kf_state()->page.gfp_allowed_mask;
}

u32 kf_set_gfp_allowed_mask(u32 mask)
{
	u32 old = kf_state()->page.gfp_allowed_mask;

	kf_state()->page.gfp_allowed_mask = mask;
	return old;
}

/* ---- bulk ------------------------------------------------------------------------------------ */

/* Pages go to a list, or into the empty slots of an array; `done` of them are there. */
struct bulk {
	u32 gfp;
	unsigned done, n;
	struct page **array;
	struct kf_list *list;
};

static void skip_full_slots(struct bulk *b)
{
	while (b->array && b->done < b->n && b->array[b->done])
		b->done++;
}

static void bulk_put(struct bulk *b, struct page *page)
{
	kf_announce(kf_pfn_of(page), 1, KF_PAGE_SIZE, b->gfp, KF_PAGES);
	if (b->list)
		kf_list_add(&page->lru, b->list);
	else
		b->array[b->done] = page;
	b->done++;
	skip_full_slots(b);
}

/* True: this page was to be fenced, and is. */
static bool bulk_fenced(struct bulk *b)
{
	struct page *page = NULL;

	if (kf_fence_turn(b->gfp))
		page = kf_pages_take_fenced(b->gfp, 0, KF_PAGES);
	if (page)
		bulk_put(b, page);
	return page;
}

static void bulk_one(struct bulk *b)
{
	struct page *page = kf_pages_take(b->gfp, 0, KF_PAGES);

	if (page)
		bulk_put(b, page);
}

/* Out of the first zone that has enough for all of them above its low watermark; false: not even one. */
static bool bulk_many(struct bulk *b)
{
	struct kf_alloc alloc = context_of(b->gfp, 0);
	struct kf_zone *zone = kf_bulk_zone(&alloc, b->n);
	unsigned before = b->done;

	while (zone && b->done < b->n) {
		u64 pfn;

		if (bulk_fenced(b))
			continue;
		pfn = kf_pcp_take(zone, 0, alloc.type, KF_WMARK_LOW);
		if (pfn == KF_NO_PFN)
			break;
		kf_trace_page(KF_EVENT_PAGE_ALLOC, pfn, 0, alloc.gfp, alloc.type);
		bulk_put(b, prepare(pfn, &alloc, b->gfp, KF_PAGES));
	}
	return b->done > before;
}

static unsigned bulk(struct bulk *b)
{
	skip_full_slots(b);
	if (b->done >= b->n)
		return b->done;
	b->gfp &= kf_state()->page.gfp_allowed_mask;
	if (!kf_pages_permitted(b->gfp, 0, KF_PAGE_SIZE))
		return b->done;
	if (b->n - b->done == 1 || kf_state()->settings.page_owner || !bulk_many(b))
		bulk_one(b);
	return b->done;
}

unsigned kf_alloc_pages_bulk(u32 gfp, unsigned n, struct page **pages)
{
	struct bulk b = {.gfp = gfp, .n = n, .array = pages};

	return bulk(&b);
}

unsigned kf_alloc_pages_bulk_list(u32 gfp, unsigned n, struct kf_list *list)
{
	struct bulk b = {.gfp = gfp, .n = n, .list = list};

	return bulk(&b);
}
