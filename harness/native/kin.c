// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small users of the allocators by the kernel's names: fragments of pages, early memory, counters and references with a
 * part for each CPU (lib/percpu_counter.c, lib/percpu-refcount.c of 6.1; with one CPU, a reference is a plain number).
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/errno.h"
#include "include/linux/memblock.h"
#include "include/linux/percpu-refcount.h"
#include "include/linux/percpu_counter.h"
#include "include/net/sock.h"

/* ---- fragments of pages --------------------------------------------------------------------------------------- */

NATIVE_API void *page_frag_alloc_align(struct page_frag_cache *nc, unsigned int fragsz,
				       gfp_t gfp_mask, unsigned int align_mask)
{
	void *p;

	native_enter();
	p = kf_page_frag_alloc_align((struct kf_page_frag_cache *)nc, fragsz, gfp_mask, align_mask);
	return p;
}

NATIVE_API void *page_frag_alloc(struct page_frag_cache *nc, unsigned int fragsz, gfp_t gfp_mask)
{
	void *p;

	native_enter();
	p = kf_page_frag_alloc_align((struct kf_page_frag_cache *)nc, fragsz, gfp_mask, ~0u);
	return p;
}

NATIVE_API void page_frag_free(void *addr)
{
	native_enter();
	kf_page_frag_free(addr);
}

NATIVE_API void __page_frag_cache_drain(struct page *page, unsigned int count)
{
	native_enter();
	kf_page_frag_cache_drain((struct kf_page *)page, count);
}

NATIVE_API bool skb_page_frag_refill(unsigned int sz, struct page_frag *pfrag, gfp_t gfp)
{
	bool ok;

	native_enter();
	ok = kf_page_frag_refill((struct kf_page_frag *)pfrag, sz, gfp);
	return ok;
}

/* ---- early memory ---------------------------------------------------------------------------------------------- */

NATIVE_API void *memblock_alloc_try_nid(phys_addr_t size, phys_addr_t align, phys_addr_t min_addr,
					phys_addr_t max_addr, int nid)
{
	void *p;

	native_enter();
	p = kf_memblock_alloc_nid(size, align, min_addr, max_addr, nid, false, false);
	return p;
}

NATIVE_API void *memblock_alloc_try_nid_raw(phys_addr_t size, phys_addr_t align,
					    phys_addr_t min_addr, phys_addr_t max_addr, int nid)
{
	void *p;

	native_enter();
	p = kf_memblock_alloc_nid(size, align, min_addr, max_addr, nid, false, true);
	return p;
}

NATIVE_API phys_addr_t memblock_phys_mem_size(void)
{
	return kf_memblock_phys_mem_size();
}

NATIVE_API phys_addr_t memblock_reserved_size(void)
{
	return kf_memblock_reserved_size();
}

NATIVE_API phys_addr_t memblock_start_of_DRAM(void)
{
	return kf_memblock_start_of_DRAM();
}

NATIVE_API phys_addr_t memblock_end_of_DRAM(void)
{
	return kf_memblock_end_of_DRAM();
}

NATIVE_API bool memblock_is_memory(phys_addr_t addr)
{
	return kf_memblock_is_memory(addr);
}

NATIVE_API bool memblock_is_map_memory(phys_addr_t addr)
{
	return kf_memblock_is_map_memory(addr);
}

NATIVE_API bool memblock_is_region_memory(phys_addr_t base, phys_addr_t size)
{
	return kf_memblock_is_region_memory(base, size);
}

NATIVE_API bool memblock_is_reserved(phys_addr_t addr)
{
	return kf_memblock_is_reserved(addr);
}

NATIVE_API bool memblock_is_region_reserved(phys_addr_t base, phys_addr_t size)
{
	return kf_memblock_is_region_reserved(base, size);
}

/* ---- counters -------------------------------------------------------------------------------------------------- */

NATIVE_API int percpu_counter_init(struct percpu_counter *fbc, s64 amount, gfp_t gfp)
{
	native_enter();
	INIT_LIST_HEAD(&fbc->list);
	fbc->count = amount;
	fbc->counters = (void *)kf_alloc_percpu(sizeof(s32), sizeof(s32), gfp);
	return fbc->counters ? 0 : -ENOMEM;
}

NATIVE_API void percpu_counter_destroy(struct percpu_counter *fbc)
{
	native_enter();
	if (!fbc->counters)
		return;
	kf_free_percpu((unsigned long)fbc->counters);
	fbc->counters = NULL;
}

/* ---- references ---------------------------------------------------------------------------------------------------- */

struct percpu_ref_data {
	long count;
	percpu_ref_func_t *release;
	bool dying, allow_reinit;
};

NATIVE_API int percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release,
			       unsigned int flags, gfp_t gfp)
{
	struct percpu_ref_data *data;

	native_enter();
	ref->data = NULL;
	ref->percpu_count_ptr = kf_alloc_percpu(sizeof(long), sizeof(long), gfp);
	if (!ref->percpu_count_ptr)
		return -ENOMEM;
	data = kf_kmalloc(sizeof(*data), gfp | KF_GFP_ZERO);
	if (!data) {
		kf_free_percpu(ref->percpu_count_ptr);
		ref->percpu_count_ptr = 0;
		return -ENOMEM;
	}
	data->release = release;
	data->dying = flags & PERCPU_REF_INIT_DEAD;
	data->count = !data->dying;
	data->allow_reinit = flags & (PERCPU_REF_ALLOW_REINIT | PERCPU_REF_INIT_DEAD);
	ref->data = data;
	return 0;
}

NATIVE_API void percpu_ref_exit(struct percpu_ref *ref)
{
	native_enter();
	if (!ref->data)
		return;
	kf_free_percpu(ref->percpu_count_ptr);
	kf_kfree(ref->data);
	ref->percpu_count_ptr = 0;
	ref->data = NULL;
}

NATIVE_API void percpu_ref_get_many(struct percpu_ref *ref, unsigned long nr)
{
	ref->data->count += (long)nr;
}

NATIVE_API void percpu_ref_put_many(struct percpu_ref *ref, unsigned long nr)
{
	ref->data->count -= (long)nr;
	WARN(ref->data->count < 0, "percpu ref (%pS) <= 0 (%ld) after put", ref->data->release,
	     ref->data->count);
	if (ref->data->dying && !ref->data->count)
		ref->data->release(ref);
}

NATIVE_API void percpu_ref_kill_and_confirm(struct percpu_ref *ref, percpu_ref_func_t *confirm_kill)
{
	native_enter();
	WARN(ref->data->dying, "%s called more than once on %pS!", "percpu_ref_kill",
	     ref->data->release);
	ref->data->dying = true;
	if (confirm_kill)
		confirm_kill(ref);
	percpu_ref_put_many(ref, 1);
}

NATIVE_API void percpu_ref_kill(struct percpu_ref *ref)
{
	percpu_ref_kill_and_confirm(ref, NULL);
}

NATIVE_API void percpu_ref_reinit(struct percpu_ref *ref)
{
	WARN_ON(ref->data->count || !ref->data->allow_reinit);
	ref->data->dying = false;
	ref->data->count = 1;
}

NATIVE_API bool percpu_ref_tryget(struct percpu_ref *ref)
{
	if (ref->data->dying && !ref->data->count)
		return false;
	ref->data->count++;
	return true;
}

NATIVE_API bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	if (ref->data->dying)
		return false;
	ref->data->count++;
	return true;
}

NATIVE_API bool percpu_ref_is_dying(struct percpu_ref *ref)
{
	return ref->data->dying;
}

NATIVE_API bool percpu_ref_is_zero(struct percpu_ref *ref)
{
	return !ref->data || (ref->data->dying && !ref->data->count);
}
