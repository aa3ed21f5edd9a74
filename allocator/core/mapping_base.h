/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to the files of second mappings: what they call of each other, in the order in which they stand on each
 * other. All of this is in the host, not in the world.
 */
#ifndef KFAIL_ALLOCATOR_MAPPING_BASE_H
#define KFAIL_ALLOCATOR_MAPPING_BASE_H

#include "state.h"

/* ---- mapping_slot.c: what is mapped where ------------------------------------------------------------------- */

/* A slot's value: frame + 1 and protection; 0: nothing. */
#define KF_SLOT_PROT_SHIFT 56
#define KF_SLOT_PFN_MASK   ((1ull << KF_SLOT_PROT_SHIFT) - 1)

extern struct kf_slots {
	u64 *values; /* one per page of the vmalloc, module and kmap ranges */
	u64 *parked; /* what the host still maps here, but without access */
	u8 *touched; /* somebody has looked at this page: it gets its access at once next time */
	u8 *veiled; /* mapped, but nobody has looked yet: the host has what is parked, or refuses */
	u8 *groups; /* one per 512 slots: something in there may be in use */
	u64 nr;	    /* slots */
	u64 vmalloc_end;  /* the module range's slots begin here, */
	u64 module_end;	  /* and kmap's here */
	u64 parked_count; /* slots that are parked or veiled */
} kf_slots;

static inline u64 kf_slot_value(u64 pfn, int prot)
{
	return (pfn + 1) | (u64)prot << KF_SLOT_PROT_SHIFT;
}

static inline u64 kf_slot_pfn(u64 value)
{
	return (value & KF_SLOT_PFN_MASK) - 1;
}

static inline int kf_slot_prot(u64 value)
{
	return (int)(value >> KF_SLOT_PROT_SHIFT);
}

bool kf_slots_init(void);
void kf_slots_exit(void); /* unmaps all of them */
u64 kf_slot_address(u64 slot);
/* The slot of va when [va, va+size) lies in one of the three ranges, else kf_slots.nr. */
u64 kf_slot_of(u64 va, u64 size);
/* The first slot from this one on that may be in use. */
u64 kf_slot_next_used(u64 slot);
void kf_slots_note(u64 slot, u64 n);
/* Parked pages that something else takes the place of. */
void kf_unpark(u64 slot, u64 n);
/* All parked pages, but those below veiled ones, are of no use any more, or stand in the way. */
void kf_give_up_parked(void);

/* Tables of the host: zeroed, and memory only where they are touched. NULL: the host has none. */
void *kf_host_table(u64 bytes);
void kf_host_table_drop(void *table, u64 bytes);

/* ---- mapping_log.c: what has changed since the mark --------------------------------------------------------- */

bool kf_mapping_log_init(void);
void kf_mapping_log_exit(void); /* before kf_slots_exit() */
/* These slots are about to change. */
void kf_mapping_log(u64 slot, u64 n);
enum kf_mark { KF_MARK_OUTER, KF_MARK_INNER, KF_MARKS };
/* Take the newest change off a mark's log: the n values that it found at the mark. NULL: the log is empty. */
const u64 *kf_mapping_unlog(enum kf_mark which, u64 *slot, u64 *n);

/* ---- mapping_file.c: the memory file and the frames in it --------------------------------------------------- */

bool kf_memory_file_init(void);
void kf_memory_file_exit(void);
/* Is there one? A world without second mappings needs none. */
bool kf_memory_file_exists(void);
/* Map n frames of the file; parked pages go when the host has too many mappings. 0 or a negative errno. */
int kf_memory_file_map(u64 addr, u64 pfn, u64 n, int prot);
/* From now on these frames are in the file, and the direct map shows the file there. */
int kf_promote(u64 pfn, u64 n);
/* A file of our own with the same content, in the place of the one that is shared with a parent. */
int kf_memory_file_renew(void);

#endif
