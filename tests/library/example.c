// SPDX-License-Identifier: GPL-2.0-only
/* A program that uses the kernel's allocators and libc side by side; the example of README.md. */
#include <stdio.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct point {
	u64 x, y;
};

int main(void)
{
	struct kmem_cache *points = KMEM_CACHE(point, SLAB_HWCACHE_ALIGN);
	struct point *p = kmem_cache_zalloc(points, GFP_KERNEL);
	char *name = kasprintf(GFP_KERNEL, "(%llu, %llu)", p->x, p->y);
	struct page *pages = alloc_pages(GFP_KERNEL, 3);
	void *large = vmalloc(1 << 20);

	printf("%s: %zu bytes were asked for, %zu given\n", name, strlen(name) + 1, ksize(name));
	printf("physical address %#llx, and page after page in one piece: %d\n",
	       (unsigned long long)virt_to_phys(page_address(pages)),
	       vmalloc_to_page(large) + 1 == vmalloc_to_page((char *)large + PAGE_SIZE));
	vfree(large);
	__free_pages(pages, 3);
	kfree(name);
	kmem_cache_free(points, p);
	kmem_cache_destroy(points);
	return 0;
}
