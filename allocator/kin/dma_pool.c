// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA pools. Follows mm/dmapool.c of 6.1.
 *
 *	page   | block | block | block |gap| block | ...     gap: the next block would cross the boundary
 *	free blocks of a page are linked by their offset in their first four bytes; page->offset is the first
 *
 * While the setting `guard` is on, what a driver gets is an object that stands for the block
 * (dma_guard.h). Blocks that cannot be had so have the kernel's DMAPOOL_DEBUG then: free ones hold
 * 0xa7 behind their link, and are checked when they are handed out; fresh ones hold 0xa9.
 *
 * Lock: pool->lock for the pages; the state's dma.lock for the list of pools. Nothing is allocated
 * or told under them.
 */
#include "dma_pool.h"

#include <stdio.h>
#include <string.h>

#include "../core/state.h"
#include "dma_guard.h"

enum { POISON_FREED = 0xa7, POISON_ALLOCATED = 0xa9 };

/* struct dma_page */
struct kf_dma_page {
	struct kf_dma_page *next;
	char *addr;
	u64 handle;
	u32 in_use;
	u32 offset; /* of the first free block; allocation: none */
};

/* ---- life ------------------------------------------------------------------------------------ */

static bool geometry(struct kf_dma_pool *pool, size_t size, size_t align, size_t boundary)
{
	align = align ? align : 1;
	if (align & (align - 1) || !size || size > INT32_MAX)
		return false;
	size = kf_align_up(size < 4 ? 4 : size, align);
	pool->allocation = (u32)(size > KF_PAGE_SIZE ? size : KF_PAGE_SIZE);
	if (!boundary)
		boundary = pool->allocation;
	else if (boundary < size || boundary & (boundary - 1))
		return false;
	pool->size = (u32)size;
	pool->boundary = (u32)(boundary < pool->allocation ? boundary : pool->allocation);
	return true;
}

static void link_pool(struct kf_dma_pool *pool)
{
	struct kf_dma_state *st = &kf_state()->dma;

	kf_lock(&st->lock);
	pool->next = st->pools;
	st->pools = pool;
	kf_unlock(&st->lock);
}

static void unlink_pool(struct kf_dma_pool *pool)
{
	struct kf_dma_state *st = &kf_state()->dma;

	kf_lock(&st->lock);
	for (struct kf_dma_pool **link = &st->pools; *link; link = &(*link)->next)
		if (*link == pool) {
			*link = pool->next;
			break;
		}
	kf_unlock(&st->lock);
}

struct kf_dma_pool *kf_dma_pool_create(const char *name, const struct kf_dma_device *dev,
				       size_t size, size_t align, size_t boundary)
{
	struct kf_dma_pool like = {.dev = *dev}, *pool;

	if (!geometry(&like, size, align, boundary))
		return NULL;
	pool = kf_kmalloc(sizeof(*pool), KF_GFP_KERNEL);
	if (!pool)
		return NULL;
	*pool = like;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	link_pool(pool);
	kf_dma_guard_open(&(struct kf_dma_guard_request){.pool = pool,
							 .name = name,
							 .dev = *dev,
							 .size = size,
							 .align = align,
							 .boundary = boundary});
	return pool;
}

/* dev_err(): the driver's name and the device's stand before the text. */
#define complain(pool, format, ...)                                                            \
	kf_log(KF_LOG_ERR, "%s %s: " format, (pool)->dev.driver ? (pool)->dev.driver : "NULL", \
	       (pool)->dev.name ? (pool)->dev.name : "NULL", __VA_ARGS__)

void kf_dma_pool_destroy(struct kf_dma_pool *pool)
{
	struct kf_dma_page *page, *next;
	bool told;

	if (!pool)
		return;
	unlink_pool(pool);
	told = kf_dma_guard_close(pool);
	for (page = pool->pages; page; page = next) {
		next = page->next;
		if (page->in_use) {
			complain(pool, "dma_pool_destroy %s, %p busy", pool->name,
				 (void *)page->addr);
			if (!told)
				kf_tell(KF_BUG_POOL_BUSY, pool, NULL, NULL,
					"dma_pool_destroy() while blocks of the pool are not "
					"freed");
		} else {
			kf_dma_free_coherent(&pool->dev, pool->allocation, page->addr,
					     page->handle);
		}
		kf_kfree(page);
	}
	kf_kfree(pool);
}

/* ---- pages and blocks ------------------------------------------------------------------------ */

static u32 link_of(const struct kf_dma_page *page, u32 offset)
{
	u32 next;

	kf_tell_bytes(page->addr + offset, sizeof(next), KF_BYTES_KNOWN);
	memcpy(&next, page->addr + offset, sizeof(next));
	kf_tell_bytes(page->addr + offset, sizeof(next), KF_BYTES_NOBODYS);
	return next;
}

static void set_link(struct kf_dma_page *page, u32 offset, u32 next)
{
	memcpy(page->addr + offset, &next, sizeof(next));
}

/* Where the block behind the one at `offset` begins; allocation: there is none. */
static u32 block_behind(const struct kf_dma_pool *pool, u32 offset)
{
	u32 next = offset + pool->size;

	if (next % pool->boundary + pool->size > pool->boundary)
		next = (next / pool->boundary + 1) * pool->boundary;
	return next + pool->size <= pool->allocation ? next : pool->allocation;
}

static void start_page(const struct kf_dma_pool *pool, struct kf_dma_page *page)
{
	if (kf_settings()->guard)
		memset(page->addr, POISON_FREED, pool->allocation);
	for (u32 offset = 0; offset < pool->allocation;) {
		u32 next = block_behind(pool, offset);

		set_link(page, offset, next);
		offset = next;
	}
	kf_tell_bytes(page->addr, pool->allocation, KF_BYTES_NOBODYS);
}

static struct kf_dma_page *new_page(struct kf_dma_pool *pool, u32 gfp)
{
	struct kf_dma_page *page = kf_kmalloc(sizeof(*page), gfp & ~(u32)KF_GFP_ZERO);

	if (!page)
		return NULL;
	*page = (struct kf_dma_page){.next = NULL};
	page->addr = kf_dma_alloc_coherent(&pool->dev, pool->allocation, &page->handle,
					   gfp & ~(u32)KF_GFP_ZERO);
	if (!page->addr) {
		kf_kfree(page);
		return NULL;
	}
	start_page(pool, page);
	return page;
}

/* The first page with a free block. Under the lock. */
static struct kf_dma_page *page_with_room(const struct kf_dma_pool *pool)
{
	struct kf_dma_page *page = pool->pages;

	while (page && page->offset >= pool->allocation)
		page = page->next;
	return page;
}

/* Take the first free block of a page. Under the lock. */
static u32 take_block(struct kf_dma_page *page)
{
	u32 offset = page->offset;

	page->offset = link_of(page, offset);
	page->in_use++;
	return offset;
}

static void check_block(const struct kf_dma_pool *pool, char *block)
{
	const u8 *bad = kf_first_other(block + 4, POISON_FREED, pool->size - 4);
	struct kf_bug bug = {.kind = KF_BUG_WRITE_AFTER_FREE,
			     .addr = bad,
			     .expected = POISON_FREED,
			     .damaged = 1,
			     .what = "a free block of a DMA pool was written to"};

	if (!bad)
		return;
	complain(pool, "dma_pool_alloc %s, %p (corrupted)", pool->name, (void *)block);
	bug.found = *bad;
	bug.object = (struct kf_object){.kind = KF_PAGES, .addr = block, .size = pool->size};
	kf_hooks.bug(&bug);
}

/* A new page, which others see from now on; NULL: no memory. */
static struct kf_dma_page *add_page(struct kf_dma_pool *pool, u32 gfp)
{
	struct kf_dma_page *page = new_page(pool, gfp);

	if (!page)
		return NULL;
	kf_lock(&pool->lock);
	page->next = pool->pages;
	pool->pages = page;
	kf_unlock(&pool->lock);
	return page;
}

static bool take(struct kf_dma_pool *pool, struct kf_dma_page **page, u32 *offset)
{
	kf_lock(&pool->lock);
	*page = page_with_room(pool);
	if (*page)
		*offset = take_block(*page);
	kf_unlock(&pool->lock);
	return *page;
}

static struct kf_dma_page *page_of(const struct kf_dma_pool *pool, u64 handle)
{
	struct kf_dma_page *page = pool->pages;

	while (page && (handle < page->handle || handle >= page->handle + pool->allocation))
		page = page->next;
	return page;
}

/* The links lie in memory that the driver may still write to: a ring of them ends all the same. */
static bool is_free(const struct kf_dma_pool *pool, const struct kf_dma_page *page, u32 offset)
{
	u32 left = pool->allocation / pool->size, at = page->offset;

	for (; at <= pool->allocation - pool->size && left; at = link_of(page, at), left--)
		if (at == offset)
			return true;
	return false;
}

static bool is_block(const struct kf_dma_pool *pool, u32 offset)
{
	u32 at = 0;

	while (at < offset)
		at = block_behind(pool, at);
	return at == offset;
}

enum verdict { FINE, BAD_DMA, BAD_VADDR, FREE_ALREADY };

/* Under the lock. */
static enum verdict give_block(struct kf_dma_pool *pool, char *addr, u64 handle)
{
	struct kf_dma_page *page = page_of(pool, handle);
	u32 offset = page ? (u32)(handle - page->handle) : 0;

	if (!page)
		return BAD_DMA;
	if (addr != page->addr + offset || !is_block(pool, offset))
		return BAD_VADDR;
	if (is_free(pool, page, offset))
		return FREE_ALREADY;
	if (kf_settings()->guard)
		memset(addr, POISON_FREED, pool->size);
	set_link(page, offset, page->offset);
	kf_tell_bytes(addr, pool->size, KF_BYTES_NOBODYS);
	page->offset = offset;
	page->in_use--;
	return FINE;
}

/* The pool takes its own block back. */
static enum verdict give_back(struct kf_dma_pool *pool, char *addr, u64 handle)
{
	enum verdict verdict;

	kf_lock(&pool->lock);
	verdict = give_block(pool, addr, handle);
	kf_unlock(&pool->lock);
	return verdict;
}

/* A free block of the pool's own pages, as it lies there; false: no memory. */
static bool own_block(struct kf_dma_pool *pool, u32 gfp, struct kf_dma_backing *own)
{
	struct kf_dma_page *page;
	u32 offset = 0;

	while (!take(pool, &page, &offset))
		if (!add_page(pool, gfp))
			return false;
	*own = (struct kf_dma_backing){page->addr + offset, page->handle + offset};
	return true;
}

/* It is the driver's. */
static void *dress_block(struct kf_dma_pool *pool, char *block, u32 gfp)
{
	kf_tell_bytes(block, pool->size, KF_BYTES_KNOWN);
	if (kf_settings()->guard) {
		check_block(pool, block);
		memset(block, POISON_ALLOCATED, pool->size);
	}
	if (gfp & KF_GFP_ZERO)
		memset(block, 0, pool->size);
	kf_tell_bytes(block, pool->size, gfp & KF_GFP_ZERO ? KF_BYTES_KNOWN : KF_BYTES_NEW);
	return block;
}

void *kf_dma_pool_alloc(struct kf_dma_pool *pool, u32 gfp, u64 *handle)
{
	struct kf_dma_backing own;
	void *block;

	if (!own_block(pool, gfp, &own))
		return NULL;
	if (!kf_dma_guarded(pool)) {
		*handle = own.handle;
		return dress_block(pool, own.addr, gfp);
	}
	block = kf_dma_guard_alloc(pool, gfp, &own, handle);
	if (!block)
		give_back(pool, own.addr, own.handle);
	return block;
}

void kf_dma_pool_free(struct kf_dma_pool *pool, void *addr, u64 handle)
{
	unsigned long long dma = handle;
	struct kf_dma_backing own = {addr, handle};

	if (kf_dma_guarded(pool) && !kf_dma_guard_free(pool, addr, handle, &own))
		return;
	switch (give_back(pool, own.addr, own.handle)) {
	case FINE:
		return;
	case BAD_DMA:
		complain(pool, "dma_pool_free %s, %p/0x%016llx (bad dma)", pool->name, addr, dma);
		kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL,
			"dma_pool_free() of a bus address that is not of this pool");
		return;
	case BAD_VADDR:
		complain(pool, "dma_pool_free %s, %p (bad vaddr)/0x%016llx", pool->name, addr, dma);
		kf_tell(KF_BUG_INVALID_FREE, addr, NULL, NULL,
			"dma_pool_free() of an address that does not belong to its bus address");
		return;
	case FREE_ALREADY:
		complain(pool, "dma_pool_free %s, dma 0x%016llx already free", pool->name, dma);
		kf_tell(KF_BUG_DOUBLE_FREE, addr, NULL, NULL,
			"dma_pool_free() of a block that is free already");
	}
}

/* ---- text ------------------------------------------------------------------------------------ */

void kf_dma_pools_show(const void *owner, void (*line)(const char *text, void *arg), void *arg)
{
	char text[96];

	line("poolinfo - 0.1", arg);
	for (struct kf_dma_pool *pool = kf_state()->dma.pools; pool; pool = pool->next) {
		unsigned pages = 0, in_use = 0;

		if (pool->dev.owner != owner)
			continue;
		for (struct kf_dma_page *page = pool->pages; page; page = page->next) {
			pages++;
			in_use += page->in_use;
		}
		snprintf(text, sizeof(text), "%-16s %4u %4zu %4zu %2u", pool->name, in_use,
			 (size_t)pages * (pool->allocation / pool->size), (size_t)pool->size,
			 pages);
		line(text, arg);
	}
}
