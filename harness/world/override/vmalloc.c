// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtually contiguous memory: mm/vmalloc.c, arch/x86/mm/ioremap.c, module memory of
 * arch/x86/kernel/module.c. Context rules are those of 6.1: BUG in interrupt for vmalloc and
 * vunmap, vfree deferred there.
 */
#include <linux/vmalloc.h>
#include <linux/mm.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/preempt.h>
#include <linux/kernel.h>
#include "host.h"

static bool forbidden_in_interrupt(const char *what)
{
	if (!in_interrupt() || kf_booting)
		return false;
	host_context(what);
	return true;
}

void *__vmalloc_node_range(unsigned long size, unsigned long align, unsigned long start,
			   unsigned long end, gfp_t gfp, pgprot_t prot, unsigned long vm_flags,
			   int node, const void *caller)
{
	forbidden_in_interrupt("vmalloc() in interrupt context: kernel BUG at mm/vmalloc.c");
	return kf_vmalloc(size, align, gfp, false);
}

void *__vmalloc_node(unsigned long size, unsigned long align, gfp_t gfp, int node,
		     const void *caller)
{
	return __vmalloc_node_range(size, align, 0, 0, gfp, PAGE_KERNEL, 0, node, caller);
}

/* The judges see where memory is freed; vfree(NULL) may sleep as well, says 6.1. */
void vfree(const void *addr)
{
	if (!addr && !in_interrupt())
		kf_check_sleep("vfree");
	kf_vfree(addr);
}

void vfree_atomic(const void *addr)
{
	kf_vfree(addr);
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	kf_check_sleep("vmap");
	return kf_vmap(pages, count, flags);
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
	return kf_vmap(pages, count, 0);
}

void vm_unmap_ram(const void *mem, unsigned int count)
{
	kf_check_sleep("vm_unmap_ram");
	kf_vunmap(mem);
}

void vm_unmap_aliases(void)
{
}

struct page *vmalloc_to_page(const void *addr)
{
	return kf_vmalloc_to_page(addr);
}

void __iomem *__ioremap_caller(resource_size_t phys, unsigned long size, enum page_cache_mode pcm,
			       void *caller, bool encrypted)
{
	if (!size)
		return NULL;
	return (void __iomem *)kf_ioremap(phys, size);
}

void iounmap(volatile void __iomem *addr)
{
	if (addr)
		kf_iounmap((const void __force *)addr);
}

void *module_alloc(unsigned long size)
{
	return kf_vmalloc(size, PAGE_SIZE, GFP_KERNEL, true);
}

void module_memfree(void *region)
{
	kf_vfree(region);
}
