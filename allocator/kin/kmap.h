/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mappings of single pages, for those that have no address of their own (HighMem). Follows mm/highmem.c and
 * include/linux/highmem-internal.h of 6.1: kmap() with a pool of slots that can run out, and local mappings (kmap_local_page,
 * kmap_atomic) that nest like brackets. Pages that the direct map has are answered from there and cost nothing,
 * unless the setting kmap_force asks for a real mapping, to find code that relies on it.
 */
#ifndef KFAIL_ALLOCATOR_KMAP_H
#define KFAIL_ALLOCATOR_KMAP_H

#include "../core/types.h"

/* Does this page have no address in the direct map? PageHighMem() */
bool kf_page_is_highmem(const struct page *page);

/*
 * kmap(): the page's address, the same for all who want it at once. Cannot fail: when all slots are in use it waits
 * (hook `wait`). May sleep, and says so to nobody: the caller checks the context.
 */
void *kf_kmap(struct page *page);
/* kunmap(): takes the page. One without a mapping is told. */
void kf_kunmap(struct page *page);
/* kmap_flush_unused(): unmap the slots that nobody uses; they are kept otherwise until the pool has gone round. */
void kf_kmap_flush_unused(void);

/*
 * kmap_local_page() and, with preemption disabled by the caller, kmap_atomic(): an address for this CPU only, to be
 * given back in reverse order. NULL, and told, where the kernel has BUG_ON(idx >= KM_MAX_IDX). Any context.
 */
void *kf_kmap_local(struct page *page);
/* kunmap_local(), kunmap_atomic(): takes an address within the page. Out of order, or mapped by nobody: told. */
void kf_kunmap_local(const void *addr);
/* How deep local mappings of this CPU nest. */
unsigned kf_kmap_local_depth(void);

/* The page behind an address of a mapping of either kind (kmap_to_page), or NULL. */
struct page *kf_kmap_to_page(const void *addr);

/* Bytes of address space at layout.kmap; 0: this world has none. */
u64 kf_kmap_window(void);

const char *kf_kmap_validate(void);

#endif
