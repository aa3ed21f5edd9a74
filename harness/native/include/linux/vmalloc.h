/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtually contiguous memory. */
#ifndef KFAIL_LINUX_VMALLOC_H
#define KFAIL_LINUX_VMALLOC_H

#include "overflow.h"
#include "types.h"
#include "../asm/page.h"

struct page;

#define VM_IOREMAP	 0x01
#define VM_ALLOC	 0x02
#define VM_MAP		 0x04
#define VM_USERMAP	 0x08
#define VM_MAP_PUT_PAGES 0x200

void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *vmalloc_user(unsigned long size);
void *vmalloc_32(unsigned long size);
void *vmalloc_node(unsigned long size, int node);
void *vzalloc_node(unsigned long size, int node);
void *__vmalloc(unsigned long size, gfp_t gfp_mask);
void *vmalloc_array(size_t n, size_t size);
void *vcalloc(size_t n, size_t size);
void vfree(const void *addr);
void vfree_atomic(const void *addr);
void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
void vunmap(const void *addr);
struct page *vmalloc_to_page(const void *addr);
unsigned long vmalloc_to_pfn(const void *addr);
bool is_vmalloc_addr(const void *x);

#endif
