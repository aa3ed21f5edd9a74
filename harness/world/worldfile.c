// SPDX-License-Identifier: GPL-2.0-only
/*
 * A world as a file: the regions of its memory (only up to the last page used in each, holes where
 * pages are zero), its second mappings, and the host's tables (symbols). Mapping it again is a
 * handful of private mmaps: pages come from the page cache when they are touched, and all workers
 * on a machine share what none of them has changed.
 *
 *	page 0      struct file_header
 *	pages       one extent per region
 *	tables      mappings, kernel symbols, strings, overlay symbols, strings
 *
 * Written beside and renamed. The file's name is a hash of everything that it was made of
 * (world.c), so there is no version check beyond the magic.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include "../memcheck/client.h"
#include "file.h"
#include "worldfile.h"

#define MAGIC	     "kfail world 1\n"
#define REGIONS_MAX  16
#define MAPPINGS_MAX 4096
#define PAGEMAP_USED (3ull << 62) /* present or swapped */

struct region {
	uint64_t start, size;
	uint64_t used_start, used_size, file_offset; /* the extent in the file */
};

struct mapping {
	uint64_t va, phys, size;
	int32_t prot, unused;
};

struct table {
	uint64_t offset, size;
};

struct file_header {
	char magic[16];
	struct world_info info;
	struct kf_layout layout;
	uint32_t region_count, mapping_count, kernel_count, overlay_count;
	uint64_t kernel_start, kernel_end, overlay_start, overlay_end;
	struct region regions[REGIONS_MAX];
	struct table mappings, kernel_syms, kernel_strings, overlay_syms, overlay_strings;
};
_Static_assert(sizeof(struct file_header) <= KF_PAGE_SIZE, "the header is one page");

struct mapping_list {
	struct mapping *list;
	unsigned count;
};

static void collect_mapping(uint64_t va, uint64_t phys, uint64_t size, int prot, void *arg)
{
	struct mapping_list *mappings = arg;

	if (mappings->count < MAPPINGS_MAX)
		mappings->list[mappings->count] = (struct mapping){va, phys, size, prot, 0};
	mappings->count++;
}

/* The image and the override layer lie in this zone. */
static int region_prot(uint64_t start)
{
	return start == DIRECT_MAP + (16ul << 20) ? PROT_READ | PROT_WRITE | PROT_EXEC
						  : PROT_READ | PROT_WRITE;
}

unsigned world_regions(struct world_region *out)
{
	struct kf_layout layout = *kf_layout();
	unsigned n = 0;
	int i;

	for (i = 0; i < KF_NR_ZONES; i++)
		if (layout.zone[i].end > layout.zone[i].start)
			out[n++] = (struct world_region){kf_zone_address(&layout, i),
							 layout.zone[i].end - layout.zone[i].start,
							 region_prot(kf_zone_address(&layout, i))};
	out[n++] = (struct world_region){layout.vmemmap, layout.phys_end / KF_PAGE_SIZE * 64,
					 PROT_READ | PROT_WRITE};
	out[n++] = (struct world_region){layout.meta, layout.meta_size, PROT_READ | PROT_WRITE};
	out[n++] = (struct world_region){KF_STACK_BASE, KF_STACKS * KF_STACK_SLOT,
					 PROT_READ | PROT_WRITE};
	return n;
}

/* ---- saving ---- */

/* Which pages of [start, start+size) exist: the extent from the first to the last. */
static int find_extent(int pagemap, struct region *region)
{
	enum { BATCH = 4096 };
	static uint64_t entries[BATCH];
	uint64_t page = region->start / KF_PAGE_SIZE, end = page + region->size / KF_PAGE_SIZE;
	uint64_t first = end, last = 0, n, i;

	for (; page < end; page += n) {
		n = end - page < BATCH ? end - page : BATCH;
		if (pread(pagemap, entries, n * 8, page * 8) != (ssize_t)(n * 8))
			return -errno;
		for (i = 0; i < n; i++) {
			if (!(entries[i] & PAGEMAP_USED))
				continue;
			first = first < page + i ? first : page + i;
			last = page + i + 1;
		}
	}
	region->used_start = first < last ? first * KF_PAGE_SIZE : region->start;
	region->used_size = first < last ? (last - first) * KF_PAGE_SIZE : 0;
	return 0;
}

static bool page_is_zero(const uint64_t *page)
{
	unsigned i;

	for (i = 0; i < KF_PAGE_SIZE / 8; i++)
		if (page[i])
			return false;
	return true;
}

/* Only pages that exist and are not zero; the rest are holes. */
static int write_extent(int fd, int pagemap, const struct region *region)
{
	uint64_t addr, entry;

	for (addr = region->used_start; addr < region->used_start + region->used_size;
	     addr += KF_PAGE_SIZE) {
		if (pread(pagemap, &entry, 8, addr / KF_PAGE_SIZE * 8) != 8)
			return -errno;
		if (!(entry & PAGEMAP_USED) || page_is_zero((uint64_t *)addr))
			continue;
		if (pwrite(fd, (void *)addr, KF_PAGE_SIZE,
			   region->file_offset + (addr - region->used_start)) !=
		    (ssize_t)KF_PAGE_SIZE)
			return -errno;
	}
	return 0;
}

static int write_table(int fd, struct table *table, uint64_t *end, const void *data, uint64_t size)
{
	*table = (struct table){*end, size};
	if (pwrite(fd, data, size, *end) != (ssize_t)size)
		return -errno;
	*end = (*end + size + KF_PAGE_SIZE - 1) & KF_PAGE_MASK;
	return 0;
}

/* The string table has no stored length: it ends with the last string that a symbol names. */
static uint64_t strings_size(const struct ksym_table *table)
{
	uint64_t size = 1, end;
	uint32_t i;

	for (i = 0; i < table->count; i++) {
		end = table->syms[i].name + strlen(table->strings + table->syms[i].name) + 1;
		size = size > end ? size : end;
	}
	return size;
}

static int write_tables(int fd, struct file_header *header, const struct mapping_list *mappings,
			uint64_t end)
{
	const struct ksym_table *k = &world.kernel, *o = &world.overlay;

	header->mapping_count = mappings->count;
	header->kernel_count = k->count;
	header->overlay_count = o->count;
	header->kernel_start = k->start;
	header->kernel_end = k->end;
	header->overlay_start = o->start;
	header->overlay_end = o->end;
	return write_table(fd, &header->mappings, &end, mappings->list,
			   mappings->count * sizeof(*mappings->list)) ?:
	       write_table(fd, &header->kernel_syms, &end, k->syms, k->count * sizeof(*k->syms)) ?:
	       write_table(fd, &header->kernel_strings, &end, k->strings, strings_size(k)) ?:
	       write_table(fd, &header->overlay_syms, &end, o->syms, o->count * sizeof(*o->syms)) ?:
	       write_table(fd, &header->overlay_strings, &end, o->strings, strings_size(o)) ?:
	       (ftruncate(fd, end) ? -errno : 0);
}

static int write_world(int fd, int pagemap, struct file_header *header,
		       const struct mapping_list *mappings)
{
	struct world_region regions[WORLD_REGIONS_MAX];
	uint64_t end = KF_PAGE_SIZE;
	unsigned i;
	int error;

	header->region_count = world_regions(regions);
	for (i = 0; i < header->region_count; i++) {
		header->regions[i].start = regions[i].start;
		header->regions[i].size = regions[i].size;
		error = find_extent(pagemap, &header->regions[i]);
		header->regions[i].file_offset = end;
		end += header->regions[i].used_size;
		error = error ?: write_extent(fd, pagemap, &header->regions[i]);
		if (error)
			return error;
	}
	error = write_tables(fd, header, mappings, end);
	if (error)
		return error;
	return pwrite(fd, header, sizeof(*header), 0) == sizeof(*header) ? 0 : -errno;
}

int worldfile_save(const char *path, char *err)
{
	struct file_header header = {.magic = MAGIC, .info = world.info, .layout = *kf_layout()};
	struct mapping_list mappings = {calloc(MAPPINGS_MAX, sizeof(struct mapping)), 0};
	char *beside = kf_format("%s.%d", path, (int)getpid());
	int fd = open(beside, O_RDWR | O_CREAT | O_TRUNC, 0644);
	int pagemap = open("/proc/self/pagemap", O_RDONLY), error = 0;

	kf_mapping_for_each(collect_mapping, &mappings);
	if (fd < 0 || pagemap < 0)
		error = -errno;
	else if (mappings.count > MAPPINGS_MAX)
		error = -E2BIG;
	error = error ?: write_world(fd, pagemap, &header, &mappings);
	if (fd >= 0)
		close(fd);
	if (pagemap >= 0)
		close(pagemap);
	free(mappings.list);
	if (!error && rename(beside, path))
		error = -errno;
	if (error) {
		unlink(beside);
		kf_error(err, "%s: cannot save the booted world: %s", path, strerror(-error));
	}
	free(beside);
	return error ? -1 : 0;
}

/* ---- loading ---- */

/* What is not a hole, read into the memory that is there already. */
static int read_extent(int fd, const struct region *region)
{
	off_t end = (off_t)(region->file_offset + region->used_size), data, hole;

	for (data = (off_t)region->file_offset; data < end; data = hole) {
		data = lseek(fd, data, SEEK_DATA);
		if (data < 0 || data >= end)
			return data < 0 && errno != ENXIO ? -errno : 0;
		hole = lseek(fd, data, SEEK_HOLE);
		hole = hole < end ? hole : end;
		while (data < hole) {
			ssize_t n = pread(fd,
					  (char *)region->used_start +
						  (data - (off_t)region->file_offset),
					  (size_t)(hole - data), data);

			if (n <= 0)
				return n ? -errno : -EIO;
			data += n;
		}
	}
	return 0;
}

static int map_region(int fd, const struct region *region)
{
	int prot = region_prot(region->start);
	void *p = mmap((void *)region->start, region->size, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)region->start)
		return p == MAP_FAILED ? -errno : -EEXIST;
	if (!region->used_size)
		return 0;
	/* There, snapshots want anonymous memory (snapshot/copies.c). */
	if (RUNNING_ON_VALGRIND)
		return read_extent(fd, region);
	p = mmap((void *)region->used_start, region->used_size, prot,
		 MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, fd, region->file_offset);
	return p == MAP_FAILED ? -errno : 0;
}

static const void *map_table(int fd, const struct table *table)
{
	void *p;

	if (!table->size)
		return NULL;
	p = mmap(NULL, table->size, PROT_READ, MAP_PRIVATE, fd, table->offset);
	return p == MAP_FAILED ? NULL : p;
}

static void take_tables(int fd, const struct file_header *header)
{
	world.info = header->info;
	world.kernel = (struct ksym_table){
		map_table(fd, &header->kernel_syms), header->kernel_count,
		map_table(fd, &header->kernel_strings), header->kernel_start, header->kernel_end};
	world.overlay =
		(struct ksym_table){map_table(fd, &header->overlay_syms), header->overlay_count,
				    map_table(fd, &header->overlay_strings), header->overlay_start,
				    header->overlay_end};
}

static int restore_mappings(int fd, const struct file_header *header)
{
	const struct mapping *list = map_table(fd, &header->mappings);
	struct page **pages;
	uint64_t n, k;
	unsigned i;
	int error = 0;

	for (i = 0; i < header->mapping_count && !error; i++) {
		n = list[i].size / KF_PAGE_SIZE;
		pages = malloc(n * sizeof(*pages));
		if (!pages)
			return -ENOMEM;
		for (k = 0; k < n; k++)
			pages[k] = kf_pfn_to_page((list[i].phys >> KF_PAGE_SHIFT) + k);
		error = kf_map(list[i].va, pages, n, list[i].prot);
		free(pages);
	}
	return error;
}

static int load(int fd, const struct file_header *header)
{
	unsigned i;
	int error = 0;

	for (i = 0; i < header->region_count && !error; i++)
		error = map_region(fd, &header->regions[i]);
	if (error)
		return error;
	take_tables(fd, header);
	return kf_memory_attach(&header->layout) ?: restore_mappings(fd, header);
}

int worldfile_load(const char *path, char *err)
{
	struct file_header header;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return 1;
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.magic, MAGIC, sizeof(MAGIC))) {
		close(fd);
		return 1;
	}
	error = load(fd, &header);
	close(fd);
	if (!error)
		return 0;
	return kf_fail(err, "%s: cannot map the booted world: %s%s", path, strerror(-error),
		       error == -EEXIST
			       ? " (something else in the process lies where the world belongs)"
			       : "");
}
