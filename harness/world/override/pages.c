// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page allocator: mm/page_alloc.c, and the early allocator's entries that run after boot has
 * begun: mm/memblock.c. Above these leaves everything is the kernel's own: page cache, LRU,
 * mempolicy, fragments.
 */
#include <linux/mm.h>
#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/list.h>
#include "host.h"

struct page *__alloc_pages(gfp_t gfp, unsigned int order, int nid, nodemask_t *nodemask)
{
	return kf_alloc_pages(gfp, order);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return kf_alloc_pages(gfp, order);
}

struct folio *__folio_alloc(gfp_t gfp, unsigned int order, int nid, nodemask_t *nodemask)
{
	return (struct folio *)kf_alloc_pages(gfp | __GFP_COMP, order);
}

struct folio *folio_alloc(gfp_t gfp, unsigned int order)
{
	return (struct folio *)kf_alloc_pages(gfp | __GFP_COMP, order);
}

struct folio *vma_alloc_folio(gfp_t gfp, int order, struct vm_area_struct *vma, unsigned long addr,
			      bool hugepage)
{
	return (struct folio *)kf_alloc_pages(gfp | __GFP_COMP, order);
}

unsigned long __alloc_pages_bulk(gfp_t gfp, int nid, nodemask_t *nodemask, int n,
				 struct list_head *list, struct page **array)
{
	struct page *page;
	int done;

	if (array)
		return kf_alloc_pages_bulk(gfp, n, array);
	for (done = 0; done < n; done++) {
		page = kf_alloc_pages(gfp, 0);
		if (!page)
			break;
		list_add(&page->lru, list);
	}
	return done;
}

void split_page(struct page *page, unsigned int order)
{
	kf_split_page(page, order);
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	return kf_alloc_pages_exact(size, gfp);
}

void *alloc_pages_exact_nid(int nid, size_t size, gfp_t gfp)
{
	return kf_alloc_pages_exact(size, gfp);
}

void free_pages_exact(void *addr, size_t size)
{
	kf_free_pages_exact(addr, size);
}

void __free_pages(struct page *page, unsigned int order)
{
	kf_free_pages(page, order);
}

void free_unref_page(struct page *page, unsigned int order)
{
	kf_release_page(page);
}

/* Entered with the last reference gone, for blocks above the per-CPU lists' orders. */
void __free_pages_ok(struct page *page, unsigned int order, int fpi_flags)
{
	kf_release_page(page);
}

void free_compound_page(struct page *page)
{
	kf_release_page(page);
}

void free_unref_page_list(struct list_head *list)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, lru) {
		list_del(&page->lru);
		kf_release_page(page);
	}
}

void drain_all_pages(struct zone *zone)
{
}

void drain_local_pages(struct zone *zone)
{
}

void __drain_all_pages(struct zone *zone, bool force_all_cpus)
{
}

/* Memory for the boot itself, never given back. */
void *kf_boot_alloc(size_t size)
{
	return kf_memblock_alloc(size, SMP_CACHE_BYTES, 0, 0, false)
		       ?: page_address(kf_alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(size)));
}

void *memblock_alloc_try_nid(phys_addr_t size, phys_addr_t align, phys_addr_t min, phys_addr_t max,
			     int nid)
{
	return kf_boot_alloc(size);
}

void *memblock_alloc_try_nid_raw(phys_addr_t size, phys_addr_t align, phys_addr_t min,
				 phys_addr_t max, int nid)
{
	return kf_boot_alloc(size);
}

int memblock_phys_free(phys_addr_t base, phys_addr_t size)
{
	return 0;
}

void memblock_free(void *ptr, size_t size)
{
}

/* Dentry, inode, PID and other tables: sized for a small machine, whatever the memory size says. */
void *alloc_large_system_hash(const char *name, unsigned long bucket, unsigned long n, int scale,
			      int flags, unsigned int *shift, unsigned int *mask, unsigned long low,
			      unsigned long high)
{
	n = 1024;
	if (shift)
		*shift = ilog2(n);
	if (mask)
		*mask = n - 1;
	return kf_boot_alloc(n * bucket);
}
