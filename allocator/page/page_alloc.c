// SPDX-License-Identifier: GPL-2.0-only
/*
 * alloc_pages() and its kin on top of buddy.c: hooks, struct page, poison, records.
 *
 * A page is in one of these hands:
 *	free		refcount 0, mapcount -1, flags only the zone
 *	a driver's	record BLOCK, TOLD and LIVE: the hooks know the block
 *	an allocator's	record BLOCK or SLAB, not TOLD (slab pages, vmalloc frames)
 *
 * Poison: a block that was given back through the public interface is filled with 0xaa and its frames
 * are marked in the `poisoned` bitmap; whoever gets such a frame next, its bytes are checked. Frames
 * that were never used hold zeros. So content without __GFP_ZERO is 0xaa, zero or what an allocator left:
 * always the same in the same run.
 *
 * A free that is not right (order, references, leftover state) is told and frees nothing, like a bad page
 * that the kernel refuses to take back.
 */
#include <string.h>

#include "../core/state.h"

/* The kernel's own mark in the mapping of tail pages. */
#define TAIL_MAPPING  0xdead000000000400ull
#define COMPOUND_DTOR 1
/* PG_* bits of 6.1 all lie below this; zone, node and last CPU above. */
#define PAGE_FLAG_BITS ((1ull << 26) - 1)

/* ---- struct page --------------------------------------------------------------------------------- */

static void prepare_compound(struct page *page, unsigned order)
{
	page->flags |= 1ull << kf_layout()->pg_head;
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

static bool is_compound(const struct page *page)
{
	return page->flags >> kf_layout()->pg_head & 1;
}

static bool is_tail(const struct page *page)
{
	return page->compound_head & 1;
}

static void clean_page(struct page *page)
{
	page->flags &= ~PAGE_FLAG_BITS;
	page->lru = (struct kf_list){NULL, NULL};
	page->mapping = NULL;
	page->private = 0;
	page->memcg_data = 0;
}

/* Anonymous pages keep theirs, marked in the lowest two bits, until they are freed. */
static bool has_mapping(const struct page *page)
{
	return page->mapping && !((u64)(uintptr_t)page->mapping & 3);
}

/* Why this page of an unreferenced block may not go back, or NULL. */
static const char *page_trouble(const struct page *page, u64 i, bool compound)
{
	const struct kf_layout *layout = kf_layout();

	if (page[i].refcount)
		return "nonzero _refcount";
	if (page[i].mapcount != -1)
		return "nonzero mapcount";
	if (page[i].flags & (1ull << layout->pg_slab | 1ull << layout->pg_reserved))
		return "PAGE_FLAGS_CHECK_AT_FREE flag(s) set";
	if (!i || !compound)
		return has_mapping(page + i) ? "non-NULL mapping" : NULL;
	if (page[i].compound_head != ((u64)(uintptr_t)page | 1))
		return "compound_head not consistent";
	return NULL;
}

static const char *block_trouble(const struct page *page, unsigned order)
{
	bool compound = order && is_compound(page);

	for (u64 i = 0; i < 1ull << order; i++) {
		const char *trouble = page_trouble(page, i, compound);

		if (trouble)
			return trouble;
	}
	return NULL;
}

static void clean_block(struct page *page, unsigned order)
{
	for (u64 i = 0; i < 1ull << order; i++)
		clean_page(page + i);
}

/* ---- poison -------------------------------------------------------------------------------------------- */

bool kf_frame_bit(u64 pfn)
{
	return kf_state()->page.poisoned[pfn / 64] >> (pfn % 64) & 1;
}

static void flip_bit(u64 pfn)
{
	u64 bit = 1ull << (pfn % 64), *word = &kf_state()->page.poisoned[pfn / 64];

	if (__libc_single_threaded)
		*word ^= bit;
	else
		__atomic_xor_fetch(word, bit, __ATOMIC_RELAXED);
}

static bool check_frame(u64 pfn)
{
	void *p = kf_phys_to_virt(pfn << KF_PAGE_SHIFT);
	struct kf_object obj;
	bool known;

	if (kf_bytes_are(p, KF_BYTE_PAGE, KF_PAGE_SIZE))
		return false;
	known = kf_frame_object(pfn, &obj);
	return kf_check_bytes(KF_BUG_WRITE_AFTER_FREE, p, KF_BYTE_PAGE, KF_PAGE_SIZE,
			      known ? &obj : NULL, "a freed page was written to");
}

/* The block leaves the free state: its frames need not hold poison any more. */
static void lift_poison(u64 pfn, unsigned order)
{
	for (u64 end = pfn + (1ull << order); pfn < end; pfn++) {
		if (!kf_frame_bit(pfn))
			continue;
		flip_bit(pfn);
		check_frame(pfn);
	}
}

static void put_poison(u64 pfn, unsigned order)
{
	memset(kf_phys_to_virt(pfn << KF_PAGE_SHIFT), KF_BYTE_PAGE, KF_PAGE_SIZE << order);
	for (u64 end = pfn + (1ull << order); pfn < end; pfn++)
		flip_bit(pfn);
}

unsigned kf_pages_check(void)
{
	unsigned damaged = 0;

	for (u64 word = 0; word < (kf_here.nr_frames + 63) / 64; word++)
		for (u64 bits = kf_state()->page.poisoned[word]; bits; bits &= bits - 1)
			damaged += check_frame(word * 64 + (u64)__builtin_ctzll(bits));
	return damaged;
}

/* ---- records ------------------------------------------------------------------------------------------- */

void kf_frame_fill_object(u64 pfn, const struct kf_frame *frame, struct kf_object *out)
{
	*out = (struct kf_object){
		.kind = frame->kind,
		.live = frame->flags & KF_FRAME_LIVE,
		.addr = kf_phys_to_virt(pfn << KF_PAGE_SHIFT),
		.size = frame->size,
		.usable = (size_t)frame->frames << KF_PAGE_SHIFT,
		.gfp = frame->gfp,
		.order = frame->frames > 1 ? 32 - (u32)__builtin_clz(frame->frames - 1) : 0,
		.seq = frame->seq,
		.alloc_tag = frame->alloc_tag,
		.free_tag = frame->flags & KF_FRAME_LIVE ? 0 : frame->free_tag,
	};
}

/* The head of the allocated block around pfn, or KF_NO_PFN. */
static u64 block_head(u64 pfn)
{
	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		u64 head = pfn & ~((1ull << order) - 1);
		const struct kf_frame *frame = &kf_here.frames[head];

		if (frame->state == KF_FRAME_BLOCK && frame->order >= order)
			return head;
	}
	return KF_NO_PFN;
}

static bool covers(u64 head, u64 pfn, u8 live)
{
	const struct kf_frame *frame = &kf_here.frames[head];

	return frame->state != KF_FRAME_SLAB && (frame->flags & KF_FRAME_KNOWN) && frame->size &&
	       (frame->flags & KF_FRAME_LIVE) == live && pfn < head + frame->frames;
}

/* Records of former blocks stay where they were: among those that reach over pfn the newest is right. */
static u64 newest_record(u64 pfn, u8 live)
{
	u64 best = KF_NO_PFN;

	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		u64 head = pfn & ~((1ull << order) - 1);

		if (covers(head, pfn, live) &&
		    (best == KF_NO_PFN || kf_here.frames[head].seq > kf_here.frames[best].seq))
			best = head;
	}
	return best;
}

bool kf_frame_object(u64 pfn, struct kf_object *out)
{
	u64 head = block_head(pfn);

	if (head == KF_NO_PFN)
		head = newest_record(pfn, 0);
	else if (!(kf_here.frames[head].flags & KF_FRAME_KNOWN))
		return false;
	else if (!kf_here.frames[head].size) /* part of an exact block */
		head = newest_record(pfn, KF_FRAME_LIVE);
	if (head == KF_NO_PFN)
		return false;
	kf_frame_fill_object(head, &kf_here.frames[head], out);
	return true;
}

static void record(u64 pfn, u64 frames, size_t size, u32 gfp, enum kf_kind kind, u8 flags)
{
	struct kf_frame *frame = &kf_here.frames[pfn];

	frame->flags = flags;
	frame->kind = (u8)kind;
	frame->gfp = gfp;
	frame->size = (u32)size;
	frame->frames = (u32)frames;
	frame->free_tag = 0;
	frame->alloc_tag = 0;
}

/* An object of the public interface is born at pfn. */
static void announce(u64 pfn, u64 frames, size_t size, u32 gfp, enum kf_kind kind)
{
	struct kf_frame *frame = &kf_here.frames[pfn];
	struct kf_object obj;

	record(pfn, frames, size, gfp, kind, KF_FRAME_TOLD | KF_FRAME_LIVE | KF_FRAME_KNOWN);
	frame->seq = kf_next_seq();
	kf_frame_fill_object(pfn, frame, &obj);
	frame->alloc_tag = kf_hooks.allocated(&obj);
}

/* It dies; nothing happens for blocks that the hooks do not know. */
static void renounce(u64 pfn)
{
	struct kf_frame *frame = &kf_here.frames[pfn];
	struct kf_object obj;

	if (!(frame->flags & KF_FRAME_TOLD) || !(frame->flags & KF_FRAME_LIVE))
		return;
	kf_frame_fill_object(pfn, frame, &obj);
	frame->free_tag = kf_hooks.freed(&obj);
	frame->flags &= (u8)~KF_FRAME_LIVE;
}

/* ---- taking and giving back ------------------------------------------------------------------------------ */

struct page *kf_pages_take(u32 gfp, unsigned order, enum kf_kind kind)
{
	u64 pfn = kf_buddy_take(gfp, order);
	struct page *page;

	if (pfn == KF_NO_PFN)
		return NULL;
	lift_poison(pfn, order);
	page = kf_pfn_to_page(pfn);
	page->private = 0;
	page->refcount = 1;
	if (order && gfp & KF_GFP_COMP)
		prepare_compound(page, order);
	if (gfp & KF_GFP_ZERO)
		memset(kf_page_address(page), 0, KF_PAGE_SIZE << order);
	record(pfn, 1ull << order, 0, gfp, kind, 0);
	return page;
}

/* Checked already, refcount 0. */
void kf_pages_put_back(struct page *page, unsigned order, bool poison)
{
	u64 pfn = kf_page_to_pfn(page);

	clean_block(page, order);
	if (poison)
		put_poison(pfn, order);
	kf_buddy_give(pfn, order);
}

struct page *kf_alloc_pages_internal(u32 gfp, unsigned order)
{
	return order < KF_MAX_ORDER ? kf_pages_take(gfp, order, KF_PAGES) : NULL;
}

void kf_free_pages_internal(struct page *page, unsigned order)
{
	page->refcount = 0;
	kf_pages_put_back(page, order, false);
}

/* ---- free: which block is meant ---------------------------------------------------------------------------- */

static void tell_page(enum kf_bug_kind kind, struct page *page, const char *what)
{
	u64 pfn = kf_page_to_pfn(page);
	struct kf_object obj;
	bool known = kf_frame_object(pfn, &obj);

	kf_tell(kind, kf_page_address(page), known ? &obj : NULL, NULL, what);
}

static bool page_exists(const struct page *page)
{
	u64 base = kf_layout()->vmemmap, at = (u64)(uintptr_t)page;

	if (at < base || (at - base) % sizeof(*page) ||
	    (at - base) / sizeof(*page) >= kf_here.nr_frames)
		return false;
	return kf_virt_addr_valid(kf_page_address(page));
}

static bool was_freed(u64 pfn)
{
	const struct kf_frame *frame = &kf_here.frames[pfn];

	return (frame->flags & KF_FRAME_KNOWN) && !(frame->flags & KF_FRAME_LIVE);
}

/* True when `page` heads an allocated block; told otherwise. */
static bool heads_block(struct page *page)
{
	const struct kf_frame *frame;
	u64 pfn;

	if (!page_exists(page)) {
		kf_tell(KF_BUG_INVALID_FREE, page, NULL, NULL, "freed something that is no page");
		return false;
	}
	pfn = kf_page_to_pfn(page);
	frame = &kf_here.frames[pfn];
	if (frame->state == KF_FRAME_BLOCK)
		return true;
	if (frame->state == KF_FRAME_SLAB)
		tell_page(KF_BUG_BAD_PAGE, page, "freed a page that belongs to a slab");
	else if (frame->state == KF_FRAME_FREE || was_freed(pfn))
		tell_page(KF_BUG_DOUBLE_FREE, page, "freed pages that are free already");
	else
		tell_page(KF_BUG_BAD_PAGE, page, "freed a page that is not the head of a block");
	return false;
}

static void release(struct page *page, unsigned order)
{
	u64 pfn = kf_page_to_pfn(page);
	const char *trouble = block_trouble(page, order);

	if (trouble) {
		tell_page(KF_BUG_BAD_PAGE, page, trouble);
		return;
	}
	renounce(pfn);
	kf_pages_put_back(page, order, true);
}

void kf_release_page(struct page *page)
{
	if (heads_block(page))
		release(page, kf_here.frames[kf_page_to_pfn(page)].order);
}

/* ---- the interface ------------------------------------------------------------------------------------------- */

static bool order_is_served(u32 gfp, unsigned order)
{
	if (order < kf_profile()->max_order)
		return true;
	if (!(gfp & KF_GFP_NOWARN))
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "page allocation of an order that there is not");
	return false;
}

struct page *kf_alloc_pages(u32 gfp, unsigned order)
{
	struct kf_request req = {
		.kind = KF_PAGES,
		.gfp = gfp,
		.order = order,
		.size = KF_PAGE_SIZE << (order < 32 ? order : 32),
	};
	struct page *page;

	if (!order_is_served(gfp, order) || !kf_permitted(&req))
		return NULL;
	page = kf_pages_take(gfp, order, KF_PAGES);
	if (page)
		announce(kf_page_to_pfn(page), 1ull << order, req.size, gfp, KF_PAGES);
	return page;
}

/* The head of a plain block stays referenced: its upper parts go, the head becomes a single page. */
static void free_tail_parts(struct page *page, unsigned order)
{
	u64 pfn = kf_page_to_pfn(page);
	struct kf_frame *frame = &kf_here.frames[pfn];
	bool told = frame->flags & KF_FRAME_TOLD;

	renounce(pfn);
	while (order--) {
		struct page *part = page + (1ull << order);

		kf_here.frames[pfn + (1ull << order)].order = (u8)order;
		kf_pages_put_back(part, order, true);
	}
	frame->order = 0;
	if (told)
		announce(pfn, 1, KF_PAGE_SIZE, frame->gfp, KF_PAGES);
}

static bool may_free(struct page *page, unsigned order)
{
	const struct kf_frame *frame;

	if (!heads_block(page))
		return false;
	frame = &kf_here.frames[kf_page_to_pfn(page)];
	if (frame->order != order)
		tell_page(KF_BUG_BAD_PAGE, page, "freed with another order than allocated");
	else if (page->refcount <= 0)
		tell_page(KF_BUG_BAD_PAGE, page, "freed a page without references");
	else if (page->refcount == 1 && frame->kind == KF_KMALLOC_LARGE)
		tell_page(KF_BUG_WRONG_FAMILY, page, "freed kmalloc memory as pages");
	else if (page->refcount == 1 && frame->kind == KF_VMALLOC)
		tell_page(KF_BUG_WRONG_FAMILY, page, "freed a frame of a virtual area as pages");
	else
		return true;
	return false;
}

void kf_free_pages(struct page *page, unsigned order)
{
	if (!may_free(page, order))
		return;
	if (!__atomic_sub_fetch(&page->refcount, 1, __ATOMIC_ACQ_REL))
		release(page, order);
	else if (order && !is_compound(page))
		free_tail_parts(page, order);
}

unsigned kf_alloc_pages_bulk(u32 gfp, unsigned n, struct page **pages)
{
	struct kf_request req = {.kind = KF_PAGES, .gfp = gfp, .size = KF_PAGE_SIZE};
	unsigned have = 0;
	bool allowed;

	for (unsigned i = 0; i < n; i++)
		have += pages[i] != NULL;
	if (have == n)
		return n;
	allowed = kf_permitted(&req);
	for (unsigned i = 0; i < n && allowed; i++) {
		if (pages[i])
			continue;
		pages[i] = kf_pages_take(gfp, 0, KF_PAGES);
		if (!pages[i])
			break;
		announce(kf_page_to_pfn(pages[i]), 1, KF_PAGE_SIZE, gfp, KF_PAGES);
		have++;
	}
	return have;
}

/* Cut a plain block into single pages; records of the parts are left to the caller. */
static void cut_block(struct page *page, unsigned order)
{
	u64 pfn = kf_page_to_pfn(page);

	for (u64 i = 0; i < 1ull << order; i++) {
		kf_here.frames[pfn + i].state = KF_FRAME_BLOCK;
		kf_here.frames[pfn + i].order = 0;
		page[i].refcount = 1;
	}
}

void kf_split_page(struct page *page, unsigned order)
{
	u64 pfn = kf_page_to_pfn(page);
	u32 gfp = kf_here.frames[pfn].gfp;

	if (is_compound(page) || is_tail(page) || page->refcount != 1 ||
	    kf_here.frames[pfn].order != order) {
		tell_page(KF_BUG_BAD_PAGE, page, "split_page of something else than a plain block");
		return;
	}
	if (!order)
		return;
	renounce(pfn);
	cut_block(page, order);
	for (u64 i = 0; i < 1ull << order; i++)
		announce(pfn + i, 1, KF_PAGE_SIZE, gfp, KF_PAGES);
}

void *kf_alloc_pages_exact(size_t size, u32 gfp)
{
	struct kf_request req = {.kind = KF_PAGES, .size = size};
	u64 frames = kf_pages_of(size), pfn;
	struct page *page;

	req.order = size ? kf_order_of(size) : 52;
	if (gfp & (KF_GFP_COMP | KF_GFP_HIGHMEM))
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"alloc_pages_exact with a compound or high page");
	req.gfp = gfp &= ~(u32)(KF_GFP_COMP | KF_GFP_HIGHMEM);
	if (!order_is_served(gfp, req.order) || !kf_permitted(&req))
		return NULL;
	page = kf_pages_take(gfp, req.order, KF_PAGES);
	if (!page)
		return NULL;
	pfn = kf_page_to_pfn(page);
	cut_block(page, req.order);
	for (u64 i = frames; i < 1ull << req.order; i++)
		kf_free_pages_internal(page + i, 0);
	for (u64 i = 1; i < frames; i++)
		record(pfn + i, 1, 0, gfp, KF_PAGES, KF_FRAME_LIVE | KF_FRAME_KNOWN);
	announce(pfn, frames, size, gfp, KF_PAGES);
	return kf_page_address(page);
}

void kf_free_pages_exact(void *addr, size_t size)
{
	u64 frames = kf_pages_of(size);
	struct page *page;

	if (!kf_virt_addr_valid(addr) || (uintptr_t)addr & ~KF_PAGE_MASK) {
		kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL, "free_pages_exact of no page");
		return;
	}
	page = kf_virt_to_page(addr);
	if (!heads_block(page))
		return;
	if (kf_here.frames[kf_page_to_pfn(page)].frames != frames) {
		tell_page(KF_BUG_BAD_PAGE, page, "free_pages_exact with another size");
		return;
	}
	for (u64 i = 0; i < frames; i++)
		kf_free_pages(page + i, 0);
}
