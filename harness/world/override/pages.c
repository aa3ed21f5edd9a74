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
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include "host.h"

/* ---- allocation ---- */

static struct page *alloc(gfp_t gfp, unsigned int order)
{
	return kf_alloc_pages(gfp & gfp_allowed_mask, order);
}

struct page *__alloc_pages(gfp_t gfp, unsigned int order, int nid, nodemask_t *nodemask)
{
	return alloc(gfp, order);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return alloc(gfp, order);
}

struct folio *__folio_alloc(gfp_t gfp, unsigned int order, int nid, nodemask_t *nodemask)
{
	return (struct folio *)alloc(gfp | __GFP_COMP, order);
}

struct folio *folio_alloc(gfp_t gfp, unsigned int order)
{
	return (struct folio *)alloc(gfp | __GFP_COMP, order);
}

struct folio *vma_alloc_folio(gfp_t gfp, int order, struct vm_area_struct *vma, unsigned long addr,
			      bool hugepage)
{
	return (struct folio *)alloc(gfp | __GFP_COMP, order);
}

unsigned long __alloc_pages_bulk(gfp_t gfp, int nid, nodemask_t *nodemask, int n,
				 struct list_head *list, struct page **array)
{
	gfp &= gfp_allowed_mask;
	if (array)
		return kf_alloc_pages_bulk(gfp, n, array);
	return n > 0 ? kf_alloc_pages_bulk_list(gfp, n, list) : 0;
}

void split_page(struct page *page, unsigned int order)
{
	kf_split_page(page, order);
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	return kf_alloc_pages_exact(size, gfp & gfp_allowed_mask);
}

void *alloc_pages_exact_nid(int nid, size_t size, gfp_t gfp)
{
	return kf_alloc_pages_exact(size, gfp & gfp_allowed_mask);
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
		kf_release_page_batched(page);
	}
}

/* ---- lists of the CPU ---- */

void drain_all_pages(struct zone *zone)
{
	kf_drain_all_pages();
}

void drain_local_pages(struct zone *zone)
{
	kf_drain_local_pages();
}

void __drain_all_pages(struct zone *zone, bool force_all_cpus)
{
	kf_drain_all_pages();
}

/* ---- memory is short ---- */

bool gfp_pfmemalloc_allowed(gfp_t gfp)
{
	return kf_gfp_pfmemalloc_allowed(gfp);
}

/* What the task is and may, for the allocators. */
u32 kf_task_bits(void)
{
	static const struct {
		u32 flag, bit;
	} flags[] = {{PF_MEMALLOC, KF_TASK_MEMALLOC},
		     {PF_MEMALLOC_NOIO, KF_TASK_NOIO},
		     {PF_MEMALLOC_NOFS, KF_TASK_NOFS},
		     {PF_MEMALLOC_PIN, KF_TASK_PIN},
		     {PF_KSWAPD, KF_TASK_KSWAPD}};
	u32 bits = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		bits |= current->flags & flags[i].flag ? flags[i].bit : 0;
	bits |= in_hardirq() ? KF_TASK_HARDIRQ : 0;
	bits |= softirq_count() ? KF_TASK_SOFTIRQ : 0;
	bits |= kf_atomic_context() ? KF_TASK_ATOMIC : 0;
	bits |= tsk_is_oom_victim(current) ? KF_TASK_OOM_VICTIM : 0;
	bits |= rt_task(current) ? KF_TASK_REALTIME : 0;
	return bits | (fatal_signal_pending(current) ? KF_TASK_KILLED : 0);
}

/* ---- early memory ---- */

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
