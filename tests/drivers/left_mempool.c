// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path leaves a memory pool.
 * Finding: resource-leak (memory pool), made in make_pool().
 */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

static mempool_t *pool;
static void *ring;

static noinline mempool_t *make_pool(void)
{
	return mempool_create_kmalloc_pool(3, 64);
}

static int __init left_mempool_init(void)
{
	pool = make_pool();
	if (!pool)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (ring)
		return 0;
	if (!BUGGY)
		mempool_destroy(pool);
	return -ENOMEM;
}

static void __exit left_mempool_exit(void)
{
	kfree(ring);
	mempool_destroy(pool);
}

module_init(left_mempool_init);
module_exit(left_mempool_exit);
MODULE_LICENSE("GPL");
