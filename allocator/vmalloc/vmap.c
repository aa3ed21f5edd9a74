// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of what exists already: vmap(), vmap_pfn() and vunmap() of mm/vmalloc.c of 6.1. Mappings are never executable
 * (pgprot_nx), and always have their guard page. The pages stay whose they were, except with VM_MAP_PUT_PAGES: then vfree()
 * drops a reference of each and frees the array, while vunmap() leaves both to the caller.
 */
#include <errno.h>

#include "../core/state.h"

static bool may_map(u64 n, struct kf_request *req)
{
	*req = (struct kf_request){
		.kind = KF_VMAP, .size = (size_t)n << KF_PAGE_SHIFT, .gfp = KF_GFP_KERNEL};
	return n && n <= kf_all_pages() && kf_permitted(req);
}

static u64 without_no_guard(u64 flags)
{
	if (flags & KF_VM_NO_GUARD)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"vmap with VM_NO_GUARD, which would take the guard of somebody else's "
			"mapping");
	return flags & ~(u64)KF_VM_NO_GUARD;
}

void *kf_vmap_prot(struct page **pages, unsigned n, u64 flags, u32 prot, const void *caller)
{
	struct kf_vmalloc_args args = {
		.size = (u64)n << KF_PAGE_SHIFT,
		.gfp = KF_GFP_KERNEL,
		.prot = prot & ~(u32)KF_PROT_EXEC,
		.caller = caller,
	};
	bool put = flags & KF_VM_MAP_PUT_PAGES;
	struct kf_request req;
	struct kf_area *area;
	int err;

	args.flags = without_no_guard(flags);
	if (!may_map(n, &req))
		return NULL;
	area = kf_area_new(&args, put ? KF_BY_VMAP_PUT : KF_BY_VMAP);
	if (!area)
		return NULL;
	err = kf_map(area->range.start, pages, n, area->prot);
	if (err) {
		if (err == -EINVAL)
			kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "vmap of something that is no page");
		kf_area_bury(area);
		return NULL;
	}
	if (put) {
		area->vm.pages = pages;
		area->vm.nr_pages = n;
	}
	return kf_area_announce(area, req.size, req.gfp);
}

void *kf_vmap(struct page **pages, unsigned n, u32 flags)
{
	return kf_vmap_prot(pages, n, flags | KF_VM_MAP, KF_PROT_KERNEL,
			    __builtin_return_address(0));
}

void *kf_vmap_pfn(const u64 *pfns, unsigned n, u32 prot, const void *caller)
{
	struct kf_vmalloc_args args = {
		.size = (u64)n << KF_PAGE_SHIFT,
		.gfp = KF_GFP_KERNEL,
		.prot = prot & ~(u32)KF_PROT_EXEC,
		.flags = KF_VM_IOREMAP,
		.caller = caller,
	};
	struct kf_request req;
	struct kf_area *area;
	bool ram = false;

	if (!may_map(n, &req))
		return NULL;
	for (unsigned i = 0; i < n; i++)
		ram |= kf_is_ram(pfns[i]);
	if (ram)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL,
			"vmap_pfn of a frame that is RAM: it has a struct page, use vmap()");
	area = ram ? NULL : kf_area_new(&args, KF_BY_VMAP_PFN);
	if (!area)
		return NULL;
	if (kf_area_map_device(area, 0, n, area->prot)) {
		kf_area_bury(area);
		return NULL;
	}
	return kf_area_announce(area, req.size, req.gfp);
}

void kf_vunmap(const void *addr)
{
	struct kf_area *area;

	if (!addr)
		return;
	area = kf_area_claim(addr, KF_FOR_VUNMAP, "Trying to vunmap() nonexistent vm area");
	if (area)
		kf_area_free(area);
}
