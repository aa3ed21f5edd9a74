/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtually contiguous memory over scattered frames. Follows mm/vmalloc.c of 6.1: lowest address
 * first, one guard page after each area, true aliases of the frames (memory.h), sizes rounded up to pages,
 * addresses of freed areas used again only after a purge. The tail of the last page beyond the requested size
 * is guarded like a slab object.
 *
 * Context, as in the kernel: nothing here is for interrupts but kf_vfree_deferred(); everything else may
 * sleep. Who may not is told through the hook `might_alloc` or `freed`.
 */
#ifndef KFAIL_ALLOCATOR_VMALLOC_H
#define KFAIL_ALLOCATOR_VMALLOC_H

#include "../core/hooks.h"

/* What an area is; the values are the kernel's VM_* of include/linux/vmalloc.h. */
enum {
	KF_VM_IOREMAP = 0x1,
	KF_VM_ALLOC = 0x2,
	KF_VM_MAP = 0x4,
	KF_VM_USERMAP = 0x8,
	KF_VM_DMA_COHERENT = 0x10,
	KF_VM_UNINITIALIZED = 0x20,
	KF_VM_NO_GUARD = 0x40,
	KF_VM_FLUSH_RESET_PERMS = 0x100,
	KF_VM_MAP_PUT_PAGES = 0x200,
	KF_VM_ALLOW_HUGE_VMAP = 0x400,
};

/* Protection of a mapping: PROT_* of the host. */
enum { KF_PROT_READ = 1, KF_PROT_WRITE = 2, KF_PROT_EXEC = 4 };
#define KF_PROT_KERNEL (KF_PROT_READ | KF_PROT_WRITE)

/*
 * struct vm_struct, at the offsets of 6.1 on x86-64: kernel code and drivers that look an area up read it, and
 * may set its flags. It lives as long as its area.
 */
struct kf_vm {
	struct kf_vm *next;
	void *addr;
	u64 size; /* guard page included */
	u64 flags;
	struct page **
		pages; /* the frames of vmalloc(), the caller's array with VM_MAP_PUT_PAGES; else NULL */
	u32 page_order; /* 9: allocated in blocks of 2 MiB */
	u32 nr_pages;
	u64 phys_addr; /* ioremap */
	const void *caller;
};
_Static_assert(sizeof(struct kf_vm) == 64, "struct vm_struct has the kernel's size");
_Static_assert(offsetof(struct kf_vm, caller) == 56, "caller where 6.1 has it");

/* ---- vmalloc ---------------------------------------------------------------------------------------- */

/* The arguments of __vmalloc_node_range(). */
struct kf_vmalloc_args {
	u64 size;	/* bytes */
	u64 align;	/* power of two; below a page: a page */
	u64 start, end; /* virtual addresses that it must lie in; both 0: the vmalloc range */
	u32 gfp;
	u32 prot;  /* KF_PROT_* */
	u64 flags; /* KF_VM_USERMAP, _NO_GUARD, _ALLOW_HUGE_VMAP, ...; KF_VM_ALLOC is implied */
	const void *caller;
};

/*
 * __vmalloc_node_range(): NULL for size 0 (KF_BUG_WARN), more than there is, refused, no frames, no address
 * space. Told as KF_VMALLOC. __GFP_NORETRY and __GFP_RETRY_MAYFAIL have no meaning here; __GFP_NOFAIL
 * tries again as long as anything can be freed.
 */
void *kf_vmalloc_range(const struct kf_vmalloc_args *args);
/* The same in short; `exec`: in the module range, writable and executable, as module_alloc(). No caller is kept: it may be
 * the host's code, whose addresses mean nothing in another process. */
void *kf_vmalloc(size_t size, size_t align, u32 gfp, bool exec);

/* vfree(): NULL is fine; a bad address is a bug and frees nothing. Not in interrupt context. */
void kf_vfree(const void *addr);

/*
 * vfree_atomic(), and vfree() in an interrupt: put `addr` on a list; its link is written into the
 * memory itself. True: the list was empty, so kf_vfree_work() has to be called, later and where it may sleep. The object
 * is live until then. A bad address is told at once and not put on the list. NULL is fine.
 */
bool kf_vfree_deferred(const void *addr);
void kf_vfree_work(void);

/* ---- mappings of existing pages ------------------------------------------------------------------------ */

/* vmap(): map `n` existing pages with protection `prot`. Told as KF_VMAP. With KF_VM_MAP_PUT_PAGES kf_vfree()
 * owns the pages and the array, from success on. KF_VM_NO_GUARD is a KF_BUG_WARN and ignored. */
void *kf_vmap_prot(struct page **pages, unsigned n, u64 flags, u32 prot, const void *caller);
void *kf_vmap(struct page **pages, unsigned n, u32 flags);
/* vunmap(): what vmap() and vmap_pfn() made; the pages stay the caller's. */
void kf_vunmap(const void *addr);

/* vmap_pfn(): frames of devices, which no struct page stands for, backed by zeroed frames of the area's own. A
 * number that is RAM is a KF_BUG_WARN, and NULL comes back. */
void *kf_vmap_pfn(const u64 *pfns, unsigned n, u32 prot, const void *caller);

/* vm_map_ram(): the same as vmap for short-lived mappings, in per-CPU blocks up to 64 pages, without struct
 * kf_vm and without guard pages. Told as KF_VMAP. */
void *kf_vm_map_ram(struct page **pages, unsigned n);
/* vm_unmap_ram(): address and count must be those of one kf_vm_map_ram(); told otherwise, nothing unmapped. */
void kf_vm_unmap_ram(const void *addr, unsigned n);

/* ioremap(): `size` bytes of device space at physical `phys`, backed by zeroed frames of the area's own.
 * Returns the address with the offset in the page of `phys`. NULL and KF_BUG_WARN for RAM in use. */
void *kf_ioremap_caller(u64 phys, size_t size, const void *caller);
void *kf_ioremap(u64 phys, size_t size);
void kf_iounmap(const void *addr);

/* vm_unmap_aliases(): purge what was unmapped, so that its addresses may be used again. */
void kf_vm_unmap_aliases(void);

/* ---- areas ------------------------------------------------------------------------------------------------ */

/* __get_vm_area_caller(): reserve `size` bytes of address space in [start, end) (both 0: the vmalloc range), map
 * nothing. Told as KF_VMAP. NULL: size 0, refused, no address space. */
struct kf_vm *kf_get_vm_area(u64 size, u64 flags, u64 start, u64 end, const void *caller);
/* ioremap_page_range() and vmap of single pages into a reserved area: 0, -EINVAL or -ENOMEM. */
int kf_ioremap_page_range(u64 va, u64 end, u64 phys, u32 prot);
/* vunmap_range(): unmap a part of a reserved area; its place stays reserved. */
void kf_vunmap_range(u64 start, u64 end);
/* free_vm_area(): unmap and give back what kf_get_vm_area() reserved. */
void kf_free_vm_area(struct kf_vm *vm);
/* remove_vm_area(): the same by address; returns a copy that the caller gives to kf_kfree(), or NULL. */
struct kf_vm *kf_remove_vm_area(const void *addr);
/* find_vm_area(): the area that holds `addr`, or NULL; none for vm_map_ram. */
struct kf_vm *kf_find_vm_area(const void *addr);
/* find_vmap_area(): the bounds of what is busy around `addr`, guard page included; false: nothing. */
bool kf_find_vmap_area(const void *addr, u64 *start, u64 *end, struct kf_vm **vm);

/* pcpu_get_vm_areas(): n areas at one distance from each other (offsets and sizes in bytes, multiples of
 * `align`), as high as possible. Fills vms[n]; false: no address space. Nobody is asked or told. */
bool kf_pcpu_get_vm_areas(const u64 *offsets, const u64 *sizes, unsigned n, u64 align,
			  struct kf_vm **vms);
void kf_pcpu_free_vm_areas(struct kf_vm **vms, unsigned n);

/* ---- questions ---------------------------------------------------------------------------------------------- */

/* vmalloc_to_page(): the frame behind an address, by a walk of what is mapped; NULL where nothing is. Any context. */
struct page *kf_vmalloc_to_page(const void *addr);
/* is_vmalloc_addr(), is_vmalloc_or_module_addr(): by range, not by liveness. */
bool kf_is_vmalloc_addr(const void *addr);
bool kf_is_vmalloc_or_module_addr(const void *addr);
/* MODULES_VADDR and MODULES_END of this world. */
void kf_module_range(u64 *start, u64 *end);
/* vmalloc_nr_pages(): frames that vmalloc() holds. */
u64 kf_vmalloc_nr_pages(void);
/* vmalloc_dump_obj(): one line through the hook `log`; false: no area, or the area is of vm_map_ram. */
bool kf_vmalloc_dump_obj(const void *object);
/* vread(): copy `size` bytes from `addr` on; zeros where nothing is mapped and for devices. Returns the number of
 * bytes filled, 0 when no area was met. */
size_t kf_vread(void *to, const void *addr, size_t size);

/* ---- views ---------------------------------------------------------------------------------------------------- */

/* One line of /proc/vmallocinfo. */
enum kf_area_line {
	KF_AREA_VM,	  /* has a struct vm_struct */
	KF_AREA_MAP_RAM,  /* "vm_map_ram": a per-CPU block, or a larger mapping */
	KF_AREA_UNPURGED, /* "unpurged vm_area": address space of freed areas, neighbours merged */
};

struct kf_area_info {
	enum kf_area_line line;
	u64 start, end;	    /* guard page included */
	u64 flags;	    /* KF_VM_*; 0 without a vm_struct */
	const void *caller; /* code address, or NULL */
	u32 alloc_tag;	    /* what the hook `allocated` returned */
	u32 nr_pages;	    /* all on node 0 */
	u64 phys;	    /* 0: not a device's */
	bool vpages;	    /* the array of pages would itself be vmalloc()ed */
};

/* Call fn for each line, in the file's order: what is busy by address, then what is unpurged. */
void kf_vmalloc_for_each_area(void (*fn)(const struct kf_area_info *area, void *arg), void *arg);

struct kf_vmalloc_stat {
	u64 total;	/* VmallocTotal, in bytes */
	u64 nr_pages;	/* frames that vmalloc() holds: VmallocUsed in pages (vmalloc_nr_pages()) */
	u64 busy, dead; /* areas in use; freed and not purged */
	u64 lazy_pages; /* address space that waits for a purge, in pages */
	u64 lazy_max;	/* purge above this */
	u64 largest_gap; /* bytes, guard page not subtracted */
	u64 blocks;	 /* of vm_map_ram */
};
void kf_vmalloc_stat(struct kf_vmalloc_stat *out);

/* Call fn for each live object that was told to the hooks, by address. */
void kf_vmalloc_for_each(void (*fn)(const struct kf_object *area, void *arg), void *arg);

/* Check the tail guards of all areas; returns the number of damaged ones, each told as a bug. */
unsigned kf_vmalloc_check(void);
/* Invariants, recomputed from scratch; NULL, or the first sentence. */
const char *kf_vmalloc_validate(void);

#endif
