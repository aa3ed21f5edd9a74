// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an element is written after it went back to its mempool, which keeps it.
 * After: kasan_test mempool_kmalloc_uaf (of later kernels).
 * Seen: use after free.
 */
#include <linux/mempool.h>
#include "catalogue.h"

static int __init start(void)
{
	mempool_t *pool = mempool_create_kmalloc_pool(4, 128);
	char *elements[5];
	int i;

	if (!pool)
		return -ENOMEM;
	for (i = 0; i < 5; i++)
		elements[i] = mempool_alloc(pool, GFP_KERNEL); /* @made */
	if (fixed)
		WRITE_ONCE(elements[0][50], 1);
	for (i = 0; i < 5; i++)
		mempool_free(elements[i], pool); /* @freed */
	if (!fixed)
		WRITE_ONCE(hide(elements[0])[50], 1); /* @bug */
	mempool_destroy(pool);
	return 0;
}

only_init(start);
