/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The classic user-space heap that texts about kernel memory compare with: an arena that grows at its end like the
 * data segment under sbrk(), a header before each block, a free list, first fit, split and coalesce. It serves the
 * teaching benchmark (tests/bench/teach.c) and whoever wants to see one; no kernel allocator uses it. Not
 * thread-safe, asks no hooks; bugs are told through the hook `bug`.
 */
#ifndef KFAIL_ALLOCATOR_HEAP_H
#define KFAIL_ALLOCATOR_HEAP_H

#include "../core/types.h"

#define KF_HEAP_ALIGN 16u /* of every block, and the size of a header */

/* A heap; the caller's memory. All fields are the heap's own. */
struct kf_heap {
	char *start, *brk, *limit;  /* of the arena: blocks lie in [start, brk) */
	struct kf_heap_block *free; /* by address */
	struct kf_heap_block *last; /* block that ends at brk; NULL: none */
	u64 live, live_bytes;	    /* blocks handed out, and what was asked for */
	u64 grown;		    /* times that brk moved */
};

struct kf_heap_stat {
	u64 arena;     /* bytes that the heap holds: brk - start */
	u64 live;      /* blocks handed out */
	u64 requested; /* bytes asked for by them */
	u64 usable;    /* bytes in them */
	u64 headers;   /* bytes of headers, of free blocks too */
	u64 free;      /* bytes in free blocks, without their headers */
	u64 free_blocks;
	u64 largest_free; /* bytes in the largest */
	double external; /* external fragmentation: 1 - largest_free / free; 0 when nothing is free */
	double internal; /* internal fragmentation: 1 - requested / usable; 0 when nothing is live */
};

/* malloc_init(): a heap on the `size` bytes at `arena`, of which it takes what it needs from the front. */
void kf_heap_init(struct kf_heap *heap, void *arena, size_t size);

/* malloc(): `size` bytes aligned to 16, or NULL. size 0 gives a block of no usable byte, as a pointer of its own. */
void *kf_heap_malloc(struct kf_heap *heap, size_t size);

/* free(): NULL is fine. What is no live block of this heap, or is free already, is told and left alone; so is a
 * block whose neighbour's header was overwritten. */
void kf_heap_free(struct kf_heap *heap, void *p);

/* realloc(): in place when the block, or it with the free one behind it, is large enough; else a new block, and the
 * old one is freed. NULL, and the old block stays, when there is no memory. p NULL: malloc; size 0: free, NULL. */
void *kf_heap_realloc(struct kf_heap *heap, void *p, size_t size);

/* Bytes that a live block really has. */
size_t kf_heap_usable(const void *p);

void kf_heap_stat(const struct kf_heap *heap, struct kf_heap_stat *out);

/* Walk all blocks: headers are whole, blocks tile the arena, two neighbours are never both free, the free list has
 * each free block once, in order. NULL, or what is wrong. */
const char *kf_heap_validate(const struct kf_heap *heap);

#endif
