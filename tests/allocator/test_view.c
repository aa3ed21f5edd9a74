// SPDX-License-Identifier: GPL-2.0-only
/*
 * Views, word by word, on a small world in which little has happened. The expected lines were worked out from the
 * kernel's format strings and the layout of the test world:
 *
 *	DMA 0..2 MiB	frames 0..511; frame 0 is never given, so one block of each order 0..8 is free
 *	DMA32 2..8 MiB	frames 512..2047: one block of 512 pages, one of 1024
 *	Normal 32 MiB	eight blocks of 1024 pages;  HighMem and Movable 8 MiB: two each
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../allocator/view/memory_stat.h"
#include "../../allocator/view/view.h"
#include "test.h"

#define LINES_MAX 2048

static char *lines[LINES_MAX];
static unsigned line_count;

static void forget_lines(void)
{
	while (line_count)
		free(lines[--line_count]);
}

static void keep_line(const char *text, void *arg)
{
	CU_ASSERT_PTR_NULL(strchr(text, '\n'));
	if (line_count < LINES_MAX)
		lines[line_count++] = strdup(text);
}

static void name_function(const void *addr, char *text, size_t size, void *arg)
{
	snprintf(text, size, "function_%lx+0x0/0x10", (unsigned long)addr);
}

static void name_stack(u32 tag, void (*fn)(const char *frame, void *arg), void *arg)
{
	char frame[64];

	snprintf(frame, sizeof(frame), "caller_%u+0x1c/0x80 [driver]", tag);
	fn(frame, arg);
	fn("do_one_initcall+0x56/0x230", arg);
}

static void whence(struct kf_whence *out)
{
	*out = (struct kf_whence){.jiffies = 100, .pid = 7, .comm = "insmod"};
}

static const struct kf_view out = {.line = keep_line, .function = name_function};

static void view_start(void)
{
	fixture_start();
	kf_hooks.describe = name_stack;
	kf_hooks.whence = whence;
}

static void view_stop(void)
{
	forget_lines();
	fixture_stop();
}

static void show(void (*view)(const struct kf_view *out))
{
	forget_lines();
	view(&out);
}

static void check_line(unsigned i, const char *expected)
{
	CHECK(i < line_count);
	if (i >= line_count)
		return;
	if (strcmp(lines[i], expected))
		fprintf(stderr, "line %u: \"%s\"\nexpected \"%s\"\n", i, lines[i], expected);
	CU_ASSERT_STRING_EQUAL(lines[i], expected);
}

/* The place of the first line from `from` on that begins so. */
static unsigned find_line(unsigned from, const char *start)
{
	while (from < line_count && strncmp(lines[from], start, strlen(start)))
		from++;
	CHECK(from < line_count);
	return from;
}

/* ---- pages ------------------------------------------------------------------------------------------- */

static void test_buddyinfo(void)
{
	show(kf_view_buddyinfo);
	CHECK_EQ(line_count, 5);
	check_line(0, "Node 0, zone      DMA      1      1      1      1      1      1      1      "
		      "1      1      0      0 ");
	check_line(1, "Node 0, zone    DMA32      0      0      0      0      0      0      0      "
		      "0      0      1      1 ");
	check_line(2, "Node 0, zone   Normal      0      0      0      0      0      0      0      "
		      "0      0      0      8 ");
	check_line(3, "Node 0, zone  HighMem      0      0      0      0      0      0      0      "
		      "0      0      0      2 ");
	check_line(4, "Node 0, zone  Movable      0      0      0      0      0      0      0      "
		      "0      0      0      2 ");
}

/* A block of 16 pages leaves one of each larger order. Expect it in Unmovable: its page block, the first of the only
 * free block, was taken over from Movable, and the rest of the 1024 pages with it. */
static void test_pagetypeinfo(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 4);

	show(kf_view_pagetypeinfo);
	CHECK_EQ(line_count, 4 + 5 * 5 + 2 + 5);
	check_line(0, "Page block order: 9");
	check_line(1, "Pages per block:  512");
	check_line(2, "");
	check_line(3,
		   "Free pages count per migrate type at order       0      1      2      3      "
		   "4      5      6      7      8      9     10 ");
	check_line(14,
		   "Node    0, zone   Normal, type    Unmovable      0      0      0      0      "
		   "1      1      1      1      1      1      0 ");
	check_line(15,
		   "Node    0, zone   Normal, type      Movable      0      0      0      0      "
		   "0      0      0      0      0      0      7 ");
	check_line(18,
		   "Node    0, zone   Normal, type      Isolate      0      0      0      0      "
		   "0      0      0      0      0      0      0 ");
	check_line(29, "");
	check_line(30,
		   "Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic  "
		   "    Isolate ");
	check_line(33,
		   "Node 0, zone   Normal            2           14            0            0   "
		   "         0 ");
	kf_free_pages(page, 4);
}

static void test_zoneinfo(void)
{
	struct kf_zone_stat normal;
	char text[96];
	unsigned at;

	kf_zone_stat(KF_ZONE_NORMAL, &normal);
	show(kf_view_zoneinfo);
	check_line(0, "Node 0, zone      DMA");
	check_line(1, "  per-node stats");
	check_line(2, "      nr_inactive_anon 0");
	CHECK_EQ(find_line(0, "      nr_slab_unreclaimable 0"), 8);
	/* The node's counters stand in the first zone only. */
	at = find_line(0, "Node 0, zone   Normal");
	check_line(at + 1, "  pages free     8192");
	check_line(at + 2, "        boost    0");
	snprintf(text, sizeof(text), "        min      %lu", normal.min);
	check_line(at + 3, text);
	snprintf(text, sizeof(text), "        high     %lu", normal.high);
	check_line(at + 5, text);
	check_line(at + 6, "        spanned  8192");
	check_line(at + 7, "        present  8192");
	check_line(at + 8, "        managed  8192");
	check_line(at + 9, "        cma      0");
	/* Normal keeps a 32nd of HighMem's 2048 pages, and of HighMem's and Movable's 4096. */
	check_line(at + 10, "        protection: (0, 0, 0, 64, 128, 128)");
	check_line(at + 11, "      nr_free_pages 8192");
	at = find_line(at, "  pagesets");
	check_line(at + 1, "    cpu: 0");
	check_line(at + 2, "              count: 0");
	CHECK_EQ(find_line(at, "  vm stats threshold: 0"), at + 5);
	check_line(at + 6, "    cpu: 1");
	at = find_line(at, "  node_unreclaimable:  0");
	check_line(at + 1, "  start_pfn:           4096");
	/* An empty zone ends with its protection. */
	at = find_line(at, "Node 0, zone   Device");
	check_line(at + 10, "        protection: (0, 0, 0, 0, 0, 0)");
	CHECK_EQ(line_count, at + 11);
}

static void test_page_owner(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL | KF_GFP_COMP, 2);
	char text[160];

	show(kf_view_page_owner);
	CHECK_EQ(line_count, 5);
	/* The number of the allocation stands for the time. */
	snprintf(text, sizeof(text),
		 "Page allocated via order 2, mask 0x40cc0(GFP_KERNEL|__GFP_COMP), pid 0, tgid 0 "
		 "(swapper), ts %lu ns, free_ts 0 ns",
		 told.born.seq);
	check_line(0, text);
	snprintf(text, sizeof(text),
		 "PFN %lu type Unmovable Block %lu type Unmovable Flags 0x%lx(head|node=0|zone=2)",
		 kf_page_to_pfn(page), kf_page_to_pfn(page) >> 9, page->flags);
	check_line(1, text);
	check_line(2, " caller_1001+0x1c/0x80 [driver]");
	check_line(3, " do_one_initcall+0x56/0x230");
	check_line(4, "");
	kf_free_pages(page, 2);
	show(kf_view_page_owner);
	CHECK_EQ(line_count, 0);
}

/* ---- sums -------------------------------------------------------------------------------------------- */

/* A large kmalloc is among the unreclaimable slab pages, a cache with SLAB_RECLAIM_ACCOUNT among the others. */
static void test_meminfo(void)
{
	struct kf_memory_stat before, after;
	struct kf_cache *cache = kf_cache_create("inodes", 200, 8, KF_SLAB_RECLAIM_ACCOUNT, NULL);
	void *object, *large, *area;

	kf_memory_stat(&before);
	object = kf_cache_alloc(cache, GFP_KERNEL);
	large = kf_kmalloc(20000, GFP_KERNEL);
	area = kf_vmalloc(3 * KF_PAGE_SIZE, 1, GFP_KERNEL, false);
	kf_memory_stat(&after);
	CHECK_EQ(after.total, before.total);
	CHECK_EQ(after.slab_unreclaimable, before.slab_unreclaimable + 8);
	CHECK(after.slab_reclaimable > before.slab_reclaimable);
	CHECK_EQ(after.vmalloc_used, before.vmalloc_used + 3);
	CHECK(after.available < after.free);
	show(kf_view_meminfo);
	/* 511 + 1536 + 8192 + 2 * 2048 pages. */
	check_line(0, "MemTotal:          57340 kB");
	check_line(3, "HighTotal:          8192 kB");
	check_line(4, "HighFree:           8192 kB");
	check_line(5, "LowTotal:          49148 kB");
	CHECK_EQ(find_line(0, "VmallocTotal:      32768 kB"), 11);
	check_line(12, "VmallocUsed:          12 kB");
	check_line(13, "VmallocChunk:          0 kB");
	kf_vfree(area);
	kf_kfree(large);
	kf_cache_free(cache, object);
	kf_cache_destroy(cache);
}

/* ---- caches -------------------------------------------------------------------------------------------- */

static void test_slabinfo(void)
{
	struct kf_cache *first = kf_cache_create("first", 100, 8, 0, NULL);
	struct kf_cache *second = kf_cache_create("second", 100, 8, 0, NULL);
	void *object = kf_cache_alloc(first, GFP_KERNEL);

	show(kf_view_slabinfo);
	check_line(0, "slabinfo - version: 2.1");
	check_line(1, "# name            <active_objs> <num_objs> <objsize> <objperslab> "
		      "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata "
		      "<active_slabs> <num_slabs> <sharedavail>");
	/* The newest comes first. Objects of 100 bytes lie 136 bytes apart, 30 to a page: 104, and guards of 32. All
	 * of the slab of a CPU count as active. */
	check_line(2,
		   "second                 0      0    136   30    1 : tunables    0    0    0 : "
		   "slabdata      0      0      0");
	check_line(3,
		   "first                 30     30    136   30    1 : tunables    0    0    0 : "
		   "slabdata      1      1      0");
	show(kf_view_unreclaimable);
	check_line(0, "Unreclaimable slab info:");
	check_line(1, "Name                      Used          Total");
	check_line(2, "first                      3KB          3KB");
	kf_cache_free(first, object);
	kf_cache_destroy(first);
	kf_cache_destroy(second);
}

static void construct(void *object)
{
}

static void check_attribute(const struct kf_cache *cache, const char *name, const char *expected)
{
	forget_lines();
	CHECK(kf_view_cache(&out, cache, name));
	CHECK_EQ(line_count, expected ? 1 : 0);
	if (expected)
		check_line(0, expected);
}

static void test_attributes(void)
{
	struct kf_cache *cache = kf_cache_create(
		"with-ctor", 64, 64, KF_SLAB_HWCACHE_ALIGN | KF_SLAB_RECLAIM_ACCOUNT, construct);
	void *object = kf_cache_alloc(cache, GFP_KERNEL);
	char ctor[64];

	snprintf(ctor, sizeof(ctor), "function_%lx+0x0/0x10", (unsigned long)construct);
	check_attribute(cache, "object_size", "64");
	check_attribute(cache, "align", "64");
	check_attribute(cache, "slab_size", "128");
	check_attribute(cache, "order", "0");
	check_attribute(cache, "objs_per_slab", "31");
	check_attribute(cache, "min_partial", "5");
	check_attribute(cache, "slabs", "1 N0=1");
	check_attribute(cache, "cpu_slabs", "1 N0=1");
	check_attribute(cache, "partial", "0");
	check_attribute(cache, "total_objects", "31 N0=31");
	check_attribute(cache, "ctor", ctor);
	check_attribute(cache, "aliases", "0");
	check_attribute(cache, "hwcache_align", "1");
	check_attribute(cache, "reclaim_account", "1");
	check_attribute(cache, "destroy_by_rcu", "0");
	check_attribute(cache, "slabs_cpu_partial", "0(0)");
	check_attribute(cache, "remote_node_defrag_ratio", "100");
	check_attribute(cache, "validate", NULL);
	CHECK(!kf_view_cache(&out, cache, "nonsense"));
	CHECK_EQ(kf_view_find_cache("with-ctor"), cache);
	CU_ASSERT_PTR_NULL(kf_view_find_cache("without"));
	kf_cache_free(cache, object);
	kf_cache_destroy(cache);
}

/* Every name leads to a file. */
static unsigned count_attributes(void)
{
	struct kf_cache *cache = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7);
	const char *name;
	unsigned i;

	forget_lines();
	for (i = 0; (name = kf_view_cache_attribute(i)); i++)
		CHECK(kf_view_cache(&out, cache, name));
	return i;
}

/* Counters are files of a kernel that counts. */
static void test_all_attributes(void)
{
	struct kf_settings settings;

	CHECK_EQ(count_attributes(), 31 + 2);
	CHECK(!kf_view_cache(&out, kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7), "alloc_slab"));
	view_stop();
	kf_settings_default(&settings);
	settings.slub_stats = true;
	fixture_start_with(&settings);
	CHECK_EQ(count_attributes(), 31 + 2 + KF_NR_SLAB_EVENTS);
	check_attribute(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7), "alloc_slab", "0");
	kf_kfree(kf_kmalloc(128, GFP_KERNEL));
	check_attribute(kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7), "alloc_slab", "1 C0=1");
}

/* Two objects of one stack, and one of another with waste. The hooks give a tag to each allocation, so that stacks are the same
 * when the test says so. */
static u32 same_tag;

static u32 tag(const struct kf_object *object)
{
	told.allocated++;
	return same_tag;
}

static u32 free_tag(const struct kf_object *object)
{
	told.freed++;
	return same_tag;
}

static void test_traces(void)
{
	struct kf_cache *cache = kf_kmalloc_cache(KF_KMALLOC_NORMAL, 7);
	void *objects[3];

	kf_hooks.allocated = tag;
	kf_hooks.freed = free_tag;
	forget_lines();
	kf_view_traces(&out, cache, true);
	CHECK_EQ(line_count, 1);
	check_line(0, "No data");
	same_tag = 5;
	objects[0] = kf_kmalloc(100, GFP_KERNEL);
	same_tag = 6;
	objects[1] = kf_kmalloc(128, GFP_KERNEL);
	objects[2] = kf_kmalloc(128, GFP_KERNEL);
	forget_lines();
	kf_view_traces(&out, cache, true);
	CHECK_EQ(line_count, 8);
	check_line(0, "      2 caller_6+0x1c/0x80 [driver]");
	check_line(1, "        caller_6+0x1c/0x80 [driver]");
	check_line(2, "        do_one_initcall+0x56/0x230");
	check_line(3, "");
	check_line(4, "      1 caller_5+0x1c/0x80 [driver] waste=28/28");
	/* None of them was ever freed. */
	forget_lines();
	kf_view_traces(&out, cache, false);
	CHECK_EQ(line_count, 1);
	check_line(0, "      3 <not-available>");
	for (unsigned i = 0; i < 3; i++)
		kf_kfree(objects[i]);
}

/* ---- areas --------------------------------------------------------------------------------------------- */

static void test_vmallocinfo(void)
{
	const struct kf_vmalloc_args args = {.size = 5000,
					     .align = 1,
					     .gfp = GFP_KERNEL,
					     .prot = KF_PROT_KERNEL,
					     .flags = KF_VM_USERMAP,
					     .caller = (void *)0x1234};
	u64 start = test_layout.vmalloc_start;
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	void *area = kf_vmalloc_range(&args);
	void *mapping = kf_vmap_prot(&page, 1, KF_VM_MAP, KF_PROT_KERNEL, NULL);
	void *device = kf_ioremap_caller(0xfed00000, 4096, (void *)0x5678);
	char text[160];

	show(kf_view_vmallocinfo);
	CHECK_EQ(line_count, 3);
	snprintf(text, sizeof(text),
		 "0x%016lx-0x%016lx   12288 function_1234+0x0/0x10 pages=2 vmalloc user N0=2",
		 start, start + 0x3000);
	check_line(0, text);
	/* Who called is not known: the stack of the request says. */
	snprintf(text, sizeof(text),
		 "0x%016lx-0x%016lx    8192 caller_1003+0x1c/0x80 [driver] vmap", start + 0x3000,
		 start + 0x5000);
	check_line(1, text);
	snprintf(text, sizeof(text),
		 "0x%016lx-0x%016lx    8192 function_5678+0x0/0x10 phys=0x00000000fed00000 ioremap",
		 start + 0x5000, start + 0x7000);
	check_line(2, text);
	kf_iounmap(device);
	kf_vunmap(mapping);
	kf_vfree(area);
	/* What waits for a purge is one range. */
	show(kf_view_vmallocinfo);
	CHECK_EQ(line_count, 1);
	snprintf(text, sizeof(text), "0x%016lx-0x%016lx   28672 unpurged vm_area", start,
		 start + 0x7000);
	check_line(0, text);
	kf_free_pages(page, 0);
}

/* A view asks nobody and changes nothing. */
static void test_views_are_silent(void)
{
	u64 free = free_pages_now();

	forget_calls();
	for (const struct kf_view_kind *kind = kf_view_kinds; kind->name; kind++)
		show(kind->show);
	CHECK_EQ(told.might_alloc + told.should_fail + told.allocated + told.freed, 0);
	CHECK_EQ(free_pages_now(), free);
	CHECK_VALID();
}

static const CU_TestInfo tests[] = {
	{"buddyinfo", test_buddyinfo},
	{"pagetypeinfo", test_pagetypeinfo},
	{"zoneinfo", test_zoneinfo},
	{"page_owner", test_page_owner},
	{"meminfo", test_meminfo},
	{"slabinfo, and what an OOM report lists", test_slabinfo},
	{"attributes of a cache", test_attributes},
	{"every attribute", test_all_attributes},
	{"alloc_traces, free_traces", test_traces},
	{"vmallocinfo", test_vmallocinfo},
	{"views ask nobody and change nothing", test_views_are_silent},
	CU_TEST_INFO_NULL,
};

const struct suite view_suite = {"views", view_start, view_stop, tests};
