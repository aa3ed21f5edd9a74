// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to know everything about a live object: the resident memory of the process, measured before and after a million
 * allocations that the judges watch, less the objects themselves.
 *
 *	NAME_bytes=	for one live object, everything: records, journal, headers of slabs, tables of the allocators
 *	NAME_headers=	of these, headers of slabs, which an allocator has that tracks nothing, too
 *
 * The pages that hold the objects, redzones included, are not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../allocator/core/extents.h"
#include "../../allocator/core/memory.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/core/state.h"
#include "../../harness/judge/judge.h"
#include "../../harness/trace/depot.h"

#define WARM 10000

static uint32_t stack;

static struct caller caller(void)
{
	return (struct caller){.stack = stack, .on_behalf = true};
}

static bool in_module(uint64_t pc)
{
	return true;
}

static const char *module_of(uint64_t pc)
{
	return "bench";
}

static void context(struct target_context *out)
{
	memset(out, 0, sizeof(*out));
}

static void stop(const char *why)
{
	fprintf(stderr, "bookkeeping: %s\n", why);
	exit(1);
}

static void open_world(void)
{
	static const struct judge_eyes eyes = {.module = "bench",
					       .kernel = "bench",
					       .caller = caller,
					       .in_module = in_module,
					       .module_of = module_of,
					       .context = context};
	const uint64_t pcs[] = {0x1000, 0x2000, 0x3000};

	if (kf_memory_init(&kf_layout_native))
		stop("the world cannot be mapped");
	kf_memblock_free_all();
	if (kf_slab_init())
		stop("no slab caches");
	stack = depot_save(pcs, 3);
	judge_attach(&eyes);
	judge_begin();
}

static uint64_t resident(void)
{
	unsigned long size, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%lu %lu", &size, &pages) != 2)
		stop("/proc/self/statm cannot be read");
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t pages_in_use;

static void add_frames(uint64_t pfn, uint64_t frames, enum kf_frame_use use, void *arg)
{
	if (use != KF_USE_FREE && use != KF_USE_RESERVED)
		pages_in_use += frames;
}

static uint64_t in_use(void)
{
	pages_in_use = 0;
	kf_frames_for_each(add_frames, NULL);
	return pages_in_use * KF_PAGE_SIZE;
}

static void *a_small_object(unsigned i)
{
	return kf_kmalloc(64, KF_GFP_KERNEL);
}

/* 8 to 512 bytes. */
static void *any_object(unsigned i)
{
	return kf_kmalloc(8 + i * 56 % 505, KF_GFP_KERNEL);
}

static void *a_page(unsigned i)
{
	struct page *page = kf_alloc_pages(KF_GFP_KERNEL, 0);

	return page ? kf_frame_virt(kf_page_to_pfn(page)) : NULL;
}

static void count_slab(const struct kf_extent *extent, void *arg)
{
	++*(unsigned *)arg;
}

static unsigned headers(void)
{
	unsigned n = 0;

	kf_extents_for_each(count_slab, &n);
	return n;
}

static void make(void *(*allocate)(unsigned i), unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char *p = allocate(i);

		if (!p)
			stop("no memory");
		*p = 1;
	}
}

/* In a process of its own; the first objects are not counted, since all tables begin with them. */
static void measure(const char *name, void *(*allocate)(unsigned i), unsigned n)
{
	uint64_t before, used, grown, holds;

	open_world();
	make(allocate, WARM);
	before = resident();
	used = in_use();
	make(allocate, n);
	grown = resident() - before;
	holds = in_use() - used;
	if (judge_unable())
		stop(judge_unable());
	printf("%s_bytes=%.1f\n", name, ((double)grown - (double)holds) / n);
	printf("%s_headers=%.1f\n", name, (double)headers() * sizeof(struct kf_slab) / n);
}

static void measure_apart(const char *name, void *(*allocate)(unsigned i), unsigned n)
{
	pid_t child = fork();
	int status;

	if (!child) {
		measure(name, allocate, n);
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		stop("a measurement failed");
}

int main(void)
{
	measure_apart("small", a_small_object, 1000000);
	measure_apart("slab", any_object, 1000000);
	measure_apart("page", a_page, 100000);
	return 0;
}
