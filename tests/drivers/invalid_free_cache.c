// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the error path gives an object back to another cache than it came from.
 * Finding: invalid-free, after the refusal of the kmalloc(), in drop_request().
 */
#include <linux/module.h>
#include <linux/slab.h>

static struct kmem_cache *requests, *replies;
static void *request, *ring;

static noinline void drop_request(void)
{
	kmem_cache_free(BUGGY ? replies : requests, request);
}

static int __init invalid_free_cache_init(void)
{
	requests = kmem_cache_create("kfail_requests", 72, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!requests)
		return -ENOMEM;
	replies = kmem_cache_create("kfail_replies", 400, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!replies)
		goto destroy_requests;
	request = kmem_cache_alloc(requests, GFP_KERNEL);
	if (!request)
		goto destroy_replies;
	ring = kmalloc(512, GFP_KERNEL);
	if (!ring)
		goto free_request;
	return 0;

free_request:
	drop_request();
destroy_replies:
	kmem_cache_destroy(replies);
destroy_requests:
	kmem_cache_destroy(requests);
	return -ENOMEM;
}

static void __exit invalid_free_cache_exit(void)
{
	kfree(ring);
	kmem_cache_free(requests, request);
	kmem_cache_destroy(replies);
	kmem_cache_destroy(requests);
}

module_init(invalid_free_cache_init);
module_exit(invalid_free_cache_exit);
MODULE_LICENSE("GPL");
