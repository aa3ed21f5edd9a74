// SPDX-License-Identifier: GPL-2.0-only
/*
 * A snapshot without write protection, for hosts under which an instruction that faulted cannot be run again. Valgrind is
 * one: it changes registers before it writes memory, so that a push, or a round of rep stos, which faults is done one and a
 * half times.
 *
 *	take	every page that has memory is kept at once
 *	find	a page that has memory now, and was not kept, held zeros when the snapshot was taken
 *
 * The second line holds for anonymous memory only. What a file is mapped to may have content that nobody has looked at yet:
 * regions up to WHOLE_BYTES (a driver's and a program's data) are kept whole, and those beyond it, the world's own, must be
 * anonymous. Which pages have memory, /proc/self/pagemap says: present, or swapped out (bits 63 and 62).
 *
 * A restore copies all that was kept, without looking for differences: where nothing differs, memcheck's bits of what is
 * initialised may.
 *
 * Frames with a second mapping need not show in the page table of the first. They are kept when the snapshot is taken, and
 * those that get one later are told before they do (kf_hooks.exposed).
 */
#include "base.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define HAS_MEMORY  (3ull << 62)
#define WHOLE_BYTES (16ul << 20)
#define BATCH	    8192 /* pages */

void snapshot_use_copies(void)
{
	snap_copies = true;
}

bool snapshot_uses_copies(void)
{
	return snap_copies;
}

/* Was written, or will be: what it held is kept. */
static void keep_page(const struct region *r, uint64_t page, bool was_zeros)
{
	if (r->index[(page - r->start) / PAGE_BYTES])
		return;
	snapshot_keep(r, page, was_zeros);
}

void copies_touch(uint64_t page)
{
	const struct region *r = snapshot_region(page);

	if (r && r->canonical) {
		page = r->canonical(page);
		r = page ? snapshot_region(page) : NULL;
	}
	if (r && !r->canonical && r->prot & PROT_WRITE)
		keep_page(r, page, r->end - r->start > WHOLE_BYTES);
}

/* ---- pages with memory ---- */

static int open_pagemap(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		snapshot_give_up("kfail: /proc/self/pagemap cannot be read\n");
	return fd;
}

static void keep_present(int pagemap, const struct region *r, bool were_zeros)
{
	static uint64_t entries[BATCH];
	uint64_t page = r->start;

	while (page < r->end) {
		size_t left = (r->end - page) / PAGE_BYTES, n = left < BATCH ? left : BATCH;
		ssize_t bytes = (ssize_t)(n * sizeof(entries[0]));

		if (pread(pagemap, entries, (size_t)bytes,
			  (off_t)(page / PAGE_BYTES * sizeof(entries[0]))) != bytes)
			snapshot_give_up("kfail: /proc/self/pagemap cannot be read\n");
		for (size_t i = 0; i < n; i++, page += PAGE_BYTES)
			if (entries[i] & HAS_MEMORY)
				keep_page(r, page, were_zeros);
	}
}

static bool is_counted(const struct region *r)
{
	return r->prot & PROT_WRITE && !r->canonical;
}

void copies_find(void)
{
	int pagemap = open_pagemap();

	for (unsigned i = 0; i < snap.region_count; i++)
		if (is_counted(&snap.regions[i]))
			keep_present(pagemap, &snap.regions[i], true);
	close(pagemap);
}

static void keep_whole(const struct region *r)
{
	for (uint64_t page = r->start; page < r->end; page += PAGE_BYTES)
		keep_page(r, page, false);
}

/* The frames of a second mapping. */
static void keep_frames(const struct region *r)
{
	for (uint64_t page = r->start; page < r->end; page += PAGE_BYTES) {
		uint64_t home = r->canonical(page);
		const struct region *owner = home ? snapshot_region(home) : NULL;

		if (owner && is_counted(owner))
			keep_page(owner, home, false);
	}
}

void copies_take(void)
{
	int pagemap = open_pagemap();

	for (unsigned i = 0; i < snap.region_count; i++) {
		const struct region *r = &snap.regions[i];

		if (r->canonical)
			keep_frames(r);
		else if (!is_counted(r))
			continue;
		else if (r->end - r->start <= WHOLE_BYTES)
			keep_whole(r);
		else
			keep_present(pagemap, r, false);
	}
	close(pagemap);
}
