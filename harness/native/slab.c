// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kmalloc family, slab caches and what duplicates strings, on the allocators' own interface.
 * Each function makes at most one request for each that the kernel makes in the driver's name, so
 * the points of a sweep are those of the kernel, with one exception: what the kernel allocates for
 * itself inside kmem_cache_create() is one point.
 *
 * (flags.mk forbids tail calls, so these thin functions stay on the stack: `kzalloc` is the first
 * line in a report.)
 */
#include "world.h"

#include "include/linux/bug.h"
#include "include/linux/slab.h"
#include "include/linux/string.h"
#include "include/linux/uaccess.h"
#include "include/linux/vmalloc.h"

/* ---- kmalloc ---- */

NATIVE_API void *kmalloc(size_t size, gfp_t flags)
{
	native_enter();
	return kf_kmalloc(size, flags);
}

NATIVE_API void *kzalloc(size_t size, gfp_t flags)
{
	native_enter();
	return kf_kmalloc(size, flags | __GFP_ZERO);
}

NATIVE_API void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	native_enter();
	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return kf_kmalloc(bytes, flags);
}

NATIVE_API void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	native_enter();
	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return kf_kmalloc(bytes, flags | __GFP_ZERO);
}

/* A size that the caller knows to be large; the allocators find out themselves. */
NATIVE_API void *kmalloc_large(size_t size, gfp_t flags)
{
	native_enter();
	return kf_kmalloc(size, flags);
}

NATIVE_API void *kmalloc_large_node(size_t size, gfp_t flags, int node)
{
	native_enter();
	return kf_kmalloc(size, flags);
}

/* There is one node. */
NATIVE_API void *kmalloc_node(size_t size, gfp_t flags, int node)
{
	native_enter();
	return kf_kmalloc(size, flags);
}

NATIVE_API void *kzalloc_node(size_t size, gfp_t flags, int node)
{
	return kmalloc_node(size, flags | __GFP_ZERO, node);
}

NATIVE_API void *kmalloc_array_node(size_t n, size_t size, gfp_t flags, int node)
{
	return kmalloc_array(n, size, flags);
}

NATIVE_API void *kcalloc_node(size_t n, size_t size, gfp_t flags, int node)
{
	return kcalloc(n, size, flags);
}

NATIVE_API void *krealloc(const void *p, size_t new_size, gfp_t flags)
{
	native_enter();
	return kf_krealloc(p, new_size, flags);
}

NATIVE_API void *krealloc_array(void *p, size_t new_n, size_t new_size, gfp_t flags)
{
	size_t bytes;

	native_enter();
	if (unlikely(check_mul_overflow(new_n, new_size, &bytes)))
		return NULL;
	return kf_krealloc(p, bytes, flags);
}

NATIVE_API void kfree(const void *object)
{
	native_enter();
	kf_kfree(object);
}

NATIVE_API void kfree_sensitive(const void *object)
{
	native_enter();
	if (!ZERO_OR_NULL_PTR(object))
		memzero_explicit((void *)object, kf_ksize(object));
	kf_kfree(object);
}

NATIVE_API size_t ksize(const void *object)
{
	return kf_ksize(object);
}

NATIVE_API size_t kmalloc_size_roundup(size_t size)
{
	return kf_kmalloc_size_roundup(size);
}

NATIVE_API void kfree_bulk(size_t size, void **p)
{
	native_enter();
	kf_cache_free_bulk(NULL, size, p);
}

/* ---- kvmalloc: a large request is tried as kmalloc without a warning, then as vmalloc ---- */

static gfp_t quiet_try(gfp_t flags)
{
	flags |= __GFP_NOWARN;
	if (!(flags & __GFP_RETRY_MAYFAIL))
		flags |= __GFP_NORETRY;
	return flags & ~__GFP_NOFAIL;
}

static __always_inline void *kv_alloc(size_t size, gfp_t flags)
{
	struct kf_vmalloc_args args = {.size = size,
				       .align = 1,
				       .gfp = flags,
				       .prot = KF_PROT_KERNEL,
				       .flags = VM_ALLOW_HUGE_VMAP,
				       .caller = __builtin_return_address(0)};
	void *p;

	native_enter();
	p = kf_kmalloc(size, size > PAGE_SIZE ? quiet_try(flags) : flags);
	if (p || size <= PAGE_SIZE)
		return p;
	if (!(flags & __GFP_DIRECT_RECLAIM))
		return NULL;
	if (unlikely(size > INT_MAX)) {
		if (!(flags & __GFP_NOWARN))
			judge_warning("kvmalloc() of more than 2 GiB");
		return NULL;
	}
	return kf_vmalloc_range(&args);
}

NATIVE_API void *kvmalloc(size_t size, gfp_t flags)
{
	return kv_alloc(size, flags);
}

NATIVE_API void *kvzalloc(size_t size, gfp_t flags)
{
	return kv_alloc(size, flags | __GFP_ZERO);
}

NATIVE_API void *kvmalloc_node(size_t size, gfp_t flags, int node)
{
	return kv_alloc(size, flags);
}

NATIVE_API void *kvzalloc_node(size_t size, gfp_t flags, int node)
{
	return kv_alloc(size, flags | __GFP_ZERO);
}

NATIVE_API void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return NULL;
	return kv_alloc(bytes, flags);
}

NATIVE_API void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}

NATIVE_API void kvfree(const void *addr)
{
	native_enter();
	if (kf_is_vmalloc_addr(addr))
		kf_vfree(addr);
	else
		kf_kfree(addr);
}

NATIVE_API void kvfree_sensitive(const void *addr, size_t len)
{
	if (!ZERO_OR_NULL_PTR(addr)) {
		memzero_explicit((void *)addr, len);
		kvfree(addr);
	}
}

NATIVE_API void *kvrealloc(const void *p, size_t oldsize, size_t newsize, gfp_t flags)
{
	void *q;

	if (oldsize >= newsize)
		return (void *)p;
	q = kvmalloc(newsize, flags);
	if (q) {
		memcpy(q, p, oldsize);
		kvfree(p);
	}
	return q;
}

/* ---- slab caches ---- */

static inline struct kf_cache *inner(const struct kmem_cache *s)
{
	return (struct kf_cache *)s;
}

static __always_inline struct kmem_cache *create(const struct kf_cache_request *req)
{
	struct kf_cache *cache;
	int err;

	native_may_sleep("kmem_cache_create");
	cache = kf_cache_create_usercopy(req, &err);
	if (!cache && (req->flags & SLAB_PANIC))
		panic("kmem_cache_create_usercopy: Failed to create slab '%s'. Error %d", req->name,
		      err);
	return (struct kmem_cache *)cache;
}

NATIVE_API struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
						unsigned int align, slab_flags_t flags,
						void (*ctor)(void *))
{
	const struct kf_cache_request req = {
		.name = name, .size = size, .align = align, .flags = flags, .ctor = ctor};

	return create(&req);
}

NATIVE_API struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
							 unsigned int align, slab_flags_t flags,
							 unsigned int useroffset,
							 unsigned int usersize,
							 void (*ctor)(void *))
{
	const struct kf_cache_request req = {name, size, align, flags, useroffset, usersize, ctor};

	return create(&req);
}

NATIVE_API void kmem_cache_destroy(struct kmem_cache *s)
{
	native_enter();
	if (s)
		kf_cache_destroy(inner(s));
}

NATIVE_API int kmem_cache_shrink(struct kmem_cache *s)
{
	native_may_sleep("kmem_cache_shrink");
	return kf_cache_shrink(inner(s));
}

NATIVE_API void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	native_enter();
	return kf_cache_alloc(inner(s), flags);
}

NATIVE_API void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags)
{
	native_enter();
	return kf_cache_alloc(inner(s), flags | __GFP_ZERO);
}

NATIVE_API void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node)
{
	native_enter();
	return kf_cache_alloc(inner(s), flags);
}

/* Who counts it makes no difference: there are no cgroups. */
NATIVE_API void *kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru, gfp_t flags)
{
	native_enter();
	return kf_cache_alloc(inner(s), flags);
}

NATIVE_API void kmem_cache_free(struct kmem_cache *s, void *objp)
{
	native_enter();
	kf_cache_free(inner(s), objp);
}

NATIVE_API int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t size, void **p)
{
	size_t n;

	native_enter();
	n = kf_cache_alloc_bulk(inner(s), flags, size, p);
	return (int)n;
}

NATIVE_API void kmem_cache_free_bulk(struct kmem_cache *s, size_t size, void **p)
{
	native_enter();
	kf_cache_free_bulk(inner(s), size, p);
}

NATIVE_API unsigned int kmem_cache_size(struct kmem_cache *s)
{
	return (unsigned int)kf_cache_object_size(inner(s));
}

/* ---- what is this memory? ---- */

NATIVE_API bool slab_is_available(void)
{
	return true;
}

NATIVE_API bool kmem_dump_obj(void *object)
{
	char text[1000];

	if (!kf_slab_dump(object, text, sizeof(text)))
		return false;
	pr_cont("%s", text);
	return true;
}

static const char *memory_kind(const void *object)
{
	if (kf_is_vmalloc_addr(object))
		return "vmalloc memory";
	if (kf_virt_addr_valid(object))
		return "non-slab/vmalloc memory";
	if (!object)
		return "NULL pointer";
	return object == ZERO_SIZE_PTR ? "zero-size pointer" : "non-paged memory";
}

static bool dump_area(const void *object)
{
	struct kf_object area;

	if (!kf_is_vmalloc_addr(object) || !kf_object_at(object, &area) || !area.live)
		return false;
	pr_cont(" %zu-page vmalloc region starting at %px\n", area.usable / PAGE_SIZE, area.addr);
	return true;
}

NATIVE_API void mem_dump_obj(void *object)
{
	if (!kmem_dump_obj(object) && !dump_area(object))
		pr_cont(" %s\n", memory_kind(object));
}

/* ---- copies ---- */

static __always_inline void *duplicate(const void *src, size_t len, size_t size, gfp_t gfp)
{
	char *p;

	native_enter();
	p = kf_kmalloc(size, gfp);
	if (!p)
		return NULL;
	memcpy(p, src, len);
	if (size > len)
		p[len] = '\0';
	native_wrote(p + len, size - len);
	return p;
}

NATIVE_API char *kstrdup(const char *s, gfp_t gfp)
{
	size_t len;

	if (!s)
		return NULL;
	len = strlen(s);
	return duplicate(s, len, len + 1, gfp);
}

NATIVE_API char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t len;

	if (!s)
		return NULL;
	len = strnlen(s, max);
	return duplicate(s, len, len + 1, gfp);
}

NATIVE_API void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	return duplicate(src, len, len, gfp);
}

NATIVE_API char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	return s ? duplicate(s, len, len + 1, gfp) : NULL;
}

/* Constants of a module are not in the kernel's .rodata, so they are copied, as the kernel does. */
NATIVE_API const char *kstrdup_const(const char *s, gfp_t gfp)
{
	return kstrdup(s, gfp);
}

NATIVE_API void kfree_const(const void *x)
{
	native_enter();
	kf_kfree(x);
}

NATIVE_API char *kvasprintf(gfp_t gfp, const char *fmt, va_list ap)
{
	size_t len = (size_t)native_vsnprintf(NULL, 0, fmt, ap);
	char *p;

	native_enter();
	p = kf_kmalloc(len + 1, gfp);
	if (p)
		native_vsnprintf(p, len + 1, fmt, ap);
	return p;
}

NATIVE_API char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = kvasprintf(gfp, fmt, args);
	va_end(args);
	return p;
}

NATIVE_API const char *kasprintf_const(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = kvasprintf(gfp, fmt, args);
	va_end(args);
	return p;
}
