// SPDX-License-Identifier: GPL-2.0-only
/*
 * Short-lived mappings: vm_map_ram() and vm_unmap_ram(), the per-CPU allocator of mm/vmalloc.c of 6.1.
 *
 *	block	|live |dirty|live |dirty|........free........|
 *
 * Up to 64 pages come from a block of the caller's CPU: the next piece, rounded up to a power of two, no guard
 * page. What was unmapped is dirty and not used again before the whole block is: a block goes when all of it is dirty, or with a
 * purge when nothing in it is live. More than 64 pages get an area of their own, without a guard page too.
 *
 * The kernel keeps nothing per mapping, so that a wrong count corrupts its books in silence. Here each mapping has a
 * record, in the block's table of pages, and vm_unmap_ram() must name the whole of one.
 *
 * Lock: areas->lock.
 */
#include "../core/state.h"

#define MAX_PAGES  64u /* VMAP_MAX_ALLOC */
#define BLOCK_MIN  (2 * MAX_PAGES)
#define BLOCK_MAX  1024u
#define PER_CPU_OF 16u /* so many blocks for each CPU fit into the range */

void kf_blocks_init(void)
{
	struct kf_areas *as = kf_areas();
	u32 n = kf_layout()->nr_cpus;

	as->queue = kf_meta_alloc(n * sizeof(*as->queue));
	for (u32 cpu = 0; as->queue && cpu < n; cpu++)
		kf_list_init(&as->queue[cpu]);
}

static u64 power_of_two(u64 n)
{
	return n <= 1 ? 1 : 1ull << (64 - __builtin_clzll(n - 1));
}

/* VMAP_BBMAP_BITS */
static u32 block_pages(void)
{
	const struct kf_layout *layout = kf_layout();
	u64 range = (layout->vmalloc_end - layout->vmalloc_start) >> KF_PAGE_SHIFT;
	u64 pages = range / power_of_two(layout->nr_cpus) / PER_CPU_OF;

	if (pages < BLOCK_MIN)
		return BLOCK_MIN;
	return pages > BLOCK_MAX ? BLOCK_MAX : (u32)(power_of_two(pages + 1) / 2);
}

static struct kf_list *queue_here(void)
{
	unsigned cpu = kf_cpu();

	return &kf_areas()->queue[cpu == KF_NO_CPU ? 0 : cpu];
}

static u32 part_pages(const struct kf_area *part)
{
	return (u32)(kf_area_bytes(part) >> KF_PAGE_SHIFT);
}

static u32 page_index(const struct kf_block *block, u64 va)
{
	u64 start = block->area->range.start;

	return va <= start ? 0 : (u32)((va - start) >> KF_PAGE_SHIFT);
}

/* ---- blocks ---------------------------------------------------------------------------------------- */

static struct kf_block *new_block(void)
{
	u32 pages = block_pages();
	struct kf_vmalloc_args args = {.size = (u64)pages << KF_PAGE_SHIFT,
				       .align = (u64)pages << KF_PAGE_SHIFT,
				       .gfp = KF_GFP_KERNEL};
	struct kf_block *block = kf_meta_alloc(sizeof(*block) + pages * sizeof(block->part[0]));

	if (!block)
		return NULL;
	block->area = kf_area_new(&args, KF_BY_BLOCK);
	if (!block->area) {
		kf_meta_free(block, sizeof(*block) + pages * sizeof(block->part[0]));
		return NULL;
	}
	block->area->block = block;
	block->pages = block->free = pages;
	return block;
}

void kf_block_drop(struct kf_block *block)
{
	for (u32 i = 0; i < block->pages; i++)
		if (block->part[i] && page_index(block, block->part[i]->range.start) == i)
			kf_meta_free(block->part[i], sizeof(*block->part[i]));
	kf_meta_free(block, sizeof(*block) + block->pages * sizeof(block->part[0]));
	kf_areas()->nr_blocks--;
}

static void retire(struct kf_block *block)
{
	if (block->free)
		kf_list_del(&block->link);
	block->free = 0;
	block->dirty = block->pages;
	kf_area_bury_locked(block->area);
}

/* purge_fragmented_blocks() of all CPUs. */
void kf_blocks_purge(void)
{
	struct kf_areas *as = kf_areas();

	for (u32 cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		struct kf_list *at = as->queue[cpu].next;

		while (at != &as->queue[cpu]) {
			struct kf_block *block = kf_container(at, struct kf_block, link);

			at = at->next;
			if (block->free + block->dirty == block->pages)
				retire(block);
		}
	}
}

struct kf_area *kf_block_part(const struct kf_block *block, u64 va, bool or_later)
{
	u32 i = page_index(block, va);

	while (or_later && i < block->pages && !block->part[i])
		i++;
	return i < block->pages ? block->part[i] : NULL;
}

/* ---- parts ------------------------------------------------------------------------------------------- */

static struct kf_block *block_with_room(u32 pages)
{
	struct kf_list *queue = queue_here();

	for (struct kf_list *at = queue->next; at != queue; at = at->next)
		if (kf_container(at, struct kf_block, link)->free >= pages)
			return kf_container(at, struct kf_block, link);
	return NULL;
}

static void cut_part(struct kf_block *block, struct kf_area *part, u32 n)
{
	u32 first = block->pages - block->free;

	part->range.start = block->area->range.start + ((u64)first << KF_PAGE_SHIFT);
	part->range.end = part->range.start + ((u64)n << KF_PAGE_SHIFT);
	part->block = block;
	for (u32 i = first; i < first + n; i++)
		block->part[i] = part;
	block->free -= (u32)power_of_two(n);
	if (!block->free)
		kf_list_del(&block->link);
}

static bool cut_from_queue(struct kf_area *part, u32 n)
{
	struct kf_block *block;

	kf_lock(&kf_areas()->lock);
	block = block_with_room((u32)power_of_two(n));
	if (block)
		cut_part(block, part, n);
	kf_unlock(&kf_areas()->lock);
	return block;
}

static bool add_block(void)
{
	struct kf_block *block = new_block();

	if (!block)
		return false;
	kf_lock(&kf_areas()->lock);
	kf_list_add_tail(&block->link, queue_here());
	kf_areas()->nr_blocks++;
	kf_unlock(&kf_areas()->lock);
	return true;
}

static struct kf_area *new_part(u32 n)
{
	struct kf_area *part = kf_meta_alloc(sizeof(*part));

	if (!part)
		return NULL;
	part->maker = KF_BY_MAP_RAM;
	part->prot = KF_PROT_KERNEL;
	while (!cut_from_queue(part, n)) {
		if (add_block())
			continue;
		kf_meta_free(part, sizeof(*part));
		return NULL;
	}
	return part;
}

static void part_is_dead(struct kf_area *part)
{
	struct kf_block *block = part->block;

	kf_lock(&kf_areas()->lock);
	part->state = KF_AREA_DEAD;
	block->dirty += (u32)power_of_two(part_pages(part));
	if (block->dirty == block->pages)
		retire(block);
	kf_unlock(&kf_areas()->lock);
}

static void bury(struct kf_area *area)
{
	if (area->block)
		part_is_dead(area);
	else
		kf_area_bury(area);
}

/* ---- the interface -------------------------------------------------------------------------------------- */

static struct kf_area *new_mapping(const struct kf_vmalloc_args *args, u32 n)
{
	return n <= MAX_PAGES ? new_part(n) : kf_area_new(args, KF_BY_MAP_RAM);
}

void *kf_vm_map_ram(struct page **pages, unsigned n)
{
	struct kf_vmalloc_args args = {
		.size = (u64)n << KF_PAGE_SHIFT, .gfp = KF_GFP_KERNEL, .prot = KF_PROT_KERNEL};
	struct kf_request req = {.kind = KF_VMAP, .size = args.size, .gfp = args.gfp};
	struct kf_area *area;

	if (!n)
		kf_tell(KF_BUG_WARN, NULL, NULL, NULL, "vm_map_ram of no pages");
	if (!n || !kf_permitted(&req))
		return NULL;
	area = new_mapping(&args, n);
	if (!area)
		return NULL;
	if (kf_map(area->range.start, pages, n, KF_PROT_KERNEL)) {
		bury(area);
		return NULL;
	}
	return kf_area_announce(area, req.size, req.gfp);
}

/* The other count would unmap part of it, or somebody else's: the mapping stays as it is. */
static void tell_other_count(struct kf_area *area)
{
	struct kf_object obj;

	area->state = KF_AREA_LIVE;
	kf_area_object(area, &obj);
	kf_tell(KF_BUG_INVALID_FREE, obj.addr, &obj, NULL,
		"vm_unmap_ram of another number of pages than vm_map_ram mapped");
}

static bool is_plausible(const void *addr)
{
	if (kf_is_vmalloc_addr(addr) && !((uintptr_t)addr & ~KF_PAGE_MASK))
		return true;
	kf_area_told_bad(addr, "vm_unmap_ram of a bad address: kernel BUG at mm/vmalloc.c");
	return false;
}

void kf_vm_unmap_ram(const void *addr, unsigned n)
{
	struct kf_area *area;
	struct kf_object obj;

	if (!is_plausible(addr))
		return;
	area = kf_area_claim(addr, KF_BY_MAP_RAM, "vm_unmap_ram of no mapping of vm_map_ram");
	if (!area)
		return;
	if (part_pages(area) != n) {
		tell_other_count(area);
		return;
	}
	kf_area_object(area, &obj);
	area->free_tag = kf_hooks.freed(&obj);
	kf_unmap(area->range.start, kf_area_bytes(area));
	bury(area);
}

/* ---- invariants ------------------------------------------------------------------------------------------ */

const char *kf_block_validate(const struct kf_block *block)
{
	u64 live = 0;

	for (u32 i = 0; i < block->pages; i++) {
		const struct kf_area *part = block->part[i];

		if (part && (part->block != block || i < page_index(block, part->range.start)))
			return "a block's page belongs to a mapping elsewhere";
		if (part && part->state != KF_AREA_DEAD &&
		    page_index(block, part->range.start) == i)
			live += power_of_two(part_pages(part));
	}
	if (block->area->state != KF_AREA_DEAD && block->free + block->dirty + live != block->pages)
		return "a block's counts of pages are wrong";
	return NULL;
}
