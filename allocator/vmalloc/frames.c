// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frames behind an area: vm_area_alloc_pages() of mm/vmalloc.c, and the zeroed frames that stand for a device's
 * memory. They are the area's own, and nobody is told of them: the request was one for virtual memory. When
 * they run out in the middle, all that were taken go back.
 *
 * The kernel asks for high memory, which x86-64 has none of; here every frame is in the direct map. What the
 * page allocator would say about a failure is left out (__GFP_NOWARN), as in the kernel.
 */
#include <errno.h>

#include "../core/state.h"

#define LEGACY_END (1ull << 20)

u64 kf_all_pages(void)
{
	u64 managed = 0;

	for (int z = 0; z < KF_NR_ZONES; z++)
		managed += kf_state()->page.zone[z].managed;
	return managed;
}

bool kf_is_ram(u64 pfn)
{
	u64 phys = pfn << KF_PAGE_SHIFT;

	if (phys < LEGACY_END || pfn >= kf_here.nr_frames ||
	    !kf_virt_addr_valid(kf_phys_to_virt(phys)))
		return false;
	return !(kf_pfn_to_page(pfn)->flags >> kf_layout()->pg_reserved & 1);
}

static void put_page(struct page *page)
{
	s32 left = __atomic_sub_fetch(&page->refcount, 1, __ATOMIC_ACQ_REL);

	if (!left)
		kf_release_page(page);
	else if (left < 0)
		kf_tell(KF_BUG_BAD_PAGE, kf_frame_virt(kf_page_to_pfn(page)), NULL, NULL,
			"a frame of a virtual area had no references left");
}

void kf_put_pages(struct page *const *pages, u64 n)
{
	for (u64 i = 0; i < n; i++)
		if (pages[i])
			put_page(pages[i]);
}

static void put_some(struct kf_area *area, u64 first, u64 n)
{
	kf_put_pages(area->frames + first, n);
	memset(area->frames + first, 0, n * sizeof(*area->frames));
}

void kf_area_put_frames(struct kf_area *area)
{
	if (area->frames)
		put_some(area, 0, area->nr_frames);
}

/* A block of frames as single ones: each can be referenced and freed by itself, says the kernel. */
static void cut_block(struct page *page, unsigned order)
{
	u64 pfn = kf_page_to_pfn(page);

	for (u64 i = 1; i < 1ull << order; i++) {
		kf_here.frames[pfn + i] = kf_here.frames[pfn];
		kf_here.frames[pfn + i].order = 0;
		page[i].refcount = 1;
		page[i].private = 0;
	}
	kf_here.frames[pfn].order = 0;
}

static bool take_block(struct page **frames, u32 gfp, unsigned order)
{
	struct page *page = kf_pages_take(gfp, order, KF_VMALLOC);

	if (!page)
		return false;
	if (order)
		cut_block(page, order);
	for (u64 i = 0; i < 1ull << order; i++)
		frames[i] = page + i;
	return true;
}

static bool has_array(struct kf_area *area)
{
	u64 n = kf_area_bytes(area) >> KF_PAGE_SHIFT;

	if (area->frames)
		return true;
	area->frames = kf_meta_alloc(n * sizeof(*area->frames));
	area->nr_frames = area->frames ? (u32)n : 0;
	return area->frames;
}

/* Large blocks are not worth insisting on: single frames are next. */
static u32 frame_gfp(u32 gfp, unsigned order)
{
	const u32 never = KF_GFP_COMP | KF_GFP_ZERO | KF_GFP_HIGHMEM;

	gfp = (gfp & ~never) | KF_GFP_NOWARN;
	return order ? gfp & ~(u32)KF_GFP_NOFAIL : gfp;
}

static bool take_frames(struct kf_area *area, u64 first, u64 n, u32 gfp, unsigned order)
{
	gfp = frame_gfp(gfp, order);
	for (u64 i = first; i < first + n; i += 1ull << order)
		if (!take_block(area->frames + i, gfp, order))
			return false;
	return true;
}

bool kf_area_take_frames(struct kf_area *area, u32 gfp, unsigned order)
{
	if (!has_array(area))
		return false;
	if (take_frames(area, 0, area->nr_frames, gfp, order))
		return true;
	kf_area_put_frames(area);
	return false;
}

int kf_area_map_device(struct kf_area *area, u64 first, u64 n, u32 prot)
{
	int err = -ENOMEM;

	if (!has_array(area))
		return err;
	if (take_frames(area, first, n, KF_GFP_KERNEL, 0)) {
		for (u64 i = first; i < first + n; i++)
			memset(kf_frame_virt(kf_page_to_pfn(area->frames[i])), 0, KF_PAGE_SIZE);
		err = kf_map(area->range.start + (first << KF_PAGE_SHIFT), area->frames + first, n,
			     (int)prot);
	}
	if (err)
		put_some(area, first, n);
	return err;
}
