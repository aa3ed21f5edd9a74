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
	u32 align; /* KF_PERCPU: as asked for */
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
	KF_BUG_POOL_BUSY,	 /* a pool is destroyed while elements or blocks of it are out */
	KF_BUG_WARN,		 /* where the kernel has a WARN_ON in the allocator itself */
	KF_BUG_USERCOPY, /* a copy to or from user space leaves its object or the window in it */
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

/* What a task is and may, include/linux/sched.h and preempt.h of 6.1. */
enum {
	KF_TASK_HARDIRQ = 1,
	KF_TASK_SOFTIRQ = 2,  /* serving, or bottom halves disabled */
	KF_TASK_ATOMIC = 4,   /* preemption or interrupts disabled, or under RCU */
	KF_TASK_MEMALLOC = 8, /* PF_MEMALLOC */
	KF_TASK_NOIO = 0x10,  /* PF_MEMALLOC_NOIO */
	KF_TASK_NOFS = 0x20,  /* PF_MEMALLOC_NOFS */
	KF_TASK_OOM_VICTIM = 0x40,
	KF_TASK_REALTIME = 0x80,
	KF_TASK_KSWAPD = 0x100,
	KF_TASK_KILLED = 0x200, /* a fatal signal is pending */
	KF_TASK_PIN = 0x400,	/* PF_MEMALLOC_PIN */
};

/* Tracepoints of 6.1 (include/trace/events/kmem.h, vmscan.h, percpu.h) beyond birth and death of objects. */
enum kf_event_kind {
	KF_EVENT_PAGE_ALLOC, /* mm_page_alloc: page (NULL: failed), order, gfp, migratetype */
	KF_EVENT_PAGE_FREE,  /* mm_page_free: page, order */
	KF_EVENT_PAGE_FREE_BATCHED,	 /* mm_page_free_batched: page */
	KF_EVENT_PAGE_ALLOC_ZONE_LOCKED, /* mm_page_alloc_zone_locked: page, order, migratetype */
	KF_EVENT_PAGE_PCPU_DRAIN,	 /* mm_page_pcpu_drain: page, order, migratetype */
	KF_EVENT_PAGE_ALLOC_EXTFRAG, /* mm_page_alloc_extfrag: page, order, value fallback order,
					    migratetype, fallback migratetype, change_ownership */
	KF_EVENT_SHRINK_SLAB_START,  /* mm_shrink_slab_start: gfp, shrink */
	KF_EVENT_SHRINK_SLAB_END,    /* mm_shrink_slab_end: shrink, value freed */
	KF_EVENT_KSWAPD_WAKE,	     /* mm_vmscan_kswapd_wake: order */
	KF_NR_EVENTS
};

/* One call of a shrinker, in the words of do_shrink_slab() in mm/vmscan.c. */
struct kf_shrink_event {
	const void *shrinker;
	void (*scan_objects)(void); /* the function, as an address only */
	int priority;
	s64 deferred;	   /* objects put off before */
	s64 freeable;	   /* objects in the cache */
	s64 delta;	   /* objects to scan for this priority */
	s64 total;	   /* to scan in all; at the end: not scanned yet */
	s64 next_deferred; /* at the end: put off for the next time */
};

struct kf_event {
	enum kf_event_kind kind;
	const struct kf_shrink_event *shrink; /* SHRINK_SLAB_* */
	const struct page *page;
	u32 order, gfp;
	u32 migratetype, fallback_migratetype;
	bool change_ownership; /* the whole page block has the new type now */
	u64 value;
};

/* What may be done with bytes of the world, for tools that look at every access (Valgrind, AddressSanitizer). */
enum kf_bytes {
	KF_BYTES_NOBODYS, /* touched by nobody but the allocators: free, a guard, rest of a size class */
	KF_BYTES_NEW, /* somebody's from now on; what they hold means nothing until it is written */
	KF_BYTES_KNOWN, /* somebody's, and they hold something: zeros, or what a constructor made */
};

/* Who is calling, for texts in the kernel's format. */
struct kf_whence {
	u64 jiffies;
	s32 pid;
	char comm[16];
};

/* The tag of the stack that is running now, for `describe`. */
#define KF_TAG_HERE (~0u)
/* An object keeps the tag of its free where it kept its gfp flags. */
#define KF_FREE_TAG_MAX ((1u << 28) - 1)

struct kf_hooks {
	/* A request is about to be served: check that it is legal in this context. */
	void (*might_alloc)(const struct kf_request *req);
	/* True: refuse it. Never asked for __GFP_NOFAIL. */
	bool (*should_fail)(const struct kf_request *req);
	/* An object was born; the return value is kept with it as alloc_tag. */
	u32 (*allocated)(const struct kf_object *obj);
	/* A live object is being given back; the return value, at most KF_FREE_TAG_MAX, is kept as free_tag. */
	u32 (*freed)(const struct kf_object *obj);
	/* Something is wrong. The allocators go on as the kernel would: a bad free frees nothing. */
	void (*bug)(const struct kf_bug *bug);
	/* Run a cache's constructor on an object of a new slab. */
	void (*construct)(void (*ctor)(void *), void *object);
	/* Name the stack behind a tag that `allocated` or `freed` returned: fn once per frame, innermost first, with
	 * text as %pS prints it. Only for reports. Default: no frames. */
	void (*describe)(u32 tag, void (*fn)(const char *frame, void *arg), void *arg);
	/* Who is calling: only for reports and tracks (slub_debug U). Default: pid 0, "swapper", jiffies 0. */
	void (*whence)(struct kf_whence *out);
	/* What the calling task is and may: KF_TASK_* bits. Asked only where it matters (slow paths). */
	u32 (*task)(void);
	/* The caller cannot go on until somebody else gives something back, and may sleep: an element of a mempool, a
	 * slot of kmap(). Returns when it is worth to look again. `attempt` counts the waits of one request from 0.
	 * Default: lets other threads run. */
	void (*wait)(const char *what, unsigned attempt);
	/* Run fn(arg) after an RCU grace period. Default: at once. Until then the hook may use the 16 bytes of
	 * world memory at arg, as a struct rcu_head. */
	void (*defer)(void (*fn)(void *), void *arg);
	/* Memory is short: free what can be freed (shrinkers). `priority` 12 (gently) to 0; returns the number of
	 * pages freed. Called with no lock held; may free into the allocators. */
	u64 (*reclaim)(u32 gfp, unsigned order, int priority);
	/* The last resort before a request fails: OOM notifiers; pages freed. */
	u64 (*oom)(u32 gfp, unsigned order);
	/* A zone fell below its low watermark, or was boosted: wake kswapd. True: somebody will do its work later, between
	 * kf_kswapd_begin() and kf_kswapd_end() (page_alloc.h). False: it is done, or nobody does it. */
	bool (*kswapd)(unsigned zone, unsigned order);
	/* No virtual address space is left: the chain of vmap purge notifiers; pages freed. */
	u64 (*vmap_purge)(void);
	/* One line of the kernel's log (allocation failures, slub_debug reports), without newline; level 0..7. */
	void (*log)(int level, const char *line);
	/* A tracepoint that `allocated` and `freed` do not cover; only while kf_tracing is set. */
	void (*event)(const struct kf_event *event);
	/* The bytes [addr, addr+size) of world memory are about to change in a way that write
	 * protection does not see: through a second mapping. */
	void (*exposed)(void *addr, size_t size);
	/* What may be done with [addr, addr+size) has changed; only while kf_watched is set. May be called with locks held,
	 * so it does nothing but take note. */
	void (*bytes)(const void *addr, size_t size, enum kf_bytes state);
	/* [addr, addr+size) is about to be copied to user space; only while kf_watched is set. */
	void (*shown)(const void *addr, size_t size);
	/* A virtual range has just been mapped (pages != NULL) or unmapped. */
	void (*remapped)(void *addr, size_t size, bool mapped);
};

/* The table in force. Host memory, not world memory: a restored world keeps the caller's hooks. */
extern struct kf_hooks kf_hooks;

/* The hook `event` is told. */
extern bool kf_tracing;

/* The hook `bytes` is told. Set by kf_watch() only. */
extern bool kf_watched;

/* From now on; and what there is already is told at once: every slab of every cache. */
void kf_watch(void);

/* The default of the hook `log`: nobody reads, and no text is prepared. */
void kf_log_nowhere(int level, const char *line);

/* Put the no-op defaults back. */
void kf_hooks_reset(void);

#endif
