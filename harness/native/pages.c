// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages and per-CPU memory: the kernel's names for what the allocators offer.
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/mm.h"
#include "include/linux/percpu.h"

static inline struct kf_page *inner(const struct page *page)
{
	return (struct kf_page *)page;
}

static inline struct page *outer(struct kf_page *page)
{
	return (struct page *)page;
}

/* ---- pages ---- */

NATIVE_API struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct kf_page *page;

	native_enter();
	page = kf_alloc_pages(gfp, order);
	return outer(page);
}

NATIVE_API struct page *__alloc_pages_node(int nid, gfp_t gfp_mask, unsigned int order)
{
	struct kf_page *page;

	native_enter();
	page = kf_alloc_pages(gfp_mask, order);
	return outer(page);
}

NATIVE_API void __free_pages(struct page *page, unsigned int order)
{
	native_enter();
	kf_free_pages(inner(page), order);
}

NATIVE_API unsigned long __get_free_pages(gfp_t gfp_mask, unsigned int order)
{
	struct kf_page *page;

	native_enter();
	page = kf_alloc_pages(gfp_mask & ~__GFP_HIGHMEM, order);
	return page ? (unsigned long)kf_page_address(page) : 0;
}

NATIVE_API unsigned long get_zeroed_page(gfp_t gfp_mask)
{
	return __get_free_pages(gfp_mask | __GFP_ZERO, 0);
}

NATIVE_API void free_pages(unsigned long addr, unsigned int order)
{
	native_enter();
	if (addr) {
		BUG_ON(!kf_virt_addr_valid((void *)addr));
		kf_free_pages(kf_virt_to_page((void *)addr), order);
	}
}

NATIVE_API void *alloc_pages_exact(size_t size, gfp_t gfp_mask)
{
	native_enter();
	return kf_alloc_pages_exact(size, gfp_mask);
}

NATIVE_API void free_pages_exact(void *virt, size_t size)
{
	native_enter();
	kf_free_pages_exact(virt, size);
}

NATIVE_API unsigned long alloc_pages_bulk_array(gfp_t gfp, unsigned long nr_pages,
						struct page **page_array)
{
	native_enter();
	return kf_alloc_pages_bulk(gfp, (unsigned int)nr_pages, (struct kf_page **)page_array);
}

NATIVE_API unsigned long alloc_pages_bulk_list(gfp_t gfp, unsigned long nr_pages,
					       struct list_head *list)
{
	native_enter();
	return kf_alloc_pages_bulk_list(gfp, (unsigned int)nr_pages, (struct kf_list *)list);
}

NATIVE_API void split_page(struct page *page, unsigned int order)
{
	kf_split_page(inner(page), order);
}

NATIVE_API struct page *compound_head_page(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	return (struct page *)(head & 1 ? head - 1 : (unsigned long)page);
}

NATIVE_API void get_page(struct page *page)
{
	native_enter();
	page = compound_head_page(page);
	BUG_ON(page->_refcount.counter <= 0);
	page->_refcount.counter++;
}

/* The order is the compound one; a block that is not compound gives back its first page only. */
NATIVE_API void put_page(struct page *page)
{
	unsigned int order = 0;

	native_enter();
	page = compound_head_page(page);
	if (page->flags & (1ul << kf_layout()->pg_head))
		order = page[1].compound_order;
	kf_free_pages(inner(page), order);
}

/* ---- addresses ---- */

NATIVE_API void *page_address(const struct page *page)
{
	return kf_page_address(inner(page));
}

NATIVE_API struct page *virt_to_page(const void *addr)
{
	return outer(kf_virt_to_page(addr));
}

NATIVE_API struct page *pfn_to_page(unsigned long pfn)
{
	return outer(kf_pfn_to_page(pfn));
}

NATIVE_API unsigned long page_to_pfn(const struct page *page)
{
	return kf_page_to_pfn(inner(page));
}

NATIVE_API phys_addr_t virt_to_phys(const volatile void *addr)
{
	return kf_virt_to_phys((const void *)addr);
}

NATIVE_API void *phys_to_virt(phys_addr_t phys)
{
	return kf_phys_to_virt(phys);
}

NATIVE_API bool virt_addr_valid(const void *addr)
{
	return kf_virt_addr_valid(addr);
}

NATIVE_API unsigned long totalram_pages(void)
{
	struct kf_zone_stat stat;
	unsigned long pages = 0;

	for (int zone = 0; zone < KF_NR_ZONES; zone++) {
		kf_zone_stat((enum kf_zone_id)zone, &stat);
		pages += stat.managed;
	}
	return pages;
}

/* ---- per-CPU memory ---- */

NATIVE_API void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	native_enter();
	return (void *)kf_alloc_percpu(size, align, gfp);
}

NATIVE_API void __percpu *__alloc_percpu(size_t size, size_t align)
{
	native_enter();
	return (void *)kf_alloc_percpu(size, align, GFP_KERNEL);
}

NATIVE_API void free_percpu(void __percpu *cookie)
{
	native_enter();
	kf_free_percpu((unsigned long)cookie);
}

/* A cookie is smaller than a unit; anything above is a static variable of the module. The cookie of
 * a failed allocation, and its neighbourhood, would reach the kernel's own data: here it faults. */
NATIVE_API void *native_per_cpu_ptr(const void *cookie, unsigned int cpu)
{
	unsigned long offset = (unsigned long)cookie;

	if (offset >= kf_layout()->percpu_unit || offset < kf_layout()->percpu_static)
		return (void *)cookie;
	return kf_per_cpu_ptr(offset, cpu);
}
