/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the allocators: the record of each frame, the state of zones, and of early memory.
 */
#ifndef KFAIL_ALLOCATOR_PAGE_STATE_H
#define KFAIL_ALLOCATOR_PAGE_STATE_H

#include "../core/base.h"
#include "fence_state.h"
#include "memblock_state.h"
#include "page_alloc.h"

/* ---- one record per frame ---------------------------------------------------------------- */

enum kf_frame_state {
	KF_FRAME_INNER, /* inside a block, or never given to the buddy allocator */
	KF_FRAME_FREE,	/* head of a free block, on a list of its zone */
	KF_FRAME_PCP,	/* head of a free block, on a list of a CPU */
	KF_FRAME_BLOCK, /* head of an allocated block */
	KF_FRAME_SLAB,	/* every frame of a slab */
	KF_FRAME_LOST,	/* head of a block that was found bad and is never used again */
	KF_FRAME_FENCE, /* of the pool of fenced memory, and in no live block */
	KF_NR_FRAME_STATES
};

enum {
	KF_FRAME_TOLD = 1,  /* the hooks know of it */
	KF_FRAME_LIVE = 2,  /* the record describes a live object, else a freed one */
	KF_FRAME_KNOWN = 4, /* the record describes an object at all */
};

/* Dense, because a run that touches eleven objects should dirty few pages. */
struct kf_frame {
	u8 state;
	u8 order; /* FREE, PCP, BLOCK, LOST */
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

enum kf_watermark { KF_WMARK_MIN, KF_WMARK_LOW, KF_WMARK_HIGH, KF_WMARK_PROMO, KF_NR_WMARK };

/* What a request may do, ALLOC_* of mm/internal.h. The lowest two bits choose the watermark. */
enum {
	KF_ALLOC_WMARK_MASK = 0x03,
	KF_ALLOC_NO_WATERMARKS = 0x04,
	KF_ALLOC_OOM = 0x08,
	KF_ALLOC_NON_BLOCK = 0x10,
	KF_ALLOC_MIN_RESERVE = KF_GFP_HIGH,
	KF_ALLOC_NOFRAGMENT = 0x100,
	KF_ALLOC_HIGHATOMIC = 0x200,
	KF_ALLOC_KSWAPD = KF_GFP_KSWAPD_RECLAIM,
	KF_ALLOC_RESERVES =
		KF_ALLOC_NON_BLOCK | KF_ALLOC_MIN_RESERVE | KF_ALLOC_HIGHATOMIC | KF_ALLOC_OOM,
};

/* Orders above this are "costly": nobody tries hard for them. Also the highest on a CPU's lists. */
#define KF_COSTLY_ORDER 3
#define KF_PCP_LISTS	(KF_MIGRATE_PCPTYPES * (KF_COSTLY_ORDER + 1))

/* Free blocks that one CPU keeps of one zone. count == sum of the pages on the lists. */
struct kf_pcp {
	u32 lock; /* taken by trying only: who does not get it goes to the zone */
	u32 count;
	u32 free_factor;   /* frees in a row double what goes back at a time */
	u64 allocs, frees; /* pages that went through here, for vmstat */
	struct kf_list list[KF_PCP_LISTS];
} __attribute__((aligned(64)));

/*
 *	free == sum over orders of nr_free[o] << o
 *	nr_free[o] == sum over types of the length of list[type][o]
 *	bit o of nonempty[type] is set when list[type][o] is not empty
 *	managed == free + pages on CPUs' lists + pages owned + pages lost
 */
struct kf_zone {
	u32 lock;
	bool boosted; /* watermarks were raised: wake kswapd */
	u8 id;
	u64 free; /* read without the lock */
	u64 watermark[KF_NR_WMARK], boost;
	u64 reserve[KF_NR_ZONES]; /* lowmem_reserve: kept from requests that may go to zone j */
	u64 highatomic;		  /* pages in blocks of type HIGHATOMIC */
	u64 managed, start_pfn, end_pfn;
	struct kf_pcp *pcp; /* of each CPU */
	u32 batch,
		high; /* pages moved at a time to and from a CPU; pages above which some go back */
	u64 allocs, frees; /* pages, past the CPUs' lists */
	u32 nonempty[KF_NR_MIGRATE_TYPES];
	u32 nr_free[KF_MAX_ORDER];
	struct kf_list list[KF_NR_MIGRATE_TYPES][KF_MAX_ORDER];
} __attribute__((aligned(64)));

struct kf_page_state {
	struct kf_zone zone[KF_NR_ZONES];
	struct kf_frame *frames;
	u64 *poisoned; /* one bit per frame: holds KF_BYTE_PAGE throughout */
	u8 *blocks; /* one byte per page block: its zone above, its migrate type in the low four bits */
	u64 nr_frames;
	u32 gfp_allowed_mask;
	u32 min_free_kbytes;
	u32 lost; /* blocks */
	u32 failures_shown, bad_pages_shown, poison_shown;
	u32 hotplug_lock;
	u64 onlined;			/* bytes of layout.hotplug */
	u32 shrinkers_lock, reclaiming; /* one reclaims at a time */
	u32 kswapd_lock;
	struct kf_kswapd kswapd; /* what kswapd was woken for, since it looked last */
	struct kf_list shrinkers;
};

/* ---- what the other rooms need --------------------------------------------------------------- */

/* zone.c: empty zones; their memory (memblock's, for the first time); all memory is there. */
int kf_zones_init(void);
void kf_zones_seed(u64 pfn, u64 end);
void kf_zones_start(void);
void kf_zones_update(void); /* watermarks and reserves, after the zones' sizes have changed */

/* memory.c: struct pages of memory that nobody has yet. */
void kf_pages_init(u64 pfn, u64 end, unsigned zone);

/* hotplug.c: bring more memory online for a request of this highest zone, unless somebody did since `seen` was
 * page.onlined. False: there is no more. */
bool kf_hotplug(unsigned highest, u64 seen);

/* page_alloc.c: 2^order pages for an allocator's own use, without asking or telling the hooks; may reclaim,
 * so no lock may be held. `kind` is what they are for. Damage of the freed pages that are taken is told. */
struct page *kf_pages_take(u32 gfp, unsigned order, enum kf_kind kind);
/* The same, out of the pool of fenced memory; NULL: there is no room, and it is passed over. Content is KF_BYTE_PAGE or
 * zeros. */
struct page *kf_pages_take_fenced(u32 gfp, unsigned order, enum kf_kind kind);
/* 2^order frames that nobody would have missed, in the state of a block; KF_NO_PFN: there are none. */
u64 kf_pages_spare(unsigned order);
/* Give them back: refcount 0; `poison` as pages of the public interface are. */
void kf_pages_put_back(struct page *page, unsigned order, bool poison);

/* record.c */
bool kf_frame_object(u64 pfn, struct kf_object *out);
/* Is it in a free block, on a list of its zone or of a CPU? */
bool kf_frame_is_free(u64 pfn);
void kf_frame_fill_object(u64 pfn, const struct kf_frame *frame, struct kf_object *out);

/* poison.c */
unsigned kf_pages_check(void);
/* Frames of a freed block that hold poison still: how many are damaged, each told. */
unsigned kf_pages_check_freed(const struct kf_object *block);
bool kf_frame_bit(u64 pfn);

/* pcp.c: this CPU's thread ends. */
void kf_pcp_leave(unsigned cpu);

#endif
