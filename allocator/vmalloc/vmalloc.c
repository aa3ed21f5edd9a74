// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmalloc() and vfree(): mm/vmalloc.c of 6.1, __vmalloc_node_range() and __vunmap().
 *
 * A place, frames, a mapping: what cannot be had in the middle gives everything back. VM_ALLOW_HUGE_VMAP from 2 MiB on is tried
 * with aligned blocks of 2 MiB first and with single frames then.
 *
 * What the kernel says to its log is said here too, and what it keeps to itself is not: after the area is found, 6.1 sets
 * __GFP_NOWARN before it looks for frames, so that its messages "failed to allocate pages" and "failed to map pages" never
 * appear.
 *
 * __GFP_NOFAIL makes the kernel try for ever. Here everything that can make room has been tried when a try fails, and
 * nobody else runs meanwhile: one more sentence, and NULL.
 */
#include "../core/state.h"

#define HUGE_ORDER 9u
#define HUGE_SIZE  (KF_PAGE_SIZE << HUGE_ORDER)

/* ---- vmalloc ---------------------------------------------------------------------------------------- */

static void tell_warning(const char *what)
{
	kf_tell(KF_BUG_WARN, NULL, NULL, NULL, what);
}

static bool is_sane(const struct kf_vmalloc_args *args)
{
	if (!args->size) {
		tell_warning("vmalloc of no bytes");
		return false;
	}
	if (args->align & (args->align - 1)) {
		tell_warning("vmalloc with an alignment that is no power of two: kernel BUG at "
			     "mm/vmalloc.c");
		return false;
	}
	if (args->size >> KF_PAGE_SHIFT <= kf_all_pages())
		return true;
	/* warn_alloc(): a line in the log, and no WARN(). */
	if (!(args->gfp & KF_GFP_NOWARN))
		kf_log(4, "vmalloc error: size %llu, exceeds total pages, mode:%#x",
		       (unsigned long long)args->size, args->gfp);
	return false;
}

static struct kf_area *place(const struct kf_vmalloc_args *args, unsigned order)
{
	struct kf_vmalloc_args own = *args;
	struct kf_area *area;

	own.flags |= KF_VM_ALLOC | KF_VM_UNINITIALIZED;
	if (order) {
		own.size = kf_align_up(own.size, HUGE_SIZE);
		own.align = own.align > HUGE_SIZE ? own.align : HUGE_SIZE;
	}
	area = kf_area_new(&own, KF_BY_VMALLOC);
	if (!area && !(args->gfp & KF_GFP_NOWARN))
		kf_log(4, "vmalloc error: size %llu, vm_struct allocation failed%s, mode:%#x",
		       (unsigned long long)args->size,
		       args->gfp & KF_GFP_NOFAIL ? ". Retrying." : "", args->gfp);
	return area;
}

static bool fill(struct kf_area *area, const struct kf_vmalloc_args *args, unsigned order)
{
	if (!kf_area_take_frames(area, args->gfp, order))
		return false;
	if (!kf_map(area->range.start, area->frames, area->nr_frames, area->prot))
		return true;
	kf_area_put_frames(area);
	return false;
}

/* Through the direct map: the mapping may be read-only. */
static void zero(struct kf_area *area)
{
	for (u32 i = 0; i < area->nr_frames; i++)
		memset(kf_frame_virt(kf_page_to_pfn(area->frames[i])), 0, KF_PAGE_SIZE);
}

static void *allocate(const struct kf_vmalloc_args *args, unsigned order)
{
	struct kf_area *area = place(args, order);

	if (!area)
		return NULL;
	if (!fill(area, args, order)) {
		kf_area_bury(area);
		return NULL;
	}
	area->vm.pages = area->frames;
	area->vm.nr_pages = area->nr_frames;
	area->vm.page_order = order;
	area->size = args->size;
	__atomic_add_fetch(&kf_areas()->nr_pages, area->nr_frames, __ATOMIC_RELAXED);
	if (args->gfp & KF_GFP_ZERO || kf_settings()->init_on_alloc)
		zero(area);
	kf_area_guard_tail(area);
	return kf_area_announce(area, args->size, args->gfp);
}

static bool wants_huge(const struct kf_vmalloc_args *args)
{
	return args->flags & KF_VM_ALLOW_HUGE_VMAP && args->size >= HUGE_SIZE &&
	       !kf_settings()->nohugevmalloc;
}

void *kf_vmalloc_range(const struct kf_vmalloc_args *args)
{
	struct kf_request req = {.kind = KF_VMALLOC, .size = args->size, .gfp = args->gfp};
	void *p;

	if (!is_sane(args) || !kf_permitted(&req))
		return NULL;
	p = wants_huge(args) ? allocate(args, HUGE_ORDER) : NULL;
	if (!p)
		p = allocate(args, 0);
	if (!p && args->gfp & KF_GFP_NOFAIL)
		tell_warning("vmalloc with __GFP_NOFAIL cannot be served: the kernel would try for "
			     "ever");
	return p;
}

void *kf_vmalloc(size_t size, size_t align, u32 gfp, bool exec)
{
	struct kf_vmalloc_args args = {
		.size = size,
		.align = align,
		.gfp = gfp,
		.prot = KF_PROT_KERNEL | (exec ? KF_PROT_EXEC : 0),
		.start = exec ? kf_layout()->module_start : 0,
		.end = exec ? kf_layout()->module_end : 0,
	};

	return kf_vmalloc_range(&args);
}

/* ---- vfree ------------------------------------------------------------------------------------------- */

static const char nonexistent[] = "Trying to vfree() nonexistent vm area";

static bool is_aligned(const void *addr)
{
	if (!((uintptr_t)addr & ~KF_PAGE_MASK))
		return true;
	kf_area_told_bad(addr, "Trying to vfree() bad address");
	return false;
}

static void free_array(struct page **pages)
{
	if (kf_is_vmalloc_addr(pages))
		kf_vfree(pages);
	else
		kf_kfree(pages);
}

void kf_vfree(const void *addr)
{
	struct kf_area *area;
	struct page **pages;
	u32 n;

	if (!addr || !is_aligned(addr))
		return;
	area = kf_area_claim(addr, KF_FOR_VFREE, nonexistent);
	if (!area)
		return;
	pages = area->vm.pages;
	n = area->vm.nr_pages;
	if (area->maker == KF_BY_VMALLOC) {
		__atomic_sub_fetch(&kf_areas()->nr_pages, area->nr_frames, __ATOMIC_RELAXED);
		kf_area_free(area);
		return;
	}
	kf_area_free(area);
	kf_put_pages(pages, n);
	free_array(pages);
}

/* ---- vfree, later --------------------------------------------------------------------------------------- */

/* What the kernel's list has in the first word of the memory: the area that was queued before. */
static void *link_of(const struct kf_area *area)
{
	return area->next ? (void *)area->next->range.start : NULL;
}

static struct kf_area *queue(u64 va)
{
	struct kf_areas *as = kf_areas();
	struct kf_area *area = kf_area_at(va);

	if (!area || area->state != KF_AREA_LIVE || area->range.start != va || area->deferred ||
	    !(area->maker & KF_FOR_VFREE))
		return NULL;
	area->deferred = true;
	area->next = as->deferred;
	as->deferred = area;
	return area;
}

/* The kernel writes its link into the memory. Behind fewer bytes than that, it would be in our guard. */
static bool holds_link(const struct kf_area *area)
{
	return area->prot & KF_PROT_WRITE && area->size >= sizeof(void *);
}

bool kf_vfree_deferred(const void *addr)
{
	struct kf_area *area;

	if (!addr || !is_aligned(addr))
		return false;
	kf_lock(&kf_areas()->lock);
	area = queue((u64)(uintptr_t)addr);
	kf_unlock(&kf_areas()->lock);
	if (!area) {
		kf_area_told_bad(addr, nonexistent);
		return false;
	}
	if (holds_link(area))
		*(void **)area->range.start = link_of(area);
	return !area->next;
}

/* Our own list does not lie in the memory: who writes to it after vfree() is told, and the work goes on. */
static void check_link(const struct kf_area *area)
{
	struct kf_object obj;

	if (!holds_link(area) || *(void **)area->range.start == link_of(area))
		return;
	kf_area_object(area, &obj);
	kf_tell(KF_BUG_WRITE_AFTER_FREE, obj.addr, &obj, NULL,
		"memory was written to after vfree() had put it on its list");
}

void kf_vfree_work(void)
{
	struct kf_areas *as = kf_areas();
	struct kf_area *area, *next;

	kf_lock(&as->lock);
	area = as->deferred;
	as->deferred = NULL;
	kf_unlock(&as->lock);
	for (; area; area = next) {
		next = area->next;
		check_link(area);
		area->deferred = false;
		kf_vfree((void *)area->range.start);
	}
}
