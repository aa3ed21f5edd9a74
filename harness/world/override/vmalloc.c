// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtually contiguous memory: mm/vmalloc.c, arch/x86/mm/ioremap.c, module memory of arch/x86/kernel/module.c.
 *
 * What is above __vmalloc_node_range() (vmalloc_user, vmalloc_32, vmalloc_huge, kvmalloc, ...) is the kernel's own. Context
 * rules are those of 6.1: BUG in interrupt for vmalloc and vunmap, told and not fatal; vfree there goes on a
 * list that a work frees. An area's struct vm_struct lies with the allocators, at the kernel's offsets.
 */
#include <linux/vmalloc.h>
#include <linux/mm.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/notifier.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>
#include "host.h"

extern struct blocking_notifier_head vmap_notify_list;

static bool forbidden_in_interrupt(const char *what)
{
	if (!in_interrupt() || kf_booting)
		return false;
	host_context(what);
	return true;
}

static u32 host_prot(pgprot_t prot)
{
	u64 bits = pgprot_val(prot);

	if (!(bits & _PAGE_PRESENT))
		return 0;
	return KF_PROT_READ | (bits & _PAGE_RW ? KF_PROT_WRITE : 0) |
	       (bits & _PAGE_NX ? 0 : KF_PROT_EXEC);
}

/* ---- vmalloc ---- */

/* The image knows where modules would be on a machine; here they are elsewhere. */
static void set_range(struct kf_vmalloc_args *args, unsigned long start, unsigned long end)
{
	if (start >= MODULES_VADDR && start < MODULES_END)
		kf_module_range(&args->start, &args->end);
	else if (start != VMALLOC_START || end != VMALLOC_END)
		args->start = start, args->end = end;
}

void *__vmalloc_node_range(unsigned long size, unsigned long align, unsigned long start,
			   unsigned long end, gfp_t gfp, pgprot_t prot, unsigned long vm_flags,
			   int node, const void *caller)
{
	struct kf_vmalloc_args args = {
		.size = size,
		.align = align,
		.gfp = gfp,
		.prot = host_prot(prot),
		.flags = vm_flags,
		.caller = caller,
	};

	forbidden_in_interrupt("vmalloc() in interrupt context: kernel BUG at mm/vmalloc.c");
	set_range(&args, start, end);
	return kf_vmalloc_range(&args);
}

void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp, int node,
		     const void *caller)
{
	return __vmalloc_node_range(size, align, VMALLOC_START, VMALLOC_END, gfp, PAGE_KERNEL, 0,
				    node, caller);
}

unsigned long vmalloc_nr_pages(void)
{
	return kf_vmalloc_nr_pages();
}

/* ---- vfree ---- */

static void free_deferred(struct work_struct *work)
{
	kf_vfree_work();
}
static DECLARE_WORK(deferred_work, free_deferred);

void vfree_atomic(const void *addr)
{
	if (in_nmi())
		host_context("vfree() in NMI context: kernel BUG at mm/vmalloc.c");
	if (kf_vfree_deferred(addr))
		schedule_work(&deferred_work);
}

/* The judges see where memory is freed; vfree(NULL) may sleep as well, says 6.1. */
void vfree(const void *addr)
{
	if (in_interrupt() && !kf_booting) {
		vfree_atomic(addr);
		return;
	}
	if (!addr)
		kf_check_sleep("vfree");
	kf_vfree(addr);
}

/* The kernel's chain of those who can give address space back; for the hook vmap_purge. */
u64 kf_purge_notifiers(void)
{
	unsigned long freed = 0;

	blocking_notifier_call_chain(&vmap_notify_list, 0, &freed);
	return freed;
}

/* ---- mappings of existing pages ---- */

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	kf_check_sleep("vmap");
	return kf_vmap_prot(pages, count, flags, host_prot(prot), __builtin_return_address(0));
}

void *vmap_pfn(unsigned long *pfns, unsigned int count, pgprot_t prot)
{
	kf_check_sleep("vmap_pfn");
	return kf_vmap_pfn((u64 *)pfns, count, host_prot(prot), __builtin_return_address(0));
}

void vunmap(const void *addr)
{
	forbidden_in_interrupt("vunmap() in interrupt context: kernel BUG at mm/vmalloc.c");
	kf_check_sleep("vunmap");
	if (addr)
		kf_vunmap(addr);
}

void *vm_map_ram(struct page **pages, unsigned int count, int node)
{
	kf_check_sleep("vm_map_ram");
	return kf_vm_map_ram(pages, count);
}

void vm_unmap_ram(const void *mem, unsigned int count)
{
	kf_check_sleep("vm_unmap_ram");
	kf_vm_unmap_ram(mem, count);
}

void vm_unmap_aliases(void)
{
	kf_check_sleep("vm_unmap_aliases");
	kf_vm_unmap_aliases();
}

/* ---- areas ---- */

static struct vm_struct *reserve(unsigned long size, unsigned long flags, unsigned long start,
				 unsigned long end, const void *caller)
{
	struct kf_vmalloc_args args = {0};

	forbidden_in_interrupt("get_vm_area() in interrupt context: kernel BUG at mm/vmalloc.c");
	set_range(&args, start, end);
	return kf_get_vm_area(size, flags, args.start, args.end, caller);
}

struct vm_struct *__get_vm_area_caller(unsigned long size, unsigned long flags, unsigned long start,
				       unsigned long end, const void *caller)
{
	return reserve(size, flags, start, end, caller);
}

struct vm_struct *get_vm_area_caller(unsigned long size, unsigned long flags, const void *caller)
{
	return reserve(size, flags, VMALLOC_START, VMALLOC_END, caller);
}

struct vm_struct *get_vm_area(unsigned long size, unsigned long flags)
{
	return reserve(size, flags, VMALLOC_START, VMALLOC_END, __builtin_return_address(0));
}

struct vm_struct *find_vm_area(const void *addr)
{
	return kf_find_vm_area(addr);
}

/* Whoever asks looks at the bounds at once; there is one CPU. */
struct vmap_area *find_vmap_area(unsigned long addr)
{
	static struct vmap_area found;

	found = (struct vmap_area){0};
	if (!kf_find_vmap_area((void *)addr, (u64 *)&found.va_start, (u64 *)&found.va_end,
			       &found.vm))
		return NULL;
	return &found;
}

struct vm_struct *remove_vm_area(const void *addr)
{
	kf_check_sleep("remove_vm_area");
	return kf_remove_vm_area(addr);
}

void free_vm_area(struct vm_struct *area)
{
	kf_check_sleep("free_vm_area");
	kf_free_vm_area(area);
}

void vunmap_range(unsigned long addr, unsigned long end)
{
	kf_vunmap_range(addr, end);
}

int ioremap_page_range(unsigned long addr, unsigned long end, phys_addr_t phys, pgprot_t prot)
{
	return kf_ioremap_page_range(addr, end, phys, host_prot(prot));
}

/* ---- questions ---- */

struct page *vmalloc_to_page(const void *addr)
{
	return kf_vmalloc_to_page(addr);
}

unsigned long vmalloc_to_pfn(const void *addr)
{
	return page_to_pfn(kf_vmalloc_to_page(addr));
}

int is_vmalloc_or_module_addr(const void *addr)
{
	return kf_is_vmalloc_or_module_addr(addr);
}

bool vmalloc_dump_obj(void *object)
{
	const struct vm_struct *vm = kf_find_vm_area((void *)PAGE_ALIGN((unsigned long)object));

	if (!vm)
		return false;
	pr_cont(" %u-page vmalloc region starting at %#lx allocated at %pS\n", vm->nr_pages,
		(unsigned long)vm->addr, vm->caller);
	return true;
}

long vread(char *buf, char *addr, unsigned long count)
{
	return kf_vread(buf, addr, count);
}

/* Pages [pgoff, pgoff + size) of an area that was made for it, into user space. */
int remap_vmalloc_range_partial(struct vm_area_struct *vma, unsigned long uaddr, void *kaddr,
				unsigned long pgoff, unsigned long size)
{
	const struct vm_struct *area = kf_find_vm_area(kaddr);
	unsigned long first, end, at;
	int err = 0;

	size = PAGE_ALIGN(size);
	if (!PAGE_ALIGNED(uaddr) || !PAGE_ALIGNED(kaddr) || !area ||
	    !(area->flags & (VM_USERMAP | VM_DMA_COHERENT)))
		return -EINVAL;
	if (check_shl_overflow(pgoff, PAGE_SHIFT, &first) ||
	    check_add_overflow(first, size, &end) || end > get_vm_area_size(area))
		return -EINVAL;
	for (at = 0; at < size && !err; at += PAGE_SIZE)
		err = vm_insert_page(vma, uaddr + at, kf_vmalloc_to_page(kaddr + first + at));
	if (!err)
		vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
	return err;
}

/* ---- devices and modules ---- */

void __iomem *__ioremap_caller(resource_size_t phys, unsigned long size, enum page_cache_mode pcm,
			       void *caller, bool encrypted)
{
	return (void __iomem *)kf_ioremap_caller(phys, size, caller);
}

/* Addresses of the direct map are left alone: ioremap() of a legacy range may have given one. */
void iounmap(volatile void __iomem *addr)
{
	if ((void __force *)addr > high_memory)
		kf_iounmap((const void __force *)addr);
}

void *module_alloc(unsigned long size)
{
	void *area = __vmalloc_node_range(size, PAGE_SIZE, MODULES_VADDR, MODULES_END, GFP_KERNEL,
					  PAGE_KERNEL_EXEC, 0, NUMA_NO_NODE,
					  __builtin_return_address(0));

	if (area)
		kf_shadow_forget((unsigned long)area, PAGE_ALIGN(size));
	return area;
}

void module_memfree(void *region)
{
	kf_vfree(region);
}
