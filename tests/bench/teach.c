// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three ways to memory, side by side on the same requests: kmalloc(), vmalloc() and the classic user-space heap
 * (allocator/kin/heap.h) on an arena of virtually contiguous pages. What a text about kernel memory claims, as numbers:
 *
 *	ns		time for one allocation and its free
 *	held		bytes that the allocator holds for each byte asked for, when all objects live: rounding,
 *			headers, unused ends of pages (internal fragmentation)
 *	stuck		how much of that it still holds when every other object is freed (1.00: nothing comes back)
 *	external	1 - largest free block / all free bytes, in the same moment; only the heap has such blocks
 *	in a row	objects above a page whose frames are neighbours, as DMA wants them
 *	pages, runs	4 KiB pages that the objects lie in, and runs of neighbouring pages with neighbouring frames: what
 *			the TLB has to know, with small pages and at best
 *
 * Checks and hooks are off. Times are of this machine and this moment: compare within a line, not between runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../allocator/core/memory.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/kin/heap.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define ARENA	    (256ul << 20)
#define OBJECTS_MAX 20000u

/* ---- the three ------------------------------------------------------------------------------------------- */

static struct kf_heap heap;
static u64 free_at_start;

static void *by_kmalloc(size_t size)
{
	return kf_kmalloc(size, KF_GFP_KERNEL);
}

static void *by_vmalloc(size_t size)
{
	return kf_vmalloc(size, 1, KF_GFP_KERNEL, false);
}

static void *by_heap(size_t size)
{
	return kf_heap_malloc(&heap, size);
}

static void kfree(void *p)
{
	kf_kfree(p);
}

static void vfree(void *p)
{
	kf_vfree(p);
}

static void heap_free(void *p)
{
	kf_heap_free(&heap, p);
}

static u64 pages_taken(void)
{
	struct kf_zone_stat stat;
	u64 free = 0;

	for (int zone = 0; zone < KF_NR_ZONES; zone++) {
		kf_zone_stat((enum kf_zone_id)zone, &stat);
		free += stat.free;
	}
	return (free_at_start - free) << KF_PAGE_SHIFT;
}

static u64 heap_taken(void)
{
	return (u64)(heap.brk - heap.start);
}

static const struct way {
	const char *name;
	void *(*get)(size_t size);
	void (*put)(void *p);
	u64 (*held)(void);
} ways[] = {
	{"kmalloc", by_kmalloc, kfree, pages_taken},
	{"vmalloc", by_vmalloc, vfree, pages_taken},
	{"heap", by_heap, heap_free, heap_taken},
};

/* ---- requests: the same for all three ------------------------------------------------------------------- */

static const struct pattern {
	const char *name;
	unsigned objects, rounds; /* live at once; further frees and allocations at random */
	size_t min, max;
} patterns[] = {
	{"20000 objects of 64 bytes", 20000, 0, 64, 64},
	{"1000 of 8..512 bytes, 20000 replaced", 1000, 20000, 8, 512},
	{"2000 of a page", 2000, 0, 4096, 4096},
	{"200 of 5000..20000 bytes, 2000 replaced", 200, 2000, 5000, 20000},
	{"64 of 16..128 KiB, 500 replaced", 64, 500, 16 << 10, 128 << 10},
};

static u64 state;

static u64 random_below(u64 n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static struct {
	void *p;
	size_t size;
} objects[OBJECTS_MAX];

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void make(const struct way *way, const struct pattern *pattern, unsigned i)
{
	objects[i].size = pattern->min + random_below(pattern->max - pattern->min + 1);
	objects[i].p = way->get(objects[i].size);
	if (!objects[i].p) {
		fprintf(stderr, "teach: %s has no memory for %zu bytes\n", way->name,
			objects[i].size);
		exit(1);
	}
}

/* ---- where objects lie ----------------------------------------------------------------------------------- */

static u64 frame_of(u64 va)
{
	const void *addr = (const void *)va;

	if (kf_is_vmalloc_addr(addr))
		return kf_page_to_pfn(kf_vmalloc_to_page(addr));
	return kf_virt_to_phys(addr) >> KF_PAGE_SHIFT;
}

static bool in_a_row(u64 va, size_t size)
{
	u64 first = va >> KF_PAGE_SHIFT, last = (va + size - 1) >> KF_PAGE_SHIFT;

	for (u64 page = first; page < last; page++)
		if (frame_of((page + 1) << KF_PAGE_SHIFT) != frame_of(page << KF_PAGE_SHIFT) + 1)
			return false;
	return true;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

struct figures {
	double ns, held, stuck, external;
	unsigned large,
		contiguous; /* objects above a page, and those whose frames are neighbours */
	u64 pages, runs;
};

static void count_pages(struct figures *f, unsigned n)
{
	u64 total = 0, *pages, last = 0;

	for (unsigned i = 0; i < n; i++)
		total += objects[i].size / KF_PAGE_SIZE + 2;
	pages = calloc(total, sizeof(*pages));
	if (!pages)
		exit(1);
	total = 0;
	for (unsigned i = 0; i < n; i++) {
		u64 va = (u64)(uintptr_t)objects[i].p;

		for (u64 page = va >> KF_PAGE_SHIFT;
		     page <= (va + objects[i].size - 1) >> KF_PAGE_SHIFT; page++)
			pages[total++] = page;
	}
	qsort(pages, total, sizeof(*pages), compare);
	for (u64 i = 0; i < total; i++) {
		u64 page = pages[i];

		if (i && page == last)
			continue;
		f->pages++;
		f->runs += !i || page != last + 1 ||
			   frame_of(page << KF_PAGE_SHIFT) != frame_of(last << KF_PAGE_SHIFT) + 1;
		last = page;
	}
	free(pages);
}

static void look(struct figures *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (objects[i].size <= KF_PAGE_SIZE)
			continue;
		f->large++;
		f->contiguous += in_a_row((u64)(uintptr_t)objects[i].p, objects[i].size);
	}
	count_pages(f, n);
}

/* ---- one measurement --------------------------------------------------------------------------------------- */

static struct figures measure(const struct way *way, const struct pattern *pattern)
{
	unsigned n = pattern->objects;
	struct kf_heap_stat stat;
	struct figures f = {0};
	double start = now_ns(), spent;
	u64 before, held, asked = 0;

	state = 12345;
	before = way->held();
	for (unsigned i = 0; i < n; i++)
		make(way, pattern, i);
	for (unsigned i = 0; i < pattern->rounds; i++) {
		unsigned victim = (unsigned)random_below(n);

		way->put(objects[victim].p);
		make(way, pattern, victim);
	}
	spent = now_ns() - start;
	for (unsigned i = 0; i < n; i++)
		asked += objects[i].size;
	held = way->held() - before;
	f.held = (double)held / (double)asked;
	look(&f, n);
	start = now_ns();
	for (unsigned i = 0; i < n; i += 2)
		way->put(objects[i].p);
	spent += now_ns() - start;
	f.stuck = (double)(way->held() - before) / (double)held;
	kf_heap_stat(&heap, &stat);
	f.external = stat.external;
	start = now_ns();
	for (unsigned i = 1; i < n; i += 2)
		way->put(objects[i].p);
	f.ns = (spent + now_ns() - start) / (n + pattern->rounds);
	return f;
}

static void shrink(struct kf_cache *cache, void *arg)
{
	kf_cache_shrink(cache);
}

static void print(const struct way *way, const struct figures *f)
{
	char external[16] = "-", row[16] = "-";

	if (way->get == by_heap)
		snprintf(external, sizeof(external), "%.2f", f->external);
	if (f->large)
		snprintf(row, sizeof(row), "%.0f %%", 100.0 * f->contiguous / f->large);
	printf("  %-8s %9.0f %8.2f %8.2f %9s %9s %8llu %8llu\n", way->name, f->ns, f->held,
	       f->stuck, external, row, (unsigned long long)f->pages, (unsigned long long)f->runs);
}

static void start_world(void)
{
	struct kf_settings settings;
	char err[KF_SETTINGS_ERR];

	kf_settings_default(&settings);
	kf_settings_parse(&settings, "checks=off", err);
	kf_settings_next(&settings);
	if (kf_memory_init(&kf_layout_native) || !kf_memblock_free_all() || kf_slab_init()) {
		fprintf(stderr, "teach: the simulated memory cannot be mapped\n");
		exit(1);
	}
}

int main(void)
{
	start_world();
	printf("ns: allocate and free one · held: bytes held per byte asked for · stuck: part of "
	       "that still held when\n"
	       "every other object is freed · external: fragmentation of the heap's free memory "
	       "then · in a row: objects\n"
	       "above a page with neighbouring frames · pages, runs: what the TLB has to know, at "
	       "worst and at best\n");
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		printf("%s\n  %-8s %9s %8s %8s %9s %9s %8s %8s\n", patterns[i].name, "", "ns",
		       "held", "stuck", "external", "in a row", "pages", "runs");
		for (size_t k = 0; k < sizeof(ways) / sizeof(*ways); k++) {
			void *arena = kf_vmalloc(ARENA, 1, KF_GFP_KERNEL, false);
			struct figures f;

			if (!arena)
				return 1;
			kf_heap_init(&heap, arena, ARENA);
			kf_cache_for_each(shrink, NULL);
			free_at_start = 0;
			free_at_start = 0 - pages_taken() / KF_PAGE_SIZE;
			f = measure(&ways[k], &patterns[i]);
			print(&ways[k], &f);
			kf_vfree(arena);
		}
	}
	return 0;
}
