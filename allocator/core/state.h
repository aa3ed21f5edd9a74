/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The root of all state; not for anybody outside this folder.
 *
 * struct kf_state is everything that belongs to the world. It lies at layout.meta and is followed by the
 * arrays that it points to, handed out by meta.c. struct kf_here is the host's side: a copy of the
 * layout and shortcuts into world memory, which stay right because addresses are fixed.
 */
#ifndef KFAIL_ALLOCATOR_STATE_H
#define KFAIL_ALLOCATOR_STATE_H

#include "../kin/kin_state.h"
#include "../kin/percpu_state.h"
#include "../page/page_state.h"
#include "../slab/slab_state.h"
#include "../vmalloc/vmalloc_state.h"
#include "base.h"
#include "cpu.h"
#include "memory.h"
#include "objects.h"
#include "settings.h"

/* Memory for bookkeeping (meta.c). */
struct kf_meta {
	u32 lock;
	u64 next, end;
	void *small[65]; /* free pieces of i * 64 bytes */
	void *large[40]; /* free pieces of 2^i bytes */
};

struct kf_state {
	u64 magic;
	u64 seq;
	struct kf_settings settings;
	struct kf_meta meta;
	struct kf_page_state page;
	struct kf_fence fence;
	struct kf_slab_state slab;
	struct kf_areas areas;
	struct kf_percpu percpu;
	struct kf_dma_state dma;
	struct kf_kmap_state kmap;
	struct kf_memblock memblock;
	struct kf_bootmem bootmem;
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

/* Number of a new allocation. */
static inline u64 kf_next_seq(void)
{
	struct kf_state *st = kf_state();

	if (__libc_single_threaded)
		return ++st->seq;
	return __atomic_add_fetch(&st->seq, 1, __ATOMIC_RELAXED);
}

/* meta.c */
void kf_meta_init(struct kf_meta *meta, u64 start, u64 end);
void *kf_meta_alloc(size_t size); /* zeroed, 64-byte aligned; NULL when meta is full */
void kf_meta_free(void *p, size_t size);

/* settings.c: what the new world is told. */
void kf_settings_start(struct kf_settings *settings);

/* mapping.c */
int kf_mapping_init(void);
void kf_mapping_exit(void);

/* The slab that holds this address, or NULL. Frames that are no memory have an empty record. */
static inline struct kf_slab *kf_slab_at(const void *addr)
{
	u64 pfn = ((u64)(uintptr_t)addr - kf_here.layout.direct_map) >> KF_PAGE_SHIFT;

	if (pfn >= kf_here.nr_frames ||
	    __atomic_load_n(&kf_here.frames[pfn].state, __ATOMIC_RELAXED) != KF_FRAME_SLAB)
		return NULL;
	return kf_here.frames[pfn].slab;
}

static inline void *kf_slab_address(const struct kf_slab *slab, unsigned index)
{
	return slab->base + slab->cache->first + (size_t)index * slab->cache->stride;
}

#endif
