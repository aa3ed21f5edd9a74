// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frame is the call site? The innermost one, but for two kinds of functions: those that are the allocator's
 * own entries, where such a one stands on the stack at all (in the override layer most are left by a jump; in native mode
 * kzalloc() and its kin are functions, in the kernel they are inlined); and those that hand their own caller's address on,
 * which is what __kmalloc_node_track_caller() is for (mm/util.c, krealloc(), devm_kmalloc()).
 *
 * Functions that are neither show up themselves, as in the kernel: kvmalloc_node(), kfree_sensitive(), kvasprintf().
 */
#include "call_site.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "symbols.h"

/* Sorted. */
static const char *const passed_over[] = {
	"__alloc_percpu",
	"__alloc_percpu_gfp",
	"__kmalloc",
	"__kmalloc_node",
	"__kmalloc_node_track_caller",
	"__kmalloc_track_caller",
	"__vmalloc",
	"__vmalloc_node",
	"__vmalloc_node_range",
	"alloc_percpu",
	"alloc_percpu_gfp",
	"devm_kcalloc",
	"devm_kmalloc",
	"devm_kmalloc_array",
	"devm_kzalloc",
	"free_percpu",
	"ioremap",
	"iounmap",
	"kcalloc",
	"kcalloc_node",
	"kfree",
	"kfree_bulk",
	"kmalloc",
	"kmalloc_array",
	"kmalloc_array_node",
	"kmalloc_large",
	"kmalloc_large_node",
	"kmalloc_node",
	"kmalloc_node_trace",
	"kmalloc_trace",
	"kmem_cache_alloc",
	"kmem_cache_alloc_bulk",
	"kmem_cache_alloc_lru",
	"kmem_cache_alloc_node",
	"kmem_cache_create",
	"kmem_cache_create_usercopy",
	"kmem_cache_destroy",
	"kmem_cache_free",
	"kmem_cache_free_bulk",
	"kmem_cache_zalloc",
	"kmemdup",
	"kmemdup_nul",
	"krealloc",
	"krealloc_array",
	"kstrdup",
	"kstrndup",
	"kzalloc",
	"kzalloc_node",
	"memdup_user",
	"memdup_user_nul",
	"vfree",
	"vmalloc",
	"vmap",
	"vunmap",
	"vzalloc",
};

static int compare(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool is_passed_over(uint64_t pc)
{
	struct frame frame;

	symbols_resolve(pc, false, &frame, 1);
	return bsearch(frame.function, passed_over, sizeof(passed_over) / sizeof(passed_over[0]),
		       sizeof(passed_over[0]), compare);
}

uint64_t call_site(const uint64_t *pcs, unsigned max)
{
	unsigned i = 0;

	while (i + 1 < max && pcs[i + 1] && is_passed_over(pcs[i]))
		i++;
	return pcs[i];
}
