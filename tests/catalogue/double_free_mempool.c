// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an element is given back to its mempool twice.
 * After: kasan_test mempool_kmalloc_double_free (of later kernels).
 * Seen: double free.
 */
#include <linux/mempool.h>
#include "catalogue.h"

static int __init start(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(1, 64);
	void *first, *second;

	if (!pool)
		return -ENOMEM;
	first = mempool_alloc(pool, GFP_KERNEL); /* @made */
	second = mempool_alloc(pool, GFP_KERNEL);
	mempool_free(first, pool); /* @freed */
	mempool_free(second, pool);
	if (!fixed)
		mempool_free(hide(second), pool); /* @bug */
	mempool_destroy(pool);
	return 0;
}

only_init(start);
