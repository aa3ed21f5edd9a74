/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtually contiguous memory over scattered frames. Follows mm/vmalloc.c of 6.1: lowest address
 * first, one guard page after each area, true aliases of the frames (memory.h), kmalloc'ed sizes rounded up
 * to pages. The tail of the last page beyond the requested size is guarded like a slab object.
 */
#ifndef KFAIL_ALLOCATOR_VMALLOC_H
#define KFAIL_ALLOCATOR_VMALLOC_H

#include "../core/hooks.h"

/* What an area is; the values are the kernel's VM_* of include/linux/vmalloc.h. */
enum {
	KF_VM_IOREMAP = 1,
	KF_VM_ALLOC = 2,
	KF_VM_MAP = 4,
	KF_VM_USERMAP = 8,
	KF_VM_MAP_PUT_PAGES = 0x200
};

/* __vmalloc_node_range(): `size` bytes aligned to `align`. `exec`: in the module range, executable.
 * NULL: size 0 (KF_BUG_WARN), refused, no frames, no address space. Told as KF_VMALLOC. */
void *kf_vmalloc(size_t size, size_t align, u32 gfp, bool exec);
/* vfree(): NULL is fine; a bad address is a bug and frees nothing. */
void kf_vfree(const void *addr);

/* vmap(): map `n` existing pages. Told as KF_VMAP. With KF_VM_MAP_PUT_PAGES kf_vfree() owns the pages. */
void *kf_vmap(struct page **pages, unsigned n, u32 flags);
void kf_vunmap(const void *addr);

/* ioremap(): `size` bytes of device space at physical `phys`, backed by zeroed frames of the area's own.
 * Returns the address with the offset in the page of `phys`. */
void *kf_ioremap(u64 phys, size_t size);
void kf_iounmap(const void *addr);

/* vmalloc_to_page(): the frame behind an address of any area; NULL where nothing is mapped. */
struct page *kf_vmalloc_to_page(const void *addr);
bool kf_is_vmalloc_addr(const void *addr);

/* Check the tail guards of all areas; returns the number of damaged ones, each told as a bug. */
unsigned kf_vmalloc_check(void);
const char *kf_vmalloc_validate(void);

/* Call fn for each area, by address. */
void kf_vmalloc_for_each(void (*fn)(const struct kf_object *area, void *arg), void *arg);

#endif
