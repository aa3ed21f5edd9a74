/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc and slab caches. Every name is a real function here, so that a stack starts with what the
 * driver called; array forms refuse a product that overflows without asking anybody.
 */
#ifndef KFAIL_LINUX_SLAB_H
#define KFAIL_LINUX_SLAB_H

#include "cleanup.h"
#include "err.h"
#include "gfp.h"
#include "overflow.h"
#include "types.h"

#define SLAB_CONSISTENCY_CHECKS 0x100u
#define SLAB_TRACE		0x200000u
#define SLAB_DEBUG_OBJECTS	0x400000u
#define SLAB_NOLEAKTRACE	0x800000u
#define SLAB_FAILSLAB		0x2000000u
#define SLAB_NO_USER_FLAGS	0x10000000u
#define SLAB_RED_ZONE		0x400u
#define SLAB_POISON		0x800u
#define SLAB_HWCACHE_ALIGN	0x2000u
#define SLAB_CACHE_DMA		0x4000u
#define SLAB_CACHE_DMA32	0x8000u
#define SLAB_STORE_USER		0x10000u
#define SLAB_RECLAIM_ACCOUNT	0x20000u
#define SLAB_TEMPORARY		SLAB_RECLAIM_ACCOUNT
#define SLAB_PANIC		0x40000u
#define SLAB_TYPESAFE_BY_RCU	0x80000u
#define SLAB_MEM_SPREAD		0x100000u
#define SLAB_ACCOUNT		0x4000000u

#define ZERO_SIZE_PTR	       ((void *)16)
#define ZERO_OR_NULL_PTR(x)    ((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)
#define KMALLOC_MAX_CACHE_SIZE 8192UL
#define KMALLOC_MAX_SIZE       (4UL << 20)
#define KMALLOC_MIN_SIZE       8
#define ARCH_KMALLOC_MINALIGN  8
#define ARCH_SLAB_MINALIGN     8
#define KMALLOC_SHIFT_LOW      3
#define KMALLOC_SHIFT_HIGH     13
#define KMALLOC_SHIFT_MAX      22
#define KMALLOC_MAX_ORDER      10

void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kmalloc_array(size_t n, size_t size, gfp_t flags);
void *kcalloc(size_t n, size_t size, gfp_t flags);
void *kmalloc_node(size_t size, gfp_t flags, int node);
void *kzalloc_node(size_t size, gfp_t flags, int node);
void *kmalloc_array_node(size_t n, size_t size, gfp_t flags, int node);
void *kcalloc_node(size_t n, size_t size, gfp_t flags, int node);
void *__must_check krealloc(const void *p, size_t new_size, gfp_t flags);
void *__must_check krealloc_array(void *p, size_t new_n, size_t new_size, gfp_t flags);
void kfree(const void *object);
void kfree_sensitive(const void *object);
#define kzfree(p) kfree_sensitive(p)
size_t ksize(const void *object);
size_t kmalloc_size_roundup(size_t size);
void kfree_bulk(size_t size, void **p);
void *kmalloc_large(size_t size, gfp_t flags);
void *kmalloc_large_node(size_t size, gfp_t flags, int node);
#define kmalloc_track_caller(size, flags)	     kmalloc(size, flags)
#define kmalloc_node_track_caller(size, flags, node) kmalloc_node(size, flags, node)
#define __kmalloc(size, flags)			     kmalloc(size, flags)
#define __kmalloc_node(size, flags, node)	     kmalloc_node(size, flags, node)
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))

void *kvmalloc(size_t size, gfp_t flags);
void *kvzalloc(size_t size, gfp_t flags);
void *kvmalloc_array(size_t n, size_t size, gfp_t flags);
void *kvcalloc(size_t n, size_t size, gfp_t flags);
void *kvmalloc_node(size_t size, gfp_t flags, int node);
void *kvzalloc_node(size_t size, gfp_t flags, int node);
void *kvrealloc(const void *p, size_t oldsize, size_t newsize, gfp_t flags);
void kvfree(const void *addr);
void kvfree_sensitive(const void *addr, size_t len);

/* What is known of this memory, to the log, behind what the caller has printed. */
void mem_dump_obj(void *object);
bool kmem_dump_obj(void *object);
bool slab_is_available(void);

struct kmem_cache;

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *));
struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
					      unsigned int align, slab_flags_t flags,
					      unsigned int useroffset, unsigned int usersize,
					      void (*ctor)(void *));
void kmem_cache_destroy(struct kmem_cache *s);
int kmem_cache_shrink(struct kmem_cache *s);
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags);
void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags);
void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node);
struct list_lru;
void *kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru, gfp_t flags);
void kmem_cache_free(struct kmem_cache *s, void *objp);
int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t size, void **p);
void kmem_cache_free_bulk(struct kmem_cache *s, size_t size, void **p);
unsigned int kmem_cache_size(struct kmem_cache *s);

#define KMEM_CACHE(__struct, __flags)                                                       \
	kmem_cache_create(#__struct, sizeof(struct __struct), __alignof__(struct __struct), \
			  (__flags), NULL)
#define KMEM_CACHE_USERCOPY(__struct, __flags, __field)                                      \
	kmem_cache_create_usercopy(                                                          \
		#__struct, sizeof(struct __struct), __alignof__(struct __struct), (__flags), \
		offsetof(struct __struct, __field), sizeof_field(struct __struct, __field), NULL)

#endif
