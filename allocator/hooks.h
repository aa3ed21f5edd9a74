/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one seam between the allocators and everybody else. The allocators ask (may this request be
 * served? which CPU is this?) and tell (an object was born, died, or is damaged); they never know
 * who answers. Each hook has a no-op default, so the library works alone.
 *
 * Order in one allocation, as in mm/slab.h slab_pre_alloc_hook() and slab_post_alloc_hook():
 *
 *	might_alloc -> should_fail -> (memory is found) -> allocated
 *
 * and in one free:  freed -> (memory is given back).  A request that one allocator makes of another
 * for its own needs (a slab's pages, vmalloc's pages, per-CPU chunks) calls none of them: one call
 * of the public interface is one request, however it is served.
 *
 * Hooks run in the context of the caller, without any allocator lock held, and must not call the
 * allocators, except that `construct` runs a driver's constructor, which may do anything.
 */
#ifndef KFAIL_ALLOCATOR_HOOKS_H
#define KFAIL_ALLOCATOR_HOOKS_H

#include "types.h"

enum kf_kind {
	KF_SLAB,	  /* object of a kmem_cache or of a kmalloc size class */
	KF_KMALLOC_LARGE, /* kmalloc above 8 KiB: whole pages */
	KF_PAGES,	  /* alloc_pages and its kin */
	KF_VMALLOC,	  /* vmalloc and its kin */
	KF_VMAP,	  /* mapping of existing pages: vmap, ioremap */
	KF_PERCPU,
	KF_CACHE, /* a kmem_cache itself */
	KF_NR_KINDS
};

struct kf_request {
	enum kf_kind kind;
	size_t size;		      /* bytes asked for; for KF_CACHE the object size */
	u32 gfp;		      /* as passed by the caller */
	u32 order;		      /* KF_PAGES and KF_KMALLOC_LARGE */
	const struct kf_cache *cache; /* KF_SLAB: where it will be served from; else NULL */
};

/* One allocated (or freed) thing, as the allocators know it. */
struct kf_object {
	enum kf_kind kind;
	bool live;
	void *addr;    /* per-CPU: the cookie; KF_CACHE: the struct kf_cache */
	size_t size;   /* bytes requested */
	size_t usable; /* bytes that the size class really gives (ksize) */
	u32 gfp;
	u32 order;
	const struct kf_cache *cache;
	u64 seq;       /* number of the allocation since the world began, from 1 */
	u32 alloc_tag; /* what the hook `allocated` returned */
	u32 free_tag;  /* what the hook `freed` returned; 0 while live */
};

enum kf_bug_kind {
	KF_BUG_DOUBLE_FREE,	 /* the object is free already */
	KF_BUG_INVALID_FREE,	 /* not the start of an object, or nothing of ours */
	KF_BUG_WRONG_CACHE,	 /* kmem_cache_free() of another cache's object */
	KF_BUG_WRONG_FAMILY,	 /* kfree of vmalloc memory, vfree of kmalloc memory, ... */
	KF_BUG_REDZONE,		 /* bytes after the requested size, or before the object, changed */
	KF_BUG_WRITE_AFTER_FREE, /* poison of a free object changed */
	KF_BUG_CACHE_NOT_EMPTY,	 /* kmem_cache_destroy() with live objects */
	KF_BUG_BAD_PAGE,	 /* freed with a wrong order, reference count or state */
	KF_BUG_CONTEXT,		 /* vmalloc or vfree where the kernel forbids it */
	KF_BUG_WARN,		 /* where the kernel has a WARN_ON in the allocator itself */
};

struct kf_bug {
	enum kf_bug_kind kind;
	const void *addr;	      /* the address that was passed, or the first damaged byte */
	struct kf_object object;      /* the object meant; .addr NULL when there is none */
	const struct kf_cache *cache; /* the cache passed by the caller, if one was */
	u8 expected, found;	      /* REDZONE, WRITE_AFTER_FREE: the first damaged byte */
	size_t damaged;		      /* bytes from the first to the last damaged one */
	const char *what;	      /* one static sentence */
};

struct kf_hooks {
	/* A request is about to be served: check that it is legal in this context. */
	void (*might_alloc)(const struct kf_request *req);
	/* True: refuse it. Never asked for __GFP_NOFAIL. */
	bool (*should_fail)(const struct kf_request *req);
	/* An object was born; the return value is kept with it as alloc_tag. */
	u32 (*allocated)(const struct kf_object *obj);
	/* A live object is being given back; the return value is kept as free_tag. */
	u32 (*freed)(const struct kf_object *obj);
	/* Something is wrong. The allocators go on as the kernel would: a bad free frees nothing. */
	void (*bug)(const struct kf_bug *bug);
	/* Run a cache's constructor on an object of a new slab. */
	void (*construct)(void (*ctor)(void *), void *object);
	/* Number of the simulated CPU that calls, below kf_layout.nr_cpus. */
	unsigned (*cpu)(void);
	/* The bytes [addr, addr+size) of world memory are about to change in a way that write
	 * protection does not see: through a second mapping. */
	void (*exposed)(void *addr, size_t size);
	/* A virtual range has just been mapped (pages != NULL) or unmapped. */
	void (*remapped)(void *addr, size_t size, bool mapped);
};

/* The table in force. Host memory, not world memory: a restored world keeps the caller's hooks. */
extern struct kf_hooks kf_hooks;

/* Put the no-op defaults back. */
void kf_hooks_reset(void);

#endif
