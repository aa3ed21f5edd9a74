// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of include/linux/kmemleak.h for modules that were built for a kernel with CONFIG_DEBUG_KMEMLEAK
 * (../exports.def). The headers that this layer is compiled with have them as empty inline functions of the same names, so
 * they have others here, and theirs only for the linker.
 */
#include <linux/types.h>

/* ../../kmemleak/kmemleak.h */
void kml_alloc(const void *ptr, size_t size, int min_count);
void kml_alloc_percpu(u64 cookie, size_t size);
void kml_vmalloc(const void *vm_struct, const void *addr, size_t size);
void kml_free(const void *ptr);
void kml_free_part(const void *ptr, size_t size);
void kml_free_percpu(u64 cookie);
void kml_update_trace(const void *ptr);
void kml_not_leak(const void *ptr);
void kml_ignore(const void *ptr);
void kml_scan_area(const void *ptr, size_t size);
void kml_no_scan(const void *ptr);
void kml_alloc_phys(u64 phys, size_t size);
void kml_free_part_phys(u64 phys, size_t size);
void kml_ignore_phys(u64 phys);

/* struct vm_struct, as far as it matters. */
struct vm_head {
	void *next, *addr;
};

#define NAMED(function) __asm__(#function)

void kf_km_alloc(const void *ptr, size_t size, int min_count, gfp_t gfp) NAMED(kmemleak_alloc);
void kf_km_alloc(const void *ptr, size_t size, int min_count, gfp_t gfp)
{
	kml_alloc(ptr, size, min_count);
}

void kf_km_alloc_percpu(const void *ptr, size_t size, gfp_t gfp) NAMED(kmemleak_alloc_percpu);
void kf_km_alloc_percpu(const void *ptr, size_t size, gfp_t gfp)
{
	kml_alloc_percpu((u64)ptr, size);
}

void kf_km_vmalloc(const struct vm_head *area, size_t size, gfp_t gfp) NAMED(kmemleak_vmalloc);
void kf_km_vmalloc(const struct vm_head *area, size_t size, gfp_t gfp)
{
	kml_vmalloc(area, area->addr, size);
}

void kf_km_free(const void *ptr) NAMED(kmemleak_free);
void kf_km_free(const void *ptr)
{
	kml_free(ptr);
}

void kf_km_free_part(const void *ptr, size_t size) NAMED(kmemleak_free_part);
void kf_km_free_part(const void *ptr, size_t size)
{
	kml_free_part(ptr, size);
}

void kf_km_free_percpu(const void *ptr) NAMED(kmemleak_free_percpu);
void kf_km_free_percpu(const void *ptr)
{
	kml_free_percpu((u64)ptr);
}

void kf_km_update_trace(const void *ptr) NAMED(kmemleak_update_trace);
void kf_km_update_trace(const void *ptr)
{
	kml_update_trace(ptr);
}

void kf_km_not_leak(const void *ptr) NAMED(kmemleak_not_leak);
void kf_km_not_leak(const void *ptr)
{
	kml_not_leak(ptr);
}

void kf_km_ignore(const void *ptr) NAMED(kmemleak_ignore);
void kf_km_ignore(const void *ptr)
{
	kml_ignore(ptr);
}

void kf_km_scan_area(const void *ptr, size_t size, gfp_t gfp) NAMED(kmemleak_scan_area);
void kf_km_scan_area(const void *ptr, size_t size, gfp_t gfp)
{
	kml_scan_area(ptr, size);
}

void kf_km_no_scan(const void *ptr) NAMED(kmemleak_no_scan);
void kf_km_no_scan(const void *ptr)
{
	kml_no_scan(ptr);
}

void kf_km_alloc_phys(phys_addr_t phys, size_t size, gfp_t gfp) NAMED(kmemleak_alloc_phys);
void kf_km_alloc_phys(phys_addr_t phys, size_t size, gfp_t gfp)
{
	kml_alloc_phys(phys, size);
}

void kf_km_free_part_phys(phys_addr_t phys, size_t size) NAMED(kmemleak_free_part_phys);
void kf_km_free_part_phys(phys_addr_t phys, size_t size)
{
	kml_free_part_phys(phys, size);
}

void kf_km_ignore_phys(phys_addr_t phys) NAMED(kmemleak_ignore_phys);
void kf_km_ignore_phys(phys_addr_t phys)
{
	kml_ignore_phys(phys);
}
