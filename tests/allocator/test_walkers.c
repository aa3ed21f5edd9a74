// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walkers (kf_validate_all()) are the oracle of the random tests and of fuzzing: here each of their equations is broken in
 * one place, by hand. Expect the sentence that says so, and none when the place is as it was.
 */
#include "test.h"

#include "../../allocator/core/state.h"
#include "../../allocator/kin/percpu_base.h"
#include "../../allocator/page/base.h"
#include "../../allocator/slab/plain_list.h"

static void poke(void *at, const void *to, size_t n, const char *expected)
{
	u8 saved[64];
	const char *told_us;

	REQUIRE(n <= sizeof(saved));
	memcpy(saved, at, n);
	memcpy(at, to, n);
	told_us = kf_validate_all();
	memcpy(at, saved, n);
	if (!told_us || strcmp(told_us, expected))
		printf("\n    wanted \"%s\", got \"%s\"\n", expected, told_us ? told_us : "");
	CHECK(told_us && !strcmp(told_us, expected));
	CHECK_VALID();
}

#define POKE(place, value, expected)                         \
	do {                                                 \
		__typeof__(place) to_ = (value);             \
		poke(&(place), &to_, sizeof(to_), expected); \
	} while (0)

/* ---- pages ------------------------------------------------------------------------------------------------ */

static struct kf_zone *normal(void)
{
	return &kf_state()->page.zone[KF_ZONE_NORMAL];
}

/* The list that holds the largest free blocks of the zone; its order and type. */
static struct kf_list *largest(struct kf_zone *zone, unsigned *order, unsigned *type)
{
	for (*order = KF_MAX_ORDER; (*order)--;)
		for (*type = 0; *type < KF_NR_MIGRATE_TYPES; ++*type)
			if (zone->nonempty[*type] >> *order & 1)
				return &zone->list[*type][*order];
	return NULL;
}

static void free_blocks(void)
{
	struct kf_zone *zone = normal();
	unsigned order, type;
	struct kf_list *list = largest(zone, &order, &type);
	struct page *page;
	struct kf_frame *frame;

	REQUIRE(list != NULL);
	page = kf_container(list->next, struct page, lru);
	frame = kf_frame_at(kf_pfn_of(page));
	POKE(page->refcount, 1, "a free page has references");
	POKE(page[1].mapcount, 0, "a free page has references");
	POKE(frame->order, (u8)(order - 1), "a block on a free list is not recorded as free");
	POKE(frame->state, KF_FRAME_BLOCK, "a block on a free list is not recorded as free");
	POKE(frame[1].state, KF_FRAME_FREE, "two blocks overlap");
	POKE(page->private, KF_NR_MIGRATE_TYPES, "a free block is on the list of another type");
	POKE(list->next->prev, list->next, "a free list is not linked both ways");
	POKE(zone->nonempty[type], 0, "the mask of free lists is wrong");
	POKE(zone->nr_free[order], 0, "a count of free blocks is wrong");
	POKE(zone->free, 0, "a zone's count of free pages is wrong");
	POKE(zone->managed, 0, "a zone's count of free pages is wrong");
	POKE(zone->start_pfn, kf_pfn_of(page) + 1, "a free block leaves its zone");
}

static void owned_blocks(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 2), *next = kf_alloc_pages(GFP_KERNEL, 2);
	struct kf_frame *frame = kf_frame_at(kf_pfn_of(page));
	struct kf_zone *zone = normal();

	POKE(frame->state, KF_NR_FRAME_STATES, "a frame is in no state that there is");
	POKE(frame->state, KF_FRAME_INNER, "a page is neither free nor owned");
	POKE(frame->state, KF_FRAME_FREE, "a free block is on no list");
	POKE(frame->state, KF_FRAME_PCP, "a block of a CPU is on no list");
	POKE(zone->managed, zone->managed - 1, "a page is neither free nor owned");
	kf_free_pages(page, 2);
	kf_free_pages(next, 2);
}

/* A freed page lies on a list of this CPU. */
static void cpu_lists(void)
{
	struct kf_pcp *pcp;
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);

	kf_free_pages(page, 0);
	pcp = &normal()->pcp[0];
	REQUIRE(kf_frame_state(kf_pfn_of(page)) == KF_FRAME_PCP);
	POKE(pcp->count, pcp->count + 1, "a CPU's count of free pages is wrong");
	POKE(page->refcount, 1, "a free page has references");
}

static void split_buddies(void)
{
	struct kf_zone *zone = normal();
	unsigned order, type;
	struct kf_list *list = largest(zone, &order, &type), *half;
	struct page *page = kf_container(list->prev, struct page, lru);
	u64 pfn = kf_pfn_of(page);
	struct kf_frame *first = kf_frame_at(pfn), *second = first + (1ul << (order - 1));
	struct kf_zone saved = *zone;
	struct kf_list links[2] = {page->lru, page[1ul << (order - 1)].lru}, *before = list->prev;
	const char *told_us;

	/* The last block becomes two halves that nobody merged. */
	half = &zone->list[type][order - 1];
	REQUIRE(zone->nr_free[order - 1] == 0 && before->prev != list);
	before->prev->next = list;
	list->prev = before->prev;
	kf_list_add_tail(&page->lru, half);
	kf_list_add_tail(&page[1ul << (order - 1)].lru, half);
	page[1ul << (order - 1)].private = page->private;
	first->order = second->order = (u8)(order - 1);
	second->state = KF_FRAME_FREE;
	zone->nr_free[order]--;
	zone->nr_free[order - 1] = 2;
	zone->nonempty[type] |= 1u << (order - 1);
	told_us = kf_validate_all();
	CHECK(told_us && !strcmp(told_us, "two free buddies are not merged"));
	*zone = saved;
	page->lru = links[0];
	page[1ul << (order - 1)].lru = links[1];
	page->lru.prev->next = &page->lru;
	first->order = (u8)order;
	second->state = KF_FRAME_INNER;
	second->order = 0;
	page[1ul << (order - 1)].private = 0;
	CHECK_VALID();
}

/* ---- slabs ------------------------------------------------------------------------------------------------- */

/* Two live objects and a freed one, in one slab that no CPU has. */
struct three {
	struct kf_cache *cache;
	void *live[2], *freed;
	struct kf_slab *slab;
};

static struct three three_objects(u32 flags)
{
	struct three t = {.cache = kf_cache_create("walked", 120, 0, flags, NULL)};

	REQUIRE(t.cache != NULL);
	t.live[0] = kf_cache_alloc(t.cache, GFP_KERNEL);
	t.freed = kf_cache_alloc(t.cache, GFP_KERNEL);
	t.live[1] = kf_cache_alloc(t.cache, GFP_KERNEL);
	kf_cache_free(t.cache, t.freed);
	t.slab = kf_slab_at(t.live[0]);
	REQUIRE(t.slab && t.slab == kf_slab_at(t.freed) && t.slab == kf_slab_at(t.live[1]));
	return t;
}

static void drop_three(struct three *t)
{
	kf_cache_free(t->cache, t->live[0]);
	kf_cache_free(t->cache, t->live[1]);
	kf_cache_destroy(t->cache);
}

static void any_slab(struct three *t)
{
	POKE(t->slab->cache, NULL, "a slab belongs to another cache");
	POKE(t->slab->where, KF_SLAB_NOWHERE, "a slab is in the wrong place");
	POKE(t->cache->nr_slabs, t->cache->nr_slabs + 1, "a cache's count of slabs is wrong");
	POKE(t->cache->nr_partial, t->cache->nr_partial + 1, "a cache's count of slabs is wrong");
}

static void guarded_slabs(void)
{
	struct three t = three_objects(0);
	struct kf_slab *slab = t.slab;
	unsigned live = !slab->head; /* an object that is not the queue's */

	any_slab(&t);
	POKE(slab->where, KF_SLAB_FULL, "a slab is in the wrong place");
	POKE(slab->recs[live].state, 0, "a slab's counts do not add up");
	POKE(slab->inuse, (u16)(slab->inuse + 1), "a slab's counts do not add up");
	POKE(slab->allocs, slab->allocs + 1, "a slab's allocations and frees do not balance");
	POKE(slab->tail, (u16)live, "a slab's queue ends elsewhere");
	POKE(slab->head, (u16)live, "a slab's queue holds an object that is not free");
	POKE(slab->recs[slab->head].next, slab->head, "a slab's queue is a ring");
	drop_three(&t);
}

static void debug_slabs(void)
{
	struct kf_slab *slab;
	struct three t;

	fixture_restart("slub_debug=FZPU");
	t = three_objects(0);
	slab = t.slab;
	any_slab(&t);
	POKE(slab->freelist, (char *)t.freed + 1, "a slab's free list leads nowhere");
	POKE(slab->freelist, t.live[0], "a slab's free list holds an object that is not free");
	POKE(slab->freelist, NULL, "a slab's counts do not add up");
	POKE(slab->lost, 1, "a slab's counts do not add up");
	drop_three(&t);
}

static void plain_slabs(void)
{
	struct kf_cache_cpu *lists;
	struct three t;
	void **freed;

	fixture_restart("checks=off");
	t = three_objects(0);
	lists = kf_plain_lists(t.cache, 0);
	freed = lists->freed;
	REQUIRE(freed == t.freed);
	any_slab(&t);
	POKE(t.slab->allocs, t.slab->allocs + 1,
	     "a plain slab's allocations and frees do not balance");
	POKE(t.slab->fresh, (u16)(t.slab->fresh - 1), "a plain slab's counts do not add up");
	POKE(t.slab->freelist, (char *)t.live[0] + 1, "a plain slab's list leaves the slab");
	POKE(lists->room, lists->room - 1, "a CPU's count of freed objects is wrong");
	POKE(lists->freed, (char *)t.freed + 1,
	     "a CPU's list holds what is no object of its cache");
	drop_three(&t);
}

/* ---- virtual areas ----------------------------------------------------------------------------------------- */

static void virtual_areas(void)
{
	void *p = kf_vmalloc(3 * KF_PAGE_SIZE, 1, GFP_KERNEL, false);
	struct kf_areas *as = kf_areas();
	struct kf_area *area = kf_area_at((u64)(uintptr_t)p);

	POKE(area->vm.size, 0, "a vm_struct does not say where its area is");
	POKE(area->frames[1], area->frames[0], "a virtual area is not mapped to its own frames");
	POKE(area->guard, false, "a virtual area is not mapped to its own frames");
	POKE(area->state, KF_AREA_DEAD, "a dead virtual area is still mapped");
	POKE(as->busy, as->busy + 1, "counts of virtual areas are wrong");
	POKE(as->nr_pages, 0, "counts of virtual areas are wrong");
	POKE(as->nr_blocks, 1, "counts of virtual areas are wrong");
	POKE(as->nr_dead, as->nr_dead + 1, "counts of dead virtual areas are wrong");
	POKE(as->areas.root->max, 1, "a range's largest size below is wrong");
	POKE(as->areas.root->parent, as->areas.root, "the first range of a tree has a parent");
	POKE(area->range.end, area->range.start, "a range is empty");
	kf_vfree(p);
}

static void parts_of_blocks(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	void *p = kf_vm_map_ram(&page, 1), *second = kf_vm_map_ram(&page, 1);
	struct kf_area *part = kf_area_at((u64)(uintptr_t)p);
	struct kf_block *block = part->block;

	POKE(block->free, block->free - 1, "a block's counts of pages are wrong");
	POKE(block->part[0], kf_area_at((u64)(uintptr_t)second),
	     "a block's page belongs to a mapping elsewhere");
	kf_vm_unmap_ram(second, 1);
	kf_vm_unmap_ram(p, 1);
	kf_free_pages(page, 0);
}

/* ---- per-CPU areas ------------------------------------------------------------------------------------------ */

static void percpu_areas(void)
{
	u64 p = kf_alloc_percpu(64, 8, GFP_KERNEL);
	struct kf_percpu *pc = pcpu();
	struct kf_percpu_area *first = area(pc->first[0]);
	struct kf_percpu_area *live = first;

	while (!live->live)
		live = area(live->next);
	POKE(first->start, first->start + 4, "per-CPU areas do not tile their chunk");
	POKE(pc->owner[live->start / UNIT], 0, "a per-CPU area is not found by its cookie");
	POKE(area(live->next)->prev, 0, "per-CPU areas are not linked both ways");
	POKE(live->live, 0, "two free per-CPU areas are not merged");
	POKE(pc->live, pc->live + 1, "counts of per-CPU areas are wrong");
	POKE(pc->empty, pc->empty + 1, "counts of per-CPU areas are wrong");
	POKE(pc->free, 0, "counts of per-CPU areas are wrong");
	POKE(pc->has_memory[0], 0, "a live per-CPU area lies in a page without memory");
	kf_free_percpu(p);
}

static const CU_TestInfo tests[] = {
	{"free blocks of pages", free_blocks},
	{"blocks that somebody owns", owned_blocks},
	{"pages on lists of a CPU", cpu_lists},
	{"two free buddies", split_buddies},
	{"guarded slabs", guarded_slabs},
	{"slabs with debug flags", debug_slabs},
	{"plain slabs", plain_slabs},
	{"virtual areas", virtual_areas},
	{"blocks of vm_map_ram()", parts_of_blocks},
	{"per-CPU areas", percpu_areas},
	CU_TEST_INFO_NULL,
};
const struct suite walkers_suite = {"walkers", fixture_start, fixture_stop, tests};
