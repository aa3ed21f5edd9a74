/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the snapshot's files: its tables (snapshot.c says what they hold), which the layer of a checkpoint
 * (layer.c) and the check of a restore (paranoid.c) read.
 */
#ifndef KFAIL_SWEEP_SNAPSHOT_BASE_H
#define KFAIL_SWEEP_SNAPSHOT_BASE_H

#include "paranoid.h"
#include "snapshot.h"

#define PAGE_BYTES  4096ul
#define CHUNK_SHIFT 10 /* pages in a chunk: 4 MiB */
#define CHUNK_PAGES (1u << CHUNK_SHIFT)
#define CHUNK_MAX   4096u /* 16 GiB of hot pages */
#define HOT_MAX	    (CHUNK_MAX * CHUNK_PAGES)
#define ALIAS_OPEN  UINT32_MAX
#define WORDS	    (PAGE_BYTES / sizeof(uint64_t))

struct region {
	uint64_t start, end;
	int prot;
	uint32_t *index; /* one entry per page */
	uint64_t (*canonical)(uint64_t page);
	bool (*shared)(uint64_t page);
	bool opaque;
	bool (*hidden)(uint64_t page);
};

struct hot {
	uint64_t page;
	uint32_t slot;
	uint32_t written; /* the restore that last found it changed */
	uint16_t zeros;	  /* blocks of the copy that are nothing but zeros: they need not be read */
	bool opaque;
	bool hideable; /* its region has hidden pages */
};

extern struct snapshot {
	struct region *regions; /* sorted by address */
	unsigned region_count;
	struct region *last; /* where the last lookup ended: the next one is often there too */
	uint32_t *index;     /* all regions' entries, one after another */
	size_t index_bytes;
	struct hot *hot;
	unsigned hot_count, sorted_count;
	uint32_t restores, cool_at;
	uint8_t *chunk[CHUNK_MAX];
} snap;

/* Nothing is write-protected (copies.c). */
extern bool snap_copies;

/* The pristine copy with this number. */
static inline uint8_t *slot_bytes(uint32_t slot)
{
	return snap.chunk[slot >> CHUNK_SHIFT] + (slot & (CHUNK_PAGES - 1)) * PAGE_BYTES;
}

/* Is this page of a region inaccessible, and to be left alone? */
static inline bool is_hidden(const struct region *r, uint64_t page)
{
	return r->hidden && r->hidden(page);
}
/* The same for a page of the snapshot, then for a hot one. */
bool snapshot_is_hidden(uint64_t page);
static inline bool leave_alone(const struct hot *h)
{
	return h->hideable && snapshot_is_hidden(h->page);
}

/* The slot of a page, or NO_SLOT: it is not hot. */
#define NO_SLOT UINT32_MAX
uint32_t snapshot_slot(uint64_t page);

/* Host memory, zeroed, which costs something only where it is touched; NULL: the host has none. */
void *snapshot_reserve(size_t bytes);

/* A limit of the host was hit where a run cannot go on, and its result would be a lie: says the sentence, ends the
 * process with status 4. */
__attribute__((noreturn, cold)) void snapshot_give_up(const char *sentence);

/* The region that the address lies in, or NULL. */
struct region *snapshot_region(uint64_t addr);
/* Keep the content of a cold page of the region, or zeros where it held nothing. Its protection stays as it is. */
void snapshot_keep(const struct region *r, uint64_t page, bool was_zeros);

/* copies.c: keep what there is when the snapshot is taken; find what was written since; before a page gets a second
 * mapping. */
void copies_take(void);
void copies_find(void);
void copies_touch(uint64_t page);

/* layer.c: what a return to the mark puts into this page of a region without `canonical`; NULL: it leaves it. */
const void *snapshot_layer_copy(uint64_t page);
/* layer.c: give up the second layer. */
void snapshot_layer_drop(void);

#endif
