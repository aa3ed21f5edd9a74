// SPDX-License-Identifier: GPL-2.0-only
/*
 * What free pages hold. Follows mm/page_poison.c of 6.1 and want_init_on_free() of mm/page_alloc.c.
 *
 * A block that was given back through the public interface is filled with 0xaa and its frames are marked in the
 * `poisoned` bitmap; whoever gets such a frame next, its bytes are checked. Frames that were never used hold zeros.
 * So content without __GFP_ZERO is 0xaa, zero or what an allocator left: always the same in the same run. With
 * init_on_free every freed page is filled with zeros instead, and nothing is checked.
 *
 * Pages of HighMem are reached through the window that the allocators have to it, like all others.
 */
#include "base.h"

bool kf_frame_bit(u64 pfn)
{
	return __atomic_load_n(&kf_state()->page.poisoned[pfn / 64], __ATOMIC_RELAXED) >>
		       (pfn % 64) &
	       1;
}

static void flip_bit(u64 pfn)
{
	u64 bit = 1ull << (pfn % 64), *word = &kf_state()->page.poisoned[pfn / 64];

	if (__libc_single_threaded)
		*word ^= bit;
	else
		__atomic_xor_fetch(word, bit, __ATOMIC_RELAXED);
}

static bool check_frame(u64 pfn)
{
	void *p = kf_frame_virt(pfn);
	struct kf_object obj;
	bool known;

	if (kf_bytes_are(p, KF_BYTE_PAGE, KF_PAGE_SIZE))
		return false;
	kf_report_poison(pfn, p);
	known = kf_frame_object(pfn, &obj);
	return kf_check_bytes(KF_BUG_WRITE_AFTER_FREE, p, KF_BYTE_PAGE, KF_PAGE_SIZE,
			      known ? &obj : NULL, "a freed page was written to");
}

/* The block leaves the free state: its frames need not hold poison any more. */
void kf_poison_lift(u64 pfn, unsigned order)
{
	for (u64 end = pfn + (1ull << order); pfn < end; pfn++) {
		if (!kf_frame_bit(pfn))
			continue;
		flip_bit(pfn);
		check_frame(pfn);
	}
}

void kf_poison_put(u64 pfn, unsigned order)
{
	memset(kf_frame_virt(pfn), KF_BYTE_PAGE, KF_PAGE_SIZE << order);
	for (u64 end = pfn + (1ull << order); pfn < end; pfn++)
		flip_bit(pfn);
}

unsigned kf_pages_check_freed(const struct kf_object *block)
{
	u64 pfn = kf_virt_to_phys(block->addr) >> KF_PAGE_SHIFT;
	u64 end = pfn + (block->usable >> KF_PAGE_SHIFT);
	unsigned damaged = 0;

	for (; pfn < end; pfn++)
		damaged += kf_frame_bit(pfn) && check_frame(pfn);
	return damaged;
}

unsigned kf_pages_check(void)
{
	unsigned damaged = 0;

	for (u64 word = 0; word < (kf_here.nr_frames + 63) / 64; word++)
		for (u64 bits = kf_state()->page.poisoned[word]; bits; bits &= bits - 1)
			damaged += check_frame(word * 64 + (u64)__builtin_ctzll(bits));
	return damaged;
}
