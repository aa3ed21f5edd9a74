// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of pages that exist already, of devices, of nothing; and what the views say of them.
 */
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include <stdio.h>

#include "test.h"

#define PAGES(n) ((u64)(n) << 12)
#define DEVICE	 0xfeb00000ull

static bool writable(const void *addr)
{
	struct iovec from = {&(char){0}, 1}, to = {(void *)addr, 1};

	return process_vm_writev(getpid(), &from, 1, &to, 1, 0) == 1;
}

static void take_pages(struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pages[i] = kf_alloc_pages(GFP_KERNEL, 0);
}

static void give_pages(struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		kf_free_pages(pages[i], 0);
}

/* Expect a read-only mapping to be one, while the page can be written to elsewhere; never executable. */
static void protection(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	char *p = kf_vmap_prot(&page, 1, KF_VM_MAP, KF_PROT_READ | KF_PROT_EXEC, NULL);

	CHECK(mapped(p) && !writable(p));
	*(char *)kf_page_address(page) = 'x';
	CHECK_EQ(*p, 'x');
	kf_vunmap(p);
	p = kf_vmap_prot(&page, 1, KF_VM_MAP, 0, NULL);
	CHECK(p && !mapped(p));
	kf_vunmap(p);
	kf_free_pages(page, 0);
}

/* Expect zeroed, guarded read-only vmalloc memory: its zeros come through the direct map. */
static void read_only_vmalloc(void)
{
	struct kf_vmalloc_args args = {
		.size = 100, .align = 1, .gfp = GFP_KERNEL | GFP_ZERO, .prot = KF_PROT_READ};
	char *p = kf_vmalloc_range(&args);

	CHECK(all_bytes(p, 0, 4096) && !writable(p));
	kf_vfree(p);
}

/* Expect what the kernel says to each of these, and no mapping. */
static void refusals(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0), *none = NULL;
	void *p = kf_vmap(&page, 1, KF_VM_NO_GUARD);

	expect_bug(KF_BUG_WARN);
	CHECK(p && !mapped((char *)p + 4096));
	CHECK_EQ(kf_find_vm_area(p)->size, PAGES(2));
	kf_vunmap(p);
	CU_ASSERT_PTR_NULL(kf_vmap(&page, 0, 0));
	CU_ASSERT_PTR_NULL(kf_vmap(&page, 1u << 20, 0)); /* more than there is */
	CU_ASSERT_PTR_NULL(kf_vmap(&none, 1, 0));
	expect_bug(KF_BUG_WARN);
	kf_free_pages(page, 0);
	CHECK_VALID();
}

/* Expect vunmap of pages that were given away to take them back: they and the array stay the caller's. */
static void unmap_given(void)
{
	struct page **pages = kf_kmalloc(2 * sizeof(*pages), GFP_KERNEL);
	void *p;

	take_pages(pages, 2);
	p = kf_vmap(pages, 2, KF_VM_MAP | KF_VM_MAP_PUT_PAGES);
	CHECK(kf_find_vm_area(p)->pages == pages && kf_find_vm_area(p)->nr_pages == 2);
	kf_vunmap(p);
	CHECK_EQ(told.freed, 1);
	give_pages(pages, 2);
	kf_kfree(pages);
}

/* Expect device frames that nobody was told of, and a warning for RAM. */
static void pfns(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	u64 device[2] = {DEVICE >> 12, (DEVICE >> 12) + 1}, ram = kf_page_to_pfn(page);
	char *p = kf_vmap_pfn(device, 2, KF_PROT_KERNEL, NULL);

	CHECK(all_bytes(p, 0, 8192));
	p[4096] = 1;
	CHECK_EQ(told.born.size, 8192);
	CU_ASSERT_PTR_NULL(kf_vmap_pfn(&ram, 1, KF_PROT_KERNEL, NULL));
	expect_bug(KF_BUG_WARN);
	kf_vunmap(p);
	kf_free_pages(page, 0);
}

/* ---- devices ------------------------------------------------------------------------------------------ */

/* Expect RAM to be refused with a warning, reserved and legacy memory not, and alignment to the size. */
static void ioremap_rules(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	u64 phys = kf_page_to_pfn(page) << 12;
	void *small = kf_ioremap(DEVICE, 1), *p = kf_ioremap(DEVICE, PAGES(5));

	CU_ASSERT_PTR_NULL(kf_ioremap(phys, 4096));
	expect_bug(KF_BUG_WARN);
	CHECK(!strncmp(last_line(), "ioremap on RAM at ", 18));
	CU_ASSERT_PTR_NULL(kf_ioremap(~0ull - 10, 4096));
	CHECK_EQ((u64)(uintptr_t)p % PAGES(8), 0);
	CHECK_EQ(kf_find_vm_area(p)->phys_addr, DEVICE);
	kf_iounmap(small);
	kf_iounmap(p);
	kf_iounmap(page);
	expect_bug(KF_BUG_INVALID_FREE);
	p = kf_ioremap(0xa0000, 100);
	CU_ASSERT_PTR_NOT_NULL(p);
	kf_iounmap(p);
	kf_free_pages(page, 0);
}

/* Expect a reserved area to be empty, to take mappings, and to give its frames back with itself. */
static void reserved(void)
{
	struct kf_vm *vm = kf_get_vm_area(PAGES(4), KF_VM_IOREMAP, 0, 0, NULL);
	u64 va = (u64)(uintptr_t)vm->addr, free = free_pages_now();

	CHECK(!mapped(vm->addr) && vm->size == PAGES(5) && told.born.kind == KF_VMAP);
	CHECK_EQ(kf_ioremap_page_range(va + PAGES(1), va + PAGES(3), DEVICE, KF_PROT_KERNEL), 0);
	CHECK(!mapped(vm->addr) && mapped((char *)vm->addr + 4096));
	CHECK_EQ(free_pages_now(), free - 2);
	CHECK_EQ(kf_ioremap_page_range(va + PAGES(3), va + PAGES(5), DEVICE, KF_PROT_KERNEL),
		 -EINVAL); /* the guard */
	kf_vunmap_range(va + PAGES(1), va + PAGES(2));
	CHECK(!mapped((char *)vm->addr + 4096) && mapped((char *)vm->addr + 8192));
	kf_free_vm_area(vm);
	CHECK_EQ(free_pages_now(), free);
	CHECK(!mapped((void *)(va + PAGES(2))));
	CU_ASSERT_PTR_NULL(kf_get_vm_area(0, 0, 0, 0, NULL));
}

/* Expect remove_vm_area() to give a copy that kfree() takes, and vmalloc memory not to be torn from its frames. */
static void removed(void)
{
	struct kf_vm *vm = kf_get_vm_area(4096, 0, 0, 0, NULL), *copy;
	void *addr = vm->addr, *p = kf_vmalloc(4096, 1, GFP_KERNEL, false);

	copy = kf_remove_vm_area(addr);
	CHECK(copy && copy->addr == addr && copy->size == PAGES(2));
	kf_kfree(copy);
	CU_ASSERT_PTR_NULL(kf_find_vm_area(addr));
	CU_ASSERT_PTR_NULL(kf_remove_vm_area(addr));
	CU_ASSERT_PTR_NULL(kf_remove_vm_area(p));
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vfree(p);
}

/*
 * Expect areas of the per-CPU allocator at one distance from each other, as high as they go.
 *
 *	|...............|0|.|1|.|2|  end
 */
static void congruent(void)
{
	const u64 offsets[] = {0, PAGES(32), PAGES(64)}, sizes[] = {PAGES(8), PAGES(8), PAGES(8)};
	const u64 end = test_layout.vmalloc_end, too_far[] = {0, 64 * MIB};
	struct kf_vm *first[3], *second[3], *wall;

	REQUIRE(kf_pcpu_get_vm_areas(offsets, sizes, 3, PAGES(8), first));
	CHECK_EQ((u64)(uintptr_t)first[2]->addr, end - PAGES(8));
	CHECK_EQ((u64)(uintptr_t)first[0]->addr, end - PAGES(72));
	wall = kf_get_vm_area(PAGES(1), KF_VM_NO_GUARD, end - PAGES(16), end - PAGES(8), NULL);
	REQUIRE(kf_pcpu_get_vm_areas(offsets, sizes, 3, PAGES(8), second));
	/* Right below is the wall: the next place is two pieces down. */
	CHECK_EQ((u64)(uintptr_t)second[2]->addr, end - PAGES(24));
	for (int i = 0; i < 3; i++)
		CHECK_EQ((u64)(uintptr_t)second[i]->addr - (u64)(uintptr_t)second[0]->addr,
			 offsets[i]);
	CHECK(!kf_pcpu_get_vm_areas(too_far, sizes, 2, PAGES(8), first + 0));
	expect_bug(KF_BUG_WARN);
	CHECK_VALID();
	CHECK_EQ(told.allocated, 1); /* the wall */
	kf_pcpu_free_vm_areas(first, 3);
	kf_pcpu_free_vm_areas(second, 3);
	kf_free_vm_area(wall);
}

/* ---- vm_map_ram ------------------------------------------------------------------------------------------ */

/*
 * Expect small mappings side by side in one block, each rounded up to a power of two, without guards; what was
 * unmapped not to be used again before the block is.
 *
 *	block	|aaa.|b|c|............|
 */
static void small_maps(void)
{
	struct kf_vmalloc_stat stat;
	struct page *pages[4];
	char *a, *b, *c, *d;

	take_pages(pages, 4);
	a = kf_vm_map_ram(pages, 3);
	b = kf_vm_map_ram(pages + 3, 1);
	c = kf_vm_map_ram(pages, 1);
	CHECK(b == a + PAGES(4) && c == b + PAGES(1));
	CHECK_EQ((u64)(uintptr_t)a % PAGES(128), 0);
	CHECK(mapped(a + PAGES(2)) && !mapped(a + PAGES(3)) && mapped(b) && mapped(c));
	c[1] = 'c';
	CHECK_EQ(a[1], 'c');
	CHECK(kf_vmalloc_to_page(a + PAGES(1)) == pages[1]);
	CU_ASSERT_PTR_NULL(kf_find_vm_area(a));
	kf_vm_unmap_ram(b, 1);
	CHECK(!mapped(b));
	d = kf_vm_map_ram(pages, 1);
	CHECK(d == c + PAGES(1));
	kf_vm_unmap_ram(a, 3);
	kf_vm_unmap_ram(c, 1);
	kf_vm_unmap_ram(d, 1);
	CHECK_VALID();
	kf_vmalloc_stat(&stat);
	CHECK_EQ(stat.blocks, 1);
	kf_vm_unmap_aliases(); /* nothing in it is live: it goes */
	kf_vmalloc_stat(&stat);
	CHECK(stat.blocks == 0 && stat.busy == 0 && stat.dead == 0);
	give_pages(pages, 4);
}

/* Expect a block to go by itself when all of it was used, and the next mapping to begin another one. */
static void full_block(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0), *pages[64];
	struct kf_vmalloc_stat stat;
	char *p, *first = NULL;

	for (int i = 0; i < 64; i++)
		pages[i] = page;
	for (int i = 0; i < 2; i++) {
		p = kf_vm_map_ram(pages, 64);
		first = first ? first : p;
		CHECK(p == first + i * PAGES(64));
		kf_vm_unmap_ram(p, 64);
	}
	kf_vmalloc_stat(&stat);
	CHECK(stat.blocks == 1 && stat.busy == 0 && stat.lazy_pages == 128); /* dead */
	p = kf_vm_map_ram(pages, 1);
	CHECK(p > first);
	kf_vm_unmap_ram(p, 1);
	kf_free_pages(page, 0);
	CHECK_VALID();
}

/* Expect more than 64 pages to have an area of their own, without struct and without guard. */
static void large_map(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0), *pages[65];
	struct kf_vm *vm;
	u64 start, end;
	char *p;

	for (int i = 0; i < 65; i++)
		pages[i] = page;
	p = kf_vm_map_ram(pages, 65);
	CHECK(kf_find_vmap_area(p + PAGES(64), &start, &end, &vm));
	CHECK(start == (u64)(uintptr_t)p && end == start + PAGES(65) && !vm);
	kf_vm_unmap_ram(p, 64);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vm_unmap_ram(p, 65);
	kf_free_pages(page, 0);
}

/* Expect wrong counts, parts and addresses to be told, and nothing to be unmapped by them. */
static void wrong_unmaps(void)
{
	struct page *pages[4];
	struct kf_object obj;
	char *p, *area = kf_vmalloc(4096, 1, GFP_KERNEL, false);

	take_pages(pages, 4);
	p = kf_vm_map_ram(pages, 4);
	kf_vm_unmap_ram(p, 2);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vm_unmap_ram(p + PAGES(1), 3);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vm_unmap_ram(NULL, 4);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vm_unmap_ram(p + 8, 4);
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vm_unmap_ram(area, 1);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vfree(p);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vunmap(p);
	expect_bug(KF_BUG_WRONG_FAMILY);
	CHECK(mapped(p + PAGES(3)));
	kf_vm_unmap_ram(p, 4);
	CHECK(kf_object_at(p + PAGES(2), &obj) && !obj.live && obj.addr == p && obj.free_tag);
	kf_vm_unmap_ram(p, 4);
	expect_bug(KF_BUG_DOUBLE_FREE);
	CU_ASSERT_PTR_NULL(kf_vm_map_ram(pages, 0));
	expect_bug(KF_BUG_WARN);
	kf_vfree(area);
	give_pages(pages, 4);
}

/* ---- views ------------------------------------------------------------------------------------------------- */

static struct kf_area_info lines[16];
static unsigned nr_lines;

static void note_line(const struct kf_area_info *area, void *arg)
{
	lines[nr_lines++] = *area;
}

/* Expect what /proc/vmallocinfo prints: busy areas by address, then what waits for a purge, neighbours together. */
static void listing(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	char *a = kf_vmalloc(5000, 1, GFP_KERNEL, false),
	     *dead1 = kf_vmalloc(1, 1, GFP_KERNEL, false);
	char *dead2 = kf_vmalloc(1, 1, GFP_KERNEL, false), *io = kf_ioremap(DEVICE, 4096);
	struct kf_vmalloc_args args = {.size = MIB * 3,
				       .align = 1,
				       .gfp = GFP_KERNEL,
				       .prot = KF_PROT_KERNEL,
				       .flags = KF_VM_USERMAP,
				       .caller = (void *)0x1234};
	char *big = kf_vmalloc_range(&args), *ram = kf_vm_map_ram(&page, 1);

	kf_vfree(dead1);
	kf_vfree(dead2);
	nr_lines = 0;
	kf_vmalloc_for_each_area(note_line, NULL);
	CHECK_EQ(nr_lines, 5);
	CHECK(lines[0].start == (u64)(uintptr_t)a && lines[0].end == lines[0].start + PAGES(3));
	CHECK(lines[0].line == KF_AREA_VM && lines[0].flags == KF_VM_ALLOC &&
	      lines[0].nr_pages == 2);
	CHECK(!lines[0].caller && !lines[0].vpages && lines[0].alloc_tag > 1000);
	CHECK(lines[1].phys == DEVICE && lines[1].flags == KF_VM_IOREMAP && !lines[1].nr_pages);
	CHECK(lines[2].flags == (KF_VM_ALLOC | KF_VM_USERMAP) && lines[2].vpages);
	CHECK(lines[2].caller == (void *)0x1234 && lines[2].nr_pages == 768);
	CHECK(lines[3].line == KF_AREA_MAP_RAM && lines[3].end - lines[3].start == PAGES(128));
	CHECK(lines[4].line == KF_AREA_UNPURGED && lines[4].end - lines[4].start == PAGES(4));
	CHECK_EQ(kf_vmalloc_nr_pages(), 770);
	kf_vfree(a);
	kf_vfree(big);
	kf_iounmap(io);
	kf_vm_unmap_ram(ram, 1);
	kf_free_pages(page, 0);
	CHECK_EQ(kf_vmalloc_nr_pages(), 0);
}

/* Expect the struct that kernel code reads, its flags to be the caller's to set, and one line about an object. */
static void vm_struct(void)
{
	char *p = kf_vmalloc(5000, 1, GFP_KERNEL, false);
	struct kf_vm *vm = kf_find_vm_area(p + 4096);
	char text[96];

	CHECK(vm->addr == p && vm->size == PAGES(3) && vm->nr_pages == 2 &&
	      vm->flags == KF_VM_ALLOC);
	CHECK(vm->pages[1] == kf_vmalloc_to_page(p + 4096));
	CHECK(kf_find_vm_area(p) == vm);
	vm->flags |= KF_VM_USERMAP;
	CHECK(kf_vmalloc_dump_obj(p + 100));
	snprintf(text, sizeof(text), " 2-page vmalloc region starting at %#llx allocated at 0",
		 (unsigned long long)(uintptr_t)p);
	CHECK(!strncmp(last_line(), text, strlen(text)));
	kf_vfree(p);
	CHECK(!kf_vmalloc_dump_obj(p) && !kf_find_vm_area(p));
}

/* Expect bytes of mapped memory, zeros of devices and holes. */
static void reading(void)
{
	char *p = kf_vmalloc(4096, 1, GFP_KERNEL, false), *io = kf_ioremap(DEVICE, 4096), to[6000];

	memset(p, 'p', 4096);
	memset(io, 'i', 4096);
	CHECK_EQ(kf_vread(to, p + 96, sizeof(to)), sizeof(to));
	CHECK(all_bytes(to, 'p', 4000) && all_bytes(to + 4000, 0, 2000));
	CHECK_EQ(kf_vread(to, io, 10), 10);
	CHECK(all_bytes(to, 0, 10));
	CHECK_EQ(kf_vread(to, (void *)(test_layout.vmalloc_end - 4096), 10), 0);
	kf_vfree(p);
	kf_iounmap(io);
}

static const CU_TestInfo tests[] = {
	{"protection", protection},
	{"read-only vmalloc", read_only_vmalloc},
	{"refusals", refusals},
	{"unmap given", unmap_given},
	{"pfns", pfns},
	{"ioremap rules", ioremap_rules},
	{"reserved", reserved},
	{"removed", removed},
	{"congruent", congruent},
	{"small maps", small_maps},
	{"full block", full_block},
	{"large map", large_map},
	{"wrong unmaps", wrong_unmaps},
	{"listing", listing},
	{"vm_struct", vm_struct},
	{"reading", reading},
	CU_TEST_INFO_NULL,
};

const struct suite vmap_suite = {"vmap", fixture_start, fixture_stop, tests};
