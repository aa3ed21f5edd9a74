/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the allocator files share among themselves; not for anybody outside this folder.
 *
 * struct kf_state is the root of everything that belongs to the world. It lies at layout.meta and is
 * followed by the arrays that it points to, handed out by meta.c. struct kf_here is the host's side:
 * a copy of the layout and shortcuts into world memory, which stay right because addresses are fixed.
 *
 * Locks are words in world memory. They nest slab -> cache -> zone -> meta; vmalloc, percpu and memblock
 * locks nest with none of these but meta. No hook is ever called with a lock held.
 */
#ifndef KFAIL_ALLOCATOR_STATE_H
#define KFAIL_ALLOCATOR_STATE_H

#include <sched.h>
#include <string.h>
#include <sys/single_threaded.h>

#include "hooks.h"
#include "memblock.h"
#include "memory.h"
#include "objects.h"
#include "page_alloc.h"
#include "percpu.h"
#include "slab.h"
#include "vmalloc.h"

#define KF_NO_PFN		(~0ull)
#define KF_MAX_CACHES		4096u
#define KF_MAX_MEMORY_REGIONS	16
#define KF_MAX_RESERVED_REGIONS 1024

/* Bytes that mean something. */
enum { KF_BYTE_GUARD = 0xcc, KF_BYTE_FREE = 0x6b, KF_BYTE_PAGE = 0xaa };

/* ---- one record per frame ---------------------------------------------------------------- */

enum kf_frame_state {
	KF_FRAME_INNER, /* inside a block, or never given to the buddy allocator */
	KF_FRAME_FREE,	/* head of a free block */
	KF_FRAME_BLOCK, /* head of an allocated block */
	KF_FRAME_SLAB,	/* every frame of a slab */
};

enum {
	KF_FRAME_TOLD = 1,  /* the hooks know of it */
	KF_FRAME_LIVE = 2,  /* the record describes a live object, else a freed one */
	KF_FRAME_KNOWN = 4, /* the record describes an object at all */
};

/* Dense, because a run that touches eleven objects should dirty few pages. */
struct kf_frame {
	u8 state;
	u8 order; /* FREE, BLOCK */
	u8 flags; /* KF_FRAME_* of the object that starts here */
	u8 kind;  /* enum kf_kind of that object */
	u32 gfp;
	union {
		struct kf_slab *slab; /* SLAB */
		u64 seq;
	};
	u32 alloc_tag, free_tag;
	u32 size;   /* requested bytes; 0 together with KNOWN: part of an exact block */
	u32 frames; /* frames of the object when it was allocated */
};
_Static_assert(sizeof(struct kf_frame) == 32, "128 frames per page of bookkeeping");

/* ---- zones ---------------------------------------------------------------------------------- */

/* free == sum of nr_free[o] << o; bit o of nonempty is set when nr_free[o] != 0. */
struct kf_zone {
	u32 lock;
	u32 nonempty;
	u64 start_pfn, end_pfn;
	u64 managed, free;
	u64 nr_free[KF_MAX_ORDER];
	struct kf_list list[KF_MAX_ORDER];
};

/* ---- slabs ---------------------------------------------------------------------------------- */

enum {
	KF_REC_LIVE = 1u << 31,
	KF_REC_READY = 1u << 30, /* guards are in place */
	KF_REC_GFP = (1u << 28) - 1,
};

/* One object of a slab. */
struct kf_rec {
	u32 size;
	u32 state; /* KF_REC_*, and the gfp of the allocation */
	u32 alloc_tag, free_tag;
	u32 seq_low;
	u16 seq_high;
	u16 next; /* in the slab's queue of freed objects */
};
_Static_assert(sizeof(struct kf_rec) == 24, "24 bytes of bookkeeping per object");

#define KF_NO_INDEX 0xffffu

enum kf_slab_where { KF_SLAB_NOWHERE, KF_SLAB_ON_CPU, KF_SLAB_PARTIAL, KF_SLAB_FULL };

/*
 * One slab: 1 << order pages cut into slots. The header's memory is never used for anything but
 * slab headers, so a stale pointer may be locked and then checked.
 *   inuse + (queued objects) + (objects - fresh) == objects
 */
struct kf_slab {
	u32 lock;
	u8 where; /* FULL is entered under `lock`; PARTIAL and leaving it under the cache's lock */
	u8 order;
	u16 cpu; /* ON_CPU: whose */
	u16 objects, inuse;
	u16 fresh;	/* objects from here on were never handed out */
	u16 head, tail; /* queue of freed objects, oldest first */
	u16 pad[3];
	struct kf_cache *cache;
	char *base;
	struct kf_rec *recs;
	struct kf_list link; /* partial list; pool of free headers */
	struct kf_list all;  /* all slabs of the cache */
	u32 allocs, frees;
};

/* Objects start at first + i * stride; the guard bytes lie between them. */
struct kf_cache {
	struct kf_list link; /* all caches, oldest first; or the pool of dead ones */
	u32 lock;
	u32 id;
	bool live, poison;
	u32 flags, gfp; /* gfp: zone bits of its pages */
	u32 object_size, align, first, stride, inverse;
	u32 order, min_order, objects;
	u32 min_partial, nr_partial;
	struct kf_list partial, slabs;
	void (*ctor)(void *);
	u64 nr_slabs;
	u64 past_allocs, past_frees; /* of slabs given back */
	u64 seq;
	u32 alloc_tag, free_tag;
	char name[48];
};

/* ---- virtual areas ---------------------------------------------------------------------------- */

struct kf_area {
	u64 va, pages;
	size_t size;
	u64 *pfns;
	struct page **owned; /* KF_VM_MAP_PUT_PAGES: the caller's array, ours to free */
	u64 seq;
	u32 gfp, alloc_tag, free_tag;
	u16 flags; /* KF_VM_* */
	u16 offset;
	bool live, exec;
};

struct kf_range {
	u64 start, end, next;
};

/* Areas sorted by address, dead ones among them until the next purge. */
struct kf_areas {
	u32 lock;
	u32 count, capacity, dead;
	u64 dead_pages;
	struct kf_area **sorted;
	struct kf_range range[2]; /* vmalloc, modules */
};

/* ---- per-CPU areas ------------------------------------------------------------------------------ */

/* Areas tile [percpu_static, percpu_unit); two neighbours are never both free. */
struct kf_chunk {
	u32 start, size;
	u32 prev, next;		  /* by address; ids, 0 is none */
	u32 free_prev, free_next; /* free areas, any order */
	u32 requested, gfp;
	u32 alloc_tag, live;
	u64 seq;
};

struct kf_percpu {
	u32 lock;
	u32 first, free, spare; /* ids */
	u32 nr_chunks;		/* records in use or spare */
	u32 live;
	struct kf_chunk *chunks;
	u32 *owner; /* id of the live area that starts at this multiple of 8 */
};

/* ---- early memory, bookkeeping memory ------------------------------------------------------------ */

struct kf_region {
	u64 base, end;
};

struct kf_early {
	u32 nr_memory, nr_reserved;
	bool closed;
	struct kf_region memory[KF_MAX_MEMORY_REGIONS];
	struct kf_region reserved[KF_MAX_RESERVED_REGIONS];
};

struct kf_meta {
	u32 lock;
	u64 next, end;
	void *small[65]; /* free pieces of i * 64 bytes */
	void *large[40]; /* free pieces of 2^i bytes */
};

/* What a CPU allocates from; CPU-major, so that all caches of a CPU share few pages. */
struct kf_state {
	u64 magic;
	u64 seq;
	struct kf_zone zone[KF_NR_ZONES];
	struct kf_meta meta;
	struct kf_frame *frames;
	u64 *poisoned; /* one bit per frame: holds KF_BYTE_PAGE throughout */
	u64 nr_frames;

	u32 cache_lock;
	u32 nr_caches;
	struct kf_list caches, dead_caches;
	struct kf_cache **cache_by_id;
	struct kf_slab **cpu_slab; /* [cpu * KF_MAX_CACHES + cache id] */
	struct kf_list spare_slabs;
	struct kf_cache *kmalloc[KF_NR_KMALLOC_TYPES][KF_PAGE_SHIFT + 2];

	struct kf_areas areas;
	struct kf_percpu percpu;
	struct kf_early early;
};

/* The host's view of the world in force. */
struct kf_here {
	struct kf_layout layout;
	struct kf_state *state;
	struct kf_frame *frames;
	u64 nr_frames;
};
extern struct kf_here kf_here;

static inline struct kf_state *kf_state(void)
{
	return kf_here.state;
}

/* ---- locks ------------------------------------------------------------------------------------- */

static inline void kf_lock(u32 *lock)
{
	if (__libc_single_threaded) {
		*lock = 1;
		return;
	}
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		for (int i = 0; __atomic_load_n(lock, __ATOMIC_RELAXED); i++)
			if (i > 100)
				sched_yield();
}

static inline void kf_unlock(u32 *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* Number of a new allocation. */
static inline u64 kf_next_seq(void)
{
	struct kf_state *st = kf_state();

	if (__libc_single_threaded)
		return ++st->seq;
	return __atomic_add_fetch(&st->seq, 1, __ATOMIC_RELAXED);
}

/* ---- lists --------------------------------------------------------------------------------------- */

#define kf_container(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void kf_list_init(struct kf_list *head)
{
	head->next = head->prev = head;
}

static inline bool kf_list_empty(const struct kf_list *head)
{
	return head->next == head;
}

static inline void kf_list_add_between(struct kf_list *item, struct kf_list *prev,
				       struct kf_list *next)
{
	item->prev = prev;
	item->next = next;
	prev->next = item;
	next->prev = item;
}

static inline void kf_list_add(struct kf_list *item, struct kf_list *head)
{
	kf_list_add_between(item, head, head->next);
}

static inline void kf_list_add_tail(struct kf_list *item, struct kf_list *head)
{
	kf_list_add_between(item, head->prev, head);
}

static inline void kf_list_del(struct kf_list *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
}

/* ---- bytes ---------------------------------------------------------------------------------------- */

typedef u64 kf_unaligned_u64 __attribute__((aligned(1), may_alias));

/* Does [p, p+n) hold `value` throughout? n >= 8 bytes: the last word may overlap the one before it. */
static inline bool kf_words_are(const u8 *p, u8 value, size_t n)
{
	const u64 pattern = 0x0101010101010101ull * value;
	u64 other = *(const kf_unaligned_u64 *)(p + n - 8) ^ pattern;

	for (size_t i = 0; i + 8 < n; i += 8)
		other |= *(const kf_unaligned_u64 *)(p + i) ^ pattern;
	return !other;
}

/*
 * The same for any n. A long range is compared with itself one word further on, which lets the C library's
 * memcmp() do the work.
 */
static inline bool kf_bytes_are(const void *start, u8 value, size_t n)
{
	const u8 *p = start;

	if (n > 64)
		return kf_words_are(p, value, 8) && !memcmp(p, p + 8, n - 8);
	if (n >= 8)
		return kf_words_are(p, value, n);
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* First byte in [p, p+n) that is not `value`, or NULL; the first form looks byte by byte. */
const u8 *kf_first_other_byte(const void *start, u8 value, size_t n);
static inline const u8 *kf_first_other(const void *p, u8 value, size_t n)
{
	return kf_bytes_are(p, value, n) ? NULL : kf_first_other_byte(p, value, n);
}

/* ---- helpers that more than one file needs -------------------------------------------------------- */

static inline u64 kf_align_up(u64 value, u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline u64 kf_pages_of(u64 bytes)
{
	return (bytes + KF_PAGE_SIZE - 1) >> KF_PAGE_SHIFT;
}

/* Smallest order whose block holds `size` bytes (size > 0). */
static inline unsigned kf_order_of(u64 size)
{
	u64 frames = kf_pages_of(size);

	return frames <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(frames - 1);
}

/* Ask the hooks whether this request may be served. */
static inline bool kf_permitted(const struct kf_request *req)
{
	kf_hooks.might_alloc(req);
	return (req->gfp & KF_GFP_NOFAIL) || !kf_hooks.should_fail(req);
}

/* hooks.c */
void kf_tell(enum kf_bug_kind kind, const void *addr, const struct kf_object *object,
	     const struct kf_cache *cache, const char *what);
/* Tell that [p, p+n) should hold `value` throughout, put it back; false when nothing was wrong. */
bool kf_check_bytes(enum kf_bug_kind kind, void *p, u8 value, size_t n,
		    const struct kf_object *object, const char *what);

/* meta.c */
void kf_meta_init(struct kf_meta *meta, u64 start, u64 end);
void *kf_meta_alloc(size_t size); /* zeroed, 64-byte aligned; NULL when meta is full */
void kf_meta_free(void *p, size_t size);

/* mapping.c */
int kf_mapping_init(void);
void kf_mapping_exit(void);

/* buddy.c: no hooks, no checks; the caller fills the frame record. */
u64 kf_buddy_take(u32 gfp, unsigned order);
void kf_buddy_give(u64 pfn, unsigned order);
void kf_buddy_init(void);
void kf_buddy_seed(u64 pfn, u64 end); /* memblock's memory, for the first time */
bool kf_frame_bit(u64 pfn);
bool kf_frame_object(u64 pfn, struct kf_object *out);
void kf_frame_fill_object(u64 pfn, const struct kf_frame *frame, struct kf_object *out);
unsigned kf_pages_check(void);

/* page_alloc.c: what kmalloc needs of it. */
struct page *kf_pages_take(u32 gfp, unsigned order, enum kf_kind kind);
void kf_pages_put_back(struct page *page, unsigned order, bool poison);

/* memblock.c */
void kf_early_init(void);

/* percpu.c, vmalloc.c, slab.c */
int kf_percpu_init(void);
void kf_vmalloc_init(void);
bool kf_vmalloc_object(const void *addr, struct kf_object *out);
int kf_caches_init(void);
bool kf_slab_object(const struct kf_slab *slab, const void *addr, struct kf_object *out);
void kf_slab_fill_object(const struct kf_slab *slab, unsigned index, struct kf_object *out);
struct kf_slab *kf_slab_new(struct kf_cache *cache, u32 gfp);
void kf_slab_discard(struct kf_slab *slab);
void kf_slab_ready_object(const struct kf_slab *slab, unsigned index);
unsigned kf_slab_check_index(struct kf_slab *slab, unsigned index);
void kf_slab_free(struct kf_slab *slab, const void *object);
void *kf_slab_alloc_permitted(struct kf_cache *cache, u32 gfp, size_t size);

/* The slab that holds this address, or NULL. Frames that are no memory have an empty record. */
static inline struct kf_slab *kf_slab_at(const void *addr)
{
	u64 pfn = ((u64)(uintptr_t)addr - kf_here.layout.direct_map) >> KF_PAGE_SHIFT;

	if (pfn >= kf_here.nr_frames || kf_here.frames[pfn].state != KF_FRAME_SLAB)
		return NULL;
	return kf_here.frames[pfn].slab;
}

static inline void *kf_slab_address(const struct kf_slab *slab, unsigned index)
{
	return slab->base + slab->cache->first + (size_t)index * slab->cache->stride;
}

/* Bytes of guard that every object has on each side, at the least. */
#define KF_GUARD 16u

#endif
