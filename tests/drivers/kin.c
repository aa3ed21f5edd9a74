// SPDX-License-Identifier: GPL-2.0-only
/*
 * No bug: memory pools, coherent DMA memory and pools of it, fragments of pages, device-managed memory and per-CPU counters,
 * used as documented and checked from inside. In kernel mode these are the kernel's own code on kfail's
 * allocators, from source they are kfail's: init fails with -EINVAL where one does not behave as promised.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/highmem.h>
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/percpu-refcount.h>
#include <linux/slab.h>

static struct device *device;
static int order[3], released;

static int use_mempool(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 100);
	void *a, *b;
	int err = 0;

	if (!pool)
		return -ENOMEM;
	if (mempool_resize(pool, 3)) {
		mempool_destroy(pool);
		return -ENOMEM;
	}
	a = mempool_alloc(pool, GFP_KERNEL);
	b = mempool_alloc(pool, GFP_NOIO);
	if (!a || !b || a == b)
		err = -EINVAL;
	mempool_free(a, pool);
	mempool_free(b, pool);
	mempool_destroy(pool);
	return err;
}

static int use_dma(void)
{
	struct dma_pool *pool;
	dma_addr_t bus = 0, first = 0;
	void *ring, *block;
	int err = -ENOMEM;

	ring = dma_alloc_coherent(device, 5000, &bus, GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	if (memchr_inv(ring, 0, 5000) || bus >> 32)
		err = -EINVAL;
	dma_free_coherent(device, 5000, ring, bus);
	if (err == -EINVAL)
		return err;
	pool = dma_pool_create("kfail_kin", device, 90, 32, 256);
	if (!pool)
		return -ENOMEM;
	block = dma_pool_zalloc(pool, GFP_ATOMIC, &first);
	if (block) {
		err = memchr_inv(block, 0, 96) || first % 32 ? -EINVAL : 0;
		dma_pool_free(pool, block, first);
	}
	dma_pool_destroy(pool);
	return err;
}

static int use_fragments(void)
{
	struct page_frag_cache cache = {.va = NULL};
	char *a = page_frag_alloc(&cache, 100, GFP_KERNEL), *b;
	int err = 0;

	if (!a)
		return -ENOMEM;
	b = page_frag_alloc(&cache, 200, GFP_KERNEL);
	if (b != a - 200)
		err = -EINVAL;
	page_frag_free(a);
	page_frag_free(b);
	__page_frag_cache_drain(virt_to_head_page(cache.va), cache.pagecnt_bias);
	return err;
}

static void note_release(void *data)
{
	order[released++] = *(int *)data;
}

static int use_devres(void)
{
	static int one = 1, two = 2, three = 3;
	char *text;
	void *p;
	int err;

	p = devm_kmalloc(device, 100, GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p = devm_krealloc(device, p, 3000, GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	text = devm_kasprintf(device, GFP_KERNEL, "%d pages", 4);
	if (!text)
		return -ENOMEM;
	err = devm_add_action_or_reset(device, note_release, &one);
	if (err)
		return err;
	released = 0;
	if (!devres_open_group(device, NULL, GFP_KERNEL))
		return -ENOMEM;
	err = devm_add_action(device, note_release, &two);
	if (!err)
		err = devm_add_action(device, note_release, &three);
	devres_release_group(device, NULL);
	if (err)
		return err;
	if (released != 2 || order[0] != 3 || order[1] != 2 || strcmp(text, "4 pages"))
		return -EINVAL;
	devm_kfree(device, p);
	return devm_get_free_pages(device, GFP_KERNEL, 1) ? 0 : -ENOMEM;
}

static void end_ref(struct percpu_ref *ref)
{
}

static int use_counters(void)
{
	struct percpu_counter counter;
	struct percpu_ref ref;
	int err = percpu_counter_init(&counter, 5, GFP_KERNEL);

	if (err)
		return err;
	percpu_counter_add(&counter, 7);
	if (percpu_counter_sum(&counter) != 12)
		err = -EINVAL;
	percpu_counter_destroy(&counter);
	if (err)
		return err;
	err = percpu_ref_init(&ref, end_ref, 0, GFP_KERNEL);
	if (!err)
		percpu_ref_exit(&ref);
	return err;
}

static int use_kmap(void)
{
	struct page *page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	char *a, *b;
	int err = 0;

	if (!page)
		return -ENOMEM;
	a = kmap(page);
	b = kmap_local_page(page);
	a[7] = 3;
	if (b[7] != 3)
		err = -EINVAL;
	kunmap_local(b);
	kunmap(page);
	memzero_page(page, 0, 100);
	__free_page(page);
	return err;
}

static int use_all(void)
{
	int err = use_mempool();

	if (!err)
		err = use_dma();
	if (!err)
		err = use_fragments();
	if (!err)
		err = use_counters();
	if (!err)
		err = use_kmap();
	return err ? err : use_devres();
}

static int __init kin_init(void)
{
	int err;

	device = root_device_register("kfail_kin");
	if (IS_ERR(device))
		return PTR_ERR(device);
	err = dma_coerce_mask_and_coherent(device, DMA_BIT_MASK(32));
	if (!err)
		err = use_all();
	if (err)
		root_device_unregister(device);
	return err;
}

static void __exit kin_exit(void)
{
	root_device_unregister(device);
}

module_init(kin_init);
module_exit(kin_exit);
MODULE_LICENSE("GPL");
