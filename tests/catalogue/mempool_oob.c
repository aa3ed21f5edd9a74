// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: one byte behind an element of a mempool is written.
 * After: kasan_test mempool_kmalloc_oob_right (of later kernels).
 * Seen: out of bounds.
 */
#include <linux/mempool.h>
#include "catalogue.h"

static int __init start(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(2, 100);
	size_t end = fixed ? 99 : 100;
	char *element;

	if (!pool)
		return -ENOMEM;
	element = mempool_alloc(pool, GFP_KERNEL); /* @made */
	WRITE_ONCE(element[hide(end)], 1);	   /* @bug */
	mempool_free(element, pool);
	mempool_destroy(pool);
	return 0;
}

only_init(start);
