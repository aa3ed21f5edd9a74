/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Snapshot and in-place restore of world memory.
 *
 * snapshot_take() write-protects the given regions. The first write to a page faults once: its
 * content is kept in a pristine copy, and the page becomes writable and "hot".
 * snapshot_restore() puts the pristine content of every hot page back where it differs, and protects
 * again what has not been written for many runs. A page thus costs one fault when it is written for the
 * first time, and 4 KiB of comparing per run after that; any host kernel will do.
 *
 * The SIGSEGV handler of the process calls snapshot_fault() first.
 *
 * One memory, several mappings: where a region is a second mapping of frames that also lie in
 * another region, it names the other address of each of its pages with `canonical`. A page is then
 * kept and restored once, at its canonical address, whichever mapping it was written through first.
 */
#ifndef KFAIL_SWEEP_SNAPSHOT_H
#define KFAIL_SWEEP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot_region {
	uint64_t start, size;
	int prot; /* the protection that it has (and a hot page gets back): PROT_* */
	/* NULL, or: the address of the same page in a region without `canonical` (0: it has none,
	 * leave it alone). Called in the fault handler. */
	uint64_t (*canonical)(uint64_t page);
	/* NULL, or: may this page be written at another address, where no protection sees it? It is not made cold again then. */
	bool (*shared)(uint64_t page);
	bool opaque; /* snapshot_scan() passes it over: no pointers of interest are in it */
	/* NULL, or: is this page inaccessible, because its owner wants it so? Then it is left alone: what it holds does not
	 * count, and a write to it is no business of the snapshot's. The owner has it accessible again, if it was in the
	 * snapshot (or at the mark), before a restore (or a return), and says snapshot_touch() before it takes access away. */
	bool (*hidden)(uint64_t page);
};

/* Before the first snapshot: this process does without write protection, because an instruction that faulted cannot be run
 * again here. Regions above 16 MiB must be anonymous memory or shared frames. Each restore looks at all pages. */
void snapshot_use_copies(void);
/* Was that called? Then nothing may be made to fault. */
bool snapshot_uses_copies(void);

/* Begin: regions are protected now. They are whole pages, do not overlap, and are mapped
 * throughout; those without PROT_WRITE are left as they are. 0 or -errno (nothing is protected
 * then). A second call replaces the first snapshot. */
int snapshot_take(const struct snapshot_region *regions, unsigned count);

/* In the fault handler: true when `addr` is a write to a protected page of the snapshot; the page
 * is hot now, and the instruction can be run again. Async-signal-safe. */
bool snapshot_fault(uint64_t addr, bool write);

/* Somebody has changed the protection of this region's pages: give them back the one that the snapshot wants; without a
 * snapshot region->prot. */
void snapshot_protect(const struct snapshot_region *region);

/* Make [addr, addr+size) hot before it changes behind the protection's back (hook kf_hooks.exposed,
 * or a system call that writes there). */
void snapshot_touch(void *addr, size_t size);

/* Inputs of a fuzzer differ more than runs of a sweep: from the next snapshot on, what was not written for so many restores becomes
 * cold again, always. 0, the default: looked at ever more seldom, since what a run writes its kin write too. */
void snapshot_cool_after(unsigned restores);

/* Put every hot page back. Returns the number of hot pages. */
unsigned snapshot_restore(void);

/* A second layer, for a checkpoint in the midst of a run: keep every hot page as it is now, instead of what was kept
 * before. Not in a signal handler. Returns the number of pages copied. */
unsigned snapshot_mark(void);
/* Put the world back to the mark; can be repeated. Returns the number of pages copied. */
unsigned snapshot_return(void);

/* Put back only the hot pages inside [start, start+size). */
void snapshot_restore_range(uint64_t start, uint64_t size);

/* The pristine content of the page that contains addr, or NULL when the page is not hot (then
 * memory itself is pristine). */
const void *snapshot_pristine(uint64_t addr);

/* Call fn for each aligned 8-byte word in a hot page that holds a value in [low, high) now and held
 * another in the snapshot. Opaque regions are passed over. Cheap enough for every run: pages without such a value are passed over
 * at the speed of memory. */
void snapshot_scan(uint64_t low, uint64_t high,
		   void (*fn)(uint64_t where, uint64_t value, void *arg), void *arg);

/* Number of hot pages. */
unsigned snapshot_hot_pages(void);

/* Drop the snapshot: all regions writable again. */
void snapshot_drop(void);

#endif
