/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated physical memory, and the one place where the allocators touch the host.
 *
 * All state of all allocators lives in world memory: at fixed addresses, below kf_layout. Nothing is
 * kept in the host's .data or heap except the hooks and the facts about host mappings. A world is
 * therefore a set of byte ranges: it can be written to a file, mapped again, snapshot and restored
 * page by page without the allocators knowing.
 *
 *	direct_map + phys	physical memory, where it exists (zone ranges), but HighMem
 *	high_map + phys		HighMem, for the allocators' own use: no address of the kernel's
 *	vmemmap + 64 * pfn	struct page of each frame
 *	meta .. meta+meta_size	bookkeeping of the allocators (struct kf_state first)
 *	vmalloc_start..end	vmalloc, vmap, ioremap; nothing is mapped where nothing lives
 *	module_start..end	the same for code: module_alloc
 *	kmap .. +window		pages that somebody maps for a while with kmap() and kin (kmap.h); 0: none
 *	percpu + cpu * unit	per-CPU areas; a per-CPU cookie is an offset into the unit
 *
 * Second mappings. The direct map is private memory (of a cached world file, or anonymous). A frame
 * that gets a second mapping is promoted: its content moves into a shared memory file at the offset
 * of its physical address, and both addresses map that file, so they are one memory. A promoted frame
 * stays promoted. Mappings made after kf_mapping_mark() are logged, and kf_mapping_rollback() undoes
 * them; promotion is not undone, because it is not visible.
 */
#ifndef KFAIL_ALLOCATOR_MEMORY_H
#define KFAIL_ALLOCATOR_MEMORY_H

#include "types.h"

/* Where things are. All addresses and sizes are multiples of the page size, and zones start at page blocks. */
struct kf_layout {
	u64 direct_map; /* virtual address of physical address 0 */
	u64 high_map;	/* the same for zone HighMem: a window that only the allocators know */
	struct {
		u64 start, end; /* physical; empty when equal */
	} zone[KF_NR_ZONES];
	u64 hotplug;  /* bytes behind zone Normal that become part of it when memory is short */
	u64 phys_end; /* one past the highest physical address with a struct page */
	u64 vmemmap;
	u64 meta, meta_size;
	u64 vmalloc_start, vmalloc_end;
	u64 module_start, module_end;
	u64 kmap;
	u64 percpu, percpu_unit; /* base, and bytes per CPU */
	u64 percpu_static;	 /* bytes at the start of each unit that are taken */
	u32 nr_cpus;
	bool movable;	 /* all addresses may be moved together, where others have these already */
	bool huge_pages; /* worlds with checks=off may be backed by huge pages: they are never saved */
	bool unsaved; /* no world of this layout is ever saved or restored: huge pages for all of them */
	/* How this kernel's struct page.flags is laid out. */
	u32 zone_shift;
	u8 zone_number[KF_NR_ZONES];	   /* enum kf_zone_id -> number in page.flags, three bits */
	u32 pg_reserved, pg_slab, pg_head; /* bit numbers */
};

/* The layout of native mode: high addresses, clear of ASan's shadow; movable, for ThreadSanitizer has these. */
extern const struct kf_layout kf_layout_native;

/* Map all regions (empty) and start the allocators' state: all memory reserved, memblock usable. A movable
 * layout is tried where it says, then with its lowest address at 64 GiB; kf_layout() tells where it is.
 * Returns 0 or a negative errno of the host's mmap; nothing stays mapped on failure. */
int kf_memory_init(const struct kf_layout *layout);

/* Take over regions that somebody else has mapped with the bytes of an initialised world. */
int kf_memory_attach(const struct kf_layout *layout);

/* Unmap everything. For tests; a world normally lives as long as its process. */
void kf_memory_exit(void);

/* The layout in force. */
const struct kf_layout *kf_layout(void);

/* Where bookkeeping memory is taken from next: what was taken last lies below, what comes next above. */
void *kf_meta_frontier(void);

/* Is the page at addr, in the direct map or the window to HighMem, a promoted frame? Then it may be written at another
 * address too. False for any other address. */
bool kf_page_is_promoted(u64 addr);

/* In a forked child: give it its own copy of all promoted frames, so that parent and child no longer
 * share memory. Returns 0 or a negative errno. */
int kf_memory_unshare(void);

/* Ask the host for huge pages in this part of the direct map (madvise(2), MADV_HUGEPAGE), if the layout allows it
 * and the caches are plain. The host may refuse; nothing but speed depends on it. Bytes. For the start of a world,
 * and for memory hotplug. */
void kf_memory_ask_huge_pages(u64 phys, u64 size);

/* Start logging changes of mappings; forget the log so far. */
void kf_mapping_mark(void);
/* Undo all changes of mappings since the mark, newest first; the log is empty afterwards. */
void kf_mapping_rollback(void);
/* The same for a second mark inside the first: a point to come back to in the midst of a run, as often as wanted. The
 * outer mark's rollback, and a new outer mark, give it up. */
void kf_mapping_mark_inner(void);
void kf_mapping_rollback_inner(void);
/* Give it up: changes are logged for the outer mark only. */
void kf_mapping_unmark_inner(void);

/* From now on, somebody catches the process's faults and asks kf_mapping_fault() first: frames that are mapped where others
 * were before may stay without access until somebody touches them. Off when a world starts. */
void kf_mapping_veil(bool on);
/* Is this page of the ranges veiled: mapped, and nobody has touched it since? */
bool kf_mapping_is_untouched(u64 addr);
/* In the fault handler: true when addr is mapped and only its access was missing; the instruction can be run again.
 * Aborts the process when the host refuses that access. Async-signal-safe for who runs the world alone. */
bool kf_mapping_fault(u64 addr);

/* Everything that must be saved to rebuild the mappings in another process: called once per run of
 * consecutive frames mapped outside the direct map. */
void kf_mapping_for_each(void (*fn)(u64 va, u64 phys, u64 size, int prot, void *arg), void *arg);

/* Map frames pages[0..n) at va with host protection `prot` (PROT_*), or unmap [va, va+size). va lies in the
 * vmalloc, module or kmap range. 0, -EINVAL for an address or frame that is not there, or what the host's mmap says.
 * Used by allocator/vmalloc/ and kmap.c; harness code uses them only to rebuild a saved world. */
int kf_map(u64 va, struct page *const *pages, u64 n, int prot);
void kf_unmap(u64 va, u64 size);
/* The frame number that is mapped at an address of the two ranges; ~0 when nothing is. The walk of page tables. */
u64 kf_mapped_frame(const void *addr);

static inline void *kf_phys_to_virt(u64 phys)
{
	return (void *)(kf_layout()->direct_map + phys);
}

static inline u64 kf_virt_to_phys(const void *p)
{
	return (u64)(uintptr_t)p - kf_layout()->direct_map;
}

static inline struct page *kf_pfn_to_page(u64 pfn)
{
	return (struct page *)kf_layout()->vmemmap + pfn;
}

static inline u64 kf_page_to_pfn(const struct page *page)
{
	return (u64)(page - (struct page *)kf_layout()->vmemmap);
}

/* Is this frame in zone HighMem, which has no place in the direct map? */
static inline bool kf_pfn_is_high(u64 pfn)
{
	const struct kf_layout *l = kf_layout();

	return (pfn << KF_PAGE_SHIFT) - l->zone[KF_ZONE_HIGHMEM].start <
	       l->zone[KF_ZONE_HIGHMEM].end - l->zone[KF_ZONE_HIGHMEM].start;
}

/* Where the allocators reach a frame: in the direct map, or in the window to HighMem. */
static inline void *kf_frame_virt(u64 pfn)
{
	u64 base = kf_pfn_is_high(pfn) ? kf_layout()->high_map : kf_layout()->direct_map;

	return (void *)(base + (pfn << KF_PAGE_SHIFT));
}

/* Where the memory of a zone lies in the process. */
static inline u64 kf_zone_address(const struct kf_layout *layout, enum kf_zone_id id)
{
	return layout->zone[id].start +
	       (id == KF_ZONE_HIGHMEM ? layout->high_map : layout->direct_map);
}

/* page_address(): NULL for pages of HighMem, which must be mapped first. */
static inline void *kf_page_address(const struct page *page)
{
	u64 pfn = kf_page_to_pfn(page);

	return kf_pfn_is_high(pfn) ? NULL : kf_phys_to_virt(pfn << KF_PAGE_SHIFT);
}

/* Is there memory in this frame? */
bool kf_pfn_valid(u64 pfn);

/* True for an address inside the direct map of existing memory. */
bool kf_virt_addr_valid(const void *p);

static inline struct page *kf_virt_to_page(const void *p)
{
	return kf_pfn_to_page(kf_virt_to_phys(p) >> KF_PAGE_SHIFT);
}

#endif
