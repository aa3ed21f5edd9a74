// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of devices: arch/x86/mm/ioremap.c of 6.1. There is no device: each mapping has zeroed frames of its
 * own, so two mappings of one register do not see each other. Aligned to its size, as in the kernel. RAM that somebody
 * may be using is refused with the kernel's warning; the first MiB counts as device memory, as on a PC.
 */
#include <errno.h>

#include "../core/state.h"

static bool touches_ram(u64 phys, u64 size)
{
	for (u64 pfn = phys >> KF_PAGE_SHIFT; pfn <= (phys + size - 1) >> KF_PAGE_SHIFT; pfn++)
		if (kf_is_ram(pfn))
			return true;
	return false;
}

static bool is_device(u64 phys, size_t size)
{
	if (!size || phys + size < phys || size >> KF_PAGE_SHIFT > kf_all_pages())
		return false;
	if (!touches_ram(phys, size))
		return true;
	kf_log(4, "ioremap on RAM at %#018llx - %#018llx", (unsigned long long)phys,
	       (unsigned long long)(phys + size - 1));
	kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "ioremap on RAM");
	return false;
}

void *kf_ioremap_caller(u64 phys, size_t size, const void *caller)
{
	struct kf_request req = {.kind = KF_VMAP, .size = size, .gfp = KF_GFP_KERNEL};
	u64 offset = phys & ~KF_PAGE_MASK;
	struct kf_vmalloc_args args = {
		.size = kf_pages_of(offset + size) << KF_PAGE_SHIFT,
		.gfp = KF_GFP_KERNEL,
		.prot = KF_PROT_KERNEL,
		.flags = KF_VM_IOREMAP,
		.caller = caller,
	};
	struct kf_area *area;

	if (!is_device(phys, size) || !kf_permitted(&req))
		return NULL;
	area = kf_area_new(&args, KF_BY_IOREMAP);
	if (!area)
		return NULL;
	if (kf_area_map_device(area, 0, args.size >> KF_PAGE_SHIFT, args.prot)) {
		kf_area_bury(area);
		return NULL;
	}
	area->vm.phys_addr = phys - offset;
	area->offset = (u16)offset;
	return kf_area_announce(area, size, req.gfp);
}

void *kf_ioremap(u64 phys, size_t size)
{
	return kf_ioremap_caller(phys, size, __builtin_return_address(0));
}

void kf_iounmap(const void *addr)
{
	const void *page = (const void *)((uintptr_t)addr & KF_PAGE_MASK);
	struct kf_area *area;

	if (!addr)
		return;
	area = kf_area_claim(page, KF_BY_IOREMAP, "iounmap of no device mapping");
	if (area)
		kf_area_free(area);
}

/* The live area that was only reserved and holds all of [va, end). */
static struct kf_area *reserved_at(u64 va, u64 end)
{
	struct kf_area *area;

	kf_lock(&kf_areas()->lock);
	area = kf_area_at(va);
	kf_unlock(&kf_areas()->lock);
	if (!area || area->maker != KF_BY_GET_VM_AREA || area->state != KF_AREA_LIVE ||
	    end > area->range.start + kf_area_bytes(area))
		return NULL;
	return area;
}

int kf_ioremap_page_range(u64 va, u64 end, u64 phys, u32 prot)
{
	struct kf_area *area;

	if (va >= end || (va | end | phys) & ~KF_PAGE_MASK)
		return -EINVAL;
	area = reserved_at(va, end);
	if (!area)
		return -EINVAL;
	if (!area->vm.phys_addr)
		area->vm.phys_addr = phys;
	return kf_area_map_device(area, (va - area->range.start) >> KF_PAGE_SHIFT,
				  (end - va) >> KF_PAGE_SHIFT, prot);
}

void kf_vunmap_range(u64 start, u64 end)
{
	if (start < end && !((start | end) & ~KF_PAGE_MASK) && reserved_at(start, end))
		kf_unmap(start, end - start);
}
