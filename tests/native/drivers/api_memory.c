// SPDX-License-Identifier: GPL-2.0-only
/* The kmalloc family, caches, pages, vmalloc, per-CPU and device memory. */
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "check.h"

struct thing {
	int a, b;
};

static int constructed;

static void construct(void *object)
{
	struct thing *thing = object;

	thing->a = 1;
	thing->b = 2;
	constructed++;
}

static void slabs(void)
{
	char *p = kmalloc(0, GFP_KERNEL), *q;

	CHECK(p == ZERO_SIZE_PTR);
	kfree(p);
	kfree(NULL);
	p = kzalloc(100, GFP_KERNEL);
	CHECK(p && !memchr_inv(p, 0, 100) && ksize(p) == 128);
	q = krealloc(p, 120, GFP_KERNEL);
	CHECK(q == p);
	q = krealloc(p, 200, GFP_KERNEL);
	CHECK(q && q != p && !memchr_inv(q, 0, 100));
	kfree_sensitive(q);
	CHECK(!kmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL) && !kcalloc(SIZE_MAX, 2, GFP_KERNEL));
	CHECK(krealloc(kmalloc(8, GFP_KERNEL), 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	p = kmalloc(10000, GFP_ATOMIC);
	CHECK(p && ksize(p) == 16384);
	kfree(p);
	p = kvmalloc(3u << 20, GFP_KERNEL);
	CHECK(p);
	kvfree(p);
	p = kvzalloc(8u << 20, GFP_KERNEL); /* too large for kmalloc */
	CHECK(p && is_vmalloc_addr(p) && !p[(8 << 20) - 1]);
	kvfree(p);
	CHECK(kmalloc_size_roundup(100) == 128);
}

static void caches(void)
{
	struct kmem_cache *cache =
		kmem_cache_create("things", sizeof(struct thing), 0, 0, construct);
	struct kmem_cache *plain = KMEM_CACHE(thing, SLAB_HWCACHE_ALIGN);
	void *several[5];
	struct thing *t;

	CHECK(cache && plain && kmem_cache_size(cache) == sizeof(struct thing));
	t = kmem_cache_alloc(cache, GFP_KERNEL);
	CHECK(t && t->a == 1 && t->b == 2 && constructed > 0);
	kmem_cache_free(cache, t);
	t = kmem_cache_zalloc(plain, GFP_KERNEL);
	CHECK(t && !t->a && !t->b);
	kmem_cache_free(plain, t);
	CHECK(kmem_cache_alloc_bulk(plain, GFP_KERNEL, 5, several) == 5);
	kmem_cache_free_bulk(plain, 5, several);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(plain);
	kmem_cache_destroy(NULL);
}

static void pages(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 2), *single, *array[3] = {NULL};
	unsigned long addr = __get_free_page(GFP_KERNEL);
	void *exact;

	CHECK(page && addr && virt_addr_valid((void *)addr));
	CHECK(virt_to_page(page_address(page)) == page && pfn_to_page(page_to_pfn(page)) == page);
	CHECK(!memchr_inv(page_address(page), 0, 4 * PAGE_SIZE) && page_count(page) == 1);
	CHECK(__va(__pa(addr)) == (void *)addr);
	__free_pages(page, 2);
	free_page(addr);
	free_page(0);
	single = alloc_page(GFP_KERNEL | __GFP_COMP);
	get_page(single);
	CHECK(page_count(single) == 2);
	put_page(single);
	put_page(single);
	exact = alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
	CHECK(exact);
	free_pages_exact(exact, 3 * PAGE_SIZE);
	CHECK(alloc_pages_bulk_array(GFP_KERNEL, 3, array) == 3);
	for (int i = 0; i < 3; i++)
		__free_page(array[i]);
}

static void areas(void)
{
	u8 *p = vmalloc(3 * PAGE_SIZE), *alias, *mapped;
	struct page *two[2];

	CHECK(p && is_vmalloc_addr(p));
	p[PAGE_SIZE + 5] = 77;
	alias = page_address(vmalloc_to_page(p + PAGE_SIZE));
	CHECK(alias[5] == 77);
	two[0] = vmalloc_to_page(p + 2 * PAGE_SIZE);
	two[1] = vmalloc_to_page(p + PAGE_SIZE);
	mapped = vmap(two, 2, VM_MAP, PAGE_KERNEL);
	CHECK(mapped && mapped[PAGE_SIZE + 5] == 77);
	vunmap(mapped);
	vfree(p);
	vfree(NULL);
	p = vzalloc(100);
	CHECK(p && !memchr_inv(p, 0, 100));
	vfree(p);
	p = ioremap(0xfed00000, 4096);
	CHECK(p && readl(p) == 0);
	writel(5, p + 8);
	CHECK(readl(p + 8) == 5);
	iounmap(p);
}

static DEFINE_PER_CPU(int, counter);

static void percpu(void)
{
	u64 __percpu *p = alloc_percpu(u64);
	int cpu;

	CHECK(p && (unsigned long)p < 1 << 21);
	for_each_possible_cpu(cpu) CHECK(*per_cpu_ptr(p, cpu) == 0);
	this_cpu_inc(*p);
	this_cpu_add(*p, 4);
	CHECK(*this_cpu_ptr(p) == 5 && this_cpu_read(*p) == 5);
	*get_cpu_ptr(p) = 9;
	CHECK(in_atomic());
	put_cpu_ptr(p);
	CHECK(!in_atomic() && this_cpu_read(*p) == 9);
	this_cpu_inc(counter);
	CHECK(per_cpu(counter, 0) == 1);
	free_percpu(p);
	free_percpu(NULL);
}

static void all(void)
{
	slabs();
	caches();
	pages();
	areas();
	percpu();
}

CHECKED_DRIVER(all);
