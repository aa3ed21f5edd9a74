// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slab caches, kmalloc and hardened usercopy: mm/slub.c, mm/slab_common.c, mm/usercopy.c. Every public entry goes
 * to the allocators. struct kmem_cache is opaque here: nothing outside mm/ looks inside, but a test (show_layout()). What stands on these in
 * the kernel stays genuine: kvmalloc, kmemdup and its kin, kfree_sensitive, kfree_const, memdup_user.
 */
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/kernel.h>
#include "host.h"
#include "show.h"
#include "stacks.h"

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

/*
 * A cache of ours begins with the fields of struct kmem_cache that say how its objects lie, where the kernel's code expects
 * them: lib/slub_kunit.c damages free pointers through s->offset.
 */
static void show_layout(struct kmem_cache *s, const struct kf_cache_request *req)
{
	struct kf_cache_layout layout;

	BUILD_BUG_ON(offsetofend(struct kmem_cache, name) > KF_CACHE_SHOWN);
	kf_cache_get_layout(s, &layout);
	s->flags = req->flags;
	s->size = layout.size;
	s->object_size = layout.object_size;
	s->offset = layout.offset;
	s->inuse = layout.inuse;
	s->align = layout.align;
	s->red_left_pad = layout.red_left_pad;
}

struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
					      unsigned int align, slab_flags_t flags,
					      unsigned int useroffset, unsigned int usersize,
					      void (*ctor)(void *))
{
	struct kf_cache_request req = {name, size, align, flags, useroffset, usersize, ctor};
	struct kmem_cache *s;
	int err;

	s = kf_cache_create_usercopy(&req, &err);
	if (s)
		show_layout(s, &req);
	if (!s && (flags & SLAB_PANIC))
		panic("%s: Failed to create slab '%s'. Error %d\n", __func__, name, err);
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

long validate_slab_cache(struct kmem_cache *s)
{
	return kf_cache_validate(s);
}

/* What a test that expects errors asks: the kernel counts them itself, but only with CONFIG_KUNIT. */
u64 kfail_slab_errors(void)
{
	return kf_slab_errors();
}

/* The caller has printed a preamble; the first line goes on behind it. */
bool kmem_dump_obj(void *object)
{
	char text[1000];

	if (!kf_slab_dump(object, text, sizeof(text)))
		return false;
	pr_cont("%s", text);
	return true;
}

/* check_stack_object(): what begins on the task's stack ends there, and is in use. */
static bool leaves_stack(unsigned long at, unsigned long n)
{
	unsigned long sp = current_stack_pointer;
	unsigned long slot = (sp - KF_STACK_BASE) / KF_STACK_SLOT;

	if (slot >= KF_STACKS || at < KF_STACK_LOW(slot) || at >= KF_STACK_TOP(slot))
		return false;
	return n > KF_STACK_TOP(slot) - at || at < sp;
}

/* usercopy_abort(). The copy would go on over what is behind: of a stack, the world ends here, as the kernel does. */
static void __noreturn __cold abort_stack_copy(unsigned long n, bool to_user)
{
	static char text[160];

	snprintf(text, sizeof(text),
		 "usercopy: Kernel memory %s attempt detected %s process stack (size %lu)!: kernel "
		 "BUG at mm/usercopy.c:101",
		 to_user ? "exposure" : "overwrite", to_user ? "from" : "to", n);
	end_world(KF_END_BUG, text);
}

/* The kernel would BUG(); of a heap object the copy is told, and goes on. */
void __check_object_size(const void *ptr, unsigned long n, bool to_user)
{
	if (unlikely(leaves_stack((unsigned long)ptr, n)))
		abort_stack_copy(n, to_user);
	kf_check_usercopy(ptr, n, to_user);
}

/* The size-class table that inlined kmalloc() calls read. */
void kf_fill_kmalloc_caches(void)
{
	int type, index;

	for (type = 0; type < NR_KMALLOC_TYPES; type++)
		for (index = 0; index <= KMALLOC_SHIFT_HIGH; index++)
			kmalloc_caches[type][index] = kf_kmalloc_cache(type, index);
}
