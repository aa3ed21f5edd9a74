// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regions of a world: mapping them, starting the state in them, letting them go.
 *
 * Every region is private, anonymous and not reserved, so only touched pages cost memory. A region that
 * lies inside a zone range of the direct map (per-CPU areas in kernel mode) is part of it and not mapped
 * again. The vmalloc and module ranges stay unmapped here: mapping.c maps what lives in them.
 *
 * Right after kf_memory_init() every struct page is reserved with one reference; kf_memblock_free_all()
 * turns those of usable memory into free ones.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state.h"

#define STATE_MAGIC 0x6b6661696c303031ull

#define NATIVE_BASE 0x200000000000ull
#define GIB	    (1ull << 30)
#define MIB	    (1ull << 20)

const struct kf_layout kf_layout_native = {
	.direct_map = NATIVE_BASE,
	.zone =
		{
			[KF_ZONE_DMA] = {0, 16 * MIB},
			[KF_ZONE_DMA32] = {16 * MIB, 256 * MIB},
			[KF_ZONE_NORMAL] = {4 * GIB, 5 * GIB},
			[KF_ZONE_HIGHMEM] = {5 * GIB, 5 * GIB + 64 * MIB},
			[KF_ZONE_MOVABLE] = {5 * GIB + 64 * MIB, 5 * GIB + 128 * MIB},
		},
	.phys_end = 5 * GIB + 128 * MIB,
	.high_map = NATIVE_BASE + 0x5800000000ull,
	.vmemmap = NATIVE_BASE + 0x1000000000ull,
	.meta = NATIVE_BASE + 0x2000000000ull,
	.meta_size = 4 * GIB,
	.vmalloc_start = NATIVE_BASE + 0x3000000000ull,
	.vmalloc_end = NATIVE_BASE + 0x4000000000ull,
	.module_start = NATIVE_BASE + 0x5000000000ull,
	.module_end = NATIVE_BASE + 0x5040000000ull,
	.kmap = NATIVE_BASE + 0x5100000000ull,
	.percpu = NATIVE_BASE + 0x6000000000ull,
	.percpu_unit = 2 * MIB,
	.percpu_static = 64,
	.nr_cpus = 8,
	.movable = true,
	.huge_pages = true,
	.zone_shift = 61,
	.zone_number = {0, 1, 2, 3, 4},
	.pg_reserved = 12,
	.pg_slab = 9,
	.pg_head = 16,
};

struct kf_here kf_here;

const struct kf_layout *kf_layout(void)
{
	return &kf_here.layout;
}

/* ---- regions ------------------------------------------------------------------------------------- */

struct region {
	u64 addr, size;
};
#define MAX_REGIONS (KF_NR_ZONES + 3)

/* The mappings that kf_memory_init() made, for kf_memory_exit(). */
static struct region mapped[MAX_REGIONS];
static unsigned nr_mapped;

static bool inside_zone(const struct kf_layout *layout, u64 addr, u64 size)
{
	for (int z = 0; z < KF_NR_ZONES; z++)
		if (z != KF_ZONE_HIGHMEM && addr >= layout->direct_map + layout->zone[z].start &&
		    addr + size <= layout->direct_map + layout->zone[z].end)
			return true;
	return false;
}

static void unmap_regions(void)
{
	while (nr_mapped) {
		nr_mapped--;
		munmap((void *)mapped[nr_mapped].addr, mapped[nr_mapped].size);
	}
}

static int map_region(u64 addr, u64 size)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
	void *p;

	if (!size)
		return 0;
	/* The system call itself, because ThreadSanitizer's mmap() ends the program instead of failing. */
	p = (void *)syscall(SYS_mmap, addr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	if ((u64)(uintptr_t)p != addr) {
		munmap(p, size);
		return -EEXIST;
	}
	mapped[nr_mapped++] = (struct region){addr, size};
	return 0;
}

static int map_outside_zones(const struct kf_layout *layout, u64 addr, u64 size)
{
	return inside_zone(layout, addr, size) ? 0 : map_region(addr, size);
}

static u64 vmemmap_size(const struct kf_layout *layout)
{
	return kf_align_up((layout->phys_end >> KF_PAGE_SHIFT) * sizeof(struct page), KF_PAGE_SIZE);
}

static int map_regions(const struct kf_layout *layout)
{
	int err = 0;

	for (int z = 0; z < KF_NR_ZONES && !err; z++)
		err = map_region(kf_zone_address(layout, (enum kf_zone_id)z),
				 layout->zone[z].end - layout->zone[z].start +
					 (z == KF_ZONE_NORMAL ? layout->hotplug : 0));
	if (!err)
		err = map_outside_zones(layout, layout->vmemmap, vmemmap_size(layout));
	if (!err)
		err = map_outside_zones(layout, layout->meta, layout->meta_size);
	if (!err)
		err = map_outside_zones(layout, layout->percpu,
					layout->percpu_unit * layout->nr_cpus);
	if (err)
		unmap_regions();
	return err;
}

/* ---- start ------------------------------------------------------------------------------------------ */

void kf_pages_init(u64 pfn, u64 end, unsigned zone)
{
	const struct kf_layout *layout = kf_layout();
	struct page *page = kf_pfn_to_page(pfn);

	for (; pfn < end; pfn++, page++) {
		page->flags = (u64)layout->zone_number[zone] << layout->zone_shift |
			      1ull << layout->pg_reserved;
		page->mapcount = -1;
		page->refcount = 1;
	}
}

/* Below this much of the array of struct pages a hole is simply written. */
#define BIG_HOLE (16 * MIB)
#define TEMPLATE (2 * MIB)

/* A file of TEMPLATE bytes full of struct pages that are as in [at, ..); or -1. */
static int hole_template(u64 at)
{
	int fd = memfd_create("kfail-hole", MFD_CLOEXEC);

	if (fd >= 0 && pwrite(fd, (void *)at, TEMPLATE, 0) == (ssize_t)TEMPLATE)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Frames without memory are all alike, and there may be millions between two zones. Their struct pages are
 * written once and then mapped over and over, each copy private to whoever should write to it.
 */
static void init_hole(u64 pfn, u64 end, unsigned zone)
{
	u64 start = (u64)(uintptr_t)kf_pfn_to_page(pfn), stop = (u64)(uintptr_t)kf_pfn_to_page(end);
	u64 at = kf_align_up(start, KF_PAGE_SIZE);
	int fd = -1;

	if (stop - start >= BIG_HOLE) {
		kf_pages_init(pfn, pfn + (at + TEMPLATE - start) / sizeof(struct page), zone);
		fd = hole_template(at);
		at += TEMPLATE;
		pfn += (at - start) / sizeof(struct page);
	}
	for (; fd >= 0 && at + TEMPLATE <= stop; at += TEMPLATE) {
		if (mmap((void *)at, TEMPLATE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, 0) == MAP_FAILED)
			break;
		pfn += TEMPLATE / sizeof(struct page);
	}
	if (fd >= 0)
		close(fd);
	kf_pages_init(pfn, end, zone);
}

/* Frames between zones count to the zone below them. */
static void init_vmemmap(void)
{
	const struct kf_layout *layout = kf_layout();
	unsigned below = KF_ZONE_DMA;
	u64 done = 0;

	for (unsigned z = 0; z < KF_NR_ZONES; z++) {
		u64 start = layout->zone[z].start >> KF_PAGE_SHIFT;
		u64 end = layout->zone[z].end >> KF_PAGE_SHIFT;

		if (start == end)
			continue;
		if (start > done)
			init_hole(done, start, below);
		kf_pages_init(start, end, z);
		done = end;
		below = z;
	}
	if (layout->hotplug) /* hotplug.c */
		return;
	init_hole(done, layout->phys_end >> KF_PAGE_SHIFT, below);
}

static void enter(const struct kf_layout *layout)
{
	kf_here.layout = *layout;
	kf_here.state = (struct kf_state *)layout->meta;
	kf_here.nr_frames = layout->phys_end >> KF_PAGE_SHIFT;
	kf_here.frames = kf_here.state->page.frames;
}

/*
 * Without checks, live objects are all over the memory, and with small pages the processor spends more time on their
 * translations than the allocator has work. With checks, few pages are touched, and saved or restored one by one.
 */
void kf_memory_ask_huge_pages(u64 phys, u64 size)
{
	const struct kf_layout *layout = kf_layout();
	bool wanted = layout->unsaved || (layout->huge_pages && kf_plain_wanted(kf_settings()));

	if (size && wanted)
		madvise(kf_phys_to_virt(phys), size, MADV_HUGEPAGE);
}

/* Memory that grows is asked for as it grows: a program that needs little of it stays small. */
static void ask_huge_pages(void)
{
	const struct kf_layout *layout = kf_layout();

	for (int z = 0; z < KF_NR_ZONES && !layout->hotplug; z++)
		if (z != KF_ZONE_HIGHMEM)
			kf_memory_ask_huge_pages(layout->zone[z].start,
						 layout->zone[z].end - layout->zone[z].start);
}

static int init_state(void)
{
	struct kf_state *st = kf_state();
	const struct kf_layout *layout = kf_layout();

	kf_settings_start(&st->settings);
	ask_huge_pages();
	if (layout->unsaved)
		madvise((void *)layout->meta, layout->meta_size, MADV_HUGEPAGE);
	kf_meta_init(&st->meta, layout->meta + sizeof(*st), layout->meta + layout->meta_size);
	st->page.nr_frames = kf_here.nr_frames;
	st->page.frames = kf_meta_alloc(st->page.nr_frames * sizeof(struct kf_frame));
	st->page.poisoned = kf_meta_alloc(st->page.nr_frames / 8 + 8);
	if (!st->page.frames || !st->page.poisoned)
		return -ENOMEM;
	kf_here.frames = st->page.frames;
	init_vmemmap();
	if (kf_zones_init())
		return -ENOMEM;
	kf_early_init();
	kf_vmalloc_init();
	st->magic = STATE_MAGIC;
	if (kf_caches_init() || kf_kmap_init())
		return -ENOMEM;
	return kf_percpu_init();
}

static bool layout_is_sane(const struct kf_layout *layout)
{
	if (layout->meta_size < sizeof(struct kf_state) + KF_PAGE_SIZE || !layout->nr_cpus)
		return false;
	for (int z = 0; z < KF_NR_ZONES; z++)
		if (layout->zone[z].start > layout->zone[z].end ||
		    layout->zone[z].end > layout->phys_end ||
		    layout->zone[z].start & ((KF_PAGE_SIZE << KF_PAGEBLOCK_ORDER) - 1))
			return false;
	if (layout->hotplug &&
	    layout->zone[KF_ZONE_NORMAL].end + layout->hotplug != layout->phys_end)
		return false;
	return layout->percpu_static <= layout->percpu_unit;
}

/* The lowest address that a movable layout may have: above what programs linked low use. */
#define SECOND_BASE (64 * GIB)

static u64 lowest_address(const struct kf_layout *l)
{
	const u64 starts[] = {l->high_map,	l->vmemmap,	 l->meta,
			      l->vmalloc_start, l->module_start, l->percpu};
	u64 lowest = l->direct_map;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		lowest = starts[i] < lowest ? starts[i] : lowest;
	return lowest;
}

static void move_layout(struct kf_layout *l, u64 by)
{
	u64 *const addresses[] = {
		&l->direct_map,	 &l->high_map,	   &l->vmemmap,	   &l->meta, &l->vmalloc_start,
		&l->vmalloc_end, &l->module_start, &l->module_end, &l->kmap, &l->percpu};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		*addresses[i] += by;
}

/* Map the regions, elsewhere if need be and allowed; *layout says where they are then. */
static int map_somewhere(struct kf_layout *layout)
{
	int err = map_regions(layout);

	if (!err || !layout->movable)
		return err;
	move_layout(layout, SECOND_BASE - lowest_address(layout));
	return map_regions(layout);
}

int kf_memory_init(const struct kf_layout *wanted)
{
	struct kf_layout layout = *wanted;
	int err;

	if (kf_here.state)
		return -EBUSY;
	if (!layout_is_sane(&layout))
		return -EINVAL;
	err = map_somewhere(&layout);
	if (err)
		return err;
	enter(&layout);
	err = kf_mapping_init();
	if (!err)
		err = init_state();
	if (err)
		kf_memory_exit();
	return err;
}

int kf_memory_attach(const struct kf_layout *layout)
{
	int err;

	if (kf_here.state)
		return -EBUSY;
	if (((struct kf_state *)layout->meta)->magic != STATE_MAGIC)
		return -EINVAL;
	enter(layout);
	err = kf_mapping_init();
	if (err)
		kf_here.state = NULL;
	else
		kf_plain_attach();
	return err;
}

void kf_memory_exit(void)
{
	kf_mapping_exit();
	unmap_regions();
	kf_plain_detach();
	memset(&kf_here, 0, sizeof(kf_here));
}

bool kf_pfn_valid(u64 pfn)
{
	const struct kf_layout *layout = kf_layout();

	for (int z = KF_NR_ZONES - 1; z >= 0; z--)
		if (pfn >= layout->zone[z].start >> KF_PAGE_SHIFT &&
		    pfn < layout->zone[z].end >> KF_PAGE_SHIFT)
			return true;
	return false;
}

bool kf_virt_addr_valid(const void *p)
{
	const struct kf_layout *layout = kf_layout();
	u64 phys = kf_virt_to_phys(p);

	for (int z = KF_NR_ZONES - 1; z >= 0; z--)
		if (phys >= layout->zone[z].start && phys < layout->zone[z].end)
			return z != KF_ZONE_HIGHMEM;
	return false;
}
