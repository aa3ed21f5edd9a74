// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmalloc and its kin: the kernel's names and context rules (mm/vmalloc.c of 6.1) for what the allocators offer. In an
 * interrupt, vfree() puts memory on a list that a work frees: what uses it until then is not told, and the memory is
 * no leak.
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/io.h"
#include "include/linux/mm.h"
#include "include/linux/notifier.h"
#include "include/linux/slab.h"
#include "include/linux/vmalloc.h"
#include "include/linux/workqueue.h"

static inline struct page *outer(struct kf_page *page)
{
	return (struct page *)page;
}

NATIVE_API unsigned long native_vmalloc_range(bool end)
{
	return end ? kf_layout()->vmalloc_end : kf_layout()->vmalloc_start;
}

/* Bits of a page table entry of x86-64. */
static u32 host_prot(pgprot_t prot)
{
	const u64 present = 1, writable = 2, no_execute = 1ull << 63;

	if (!(prot.pgprot & present))
		return 0;
	return KF_PROT_READ | (prot.pgprot & writable ? KF_PROT_WRITE : 0) |
	       (prot.pgprot & no_execute ? 0 : KF_PROT_EXEC);
}

/* ---- vmalloc ---- */

NATIVE_API void *__vmalloc_node_range(unsigned long size, unsigned long align, unsigned long start,
				      unsigned long end, gfp_t gfp_mask, pgprot_t prot,
				      unsigned long vm_flags, int node, const void *caller)
{
	struct kf_vmalloc_args args = {.size = size,
				       .align = align,
				       .start = start,
				       .end = end,
				       .gfp = gfp_mask,
				       .prot = host_prot(prot),
				       .flags = vm_flags,
				       .caller = caller};

	native_enter();
	return kf_vmalloc_range(&args);
}

static inline void *in_range(unsigned long size, unsigned long align, gfp_t gfp,
			     unsigned long flags, const void *caller)
{
	struct kf_vmalloc_args args = {.size = size,
				       .align = align,
				       .gfp = gfp,
				       .prot = KF_PROT_KERNEL,
				       .flags = flags,
				       .caller = caller};

	return kf_vmalloc_range(&args);
}

#define VMALLOC(name, align, gfp, flags)                                            \
	NATIVE_API void *name(unsigned long size)                                   \
	{                                                                           \
		void *p;                                                            \
                                                                                    \
		native_enter();                                                     \
		p = in_range(size, align, gfp, flags, __builtin_return_address(0)); \
		return p;                                                           \
	}
VMALLOC(vmalloc, 1, GFP_KERNEL, 0)
VMALLOC(vzalloc, 1, GFP_KERNEL | __GFP_ZERO, 0)
VMALLOC(vmalloc_user, PAGE_SIZE, GFP_KERNEL | __GFP_ZERO, VM_USERMAP)
VMALLOC(vmalloc_32, 1, GFP_KERNEL | __GFP_DMA32, 0)
VMALLOC(vmalloc_32_user, PAGE_SIZE, GFP_KERNEL | __GFP_DMA32 | __GFP_ZERO, VM_USERMAP)

NATIVE_API void *__vmalloc(unsigned long size, gfp_t gfp_mask)
{
	native_enter();
	return in_range(size, 1, gfp_mask, 0, __builtin_return_address(0));
}

NATIVE_API void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp_mask, int node,
				const void *caller)
{
	native_enter();
	return in_range(size, align, gfp_mask, 0, caller);
}

NATIVE_API void *vmalloc_huge(unsigned long size, gfp_t gfp_mask)
{
	native_enter();
	return in_range(size, 1, gfp_mask, VM_ALLOW_HUGE_VMAP, __builtin_return_address(0));
}

NATIVE_API void *vmalloc_node(unsigned long size, int node)
{
	return vmalloc(size);
}

NATIVE_API void *vzalloc_node(unsigned long size, int node)
{
	return vzalloc(size);
}

NATIVE_API void *__vmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return __vmalloc(bytes, flags);
}

NATIVE_API void *__vcalloc(size_t n, size_t size, gfp_t flags)
{
	return __vmalloc_array(n, size, flags | __GFP_ZERO);
}

NATIVE_API void *vmalloc_array(size_t n, size_t size)
{
	return __vmalloc_array(n, size, GFP_KERNEL);
}

NATIVE_API void *vcalloc(size_t n, size_t size)
{
	return __vmalloc_array(n, size, GFP_KERNEL | __GFP_ZERO);
}

/* ---- vfree ---- */

static void free_deferred(struct work_struct *work)
{
	kf_vfree_work();
}

/* Always from a work, where it may sleep. */
NATIVE_API void vfree_atomic(const void *addr)
{
	struct work_struct *work = &native_seldom.vfree_work;

	native_enter();
	if (unlikely(native_state.preempt_count & NMI_MASK))
		judge_context("vfree() in NMI context: kernel BUG at mm/vmalloc.c");
	if (!kf_vfree_deferred(addr))
		return;
	if (!work->func)
		INIT_WORK(work, free_deferred);
	schedule_work(work);
}

/* As in the kernel, vfree(NULL) is a call that may sleep too. (For memory, the judges ask themselves.) */
NATIVE_API void vfree(const void *addr)
{
	if (unlikely(in_interrupt()))
		vfree_atomic(addr);
	else if (addr)
		kf_vfree(addr);
	else
		native_may_sleep("vfree");
}

/* ---- mappings of existing pages ---- */

NATIVE_API void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	native_enter();
	return kf_vmap_prot((struct kf_page **)pages, count, flags, host_prot(prot),
			    __builtin_return_address(0));
}

NATIVE_API void *vmap_pfn(unsigned long *pfns, unsigned int count, pgprot_t prot)
{
	native_enter();
	return kf_vmap_pfn(pfns, count, host_prot(prot), __builtin_return_address(0));
}

NATIVE_API void vunmap(const void *addr)
{
	native_enter();
	if (addr)
		kf_vunmap(addr);
	else
		native_may_sleep("vunmap");
}

NATIVE_API void *vm_map_ram(struct page **pages, unsigned int count, int node)
{
	native_enter();
	return kf_vm_map_ram((struct kf_page **)pages, count);
}

NATIVE_API void vm_unmap_ram(const void *mem, unsigned int count)
{
	native_may_sleep("vm_unmap_ram");
	kf_vm_unmap_ram(mem, count);
}

NATIVE_API void vm_unmap_aliases(void)
{
	native_may_sleep("vm_unmap_aliases");
	kf_vm_unmap_aliases();
}

/* ---- areas ---- */

NATIVE_API struct vm_struct *__get_vm_area_caller(unsigned long size, unsigned long flags,
						  unsigned long start, unsigned long end,
						  const void *caller)
{
	native_enter();
	return (struct vm_struct *)kf_get_vm_area(size, flags, start, end, caller);
}

NATIVE_API struct vm_struct *get_vm_area_caller(unsigned long size, unsigned long flags,
						const void *caller)
{
	return __get_vm_area_caller(size, flags, 0, 0, caller);
}

NATIVE_API struct vm_struct *get_vm_area(unsigned long size, unsigned long flags)
{
	return __get_vm_area_caller(size, flags, 0, 0, __builtin_return_address(0));
}

NATIVE_API struct vm_struct *find_vm_area(const void *addr)
{
	return (struct vm_struct *)kf_find_vm_area(addr);
}

NATIVE_API struct vm_struct *remove_vm_area(const void *addr)
{
	native_may_sleep("remove_vm_area");
	return (struct vm_struct *)kf_remove_vm_area(addr);
}

NATIVE_API void free_vm_area(struct vm_struct *area)
{
	native_enter();
	kf_free_vm_area((struct kf_vm *)area);
}

NATIVE_API int ioremap_page_range(unsigned long addr, unsigned long end, phys_addr_t phys_addr,
				  pgprot_t prot)
{
	native_enter();
	return kf_ioremap_page_range(addr, end, phys_addr, host_prot(prot));
}

NATIVE_API void vunmap_range(unsigned long addr, unsigned long end)
{
	native_enter();
	kf_vunmap_range(addr, end);
}

static bool may_remap(void *kaddr, unsigned long pgoff, unsigned long size)
{
	const struct vm_struct *area = find_vm_area(kaddr);
	unsigned long first, end;

	return area && (area->flags & (VM_USERMAP | VM_DMA_COHERENT)) &&
	       !check_mul_overflow(pgoff, PAGE_SIZE, &first) &&
	       !check_add_overflow(first, PAGE_ALIGN(size), &end) && end <= get_vm_area_size(area);
}

NATIVE_API int remap_vmalloc_range_partial(struct vm_area_struct *vma, unsigned long uaddr,
					   void *kaddr, unsigned long pgoff, unsigned long size)
{
	native_enter();
	if (uaddr % PAGE_SIZE || (unsigned long)kaddr % PAGE_SIZE)
		return -EINVAL;
	return may_remap(kaddr, pgoff, size) ? 0 : -EINVAL;
}

/* Without user space there are no bounds in `vma`: one page stands for all. */
NATIVE_API int remap_vmalloc_range(struct vm_area_struct *vma, void *addr, unsigned long pgoff)
{
	return remap_vmalloc_range_partial(vma, 0, addr, pgoff, PAGE_SIZE);
}

/* ---- of the per-CPU allocator ---- */

NATIVE_API struct vm_struct **pcpu_get_vm_areas(const unsigned long *offsets, const size_t *sizes,
						int nr_vms, size_t align)
{
	struct vm_struct **vms;

	native_enter();
	vms = kf_kmalloc((size_t)nr_vms * sizeof(*vms), GFP_KERNEL | __GFP_ZERO);
	if (vms &&
	    kf_pcpu_get_vm_areas(offsets, sizes, (unsigned int)nr_vms, align, (struct kf_vm **)vms))
		return vms;
	kf_kfree(vms);
	return NULL;
}

NATIVE_API void pcpu_free_vm_areas(struct vm_struct **vms, int nr_vms)
{
	native_enter();
	kf_pcpu_free_vm_areas((struct kf_vm **)vms, (unsigned int)nr_vms);
	kf_kfree(vms);
}

/* ---- who can give address space back ---- */

NATIVE_API int register_vmap_purge_notifier(struct notifier_block *nb)
{
	native_enter();
	return blocking_notifier_chain_register(&native_seldom.vmap_purge, nb);
}

NATIVE_API int unregister_vmap_purge_notifier(struct notifier_block *nb)
{
	native_enter();
	return blocking_notifier_chain_unregister(&native_seldom.vmap_purge, nb);
}

uint64_t native_vmap_purge(void)
{
	unsigned long freed = 0;

	blocking_notifier_call_chain(&native_seldom.vmap_purge, 0, &freed);
	return freed;
}

/* ---- questions ---- */

NATIVE_API struct page *vmalloc_to_page(const void *addr)
{
	return outer(kf_vmalloc_to_page(addr));
}

NATIVE_API unsigned long vmalloc_to_pfn(const void *addr)
{
	return kf_page_to_pfn(kf_vmalloc_to_page(addr));
}

NATIVE_API unsigned long vmalloc_nr_pages(void)
{
	return kf_vmalloc_nr_pages();
}

NATIVE_API bool is_vmalloc_addr(const void *x)
{
	return kf_is_vmalloc_addr(x);
}

NATIVE_API int is_vmalloc_or_module_addr(const void *x)
{
	return kf_is_vmalloc_or_module_addr(x);
}

NATIVE_API bool vmalloc_dump_obj(void *object)
{
	return kf_vmalloc_dump_obj(object);
}

NATIVE_API long vread(char *buf, char *addr, unsigned long count)
{
	return (long)kf_vread(buf, addr, count);
}

NATIVE_API void __iomem *ioremap(phys_addr_t phys, size_t size)
{
	native_may_sleep("ioremap");
	return kf_ioremap_caller(phys, size, __builtin_return_address(0));
}

NATIVE_API void iounmap(volatile void __iomem *addr)
{
	native_enter();
	kf_iounmap((const void *)addr);
}
