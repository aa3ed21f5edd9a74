// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool of fenced memory. Follows mm/kfence/core.c of 6.1 in its idea: pages in use lie between inaccessible ones,
 * and a page that is freed becomes inaccessible. Here blocks have any order, so that kmalloc_large() and
 * alloc_pages() are fenced too, and frames are frames of the direct map like all others: virt_to_page(), physical
 * addresses and page_address() hold.
 *
 *	pool	|xxxx|AAAA|xxxx|BBBBBBBB|xxxx|....|....|		x, .: inaccessible (PROT_NONE)
 *						 ^cursor
 *
 * A block is taken at the cursor, at the next place that is aligned to its size, and has a free frame on both sides;
 * the cursor then stands behind it, and goes round. So a freed frame stays inaccessible until all the rest of the pool
 * was taken: the pool is its own quarantine, 64 MiB large. Chunks of the buddy allocator's largest order make up the
 * pool; a block never reaches the first or last frame of a chunk.
 *
 *	busy		world memory: frames of live blocks. nr_busy is their number
 *	open		host memory: frames that the host lets us touch
 *	open, but not busy: never. busy, but not open: trimmed, behind the end of a large object
 *
 * Access is a fact of the host, so a restored world does not bring it back: marks remember what was open, and a rollback
 * makes it so again, before the bytes are put back (as second mappings, core/mapping.c calls it). Only frames that
 * changed since the pool began are looked at. A frame is told as `exposed` when it opens and before it closes, so a snapshot
 * that protects pages has kept its bytes; while it is closed nobody may read it: snapshots ask
 * kf_fence_hidden().
 *
 * The host limits the number of mappings of a process, and each live block costs two: so there is a limit on live frames,
 * and a block that the host refuses to open is passed over.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../core/mapping_base.h"
#include "base.h"

#define BUSY_MAX 12000u /* frames */
#define FRAMES	 ((u64)KF_FENCE_CHUNKS * KF_FENCE_CHUNK_FRAMES)
#define WORDS	 (FRAMES / 64)

/* The host's side. */
static struct {
	bool active;
	u64 open[WORDS], logged[WORDS];
	u64 marked[KF_MARKS][WORDS];
	u32 log[FRAMES], log_count; /* frames that changed since the pool began */
} host;

static bool test_bit(const u64 *bits, u64 i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

static void set_bit(u64 *bits, u64 i, bool value)
{
	u64 bit = 1ull << (i % 64);

	bits[i / 64] = value ? bits[i / 64] | bit : bits[i / 64] & ~bit;
}

/* ---- frames and numbers ---------------------------------------------------------------------- */

u64 kf_fence_index(u64 pfn)
{
	const struct kf_fence *fence = &kf_state()->fence;
	u8 chunk = fence->nr_chunks && pfn < kf_here.nr_frames
			   ? fence->chunk_of[pfn >> KF_FENCE_CHUNK_ORDER]
			   : 0;

	if (!chunk)
		return KF_NO_PFN;
	return (u64)(chunk - 1u) * KF_FENCE_CHUNK_FRAMES + pfn % KF_FENCE_CHUNK_FRAMES;
}

u64 kf_fence_frame(u64 index)
{
	return kf_state()->fence.chunk[index / KF_FENCE_CHUNK_FRAMES] +
	       index % KF_FENCE_CHUNK_FRAMES;
}

static void *address_of(u64 index)
{
	return kf_frame_virt(kf_fence_frame(index));
}

/* ---- access ---------------------------------------------------------------------------------- */

bool kf_fence_active(void)
{
	return host.active;
}

bool kf_fence_hidden(u64 addr)
{
	u64 index;

	if (!host.active)
		return false;
	index = kf_fence_index((addr - kf_here.layout.direct_map) >> KF_PAGE_SHIFT);
	return index != KF_NO_PFN && !test_bit(host.open, index);
}

static void note(u64 index, bool open)
{
	set_bit(host.open, index, open);
	if (test_bit(host.logged, index))
		return;
	set_bit(host.logged, index, true);
	host.log[host.log_count++] = (u32)index;
}

static bool set_access(u64 index, u64 n, bool open)
{
	int prot = open ? PROT_READ | PROT_WRITE : PROT_NONE;

	if (mprotect(address_of(index), n << KF_PAGE_SHIFT, prot))
		return false;
	for (u64 i = index; i < index + n; i++)
		note(i, open);
	return true;
}

/* Without the pool's lock: who may have protected open frames has to know their bytes before they close. */
static void expose(u64 index, u64 n)
{
	kf_hooks.exposed(address_of(index), n << KF_PAGE_SHIFT);
}

/* Those of the n frames that are open. A host that refuses leaves them open: then they are only poisoned. */
static void close_frames(u64 index, u64 n)
{
	for (u64 i = index; i < index + n; i++)
		if (test_bit(host.open, i))
			set_access(i, 1, false);
}

/* ---- marks and forks ------------------------------------------------------------------------- */

void kf_fence_mark(unsigned which)
{
	if (host.active)
		memcpy(host.marked[which], host.open, sizeof(host.open));
}

void kf_fence_rollback(unsigned which)
{
	for (u32 k = 0; host.active && k < host.log_count; k++) {
		u64 i = host.log[k];
		bool open = test_bit(host.marked[which], i);

		if (open != test_bit(host.open, i))
			set_access(i, 1, open);
	}
}

/* Frames from here on that are closed; or open. */
static u64 same_access(u64 index, u64 end)
{
	bool open = test_bit(host.open, index);
	u64 n = 1;

	while (index + n < end && test_bit(host.open, index + n) == open)
		n++;
	return n;
}

static void protect_closed(int prot)
{
	u64 frames = (u64)kf_state()->fence.nr_chunks * KF_FENCE_CHUNK_FRAMES;

	for (u64 i = 0, n; host.active && i < frames; i += n) {
		u64 end = (i / KF_FENCE_CHUNK_FRAMES + 1) * KF_FENCE_CHUNK_FRAMES;

		n = same_access(i, end);
		if (!test_bit(host.open, i))
			mprotect(address_of(i), n << KF_PAGE_SHIFT, prot);
	}
}

/* All frames can be read and written for a while: for who copies memory as a whole. */
void kf_fence_lift(void)
{
	protect_closed(PROT_READ | PROT_WRITE);
}

void kf_fence_lower(void)
{
	protect_closed(PROT_NONE);
}

void kf_fence_exit(void)
{
	memset(&host, 0, sizeof(host));
}

/* ---- the pool -------------------------------------------------------------------------------- */

static bool add_chunk(struct kf_fence *fence)
{
	u64 pfn = kf_pages_spare(KF_FENCE_CHUNK_ORDER);

	if (pfn == KF_NO_PFN)
		return false;
	for (u64 i = 0; i < KF_FENCE_CHUNK_FRAMES; i++)
		kf_frame_set(pfn + i, KF_FRAME_FENCE);
	fence->chunk[fence->nr_chunks] = pfn;
	fence->chunk_of[pfn >> KF_FENCE_CHUNK_ORDER] = (u8)++fence->nr_chunks;
	return true;
}

/* A quarter of all memory, so that small worlds keep most of theirs. */
static u32 wanted_chunks(void)
{
	u64 chunks = 0;

	for (unsigned id = 0; id < KF_NR_ZONES; id++)
		chunks += kf_state()->page.zone[id].managed >> KF_FENCE_CHUNK_ORDER;
	return chunks / 4 < KF_FENCE_CHUNKS ? (u32)(chunks / 4 + 1) : KF_FENCE_CHUNKS;
}

int kf_fence_start(const struct kf_fence_policy *policy)
{
	struct kf_fence *fence = &kf_state()->fence;

	fence->chunk_of = kf_meta_alloc((kf_here.nr_frames >> KF_FENCE_CHUNK_ORDER) + 1);
	fence->busy = kf_meta_alloc(WORDS * 8);
	fence->objects = kf_fenced_table(FRAMES);
	if (!fence->chunk_of || !fence->busy || !fence->objects)
		return -ENOMEM;
	while (fence->nr_chunks < wanted_chunks() && add_chunk(fence))
		;
	if (!fence->nr_chunks)
		return -ENOMEM;
	host.active = true;
	kf_fence_lower();
	fence->edge = policy->edge;
	fence->seed = policy->seed;
	fence->every = policy->every;
	return 0;
}

/* ---- whose turn ------------------------------------------------------------------------------ */

/* splitmix64: bits that have nothing to do with each other, of numbers that follow each other. */
static u64 mix(u64 x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

bool kf_fence_turn(u32 gfp)
{
	struct kf_fence *fence = &kf_state()->fence;
	u64 number;

	if (!fence->every)
		return false;
	number = __atomic_fetch_add(&fence->asked, 1, __ATOMIC_RELAXED);
	if ((number + mix(fence->seed)) % fence->every)
		return false;
	if (!(gfp & (KF_GFP_DMA | KF_GFP_DMA32)))
		return true;
	kf_fence_pass_over();
	return false;
}

void kf_fence_pass_over(void)
{
	__atomic_fetch_add(&kf_state()->fence.passed_over, 1, __ATOMIC_RELAXED);
}

enum kf_fence_edge kf_fence_edge(void)
{
	const struct kf_fence *fence = &kf_state()->fence;

	if (fence->edge != KF_FENCE_BOTH)
		return fence->edge;
	return mix(fence->seed ^ fence->asked) & 1 ? KF_FENCE_LEFT : KF_FENCE_RIGHT;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* The last frame of [first, first + n) that is in use; KF_NO_PFN: none is. */
static u64 last_busy(const struct kf_fence *fence, u64 first, u64 n)
{
	for (u64 i = first + n; i-- > first;)
		if (test_bit(fence->busy, i))
			return i;
	return KF_NO_PFN;
}

/* Where the next block of n frames may be, from `at` on within at's chunk, with room around it; KF_NO_PFN: not there. */
static u64 place_in_chunk(const struct kf_fence *fence, u64 at, u64 n)
{
	u64 end = (at / KF_FENCE_CHUNK_FRAMES + 1) * KF_FENCE_CHUNK_FRAMES, taken;

	for (at = kf_align_up(at + 1, n); at + n < end; at = kf_align_up(taken + 2, n)) {
		taken = last_busy(fence, at - 1, n + 2);
		if (taken == KF_NO_PFN)
			return at;
	}
	return KF_NO_PFN;
}

/* Once round, from the cursor back to it. */
static u64 find_place(const struct kf_fence *fence, u64 n)
{
	u64 frames = (u64)fence->nr_chunks * KF_FENCE_CHUNK_FRAMES, at = fence->cursor;

	for (u32 tries = 0; tries <= fence->nr_chunks; tries++) {
		u64 found = place_in_chunk(fence, at, n);

		if (found != KF_NO_PFN)
			return found;
		at = (at / KF_FENCE_CHUNK_FRAMES + 1) * KF_FENCE_CHUNK_FRAMES % frames;
	}
	return KF_NO_PFN;
}

static void set_busy(struct kf_fence *fence, u64 index, bool busy)
{
	if (test_bit(fence->busy, index) == busy)
		return;
	set_bit(fence->busy, index, busy);
	fence->nr_busy += busy ? 1u : -1u;
}

/* Under the pool's lock. */
static u64 take(struct kf_fence *fence, u64 n)
{
	u64 index = n + fence->nr_busy <= BUSY_MAX ? find_place(fence, n) : KF_NO_PFN;

	if (index == KF_NO_PFN || !set_access(index, n, true))
		return KF_NO_PFN;
	for (u64 i = index; i < index + n; i++)
		set_busy(fence, i, true);
	fence->cursor = (u32)(index + n);
	fence->fenced++;
	return index;
}

u64 kf_fence_take(unsigned order)
{
	struct kf_fence *fence = &kf_state()->fence;
	u64 n = 1ull << order, index = KF_NO_PFN, pfn;

	if (order <= KF_FENCE_MAX_ORDER) {
		kf_lock(&fence->lock);
		index = take(fence, n);
		kf_unlock(&fence->lock);
	}
	if (index == KF_NO_PFN) {
		kf_fence_pass_over();
		return KF_NO_PFN;
	}
	expose(index, n);
	pfn = kf_fence_frame(index);
	for (u64 i = 0; i < n; i++)
		kf_frame_set(pfn + i, i ? KF_FRAME_INNER : KF_FRAME_BLOCK);
	kf_frame_at(pfn)->order = (u8)order;
	return pfn;
}

void kf_fence_put(u64 pfn, unsigned order)
{
	struct kf_fence *fence = &kf_state()->fence;
	u64 index = kf_fence_index(pfn), n = 1ull << order;

	expose(index, n);
	kf_lock(&fence->lock);
	close_frames(index, n);
	for (u64 i = 0; i < n; i++) {
		set_busy(fence, index + i, false);
		if (kf_frame_state(pfn + i) != KF_FRAME_SLAB) /* it still says whose it was */
			kf_frame_set(pfn + i, KF_FRAME_FENCE);
	}
	kf_unlock(&fence->lock);
}

void kf_fence_trim(u64 pfn, unsigned order, size_t size)
{
	struct kf_fence *fence = &kf_state()->fence;
	u64 index = kf_fence_index(pfn), used = kf_pages_of(size);

	if (index == KF_NO_PFN)
		return;
	expose(index, 1ull << order);
	kf_lock(&fence->lock);
	close_frames(index + used, (1ull << order) - used);
	kf_unlock(&fence->lock);
}

void kf_fence_stat(struct kf_fence_stat *out)
{
	const struct kf_fence *fence = &kf_state()->fence;

	*out = (struct kf_fence_stat){
		.asked = fence->asked,
		.fenced = fence->fenced,
		.passed_over = fence->passed_over,
		.live = fence->nr_busy,
	};
}
