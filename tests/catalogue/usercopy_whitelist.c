// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: copy_to_user() from a cache that does not allow it.
 * After: LKDTM USERCOPY_SLAB_WHITELIST_TO.
 * Seen: out of bounds; hardened usercopy's BUG.
 */
#include "device.h"

static ssize_t bug_read(struct file *file, char __user *text, size_t size, loff_t *at)
{
	struct kmem_cache *cache =
		kmem_cache_create_usercopy("catalogue_secret", 64, 0, 0, 0, 32, NULL);
	ssize_t done = 16;
	char *secret;

	if (!cache)
		return -ENOMEM;
	secret = kmem_cache_zalloc(cache, GFP_KERNEL);				  /* @made */
	if (!secret || copy_to_user(text, secret + (fixed ? 0 : 40), hide(done))) /* @bug */
		done = -ENOMEM;
	if (secret)
		kmem_cache_free(cache, secret);
	kmem_cache_destroy(cache);
	return done;
}

device_module(.read = bug_read);
