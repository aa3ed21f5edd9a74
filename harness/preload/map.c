// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory above 4 MiB, which no block of the buddy allocator holds: mappings of the host, each with a header in the
 * page before what the caller gets.
 *
 *	base            p - 4096   p
 *	|....alignment....| header |..........size..........|
 */
#include <sys/mman.h>

#include "preload.h"

#define MAGIC 0x6b6661696c6d6170ull

struct header {
	u64 magic;
	char *base;
	size_t total; /* bytes from base on */
};

static struct header *header_of(const void *p)
{
	return (struct header *)((char *)p - KF_PAGE_SIZE);
}

/* What nobody gave out is mostly not even mapped, and the process ends here as well, with a signal. */
static struct header *checked_header(const void *p)
{
	struct header *h = header_of(p);

	if ((uintptr_t)p & ~KF_PAGE_MASK || h->magic != MAGIC)
		die("free() or realloc() of something that malloc() did not give");
	return h;
}

void *map_alloc(size_t size, size_t align)
{
	size_t before = align > KF_PAGE_SIZE ? align : KF_PAGE_SIZE;
	size_t total = kf_align_up(size, KF_PAGE_SIZE) + before;
	char *base, *p;

	if (total < size)
		return NULL;
	base = mmap(NULL, total, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	p = (char *)kf_align_up((u64)(uintptr_t)base + KF_PAGE_SIZE, before);
	*header_of(p) = (struct header){MAGIC, base, total};
	return p;
}

size_t map_size(const void *p)
{
	const struct header *h = checked_header(p);

	return h->total - (size_t)((const char *)p - h->base);
}

void map_free(void *p)
{
	struct header *h = checked_header(p);

	munmap(h->base, h->total);
}

/* Moved by the host, without a copy. */
void *map_resize(void *p, size_t size)
{
	struct header *h = checked_header(p);
	size_t before = (size_t)((char *)p - h->base);
	size_t total = kf_align_up(size, KF_PAGE_SIZE) + before;
	char *base;

	if (total < size)
		return NULL;
	base = mremap(h->base, h->total, total, MREMAP_MAYMOVE);
	if (base == MAP_FAILED)
		return NULL;
	p = base + before;
	*header_of(p) = (struct header){MAGIC, base, total};
	return p;
}
