// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual areas. Follows mm/vmalloc.c of 6.1: one unmapped guard page after each area; frames taken one
 * by one; addresses of freed areas are not used again until a purge, so a use after vfree() faults.
 *
 *	range  |area 1|g|area 2|g|  dead  |g|area 4|g|........next...............|
 *
 * New areas go to the first gap from `next` on. A purge, when PURGE_AREAS dead ones or PURGE_PAGES pages
 * have gathered or when the range is used up, forgets the dead areas and starts again at the range's
 * lowest address. The lookup table is one array of pointers sorted by address, so a search is
 * binary and an area that is appended moves nothing.
 *
 * Lock: areas->lock, for the table and the ranges. An area belongs to whoever allocates or frees it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../core/state.h"

#define PURGE_AREAS 64u
#define PURGE_PAGES (32768ull)
#define GUARD_PAGES 1u

static struct kf_areas *areas(void)
{
	return &kf_state()->areas;
}

void kf_vmalloc_init(void)
{
	const struct kf_layout *layout = kf_layout();

	areas()->range[0] = (struct kf_range){layout->vmalloc_start, layout->vmalloc_end,
					      layout->vmalloc_start};
	areas()->range[1] =
		(struct kf_range){layout->module_start, layout->module_end, layout->module_start};
}

bool kf_is_vmalloc_addr(const void *addr)
{
	u64 va = (u64)(uintptr_t)addr;

	return va >= kf_layout()->vmalloc_start && va < kf_layout()->vmalloc_end;
}

/* ---- the table --------------------------------------------------------------------------------------- */

static u64 area_end(const struct kf_area *area)
{
	return area->va + ((area->pages + GUARD_PAGES) << KF_PAGE_SHIFT);
}

/* Index of the first area that ends above va. */
static u32 search(u64 va)
{
	u32 low = 0, high = areas()->count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (area_end(areas()->sorted[mid]) <= va)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool grow(struct kf_areas *as)
{
	u32 capacity = as->capacity ? 2 * as->capacity : 128;
	struct kf_area **sorted = kf_meta_alloc(capacity * sizeof(*sorted));

	if (!sorted)
		return false;
	if (as->count)
		memcpy(sorted, as->sorted, as->count * sizeof(*sorted));
	kf_meta_free(as->sorted, as->capacity * sizeof(*sorted));
	as->sorted = sorted;
	as->capacity = capacity;
	return true;
}

static bool insert(struct kf_areas *as, struct kf_area *area, u32 at)
{
	if (as->count == as->capacity && !grow(as))
		return false;
	memmove(as->sorted + at + 1, as->sorted + at, (as->count - at) * sizeof(*as->sorted));
	as->sorted[at] = area;
	as->count++;
	return true;
}

static void drop_area(struct kf_area *area)
{
	kf_meta_free(area->pfns, area->pages * sizeof(*area->pfns));
	kf_meta_free(area, sizeof(*area));
}

static void purge(struct kf_areas *as)
{
	u32 kept = 0;

	for (u32 i = 0; i < as->count; i++) {
		struct kf_area *area = as->sorted[i];

		if (area->live)
			as->sorted[kept++] = area;
		else
			drop_area(area);
	}
	as->count = kept;
	as->dead = 0;
	as->dead_pages = 0;
	as->range[0].next = as->range[0].start;
	as->range[1].next = as->range[1].start;
}

/* First gap of `bytes` at or above `from`; 0: none. The index to insert at goes to *at. */
static u64 find_gap(const struct kf_areas *as, const struct kf_range *range, u64 from, u64 bytes,
		    u64 align, u32 *at)
{
	u64 va = kf_align_up(from, align);

	for (*at = search(from); *at < as->count; ++*at) {
		const struct kf_area *next = as->sorted[*at];

		if (va + bytes <= next->va)
			break;
		if (area_end(next) > va)
			va = kf_align_up(area_end(next), align);
	}
	return va >= range->start && va + bytes <= range->end ? va : 0;
}

static bool place(struct kf_areas *as, struct kf_area *area, u64 align)
{
	struct kf_range *range = &as->range[area->exec];
	u64 bytes = (area->pages + GUARD_PAGES) << KF_PAGE_SHIFT;
	u32 at;

	area->va = find_gap(as, range, range->next, bytes, align, &at);
	if (!area->va && as->dead) {
		purge(as);
		area->va = find_gap(as, range, range->next, bytes, align, &at);
	}
	if (!area->va) {
		range->next = range->start;
		area->va = find_gap(as, range, range->next, bytes, align, &at);
	}
	if (!area->va || !insert(as, area, at))
		return false;
	range->next = area_end(area);
	return true;
}

static struct kf_area *new_area(u64 pages, u64 align, u16 flags, bool exec)
{
	struct kf_areas *as = areas();
	struct kf_area *area = kf_meta_alloc(sizeof(*area));
	bool placed;

	if (!area)
		return NULL;
	area->pages = pages;
	area->flags = flags;
	area->exec = exec;
	area->pfns = kf_meta_alloc(pages * sizeof(*area->pfns));
	if (!area->pfns) {
		kf_meta_free(area, sizeof(*area));
		return NULL;
	}
	kf_lock(&as->lock);
	placed = place(as, area, align < KF_PAGE_SIZE ? KF_PAGE_SIZE : align);
	area->live = placed;
	kf_unlock(&as->lock);
	if (placed)
		return area;
	drop_area(area);
	return NULL;
}

/* The area leaves the living; its record stays for reports until the next purge. */
static void bury(struct kf_area *area)
{
	struct kf_areas *as = areas();

	kf_lock(&as->lock);
	area->live = false;
	as->dead++;
	as->dead_pages += area->pages;
	if (as->dead >= PURGE_AREAS || as->dead_pages >= PURGE_PAGES)
		purge(as);
	kf_unlock(&as->lock);
}

static struct kf_area *area_at(const void *addr)
{
	u64 va = (u64)(uintptr_t)addr;
	u32 at = search(va);

	if (at == areas()->count || areas()->sorted[at]->va > va)
		return NULL;
	return areas()->sorted[at];
}

/* The same against other threads; reports, which may come at any moment, go without the lock. */
static struct kf_area *locked_area_at(const void *addr)
{
	struct kf_area *area;

	kf_lock(&areas()->lock);
	area = area_at(addr);
	kf_unlock(&areas()->lock);
	return area;
}

/* ---- objects ------------------------------------------------------------------------------------------- */

static enum kf_kind area_kind(const struct kf_area *area)
{
	return area->flags & KF_VM_ALLOC ? KF_VMALLOC : KF_VMAP;
}

static void fill_object(const struct kf_area *area, struct kf_object *out)
{
	*out = (struct kf_object){
		.kind = area_kind(area),
		.live = area->live,
		.addr = (void *)(area->va + area->offset),
		.size = area->size,
		.usable = (area->pages << KF_PAGE_SHIFT) - area->offset,
		.gfp = area->gfp,
		.seq = area->seq,
		.alloc_tag = area->alloc_tag,
		.free_tag = area->live ? 0 : area->free_tag,
	};
}

bool kf_vmalloc_object(const void *addr, struct kf_object *out)
{
	const struct kf_area *area = area_at(addr);

	if (!area || !area->seq)
		return false;
	fill_object(area, out);
	return true;
}

static void *announce(struct kf_area *area, size_t size, u32 gfp)
{
	struct kf_object obj;

	area->size = size;
	area->gfp = gfp;
	area->seq = kf_next_seq();
	fill_object(area, &obj);
	area->alloc_tag = kf_hooks.allocated(&obj);
	return obj.addr;
}

static size_t tail_bytes(const struct kf_area *area)
{
	return area->flags & KF_VM_ALLOC ? (area->pages << KF_PAGE_SHIFT) - area->size : 0;
}

static unsigned check_tail(const struct kf_area *area)
{
	size_t n = tail_bytes(area);
	char *tail = (char *)area->va + area->size;
	struct kf_object obj;

	if (kf_bytes_are(tail, KF_BYTE_GUARD, n))
		return 0;
	fill_object(area, &obj);
	return kf_check_bytes(KF_BUG_REDZONE, tail, KF_BYTE_GUARD, n, &obj,
			      "bytes after the requested size were overwritten");
}

/* ---- frames ----------------------------------------------------------------------------------------------- */

static void put_page(u64 pfn)
{
	struct page *page = kf_pfn_to_page(pfn);
	s32 left = __atomic_sub_fetch(&page->refcount, 1, __ATOMIC_ACQ_REL);

	if (!left)
		kf_release_page(page);
	else if (left < 0)
		kf_tell(KF_BUG_BAD_PAGE, kf_page_address(page), NULL, NULL,
			"a frame of a virtual area had no references left");
}

static void free_frames(const struct kf_area *area, u64 n)
{
	for (u64 i = 0; i < n; i++)
		put_page(area->pfns[i]);
}

static bool take_frames(struct kf_area *area, u32 gfp)
{
	const u32 kept = ~(u32)(KF_GFP_COMP | KF_GFP_ZERO);

	for (u64 i = 0; i < area->pages; i++) {
		struct page *page = kf_pages_take(gfp & kept, 0, KF_VMALLOC);

		if (!page) {
			free_frames(area, i);
			return false;
		}
		area->pfns[i] = kf_page_to_pfn(page);
	}
	return true;
}

/* An area with frames of its own, mapped; NULL when anything is short. */
static struct kf_area *backed_area(u64 pages, u64 align, u32 gfp, u16 flags, bool exec)
{
	const int prot = PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0);
	struct kf_area *area = new_area(pages, align, flags, exec);

	if (!area)
		return NULL;
	if (!take_frames(area, gfp)) {
		bury(area);
		return NULL;
	}
	if (!kf_map(area->va, area->pfns, pages, prot))
		return area;
	free_frames(area, pages);
	bury(area);
	return NULL;
}

static bool too_big(u64 pages)
{
	u64 managed = 0;

	for (int z = 0; z < KF_NR_ZONES; z++)
		managed += kf_state()->page.zone[z].managed;
	return pages > managed;
}

/* ---- vmalloc and vfree -------------------------------------------------------------------------------------- */

void *kf_vmalloc(size_t size, size_t align, u32 gfp, bool exec)
{
	struct kf_request req = {.kind = KF_VMALLOC, .size = size, .gfp = gfp};
	struct kf_area *area;

	if (!size || too_big(kf_pages_of(size)) || size > ~0ul - KF_PAGE_SIZE) {
		if (!size || !(gfp & KF_GFP_NOWARN))
			kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
				"vmalloc of no bytes, or of all memory");
		return NULL;
	}
	if (!kf_permitted(&req))
		return NULL;
	area = backed_area(kf_pages_of(size), align, gfp, KF_VM_ALLOC, exec);
	if (!area)
		return NULL;
	area->size = size;
	if (gfp & KF_GFP_ZERO)
		memset((void *)area->va, 0, size);
	memset((char *)area->va + size, KF_BYTE_GUARD, tail_bytes(area));
	return announce(area, size, gfp);
}

static void tell_bad_address(const void *addr, const char *what)
{
	struct kf_object obj;
	bool known = kf_object_at(addr, &obj);
	enum kf_bug_kind kind = KF_BUG_INVALID_FREE;

	if (known && addr == obj.addr)
		kind = obj.live ? KF_BUG_WRONG_FAMILY : KF_BUG_DOUBLE_FREE;
	if (known && obj.kind != KF_VMALLOC && obj.kind != KF_VMAP)
		kind = KF_BUG_WRONG_FAMILY;
	kf_tell(kind, addr, known ? &obj : NULL, NULL, what);
}

/* The live area that starts at addr and is of one of these kinds; told when there is none. */
static struct kf_area *area_to_free(const void *addr, u16 flags, const char *what)
{
	struct kf_area *area = locked_area_at(addr);

	if (area && area->live && area->seq && area->va == (u64)(uintptr_t)addr &&
	    area->flags & flags)
		return area;
	tell_bad_address(addr, what);
	return NULL;
}

static void free_area(struct kf_area *area, bool frames)
{
	struct page **owned = area->owned;
	struct kf_object obj;

	fill_object(area, &obj);
	area->free_tag = kf_hooks.freed(&obj);
	check_tail(area);
	kf_unmap(area->va, area->pages << KF_PAGE_SHIFT);
	if (frames)
		free_frames(area, area->pages);
	bury(area);
	if (kf_is_vmalloc_addr(owned))
		kf_vfree(owned);
	else
		kf_kfree(owned);
}

void kf_vfree(const void *addr)
{
	struct kf_area *area;

	if (!addr)
		return;
	area = area_to_free(addr, KF_VM_ALLOC | KF_VM_MAP_PUT_PAGES,
			    "Trying to vfree() nonexistent vm area");
	if (area)
		free_area(area, true);
}

/* ---- vmap, ioremap -------------------------------------------------------------------------------------------- */

void *kf_vmap(struct page **pages, unsigned n, u32 flags)
{
	struct kf_request req = {
		.kind = KF_VMAP, .size = (size_t)n << KF_PAGE_SHIFT, .gfp = KF_GFP_KERNEL};
	struct kf_area *area;

	if (!n || too_big(n) || !kf_permitted(&req))
		return NULL;
	flags = (flags & (KF_VM_USERMAP | KF_VM_MAP_PUT_PAGES)) | KF_VM_MAP;
	area = new_area(n, KF_PAGE_SIZE, (u16)flags, false);
	if (!area)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		area->pfns[i] = kf_page_to_pfn(pages[i]);
	if (kf_map(area->va, area->pfns, n, PROT_READ | PROT_WRITE)) {
		bury(area);
		return NULL;
	}
	if (flags & KF_VM_MAP_PUT_PAGES)
		area->owned = pages;
	return announce(area, req.size, req.gfp);
}

void kf_vunmap(const void *addr)
{
	struct kf_area *area;

	if (!addr)
		return;
	area = area_to_free(addr, KF_VM_MAP, "Trying to vunmap() nonexistent vm area");
	if (area && area->flags & KF_VM_MAP_PUT_PAGES)
		area->owned = NULL;
	if (area)
		free_area(area, false);
}

void *kf_ioremap(u64 phys, size_t size)
{
	struct kf_request req = {.kind = KF_VMAP, .size = size, .gfp = KF_GFP_KERNEL};
	u64 offset = phys & (KF_PAGE_SIZE - 1);
	struct kf_area *area;

	if (!size || phys + size < phys || too_big(kf_pages_of(offset + size)) ||
	    !kf_permitted(&req))
		return NULL;
	area = backed_area(kf_pages_of(offset + size), KF_PAGE_SIZE, KF_GFP_KERNEL, KF_VM_IOREMAP,
			   false);
	if (!area)
		return NULL;
	memset((void *)area->va, 0, area->pages << KF_PAGE_SHIFT);
	area->offset = (u16)offset;
	return announce(area, size, req.gfp);
}

void kf_iounmap(const void *addr)
{
	const void *page = (const void *)((uintptr_t)addr & KF_PAGE_MASK);
	struct kf_area *area;

	if (!addr)
		return;
	area = area_to_free(page, KF_VM_IOREMAP, "iounmap of no device mapping");
	if (area)
		free_area(area, true);
}

/* ---- questions ---------------------------------------------------------------------------------------------------- */

struct page *kf_vmalloc_to_page(const void *addr)
{
	const struct kf_area *area = locked_area_at(addr);
	u64 index;

	if (!area || !area->live)
		return NULL;
	index = ((u64)(uintptr_t)addr - area->va) >> KF_PAGE_SHIFT;
	return index < area->pages ? kf_pfn_to_page(area->pfns[index]) : NULL;
}

unsigned kf_vmalloc_check(void)
{
	unsigned damaged = 0;

	for (u32 i = 0; i < areas()->count; i++)
		if (areas()->sorted[i]->live)
			damaged += check_tail(areas()->sorted[i]);
	return damaged;
}

const char *kf_vmalloc_validate(void)
{
	const struct kf_areas *as = areas();
	u64 dead_pages = 0;
	u32 dead = 0;

	for (u32 i = 0; i < as->count; i++) {
		const struct kf_area *area = as->sorted[i];
		const struct kf_range *range = &as->range[area->exec];

		if (area->va < range->start || area_end(area) > range->end)
			return "a virtual area leaves its range";
		if (i && area_end(as->sorted[i - 1]) > area->va)
			return "two virtual areas overlap or are out of order";
		dead += !area->live;
		dead_pages += area->live ? 0 : area->pages;
	}
	if (dead != as->dead || dead_pages != as->dead_pages)
		return "counts of dead virtual areas are wrong";
	return NULL;
}

void kf_vmalloc_for_each(void (*fn)(const struct kf_object *area, void *arg), void *arg)
{
	for (u32 i = 0; i < areas()->count; i++) {
		struct kf_object obj;

		if (!areas()->sorted[i]->live || !areas()->sorted[i]->seq)
			continue;
		fill_object(areas()->sorted[i], &obj);
		fn(&obj, arg);
	}
}
