/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by lib/slub_kunit.c, beside kunit.h. The test damages objects, has them looked at, and reads in its resource
 * "slab_errors" how many errors were found. The kernel's allocator counts there itself when it is built with CONFIG_KUNIT
 * (slab_add_kunit_errors() in mm/slub.c); kfail's counts for all, and what a look has added goes to the resource here.
 */
#ifndef KFAIL_TESTS_SLUB_KUNIT_H
#define KFAIL_TESTS_SLUB_KUNIT_H

#include "kunit.h"
#include <kunit/resource.h>
#include <linux/slab.h>

struct kmem_cache;
long validate_slab_cache(struct kmem_cache *s);
u64 kfail_slab_errors(void); /* exported by the override layer */

static inline long kfail_validate_slab_cache(struct kmem_cache *s)
{
	struct kunit *test = current->journal_info; /* kunit.h */
	struct kunit_resource *resource = kunit_find_named_resource(test, "slab_errors");
	u64 before = kfail_slab_errors();
	long result = validate_slab_cache(s);

	if (resource) {
		*(int *)resource->data += kfail_slab_errors() - before;
		kunit_put_resource(resource);
	}
	return result;
}
#define validate_slab_cache kfail_validate_slab_cache

#endif
