/* SPDX-License-Identifier: GPL-2.0-only */
/* The page allocator. */
#ifndef KFAIL_LINUX_GFP_H
#define KFAIL_LINUX_GFP_H

#include "gfp_types.h"
#include "topology.h"

struct page;

struct page *alloc_pages(gfp_t gfp, unsigned int order);
struct page *__alloc_pages_node(int nid, gfp_t gfp_mask, unsigned int order);
#define alloc_page(gfp)			  alloc_pages(gfp, 0)
#define alloc_pages_node(nid, gfp, order) __alloc_pages_node(nid, gfp, order)
void __free_pages(struct page *page, unsigned int order);
#define __free_page(page) __free_pages((page), 0)
unsigned long __get_free_pages(gfp_t gfp_mask, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp_mask);
#define __get_free_page(gfp)	    __get_free_pages((gfp), 0)
#define __get_dma_pages(gfp, order) __get_free_pages((gfp) | GFP_DMA, (order))
void free_pages(unsigned long addr, unsigned int order);
#define free_page(addr) free_pages((addr), 0)
void *alloc_pages_exact(size_t size, gfp_t gfp_mask);
void free_pages_exact(void *virt, size_t size);
unsigned long alloc_pages_bulk_array(gfp_t gfp, unsigned long nr_pages, struct page **page_array);
unsigned long alloc_pages_bulk_list(gfp_t gfp, unsigned long nr_pages, struct list_head *list);
#define alloc_pages_bulk_array_node(gfp, nid, nr_pages, array) \
	((void)(nid), alloc_pages_bulk_array(gfp, nr_pages, array))
#define alloc_pages_exact_nid(nid, size, gfp) ((void)(nid), alloc_pages_exact(size, gfp))
struct page_frag_cache;
void *page_frag_alloc_align(struct page_frag_cache *nc, unsigned int fragsz, gfp_t gfp_mask,
			    unsigned int align_mask);
void *page_frag_alloc(struct page_frag_cache *nc, unsigned int fragsz, gfp_t gfp_mask);
void page_frag_free(void *addr);
void __page_frag_cache_drain(struct page *page, unsigned int count);
void split_page(struct page *page, unsigned int order);

#endif
