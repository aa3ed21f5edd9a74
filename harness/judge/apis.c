// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests under the names that a driver's author wrote. What a stack shows is what the compiler
 * left: kzalloc() is kmalloc_trace(), kasprintf() ends in __kmalloc_node_track_caller(). The inner
 * end of a stack, as far as it consists of allocator functions, is one request; the outermost of
 * these is what was called. Where debug information tells inlined functions, that is the very word
 * in the source; where not, the table says which public name stands for the symbol.
 */
#include "evidence.h"

#include <string.h>

static const struct api {
	const char *function;
	const char *name; /* public name; NULL: the function's own */
} apis[] = {
	{"__kmalloc", "kmalloc"},
	{"__kmalloc_node", "kmalloc"},
	{"__kmalloc_noprof", "kmalloc"},
	{"kmalloc_trace", "kmalloc"},
	{"kmalloc_node_trace", "kmalloc"},
	{"kmem_cache_alloc_trace", "kmalloc"},
	{"kmalloc_large", "kmalloc"},
	{"kmalloc_large_node", "kmalloc"},
	{"kmalloc_order", "kmalloc"},
	{"kmalloc_order_trace", "kmalloc"},
	{"__kmalloc_track_caller", "kmalloc"},
	{"__kmalloc_node_track_caller", "kmalloc"},
	{"kmalloc", NULL},
	{"kmalloc_node", NULL},
	{"kzalloc", NULL},
	{"kzalloc_node", NULL},
	{"kmalloc_array", NULL},
	{"kmalloc_array_node", NULL},
	{"kcalloc", NULL},
	{"kcalloc_node", NULL},
	{"krealloc", NULL},
	{"krealloc_array", NULL},
	{"kvmalloc", NULL},
	{"kvmalloc_node", "kvmalloc"},
	{"kvzalloc", NULL},
	{"kvzalloc_node", NULL},
	{"kvmalloc_array", NULL},
	{"kvcalloc", NULL},
	{"kvrealloc", NULL},
	{"kstrdup", NULL},
	{"kstrdup_const", NULL},
	{"kstrndup", NULL},
	{"kmemdup", NULL},
	{"kmemdup_nul", NULL},
	{"kasprintf", NULL},
	{"kvasprintf", NULL},
	{"kvasprintf_const", NULL},
	{"memdup_user", NULL},
	{"memdup_user_nul", NULL},
	{"vmemdup_user", NULL},
	{"strndup_user", NULL},
	{"devm_kmalloc", NULL},
	{"devm_kzalloc", NULL},
	{"devm_kcalloc", NULL},
	{"devm_kmalloc_array", NULL},
	{"devm_kmemdup", NULL},
	{"devm_kstrdup", NULL},
	{"devm_kasprintf", NULL},
	{"devm_kvasprintf", NULL},
	{"kmem_cache_alloc", NULL},
	{"kmem_cache_alloc_node", NULL},
	{"kmem_cache_alloc_lru", NULL},
	{"kmem_cache_alloc_bulk", NULL},
	{"kmem_cache_zalloc", NULL},
	{"kmem_cache_create", NULL},
	{"kmem_cache_create_usercopy", "kmem_cache_create"},
	{"__alloc_pages", "alloc_pages"},
	{"__alloc_pages_node", "alloc_pages"},
	{"alloc_pages_node", NULL},
	{"alloc_pages", NULL},
	{"alloc_page", NULL},
	{"__folio_alloc", "folio_alloc"},
	{"folio_alloc", NULL},
	{"__alloc_pages_bulk", "alloc_pages_bulk"},
	{"alloc_pages_bulk_array", NULL},
	{"__get_free_pages", NULL},
	{"get_zeroed_page", NULL},
	{"alloc_pages_exact", NULL},
	{"alloc_pages_exact_nid", NULL},
	{"vmalloc", NULL},
	{"vzalloc", NULL},
	{"vmalloc_node", NULL},
	{"vzalloc_node", NULL},
	{"vmalloc_user", NULL},
	{"vmalloc_32", NULL},
	{"vmalloc_32_user", NULL},
	{"vmalloc_huge", NULL},
	{"vmalloc_array", NULL},
	{"vcalloc", NULL},
	{"__vmalloc", NULL},
	{"__vmalloc_array", NULL},
	{"__vmalloc_node", "__vmalloc"},
	{"__vmalloc_node_range", "__vmalloc"},
	{"vmap", NULL},
	{"vmap_pfn", NULL},
	{"vm_map_ram", NULL},
	{"ioremap", NULL},
	{"ioremap_cache", NULL},
	{"ioremap_wc", NULL},
	{"ioremap_uc", NULL},
	{"ioremap_np", NULL},
	{"ioremap_prot", NULL},
	{"__ioremap_caller", "ioremap"},
	{"__alloc_percpu", "alloc_percpu"},
	{"__alloc_percpu_gfp", "alloc_percpu"},
	{"pcpu_alloc", "alloc_percpu"},
	{"alloc_percpu", NULL},
	{"alloc_percpu_gfp", NULL},
	{"dma_alloc_attrs", "dma_alloc_coherent"},
	{"dma_alloc_coherent", NULL},
	{"dma_direct_alloc", "dma_alloc_coherent"},
	{"mempool_alloc", NULL},
	{"mempool_kmalloc", "mempool_alloc"},
	{"mempool_alloc_slab", "mempool_alloc"},
};

/* The compiler's copies of a function have a name behind a dot: "kzalloc.constprop.0". */
size_t name_length(const char *function)
{
	return strcspn(function, ".");
}

static const struct api *find(const char *function)
{
	size_t length = name_length(function);

	for (size_t i = 0; i < sizeof(apis) / sizeof(apis[0]); i++)
		if (!strncmp(apis[i].function, function, length) && !apis[i].function[length])
			return &apis[i];
	return NULL;
}

bool api_is_allocator(const char *function)
{
	return find(function);
}

void judge_for_each_allocator(void (*fn)(const char *function, void *arg), void *arg)
{
	for (size_t i = 0; i < sizeof(apis) / sizeof(apis[0]); i++)
		fn(apis[i].function, arg);
}

/* kfail's own functions below the kernel's: the override layer, and the allocators in native mode.
 */
static bool is_ours(const struct stack_frame *frame)
{
	if (frame->module)
		return !strcmp(frame->module, "kfail");
	return !strncmp(frame->function, "kf_", 3) ||
	       (frame->file && strstr(frame->file, "harness/native/"));
}

static const char *name_by_kind(const struct kf_request *request)
{
	switch (request->kind) {
	case KF_SLAB:
	case KF_KMALLOC_LARGE:
		return "kmalloc";
	case KF_PAGES:
		return "alloc_pages";
	case KF_VMALLOC:
		return "vmalloc";
	case KF_VMAP:
		return "vmap";
	case KF_PERCPU:
		return "alloc_percpu";
	case KF_CACHE:
		return "kmem_cache_create";
	case KF_NR_KINDS:
		break;
	}
	return "allocation";
}

/* The header's inline function is gone where the kernel itself was compiled: its flag tells which
 * one it was. */
static const char *zeroing(const char *name, uint32_t gfp)
{
	if (!(gfp & KF_GFP_ZERO))
		return name;
	if (!strcmp(name, "kmalloc"))
		return "kzalloc";
	if (!strcmp(name, "kmem_cache_alloc"))
		return "kmem_cache_zalloc";
	return name;
}

const char *api_name(const struct stack *stack, const struct kf_request *request)
{
	const char *name = NULL;

	for (unsigned i = 0; i < stack->count; i++) {
		const struct stack_frame *frame = &stack->frames[i];
		const struct api *api = find(frame->function);

		if (api)
			name = api->name ? api->name : api->function;
		else if (!is_ours(frame))
			break;
	}
	return zeroing(name ? name : name_by_kind(request), request->gfp);
}

const char *object_type(enum kf_kind kind, const char *cache)
{
	switch (kind) {
	case KF_SLAB:
		return cache && !strncmp(cache, "kmalloc-", 8) ? "kmalloc" : "slab";
	case KF_KMALLOC_LARGE:
		return "kmalloc";
	case KF_PAGES:
		return "pages";
	case KF_VMALLOC:
		return "vmalloc";
	case KF_VMAP:
		return "vmap";
	case KF_PERCPU:
		return "percpu";
	case KF_CACHE:
		return "kmem_cache";
	case KF_NR_KINDS:
		break;
	}
	return "object";
}
