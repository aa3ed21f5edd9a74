// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardened usercopy. Follows mm/usercopy.c and __check_heap_object() of mm/slub.c 6.1: a copy to or from user space
 * stays inside one slab object, and there inside the window of its cache; inside one compound block of pages; or
 * inside one area of vmalloc. Sizes of kmalloc have a window over the whole bucket. The checks of the
 * kernel's own stacks and text are not here: who knows where they are asks before.
 *
 * Where the kernel would BUG(), the copy is told, and the caller decides.
 */
#include "../core/state.h"

struct copy {
	const void *ptr;
	size_t n;
	bool to_user;
};

/* usercopy_abort() */
static bool refuse(const struct copy *copy, const char *name, const char *detail, u64 offset)
{
	struct kf_object obj;
	bool known = kf_object_at(copy->ptr, &obj);

	kf_log(0,
	       "usercopy: Kernel memory %s attempt detected %s %s%s%s%s (offset %llu, size %zu)!",
	       copy->to_user ? "exposure" : "overwrite", copy->to_user ? "from" : "to",
	       name ? name : "unknown?!", detail ? " '" : "", detail ? detail : "",
	       detail ? "'" : "", (unsigned long long)offset, copy->n);
	kf_tell(KF_BUG_USERCOPY, copy->ptr, known ? &obj : NULL, known ? obj.cache : NULL,
		copy->to_user
			? "a copy to user space exposes memory outside of what may be copied"
			: "a copy from user space overwrites memory outside of what may be copied");
	return false;
}

static bool check_heap_object(const struct copy *copy, const struct kf_slab *slab)
{
	const struct kf_cache *cache = slab->cache;
	size_t at = (size_t)((const char *)copy->ptr - slab->base) % cache->stride, offset;

	if (at < cache->first)
		return refuse(copy, "SLUB object in left red zone", cache->name, at);
	offset = at - cache->first;
	if (offset >= cache->useroffset && offset - cache->useroffset <= cache->usersize &&
	    copy->n <= cache->useroffset - offset + cache->usersize)
		return true;
	return refuse(copy, "SLUB object", cache->name, offset);
}

static bool check_block(const struct copy *copy)
{
	struct kf_object obj;
	size_t offset;

	/* Only compound pages know their size. */
	if (!kf_object_at(copy->ptr, &obj) || !obj.live || obj.order == 0 ||
	    !(obj.kind == KF_KMALLOC_LARGE || obj.gfp & KF_GFP_COMP))
		return true;
	offset = (size_t)((const char *)copy->ptr - (const char *)obj.addr);
	if (copy->n <= (KF_PAGE_SIZE << obj.order) - offset)
		return true;
	return refuse(copy, "page alloc", NULL, offset);
}

static bool check_area(const struct copy *copy)
{
	const struct kf_layout *layout = kf_layout();
	u64 addr = (u64)(uintptr_t)copy->ptr;
	struct kf_object obj;
	u64 end;

	if (addr < layout->vmalloc_start || addr >= layout->vmalloc_end)
		return true;
	if (!kf_object_at(copy->ptr, &obj) || !obj.live)
		return refuse(copy, "vmalloc", "no area", 0);
	/* With the guard page behind it, as va_end has. */
	end = (u64)(uintptr_t)obj.addr + kf_align_up(obj.usable, KF_PAGE_SIZE) + KF_PAGE_SIZE;
	if (copy->n <= end - addr)
		return true;
	return refuse(copy, "vmalloc", NULL, addr - (u64)(uintptr_t)obj.addr);
}

void kf_tell_shown(const void *ptr, size_t n)
{
	if (kf_watched && n)
		kf_hooks.shown(ptr, n);
}

bool kf_check_usercopy(const void *ptr, size_t n, bool to_user)
{
	const struct copy copy = {ptr, n, to_user};
	const struct kf_slab *slab;

	if (!n)
		return true;
	if (to_user)
		kf_tell_shown(ptr, n);
	if ((uintptr_t)ptr + (n - 1) < (uintptr_t)ptr)
		return refuse(&copy, "wrapped address", NULL, 0);
	if (KF_ZERO_OR_NULL(ptr))
		return refuse(&copy, "null address", NULL, 0);
	if (!kf_virt_addr_valid(ptr))
		return check_area(&copy);
	slab = kf_slab_at(ptr);
	return slab ? check_heap_object(&copy, slab) : check_block(&copy);
}
