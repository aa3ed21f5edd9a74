/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtually contiguous memory, with the prototypes of 6.1. */
#ifndef KFAIL_LINUX_VMALLOC_H
#define KFAIL_LINUX_VMALLOC_H

#include "overflow.h"
#include "types.h"
#include "../asm/page.h"

struct page;
struct notifier_block;
struct vm_area_struct;

#define VM_IOREMAP	     0x00000001
#define VM_ALLOC	     0x00000002
#define VM_MAP		     0x00000004
#define VM_USERMAP	     0x00000008
#define VM_DMA_COHERENT	     0x00000010
#define VM_UNINITIALIZED     0x00000020
#define VM_NO_GUARD	     0x00000040
#define VM_FLUSH_RESET_PERMS 0x00000100
#define VM_MAP_PUT_PAGES     0x00000200
#define VM_ALLOW_HUGE_VMAP   0x00000400

struct vm_struct {
	struct vm_struct *next;
	void *addr;
	unsigned long size;
	unsigned long flags;
	struct page **pages;
	unsigned int page_order;
	unsigned int nr_pages;
	phys_addr_t phys_addr;
	const void *caller;
};

#define VMALLOC_START native_vmalloc_range(false)
#define VMALLOC_END   native_vmalloc_range(true)
#define VMALLOC_TOTAL (VMALLOC_END - VMALLOC_START)
unsigned long native_vmalloc_range(bool end);

void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *vmalloc_user(unsigned long size);
void *vmalloc_32(unsigned long size);
void *vmalloc_32_user(unsigned long size);
void *vmalloc_huge(unsigned long size, gfp_t gfp_mask);
void *vmalloc_node(unsigned long size, int node);
void *vzalloc_node(unsigned long size, int node);
void *__vmalloc(unsigned long size, gfp_t gfp_mask);
void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp_mask, int node,
		     const void *caller);
void *__vmalloc_node_range(unsigned long size, unsigned long align, unsigned long start,
			   unsigned long end, gfp_t gfp_mask, pgprot_t prot, unsigned long vm_flags,
			   int node, const void *caller);
void *__vmalloc_array(size_t n, size_t size, gfp_t flags);
void *__vcalloc(size_t n, size_t size, gfp_t flags);
void *vmalloc_array(size_t n, size_t size);
void *vcalloc(size_t n, size_t size);
void vfree(const void *addr);
void vfree_atomic(const void *addr);

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
void *vmap_pfn(unsigned long *pfns, unsigned int count, pgprot_t prot);
void vunmap(const void *addr);
void *vm_map_ram(struct page **pages, unsigned int count, int node);
void vm_unmap_ram(const void *mem, unsigned int count);
void vm_unmap_aliases(void);
/* There is no user space that could be mapped to: what 6.1 would refuse is refused, all else succeeds. */
int remap_vmalloc_range_partial(struct vm_area_struct *vma, unsigned long uaddr, void *kaddr,
				unsigned long pgoff, unsigned long size);
int remap_vmalloc_range(struct vm_area_struct *vma, void *addr, unsigned long pgoff);

struct vm_struct *get_vm_area(unsigned long size, unsigned long flags);
struct vm_struct *get_vm_area_caller(unsigned long size, unsigned long flags, const void *caller);
struct vm_struct *__get_vm_area_caller(unsigned long size, unsigned long flags, unsigned long start,
				       unsigned long end, const void *caller);
void free_vm_area(struct vm_struct *area);
struct vm_struct *remove_vm_area(const void *addr);
struct vm_struct *find_vm_area(const void *addr);

static inline size_t get_vm_area_size(const struct vm_struct *area)
{
	return area->flags & VM_NO_GUARD ? area->size : area->size - PAGE_SIZE;
}

static inline bool is_vm_area_hugepages(const void *addr)
{
	struct vm_struct *area = find_vm_area(addr);

	return area && area->page_order > 0;
}

static inline void set_vm_flush_reset_perms(void *addr)
{
	struct vm_struct *vm = find_vm_area(addr);

	if (vm)
		vm->flags |= VM_FLUSH_RESET_PERMS;
}

int ioremap_page_range(unsigned long addr, unsigned long end, phys_addr_t phys_addr, pgprot_t prot);
void vunmap_range(unsigned long addr, unsigned long end);

struct page *vmalloc_to_page(const void *addr);
unsigned long vmalloc_to_pfn(const void *addr);
unsigned long vmalloc_nr_pages(void);
bool is_vmalloc_addr(const void *x);
int is_vmalloc_or_module_addr(const void *x);
bool vmalloc_dump_obj(void *object);
long vread(char *buf, char *addr, unsigned long count);

struct vm_struct **pcpu_get_vm_areas(const unsigned long *offsets, const size_t *sizes, int nr_vms,
				     size_t align);
void pcpu_free_vm_areas(struct vm_struct **vms, int nr_vms);

int register_vmap_purge_notifier(struct notifier_block *nb);
int unregister_vmap_purge_notifier(struct notifier_block *nb);

#endif
