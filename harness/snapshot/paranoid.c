// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second opinion on every restore. The snapshot trusts write protection to tell it what a run has changed; this file
 * trusts nothing: it knows what every page of every region held, and looks at them all.
 *
 *	was[page]	what it held, is
 *	NOTHING		zeros: the page had no memory
 *	COPIED		in bytes[page]
 *	CLEAN		what the file says that is mapped there (the booted world's picture), unless it was written
 *
 * Regions are gigabytes, most of which nobody ever touched. Looking at such a page would give it memory; so
 * /proc/self/pagemap is asked which pages have any (present or swapped: bits 63 and 62), and which of them still belong
 * to a file (bit 61). A page of a private mapping that is written leaves its file, so a clean one needs no copy. Shared
 * mappings (frames with second mappings) are copied whole.
 *
 * After the return to a checkpoint a page that is hot must hold what the layer says, any other one what it held in the
 * snapshot: nobody has written it since, or the snapshot would know.
 *
 * A second mapping has no copy: each of its pages must lie where it lay (`canonical`), and read, through the kernel so
 * that a page which is not mapped any more is an error and no fault, the same as its frame.
 *
 * What is found is never the driver's doing: all a driver can do is write. It says so and ends the process.
 */
#include "paranoid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../trace/symbols.h"
#include "../trace/util.h"
#include "base.h"

/* Bits of an entry of pagemap. */
#define HAS_MEMORY (3ull << 62)
#define OF_FILE	   (1ull << 61)
#define BATCH	   8192 /* pages */
#define FILES_MAX  4096

enum { NOTHING, COPIED, CLEAN };

/* A file's mapping, as the snapshot found it. */
struct mapped {
	uint64_t start, end, offset;
	bool shared;
	char *path;
};

static struct {
	unsigned every, turn;
	int status;
	uint8_t *bytes, *was;
	uint64_t *homes; /* of pages of second mappings, when the snapshot was taken */
	size_t pages;	 /* of all regions */
	struct mapped *files;
	unsigned file_count;
	int pagemap;
	pid_t pagemap_of;
} paranoid = {.status = 4};

void paranoid_set(unsigned every)
{
	paranoid.every = every;
}

void paranoid_exit_with(int status)
{
	paranoid.status = status;
}

/* Number of a region's first page among the pages of all. */
static size_t first_page(const struct region *r)
{
	return (size_t)(r->index - snap.index);
}

static size_t page_count(const struct region *r)
{
	return (r->end - r->start) / PAGE_BYTES;
}

/* ---- a difference ---- */

static const char *describe_place(uint64_t addr, char *text, size_t size)
{
	struct kf_object object;
	uint64_t offset = 0;
	const char *name;

	if (kf_object_at((void *)addr, &object) && object.addr) {
		snprintf(text, size, "a %s object of %zu bytes, at offset %lld",
			 object.live ? "live" : "free", object.size,
			 (long long)(addr - (uint64_t)object.addr));
		return text;
	}
	name = symbols_kernel_name(addr, &offset);
	if (name)
		snprintf(text, size, "%s+0x%llx", name, (unsigned long long)offset);
	else
		snprintf(text, size, "no object or variable that kfail knows");
	return text;
}

static const char *what_was_done(enum paranoid_after after)
{
	return after == PARANOID_RESTORE ? "a restore" : "the return to a checkpoint";
}

__attribute__((noreturn)) static void complain(enum paranoid_after after, const struct region *r,
					       uint64_t addr, const char *difference)
{
	char place[192];

	fflush(stdout);
	fprintf(stderr,
		"kfail: --paranoid: after %s, %#llx %s; it lies in the region from %#llx to %#llx, "
		"in %s. kfail itself is at fault, and this sweep's verdicts cannot be trusted\n",
		what_was_done(after), (unsigned long long)addr, difference,
		(unsigned long long)r->start, (unsigned long long)r->end,
		describe_place(addr, place, sizeof(place)));
	_exit(paranoid.status);
}

__attribute__((noreturn)) static void
complain_byte(enum paranoid_after after, const struct region *r, uint64_t page, const uint8_t *then)
{
	const uint8_t *now = (const uint8_t *)page;
	char difference[64];
	size_t i = 0;

	while (i + 1 < PAGE_BYTES && now[i] == then[i])
		i++;
	snprintf(difference, sizeof(difference), "holds 0x%02x instead of 0x%02x", now[i], then[i]);
	complain(after, r, page + i, difference);
}

__attribute__((noreturn)) static void cannot(const char *what)
{
	fprintf(stderr, "kfail: --paranoid: %s: %s\n", what, strerror(errno));
	_exit(paranoid.status);
}

/* ---- which pages have content ---- */

static void read_pagemap(uint64_t page, uint64_t *entries, size_t n)
{
	size_t bytes = n * sizeof(*entries);

	/* An open one is of the process that opened it. */
	if (paranoid.pagemap_of != getpid()) {
		if (paranoid.pagemap_of)
			close(paranoid.pagemap);
		paranoid.pagemap_of = getpid();
		paranoid.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	}
	if (paranoid.pagemap < 0 ||
	    pread(paranoid.pagemap, entries, bytes,
		  (off_t)(page / PAGE_BYTES * sizeof(*entries))) != (ssize_t)bytes)
		cannot("/proc/self/pagemap cannot be read");
}

static void forget_files(void)
{
	while (paranoid.file_count)
		free(paranoid.files[--paranoid.file_count].path);
}

static void find_files(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long long start, end, offset, inode;
	char line[4400], access[5];
	int path;

	if (!maps)
		cannot("/proc/self/maps cannot be read");
	forget_files();
	paranoid.files = xreallocarray(paranoid.files, FILES_MAX, sizeof(*paranoid.files));
	while (paranoid.file_count < FILES_MAX && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%llx-%llx %4s %llx %*x:%*x %llu %n", &start, &end, access,
			   &offset, &inode, &path) != 5 ||
		    !inode)
			continue;
		line[strcspn(line, "\n")] = '\0';
		paranoid.files[paranoid.file_count++] =
			(struct mapped){start, end, offset, access[3] == 's', xstrdup(line + path)};
	}
	fclose(maps);
	if (paranoid.file_count == FILES_MAX)
		cannot("too many mappings of files");
}

/* The file's mapping that the page lies in, or NULL. */
static const struct mapped *file_of(uint64_t page)
{
	unsigned low = 0, high = paranoid.file_count;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (page < paranoid.files[mid].start)
			high = mid;
		else if (page >= paranoid.files[mid].end)
			low = mid + 1;
		else
			return &paranoid.files[mid];
	}
	return NULL;
}

/* What a clean page holds. */
static const uint8_t *read_file(uint64_t page)
{
	static uint8_t content[PAGE_BYTES];
	const struct mapped *from = file_of(page);
	int fd = from ? open(from->path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = -1;

	memset(content, 0, sizeof(content));
	if (fd >= 0)
		n = pread(fd, content, sizeof(content), (off_t)(from->offset + page - from->start));
	if (n < 0)
		cannot("the file that a page is mapped from cannot be read");
	close(fd);
	return content;
}

/* ---- page by page ---- */

static void keep_page(size_t number, uint64_t page, uint64_t entry)
{
	const struct mapped *file = file_of(page);
	uint8_t was = entry & HAS_MEMORY ? COPIED : NOTHING;

	if (file && file->shared)
		was = COPIED;
	else if (file && (!(entry & HAS_MEMORY) || entry & OF_FILE))
		was = CLEAN;
	paranoid.was[number] = was;
	if (was == COPIED)
		memcpy(paranoid.bytes + number * PAGE_BYTES, (const void *)page, PAGE_BYTES);
}

/* What the page must hold; NULL: what it holds need not be looked at. */
static const uint8_t *expected(enum paranoid_after after, size_t number, uint64_t page,
			       uint64_t entry)
{
	static const uint8_t zeros[PAGE_BYTES];
	const void *layer = after == PARANOID_RETURN ? snapshot_layer_copy(page) : NULL;

	if (layer)
		return layer;
	switch (paranoid.was[number]) {
	case COPIED:
		return paranoid.bytes + number * PAGE_BYTES;
	case CLEAN:
		return !(entry & HAS_MEMORY) || entry & OF_FILE ? NULL : read_file(page);
	default:
		return entry & HAS_MEMORY ? zeros : NULL;
	}
}

static void check_page(enum paranoid_after after, const struct region *r, size_t number,
		       uint64_t page, uint64_t entry)
{
	const uint8_t *then = expected(after, number, page, entry);

	if (then && memcmp((const void *)page, then, PAGE_BYTES) != 0)
		complain_byte(after, r, page, then);
}

static void walk_region(enum paranoid_after after, const struct region *r)
{
	static uint64_t entries[BATCH];
	size_t number = first_page(r), left = page_count(r);
	uint64_t page = r->start;

	for (; left; left -= left < BATCH ? left : BATCH) {
		size_t n = left < BATCH ? left : BATCH;

		read_pagemap(page, entries, n);
		for (size_t i = 0; i < n; i++, page += PAGE_BYTES, number++) {
			if (is_hidden(r, page))
				continue;
			if (after == PARANOID_SNAPSHOT)
				keep_page(number, page, entries[i]);
			else
				check_page(after, r, number, page, entries[i]);
		}
	}
}

/* ---- second mappings ---- */

static bool read_through(uint64_t page, uint8_t *copy)
{
	struct iovec local = {copy, PAGE_BYTES}, remote = {(void *)page, PAGE_BYTES};

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)PAGE_BYTES;
}

static void check_alias(enum paranoid_after after, const struct region *r, uint64_t page,
			uint64_t home)
{
	static uint8_t copy[PAGE_BYTES];

	if (r->canonical(page) != home)
		complain(after, r, page, "is a second mapping of another page");
	if (!home || !(r->prot & PROT_READ))
		return;
	/* What was mapped again and not looked at since may be veiled. */
	if (!read_through(page, copy) && !(kf_mapping_fault(page) && read_through(page, copy)))
		complain(after, r, page, "is not mapped any more");
	if (memcmp(copy, (const void *)home, PAGE_BYTES) != 0)
		complain(after, r, page, "reads otherwise than the frame that it maps");
}

static void walk_aliases(enum paranoid_after after, const struct region *r)
{
	uint64_t *home = paranoid.homes + first_page(r);

	/* At a checkpoint a run may have changed what is mapped. */
	if (after == PARANOID_RETURN)
		return;
	for (uint64_t page = r->start; page < r->end; page += PAGE_BYTES, home++) {
		if (after == PARANOID_SNAPSHOT)
			*home = r->canonical(page);
		else
			check_alias(after, r, page, *home);
	}
}

/* ---- all ---- */

static void walk(enum paranoid_after after)
{
	for (unsigned i = 0; i < snap.region_count; i++) {
		const struct region *r = &snap.regions[i];

		if (r->canonical)
			walk_aliases(after, r);
		else if (r->prot & PROT_READ)
			walk_region(after, r);
	}
}

static void make_tables(void)
{
	const struct region *last = &snap.regions[snap.region_count - 1];

	paranoid.pages = first_page(last) + page_count(last);
	paranoid.bytes = snapshot_reserve(paranoid.pages * PAGE_BYTES);
	paranoid.was = snapshot_reserve(paranoid.pages);
	paranoid.homes = snapshot_reserve(paranoid.pages * sizeof(*paranoid.homes));
	if (!paranoid.bytes || !paranoid.was || !paranoid.homes)
		cannot("no host memory for a copy of the world");
}

void paranoid_look(enum paranoid_after after)
{
	if (after == PARANOID_SNAPSHOT) {
		paranoid_drop();
		if (!paranoid.every || !snap.region_count)
			return;
		make_tables();
		find_files();
	} else if (!paranoid.pages || ++paranoid.turn % paranoid.every) {
		return;
	}
	walk(after);
}

void paranoid_drop(void)
{
	if (!paranoid.pages)
		return;
	munmap(paranoid.bytes, paranoid.pages * PAGE_BYTES);
	munmap(paranoid.was, paranoid.pages);
	munmap(paranoid.homes, paranoid.pages * sizeof(*paranoid.homes));
	paranoid.pages = paranoid.turn = 0;
}
