// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshot and in-place restore of world memory: see snapshot.h for what it promises.
 *
 * A page is cold (write-protected, memory itself is pristine) or hot (writable, with a pristine
 * copy). A write makes it hot. Three tables, all host memory:
 *
 *	region.index[page]   0 cold | ALIAS_OPEN second mapping, writable | slot + 1
 *	hot[i]               the page's address and its slot: what restore walks, sorted by address
 *	chunk[slot / 1024]   the pristine copies, 4 MiB at a time
 *
 *	fault at P: index[P] == 0 --> copy page to slot, hot[n++] = {P, slot},
 *		    index[P] = slot + 1, mprotect
 *	restore:    for each hot[i]: put back the blocks that differ
 *
 * The two big tables are reserved, not filled: taking a snapshot costs one mprotect per region,
 * whatever its size. Everything that a fault needs is there before it comes, except a new chunk,
 * which is one mmap; so snapshot_fault() calls nothing but memcpy, mmap and mprotect, and is safe
 * in a signal handler.
 *
 * A hot page that nobody writes to any more becomes cold again: what loading and unloading a module
 * wrote once, in the baseline, would otherwise be compared and scanned in each run to come. That is
 * looked at after 64, 128, 256, ... restores, and those go that were pristine for the newer half
 * of them; so a page that is written in one run of a thousand costs one fault per doubling at most.
 * Pages that are written behind the protection's back (region.shared) stay hot.
 *
 * The host limits the number of mappings of a process (65530), and every hot page between cold ones
 * costs two. When mprotect() is refused for that reason, the fault makes a whole aligned block hot
 * instead.
 *
 * After fork() a child owns a copy of all of this. No locks: one thread runs the world.
 *
 * Equations: slots in use == hot_count; for every hot i: index(hot[i].page) == hot[i].slot + 1.
 */
#include "base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK_WORDS 32 /* what restore compares, and copies where it differs: 256 bytes */
#define BLOCK_BYTES (BLOCK_WORDS * sizeof(uint64_t))
#define COOL_FIRST  64 /* restores until cold pages are looked for */

struct snapshot snap;
bool snap_copies;

static uint32_t cool_after; /* snapshot_cool_after() */

void snapshot_cool_after(unsigned restores)
{
	cool_after = restores;
}

void *snapshot_reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void snapshot_give_up(const char *sentence)
{
	ssize_t ignored = write(STDERR_FILENO, sentence, strlen(sentence));

	(void)ignored;
	_exit(4);
}

static bool region_contains(const struct region *r, uint64_t addr)
{
	return addr >= r->start && addr < r->end;
}

struct region *snapshot_region(uint64_t addr)
{
	unsigned low = 0, high = snap.region_count;

	if (snap.last && region_contains(snap.last, addr))
		return snap.last;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		struct region *r = &snap.regions[mid];

		if (region_contains(r, addr))
			return snap.last = r;
		if (addr < r->start)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

bool snapshot_is_hidden(uint64_t page)
{
	const struct region *r = snapshot_region(page);

	return r && is_hidden(r, page);
}

static uint32_t *index_of(const struct region *r, uint64_t page)
{
	return &r->index[(page - r->start) / PAGE_BYTES];
}

static uint32_t slot_new(void)
{
	uint32_t slot = snap.hot_count;
	uint8_t **chunk;

	if (slot >= HOT_MAX)
		snapshot_give_up(
			"kfail: the world changed more memory than a snapshot can hold (16 GiB)\n");
	chunk = &snap.chunk[slot >> CHUNK_SHIFT];
	if (!*chunk)
		*chunk = snapshot_reserve(CHUNK_PAGES * PAGE_BYTES);
	if (!*chunk)
		snapshot_give_up("kfail: no host memory for the pristine copy of a page\n");
	return slot;
}

static uint16_t zero_blocks(const uint8_t *copy)
{
	static const uint8_t zeros[BLOCK_BYTES];
	uint16_t found = 0;

	for (unsigned b = 0; b < PAGE_BYTES / BLOCK_BYTES; b++)
		if (!memcmp(copy + b * BLOCK_BYTES, zeros, BLOCK_BYTES))
			found |= (uint16_t)(1u << b);
	return found;
}

void snapshot_keep(const struct region *r, uint64_t page, bool was_zeros)
{
	uint32_t slot = slot_new();

	if (was_zeros)
		memset(slot_bytes(slot), 0, PAGE_BYTES);
	else
		memcpy(slot_bytes(slot), (const void *)page, PAGE_BYTES);
	*index_of(r, page) = slot + 1;
	snap.hot[snap.hot_count++] =
		(struct hot){.page = page,
			     .slot = slot,
			     .written = snap.restores,
			     .zeros = snap_copies ? 0 : zero_blocks(slot_bytes(slot)),
			     .opaque = r->opaque,
			     .hideable = r->hidden != NULL};
}

static bool any_hidden(const struct region *r, uint64_t start, uint64_t end)
{
	for (uint64_t page = start; r->hidden && page < end; page += PAGE_BYTES)
		if (r->hidden(page))
			return true;
	return false;
}

/* Make [start, end) of a region hot and writable; false when the host refuses one more mapping, or hidden pages do. */
static bool open_block(const struct region *r, uint64_t start, uint64_t end)
{
	errno = ENOMEM;
	if (any_hidden(r, start, end))
		return false;
	if (mprotect((void *)start, end - start, r->prot))
		return false;
	for (uint64_t page = start; page < end; page += PAGE_BYTES)
		if (!*index_of(r, page))
			snapshot_keep(r, page, false);
	return true;
}

/* Each failed attempt takes a wider block: its neighbours' mappings merge with it. */
static void open_page(const struct region *r, uint64_t page)
{
	for (uint64_t block = PAGE_BYTES; block <= PAGE_BYTES << 12; block <<= 4) {
		uint64_t start = page & ~(block - 1), end = start + block;

		if (start < r->start)
			start = r->start;
		if (end > r->end)
			end = r->end;
		if (open_block(r, start, end))
			return;
		if (errno != ENOMEM)
			break;
	}
	snapshot_give_up("kfail: the host refused to make a page of the world writable (see "
			 "vm.max_map_count)\n");
}

/* A second mapping: keep the page where it lives, then open the one mapping that was written
 * through. */
static bool open_alias(const struct region *r, uint64_t page)
{
	uint64_t home = r->canonical(page);
	struct region *owner = home ? snapshot_region(home) : NULL;

	if (!owner || owner->canonical || !(owner->prot & PROT_WRITE))
		return false;
	if (!*index_of(owner, home))
		open_page(owner, home);
	if (mprotect((void *)page, PAGE_BYTES, r->prot))
		snapshot_give_up(
			"kfail: the host refused to make a page of the world writable (see "
			"vm.max_map_count)\n");
	*index_of(r, page) = ALIAS_OPEN;
	return true;
}

/* True: the page was cold and is hot now. */
static bool heat(uint64_t page)
{
	struct region *r = snapshot_region(page);

	if (!r || !(r->prot & PROT_WRITE) || *index_of(r, page) || is_hidden(r, page))
		return false;
	if (r->canonical)
		return open_alias(r, page);
	open_page(r, page);
	return true;
}

bool snapshot_fault(uint64_t addr, bool write)
{
	return write && !snap_copies && heat(addr & ~(PAGE_BYTES - 1));
}

void snapshot_touch(void *addr, size_t size)
{
	uint64_t page = (uint64_t)addr & ~(PAGE_BYTES - 1), end = (uint64_t)addr + size;

	for (; page < end; page += PAGE_BYTES) {
		if (snap_copies)
			copies_touch(page);
		else
			heat(page);
	}
}

void snapshot_protect(const struct snapshot_region *region)
{
	struct region *r = snapshot_region(region->start);
	uint64_t page = region->start, end = region->start + region->size, from;

	if (!r || snap_copies || !(r->prot & PROT_WRITE)) {
		mprotect((void *)page, region->size, region->prot);
		return;
	}
	mprotect((void *)page, region->size, r->prot & ~PROT_WRITE);
	while (page < end) {
		while (page < end && !*index_of(r, page))
			page += PAGE_BYTES;
		for (from = page; page < end && *index_of(r, page);)
			page += PAGE_BYTES;
		if (from < page)
			mprotect((void *)from, page - from, r->prot);
	}
}

static int compare_region(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool regions_are_sane(void)
{
	for (unsigned i = 0; i < snap.region_count; i++) {
		const struct region *r = &snap.regions[i];

		if ((r->start | r->end) % PAGE_BYTES || r->end <= r->start)
			return false;
		if (i && r->start < snap.regions[i - 1].end)
			return false;
	}
	return true;
}

static int tables_make(const struct snapshot_region *regions, unsigned count)
{
	uint64_t pages = 0;

	snap.regions = calloc(count ? count : 1, sizeof(*snap.regions));
	if (!snap.regions)
		return -ENOMEM;
	snap.region_count = count;
	snap.cool_at = cool_after ? cool_after : COOL_FIRST;
	for (unsigned i = 0; i < count; i++) {
		snap.regions[i] = (struct region){.start = regions[i].start,
						  .end = regions[i].start + regions[i].size,
						  .prot = regions[i].prot,
						  .canonical = regions[i].canonical,
						  .shared = regions[i].shared,
						  .opaque = regions[i].opaque,
						  .hidden = regions[i].hidden};
		pages += regions[i].size / PAGE_BYTES;
	}
	qsort(snap.regions, count, sizeof(*snap.regions), compare_region);
	if (!regions_are_sane())
		return -EINVAL;
	snap.index_bytes = (pages + 1) * sizeof(*snap.index);
	snap.index = snapshot_reserve(snap.index_bytes);
	snap.hot = snapshot_reserve(HOT_MAX * sizeof(*snap.hot));
	if (!snap.index || !snap.hot)
		return -ENOMEM;
	pages = 0;
	for (unsigned i = 0; i < count; i++) {
		snap.regions[i].index = snap.index + pages;
		pages += (snap.regions[i].end - snap.regions[i].start) / PAGE_BYTES;
	}
	return 0;
}

/* One past the last page from this one on that is hidden as it is, or not as it is not. */
static uint64_t same_hiding(const struct region *r, uint64_t page)
{
	bool hidden = is_hidden(r, page);

	if (!r->hidden)
		return r->end;
	do
		page += PAGE_BYTES;
	while (page < r->end && is_hidden(r, page) == hidden);
	return page;
}

/* All of a region but its hidden pages. */
static int protect_region(const struct region *r, int prot)
{
	uint64_t end;

	for (uint64_t page = r->start; page < r->end; page = end) {
		end = same_hiding(r, page);
		if (!is_hidden(r, page) && mprotect((void *)page, end - page, prot))
			return -errno;
	}
	return 0;
}

static int protect_all(void)
{
	for (unsigned i = 0; i < snap.region_count; i++) {
		const struct region *r = &snap.regions[i];
		int error = r->prot & PROT_WRITE ? protect_region(r, r->prot & ~PROT_WRITE) : 0;

		if (error)
			return error;
	}
	return 0;
}

int snapshot_take(const struct snapshot_region *regions, unsigned count)
{
	int error;

	snapshot_drop();
	error = tables_make(regions, count);
	if (error) {
		/* Nothing is protected yet: there is nothing to give back. */
		snap.region_count = 0;
		snapshot_drop();
		return error;
	}
	if (snap_copies)
		copies_take();
	else
		error = protect_all();
	if (error)
		snapshot_drop();
	else
		paranoid_look(PARANOID_SNAPSHOT);
	return error;
}

void snapshot_drop(void)
{
	snapshot_layer_drop();
	paranoid_drop();
	for (unsigned i = 0; i < snap.region_count; i++) {
		const struct region *r = &snap.regions[i];

		if (r->prot & PROT_WRITE && !snap_copies)
			protect_region(r, r->prot);
	}
	for (unsigned i = 0; i < CHUNK_MAX && snap.chunk[i]; i++)
		munmap(snap.chunk[i], CHUNK_PAGES * PAGE_BYTES);
	if (snap.index)
		munmap(snap.index, snap.index_bytes);
	if (snap.hot)
		munmap(snap.hot, HOT_MAX * sizeof(*snap.hot));
	free(snap.regions);
	memset(&snap, 0, sizeof(snap));
}

static int compare_hot(const void *a, const void *b)
{
	const struct hot *x = a, *y = b;

	return x->page < y->page ? -1 : x->page > y->page;
}

static void sort_hot(void)
{
	if (snap.sorted_count == snap.hot_count)
		return;
	qsort(snap.hot, snap.hot_count, sizeof(*snap.hot), compare_hot);
	snap.sorted_count = snap.hot_count;
}

/* Eight words at a time, and no branch among those of a block; with AVX-512 or AVX2 where the machine has it. */
typedef uint64_t words8 __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) bool any(const words8 *words)
{
	words8 w = *words;

	w |= __builtin_shufflevector(w, w, 4, 5, 6, 7, 0, 1, 2, 3);
	w |= __builtin_shufflevector(w, w, 2, 3, 0, 1, 6, 7, 4, 5);
	return w[0] | w[1];
}

/*
 * Make a page what its copy says; true when it was not. The time goes into reading, so most blocks are only read, and of the
 * copy only those that are not zeros.
 */
__attribute__((target_clones("avx512f", "avx2", "default"))) static bool
put_back(uint64_t *page, const uint64_t *copy, uint16_t zeros)
{
	static const words8 none[BLOCK_WORDS / 8];
	bool changed = false;

	for (unsigned b = 0; b < WORDS / BLOCK_WORDS; b++) {
		words8 *now = (words8 *)(page + b * BLOCK_WORDS), differs;
		const words8 *then =
			zeros >> b & 1 ? none : (const words8 *)(copy + b * BLOCK_WORDS);

		differs = (now[0] ^ then[0]) | (now[1] ^ then[1]) | (now[2] ^ then[2]) |
			  (now[3] ^ then[3]);
		if (!any(&differs))
			continue;
		changed = true;
		for (unsigned i = 0; i < BLOCK_WORDS / 8; i++)
			now[i] = then[i];
	}
	return changed;
}

/* The last slot's copy moves to where this one's was, so that slots in use stay without a gap. */
static void slot_free(uint32_t slot)
{
	uint32_t last = snap.hot_count - 1;

	for (unsigned i = 0; i < snap.hot_count; i++) {
		if (snap.hot[i].slot != last)
			continue;
		memcpy(slot_bytes(slot), slot_bytes(last), PAGE_BYTES);
		snap.hot[i].slot = slot;
		*index_of(snapshot_region(snap.hot[i].page), snap.hot[i].page) = slot + 1;
		return;
	}
}

/* Hot page i, which is pristine now, becomes cold. Where the host refuses one more mapping, it stays. */
static void cool(unsigned i)
{
	const struct hot h = snap.hot[i];
	struct region *r = snapshot_region(h.page);

	if ((r->shared && r->shared(h.page)) || is_hidden(r, h.page) ||
	    mprotect((void *)h.page, PAGE_BYTES, r->prot & ~PROT_WRITE))
		return;
	slot_free(h.slot);
	*index_of(r, h.page) = 0;
	memmove(&snap.hot[i], &snap.hot[i + 1], (snap.hot_count - i - 1) * sizeof(h));
	snap.sorted_count = --snap.hot_count;
}

static void cool_down(void)
{
	uint32_t since = cool_after ? snap.restores - cool_after : snap.restores / 2;

	for (unsigned i = snap.hot_count; i-- > 0;)
		if (snap.hot[i].written < since)
			cool(i);
	snap.cool_at = cool_after ? snap.restores + cool_after : snap.cool_at * 2;
}

unsigned snapshot_restore(void)
{
	if (snap_copies)
		copies_find();
	sort_hot();
	snap.restores++;
	for (unsigned i = 0; i < snap.hot_count; i++) {
		struct hot *h = &snap.hot[i];

		if (leave_alone(h))
			continue;
		if (snap_copies)
			memcpy((void *)h->page, slot_bytes(h->slot), PAGE_BYTES);
		else if (put_back((uint64_t *)h->page, (const uint64_t *)slot_bytes(h->slot),
				  h->zeros))
			h->written = snap.restores;
	}
	if (snap.restores == snap.cool_at && !snap_copies)
		cool_down();
	paranoid_look(PARANOID_RESTORE);
	return snap.hot_count;
}

void snapshot_restore_range(uint64_t start, uint64_t size)
{
	for (unsigned i = 0; i < snap.hot_count; i++) {
		uint64_t page = snap.hot[i].page, low = page, high = page + PAGE_BYTES;

		if (low < start)
			low = start;
		if (high > start + size)
			high = start + size;
		if (low < high && !leave_alone(&snap.hot[i]))
			memcpy((void *)low, slot_bytes(snap.hot[i].slot) + (low - page),
			       high - low);
	}
}

uint32_t snapshot_slot(uint64_t page)
{
	const struct region *r = snapshot_region(page);

	if (r && r->canonical) {
		page = r->canonical(page);
		r = page ? snapshot_region(page) : NULL;
	}
	return r && !r->canonical && *index_of(r, page) ? *index_of(r, page) - 1 : NO_SLOT;
}

const void *snapshot_pristine(uint64_t addr)
{
	uint32_t slot = snapshot_slot(addr & ~(PAGE_BYTES - 1));

	return slot == NO_SLOT ? NULL : slot_bytes(slot);
}

unsigned snapshot_hot_pages(void)
{
	return snap.hot_count;
}

/* Has any of these words a value in [low, low + span)? */
__attribute__((target_clones("avx512f", "avx2", "default"))) static bool
mentions(const uint64_t *words, unsigned count, uint64_t low, uint64_t span)
{
	const words8 lows = {low, low, low, low, low, low, low, low};
	const words8 spans = {span, span, span, span, span, span, span, span};
	const words8 *now = (const words8 *)words;
	words8 hits = {0};

	for (unsigned i = 0; i < count / 8; i += 4)
		hits |= (words8)(now[i] - lows < spans) | (words8)(now[i + 1] - lows < spans) |
			(words8)(now[i + 2] - lows < spans) | (words8)(now[i + 3] - lows < spans);
	return any(&hits);
}

/* The words of one block. */
static void scan_block(const uint64_t *now, const uint64_t *then, uint64_t low, uint64_t high,
		       void (*fn)(uint64_t where, uint64_t value, void *arg), void *arg)
{
	for (unsigned w = 0; w < BLOCK_WORDS; w++)
		if (now[w] - low < high - low && now[w] != then[w])
			fn((uint64_t)&now[w], now[w], arg);
}

void snapshot_scan(uint64_t low, uint64_t high,
		   void (*fn)(uint64_t where, uint64_t value, void *arg), void *arg)
{
	if (snap_copies)
		copies_find();
	sort_hot(); /* told in the order of addresses, whichever page was written first */
	for (unsigned i = 0; i < snap.hot_count; i++) {
		const uint64_t *now = (const uint64_t *)snap.hot[i].page;
		const uint64_t *then = (const uint64_t *)slot_bytes(snap.hot[i].slot);

		if (snap.hot[i].opaque || leave_alone(&snap.hot[i]) ||
		    !mentions(now, WORDS, low, high - low))
			continue;
		for (unsigned w = 0; w < WORDS; w += BLOCK_WORDS)
			if (mentions(now + w, BLOCK_WORDS, low, high - low))
				scan_block(now + w, then + w, low, high, fn, arg);
	}
}
