// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path forgets to destroy a slab cache.
 * Finding: leak of a kmem_cache, after the refusal of the kmalloc() behind it, created in
 * make_cache().
 */
#include <linux/module.h>
#include <linux/slab.h>

static struct kmem_cache *requests;
static void *ring;

static noinline struct kmem_cache *make_cache(void)
{
	return kmem_cache_create("kfail_requests", 72, 0, SLAB_HWCACHE_ALIGN, NULL);
}

static int __init leak_cache_init(void)
{
	requests = make_cache();
	if (!requests)
		return -ENOMEM;
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring)
		goto destroy_cache;
	return 0;

destroy_cache:
	if (!BUGGY)
		kmem_cache_destroy(requests);
	return -ENOMEM;
}

static void __exit leak_cache_exit(void)
{
	kfree(ring);
	kmem_cache_destroy(requests);
}

module_init(leak_cache_init);
module_exit(leak_cache_exit);
MODULE_LICENSE("GPL");
