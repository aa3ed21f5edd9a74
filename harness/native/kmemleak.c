// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmemleak by the kernel's names (mm/kmemleak.c of 6.1); harness/kmemleak does the work. Its roots in native mode are what a
 * driver and the runtime can write to, and the driver's stack while it runs.
 */
#include "world.h"

#include "../kmemleak/kmemleak.h"
#include "include/linux/kmemleak.h"

NATIVE_API void kmemleak_alloc(const void *ptr, size_t size, int min_count, gfp_t gfp)
{
	native_enter();
	kml_alloc(ptr, size, min_count);
}

NATIVE_API void kmemleak_alloc_percpu(const void __percpu *ptr, size_t size, gfp_t gfp)
{
	native_enter();
	kml_alloc_percpu((uint64_t)ptr, size);
}

NATIVE_API void kmemleak_vmalloc(const struct vm_struct *area, size_t size, gfp_t gfp)
{
	native_enter();
	kml_vmalloc(area, area->addr, size);
}

NATIVE_API void kmemleak_free(const void *ptr)
{
	native_enter();
	kml_free(ptr);
}

NATIVE_API void kmemleak_free_part(const void *ptr, size_t size)
{
	native_enter();
	kml_free_part(ptr, size);
}

NATIVE_API void kmemleak_free_percpu(const void __percpu *ptr)
{
	native_enter();
	kml_free_percpu((uint64_t)ptr);
}

NATIVE_API void kmemleak_update_trace(const void *ptr)
{
	native_enter();
	kml_update_trace(ptr);
}

NATIVE_API void kmemleak_not_leak(const void *ptr)
{
	native_enter();
	kml_not_leak(ptr);
}

NATIVE_API void kmemleak_ignore(const void *ptr)
{
	native_enter();
	kml_ignore(ptr);
}

NATIVE_API void kmemleak_scan_area(const void *ptr, size_t size, gfp_t gfp)
{
	native_enter();
	kml_scan_area(ptr, size);
}

NATIVE_API void kmemleak_no_scan(const void *ptr)
{
	native_enter();
	kml_no_scan(ptr);
}

NATIVE_API void kmemleak_alloc_phys(phys_addr_t phys, size_t size, gfp_t gfp)
{
	native_enter();
	kml_alloc_phys(phys, size);
}

NATIVE_API void kmemleak_free_part_phys(phys_addr_t phys, size_t size)
{
	native_enter();
	kml_free_part_phys(phys, size);
}

NATIVE_API void kmemleak_ignore_phys(phys_addr_t phys)
{
	native_enter();
	kml_ignore_phys(phys);
}
