// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: exit destroys a cache of which an object is still alive.
 * Finding: leak of an object of kfail_requests, without a refusal, allocated in make_request().
 */
#include <linux/module.h>
#include <linux/slab.h>

static struct kmem_cache *requests;
static void *request;

static noinline void *make_request(void)
{
	return kmem_cache_alloc(requests, GFP_KERNEL);
}

static int __init leak_object_init(void)
{
	requests = kmem_cache_create("kfail_requests", 72, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!requests)
		return -ENOMEM;
	request = make_request();
	if (request)
		return 0;
	kmem_cache_destroy(requests);
	return -ENOMEM;
}

static void __exit leak_object_exit(void)
{
	if (!BUGGY)
		kmem_cache_free(requests, request);
	kmem_cache_destroy(requests);
}

module_init(leak_object_init);
module_exit(leak_object_exit);
MODULE_LICENSE("GPL");
