/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this room share.
 *
 *	object.c	records of what was said (struct kml_object), in a set by address, each change undoable
 *	index.c		for one scan: from an address to the object around it, without a search
 *	words.c		which words of a range can be pointers
 *	mark.c		following them from the roots
 */
#ifndef KFAIL_KMEMLEAK_INTERNAL_H
#define KFAIL_KMEMLEAK_INTERNAL_H

#include "../../allocator/core/extents.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/vmalloc/ranges.h"
#include "kmemleak.h"

/* Valgrind is not told of what a scan reads, either: it is everything, whether it was ever written or not. */
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_DISABLE_ERROR_REPORTING
#define VALGRIND_ENABLE_ERROR_REPORTING
#endif

/* The kernel's, as dump= prints them. */
enum {
	OBJECT_ALLOCATED = 1 << 0,
	OBJECT_REPORTED = 1 << 1, /* sticky: it is in the list that a read shows */
	OBJECT_NO_SCAN = 1 << 2,
	OBJECT_FULL_SCAN = 1 << 3,
	OBJECT_PHYS = 1 << 4,
};

#define COUNT_BLACK (-1)

/* What a record is about. */
enum kml_what {
	KML_ABOUT,   /* an object of the allocators, by its seq */
	KML_BY_HAND, /* it is an object itself: kmemleak_alloc() */
	KML_PART,    /* what kmemleak_free_part() left of an object of the allocators, by its seq */
	KML_GONE,    /* an object of the allocators that kmemleak was told to forget */
};

struct kml_object {
	struct kf_range range; /* first: a member of the set casts to it */
	enum kml_what what;
	uint64_t seq;	/* of the allocators' object; KML_BY_HAND: 0 */
	uint64_t order; /* of registration, among seqs */
	int min_count, count;
	uint32_t flags, checksum;
	uint64_t excess_ref; /* 0: none */
	uint32_t areas;	     /* index + 1 of the first scan area; 0: all of it */
	uint32_t stack;	     /* depot handle; of KML_ABOUT only after an update_trace, else 0 */
	bool member;	     /* of the set */
	bool white;	     /* in the last scan */
	uint64_t jiffies;
	int pid;
	char comm[16];
};

struct kml_area {
	uint64_t start, end;
	uint32_t next; /* index + 1 */
};

/* ---- object.c -------------------------------------------------------------------------------------------- */

/* State of the tracker that belongs to the run. */
struct kml_state {
	uint32_t objects, areas, undos; /* of the tables, in use */
	bool disabled;			/* for good */
	bool stack_scan, auto_scan;
	uint64_t scan_period, next_scan; /* jiffies */
	uint64_t last_scan;		 /* jiffies when the last scan began */
	uint64_t base_seq;		 /* the newest object when the run began */
	bool scanned;
	const char *unable;
};
extern struct kml_state kml_state;
extern struct kml_world kml_world;
extern enum kml_rules kml_rules;

/* The record around addr, or NULL; one that is out of date (its object is gone) counts as none. */
struct kml_object *kml_find(uint64_t addr);
/* About to be changed: so that it can be undone. */
void kml_touch(struct kml_object *object);
/* A record about [start, start+size); those out of date make room. NULL: no room for records, or it overlaps another one;
 * the tracker is disabled then. */
struct kml_object *kml_insert(uint64_t start, uint64_t size, enum kml_what what, uint64_t seq);
void kml_remove(struct kml_object *object);
bool kml_add_area(struct kml_object *object, uint64_t start, uint64_t end);
const struct kml_area *kml_area(uint32_t index);
/* In order of addresses: those that hold. */
void kml_for_each(void (*fn)(struct kml_object *object, void *arg), void *arg);
/* Nothing can be judged any more. */
void kml_stop(const char *why);

/* The live object of the allocators that kmemleak tracks around addr. */
bool kml_allocated_at(uint64_t addr, struct kf_object *out);
/* Bytes of it, as the kernel registers it. */
uint64_t kml_size_of(const struct kf_object *object);
/* The record about the object around addr, made if it is the allocators' and has none yet. NULL: there is no such object. */
struct kml_object *kml_about(uint64_t addr, bool interior);

/* ---- report.c -------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) void kml_log(int level, const char *format, ...);
void kml_log_stack(void);
/* Who allocated an object of the allocators with this seq, and when. */
struct kml_task {
	uint64_t jiffies;
	int pid;
	char comm[16];
};
void kml_task_now(struct kml_task *out);
void kml_task_of(uint64_t seq, struct kml_task *out);
void kml_dump(const struct kml_object *object);
/* crc32(0, ...) of the kernel: 0 for zeros. */
uint32_t kml_checksum(uint64_t addr, uint64_t size);
/* Copy memory of the world, through its frames where it is mapped; what is not there reads as 0. */
void kml_read(uint64_t addr, void *to, uint64_t size);
/* Handle of the stack that is running. */
uint32_t kml_stack_now(void);

/* ---- scan.c ----------------------------------------------------------------------------------------------- */

/* Pointers to it that a scan finds now. */
int kml_count(const struct kml_object *object);

/* ---- index.c ---------------------------------------------------------------------------------------------- */

/* One slab, or one object elsewhere (slots 1). A cache line. */
struct kml_run {
	uint64_t first;
	uint64_t size; /* of an object */
	uint32_t stride, inverse, slots;
	uint32_t id;		   /* of its first slot */
	uint16_t flags;		   /* RUN_* */
	uint16_t lead;		   /* pages of it before the one with `first` */
	uint32_t pages;		   /* that it has part in */
	const void *slab;	   /* NULL: not a slab */
	struct kml_object *record; /* by hand, or a part of something */
	uint64_t excess_ref;	   /* RUN_VM: the area that pointers to it count for */
};
_Static_assert(sizeof(struct kml_run) == 64, "a pointer costs one line of this table");

enum {
	RUN_VMALLOC = 1, /* read through its frames */
	RUN_VM = 2,	 /* a struct vm_struct of the allocators: no object */
};

/* A slot's state: the low byte is the number of pointers that are still missing. */
enum {
	SLOT_MISSING = 0xff,
	SLOT_LIVE = 0x100,
	SLOT_SCAN = 0x200,    /* what is in it will be followed when it is reached */
	SLOT_SPECIAL = 0x400, /* there is a record about it */
	SLOT_REACHED = 0x800,
};

struct kml_index {
	struct kml_run *runs;
	uint32_t run_count;
	uint16_t *slots; /* by id */
	uint32_t slot_count;
	uint64_t objects;
	uint64_t min, span;  /* all objects lie in [min, min + span) */
	unsigned generation; /* counts builds and drops: is it still the one that I know? */
};
extern struct kml_index kml_index;

/* Build it for the world as it is; false: it is too large (kml_stop() was called). Drop it when the scan is over. */
bool kml_index_build(void);
/* The same with one more object in it, which is none of those that kmemleak watches. */
bool kml_index_build_with(uint64_t addr, uint64_t size);
void kml_index_drop(void);
/* The run around addr, and in it the slot; NULL: none. For some addresses; the scan has a faster way of its own. */
const struct kml_run *kml_index_find(uint64_t addr, uint32_t *slot);
/* The run that has this slot. */
const struct kml_run *kml_index_run_of(uint32_t id);

/* From a page to runs. An entry is 0, a run's number + 1, or with ENTRY_CHAIN a cell's. */
#define ENTRY_CHAIN 0x80000000u
struct kml_cell {
	uint32_t run, next; /* + 1 */
};
struct kml_window {
	uint64_t base, size;
	uint32_t *entries; /* by page */
};
enum { KML_WINDOWS = 3 };
extern struct kml_window kml_windows[KML_WINDOWS];
extern const struct kml_cell *kml_cells;
/* Records in none of the windows. */
extern bool kml_elsewhere;

static inline uint32_t kml_entry(uint64_t addr)
{
	for (int i = 0; i < KML_WINDOWS; i++)
		if (addr - kml_windows[i].base < kml_windows[i].size)
			return kml_windows[i].entries[(addr - kml_windows[i].base) >> 12];
	return 0;
}

static inline uint64_t kml_slot_address(const struct kml_run *run, uint32_t slot)
{
	return run->first + (uint64_t)slot * run->stride;
}

/* ---- words.c ---------------------------------------------------------------------------------------------- */

/* Bit i is set where min <= words[i] < min + span, for i < n <= 64. */
uint64_t kml_words(const uint64_t *words, unsigned n, uint64_t min, uint64_t span);

/* ---- mark.c ----------------------------------------------------------------------------------------------- */

/* Follow all pointers from the roots, in the index that was built. `from` (by id; NULL: not wanted) gets the address of
 * the word that reached an object first; then roots that are gone count too. Returns the bytes that were read. */
uint64_t kml_mark(uint64_t *from);
/* The objects that were given (by id) count as reached now: go on from them. */
uint64_t kml_mark_more(const uint32_t *ids, uint32_t count);
/* Call fn for each word of an object, or of a root, that can be a pointer. */
void kml_for_each_word(uint64_t start, uint64_t size,
		       void (*fn)(uint64_t where, uint64_t value, void *arg), void *arg);
/* Tables of the host, zeroed, and memory only where they are touched. Ends the program when there are none. */
void *kml_table(uint64_t bytes);

#endif
