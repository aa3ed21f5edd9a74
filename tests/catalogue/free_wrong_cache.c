// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an object is freed to another cache than its own.
 * After: LKDTM SLAB_FREE_CROSS.
 * Seen: invalid free.
 */
#include "catalogue.h"

static struct kmem_cache *requests, *replies;

/* A cache with a constructor is not merged with others. */
static void empty(void *object)
{
	*(long *)object = 0;
}

static int use(void)
{
	void *request = kmem_cache_alloc(requests, GFP_KERNEL); /* @made */

	if (!request)
		return -ENOMEM;
	if (!fixed)
		kmem_cache_free(replies, hide(request)); /* @bug */
	else
		kmem_cache_free(requests, request);
	return 0;
}

static int __init start(void)
{
	int error = -ENOMEM;

	requests = kmem_cache_create("catalogue_requests", 88, 0, 0, empty);
	replies = kmem_cache_create("catalogue_replies", 88, 0, 0, empty);
	if (requests && replies)
		error = use();
	kmem_cache_destroy(replies);
	kmem_cache_destroy(requests);
	return error;
}

only_init(start);
