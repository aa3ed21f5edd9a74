// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a mempool is destroyed while an element of it is in use.
 * Seen: leak.
 */
#include <linux/mempool.h>
#include "catalogue.h"

static mempool_t *pool;
static void *element;

static int __init start(void)
{
	pool = mempool_create_kmalloc_pool(2, 72);
	if (!pool)
		return -ENOMEM;
	element = mempool_alloc(pool, GFP_KERNEL); /* @made */
	return 0;
}

static void __exit stop(void)
{
	if (fixed)
		mempool_free(element, pool);
	mempool_destroy(pool);
}

module_init(start);
module_exit(stop);
