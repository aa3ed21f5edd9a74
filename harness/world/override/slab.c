// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slab caches and kmalloc: mm/slub.c, mm/slab_common.c. Every public entry goes to the allocators;
 * sysfs and
 * /proc/slabinfo see no caches yet. struct kmem_cache is opaque here: nothing outside mm/ looks inside.
 */
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/kernel.h>
#include "host.h"

void *__kmalloc(size_t size, gfp_t flags)
{
	return kf_kmalloc(size, flags);
}

void *__kmalloc_node(size_t size, gfp_t flags, int node)
{
	return kf_kmalloc(size, flags);
}

void *kmalloc_trace(struct kmem_cache *s, gfp_t flags, size_t size)
{
	return kf_kmalloc_trace(s, flags, size);
}

void *kmalloc_node_trace(struct kmem_cache *s, gfp_t flags, int node, size_t size)
{
	return kf_kmalloc_trace(s, flags, size);
}

void *kmalloc_large(size_t size, gfp_t flags)
{
	return kf_kmalloc(size, flags);
}

void *kmalloc_large_node(size_t size, gfp_t flags, int node)
{
	return kf_kmalloc(size, flags);
}

void *__kmalloc_node_track_caller(size_t size, gfp_t flags, int node, unsigned long caller)
{
	return kf_kmalloc(size, flags);
}

void *krealloc(const void *p, size_t size, gfp_t flags)
{
	return kf_krealloc(p, size, flags);
}

void kfree(const void *object)
{
	kf_kfree(object);
}

size_t ksize(const void *object)
{
	return kf_ksize(object);
}

size_t __ksize(const void *object)
{
	return kf_ksize(object);
}

size_t kmalloc_size_roundup(size_t size)
{
	return kf_kmalloc_size_roundup(size);
}

struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
					      unsigned int align, slab_flags_t flags,
					      unsigned int useroffset, unsigned int usersize,
					      void (*ctor)(void *))
{
	struct kmem_cache *s = kf_cache_create(name, size, align, flags, ctor);

	if (!s && (flags & SLAB_PANIC))
		panic("kmem_cache_create_usercopy: Failed to create slab '%s'", name);
	return s;
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	kf_check_sleep("kmem_cache_destroy");
	if (s)
		kf_cache_destroy(s);
}

int kmem_cache_shrink(struct kmem_cache *s)
{
	return kf_cache_shrink(s);
}

unsigned int kmem_cache_size(struct kmem_cache *s)
{
	return kf_cache_object_size(s);
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	return kf_cache_alloc(s, flags);
}

void *kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru, gfp_t flags)
{
	return kf_cache_alloc(s, flags);
}

void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node)
{
	return kf_cache_alloc(s, flags);
}

void kmem_cache_free(struct kmem_cache *s, void *object)
{
	kf_cache_free(s, object);
}

int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t n, void **objects)
{
	return kf_cache_alloc_bulk(s, flags, n, objects);
}

void kmem_cache_free_bulk(struct kmem_cache *s, size_t n, void **objects)
{
	kf_cache_free_bulk(s, n, objects);
}

/* Hardened usercopy asks where an object ends; the guards find what it would, after the fact. */
void __check_object_size(const void *ptr, unsigned long n, bool to_user)
{
}

/* The size-class table that inlined kmalloc() calls read. */
void kf_fill_kmalloc_caches(void)
{
	int type, index;

	for (type = 0; type < NR_KMALLOC_TYPES; type++)
		for (index = 0; index <= KMALLOC_SHIFT_HIGH; index++)
			kmalloc_caches[type][index] = kf_kmalloc_cache(type, index);
}
