/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages: references, addresses. */
#ifndef KFAIL_LINUX_MM_H
#define KFAIL_LINUX_MM_H

#include "align.h"
#include "bug.h"
#include "gfp.h"
#include "kernel.h"
#include "mm_types.h"
#include "slab.h"
#include "vmalloc.h"

void *page_address(const struct page *page);
struct page *virt_to_page(const void *addr);
struct page *pfn_to_page(unsigned long pfn);
unsigned long page_to_pfn(const struct page *page);
phys_addr_t virt_to_phys(const volatile void *addr);
void *phys_to_virt(phys_addr_t phys);
bool virt_addr_valid(const void *addr);
#define __pa(x)		   virt_to_phys((const void *)(x))
#define __va(x)		   phys_to_virt((phys_addr_t)(x))
#define page_to_phys(p)	   ((phys_addr_t)page_to_pfn(p) << PAGE_SHIFT)
#define page_to_virt(p)	   page_address(p)
#define virt_to_pfn(kaddr) (virt_to_phys(kaddr) >> PAGE_SHIFT)
#define offset_in_page(p)  ((unsigned long)(p) & ~PAGE_MASK)
#define PAGE_ALIGN(addr)   ALIGN(addr, PAGE_SIZE)
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
#define PFN_UP(x)	   (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)	   ((x) >> PAGE_SHIFT)

struct page *compound_head_page(const struct page *page);
#define compound_head(page)	compound_head_page(page)
#define virt_to_head_page(addr) compound_head(virt_to_page(addr))
void get_page(struct page *page);
void put_page(struct page *page);

static inline int page_ref_count(const struct page *page)
{
	return READ_ONCE(page->_refcount.counter);
}

#define page_count(page) page_ref_count(compound_head(page))

static inline void set_page_private(struct page *page, unsigned long private)
{
	page->private = private;
}

static inline unsigned long page_private(struct page *page)
{
	return page->private;
}

static inline void clear_page(void *page)
{
	__builtin_memset(page, 0, PAGE_SIZE);
}

static inline void copy_page(void *to, void *from)
{
	__builtin_memcpy(to, from, PAGE_SIZE);
}

static inline int get_order(unsigned long size)
{
	if (!size)
		return BITS_PER_LONG - PAGE_SHIFT;
	return fls64((size - 1) >> PAGE_SHIFT);
}

unsigned long totalram_pages(void);

#endif
