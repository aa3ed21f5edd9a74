// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets to give an element back before it destroys the pool.
 * Finding: leak of 72 bytes, allocated in take_element().
 */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

static mempool_t *pool;
static void *element, *ring;

static noinline void *take_element(void)
{
	return mempool_alloc(pool, GFP_KERNEL);
}

static int __init leak_mempool_init(void)
{
	pool = mempool_create_kmalloc_pool(2, 72);
	if (!pool)
		return -ENOMEM;
	element = take_element();
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		mempool_free(element, pool);
	mempool_destroy(pool);
	return -ENOMEM;
}

static void __exit leak_mempool_exit(void)
{
	kfree(ring);
	mempool_free(element, pool);
	mempool_destroy(pool);
}

module_init(leak_mempool_init);
module_exit(leak_mempool_exit);
MODULE_LICENSE("GPL");
