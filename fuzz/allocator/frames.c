// SPDX-License-Identifier: GPL-2.0-only
/*
 * What lies in the frames of physical memory, put back after each input. The world begins with all frames free and full of zeros,
 * and nobody writes to a frame but whom it was given to; the tracepoint mm_page_alloc tells of each block that is taken
 * out of the free lists, whoever takes it. So the frames that were given out in an input are all that can have changed, and
 * there is no need for write protection, whose faults would cost more than the input.
 *
 * Who writes to a frame that nobody has is a bug, and would be hidden by this: frames_are_clean() looks for it, in those
 * that some input had before.
 *
 *	given	bit by frame: in this input
 *	ever	bit by frame: in this input, or one before it
 */
#include "oracle.h"

#include <string.h>
#include "../../allocator/core/memory.h"

#define FRAMES (64ull << 20 >> KF_PAGE_SHIFT)
#define WORDS  (FRAMES / 64)

static u64 given[WORDS], ever[WORDS];

static void on_event(const struct kf_event *event)
{
	u64 pfn, end;

	if (event->kind != KF_EVENT_PAGE_ALLOC || !event->page)
		return;
	pfn = kf_page_to_pfn(event->page);
	for (end = pfn + (1ull << event->order); pfn < end; pfn++)
		given[pfn / 64] |= 1ull << pfn % 64;
}

void frames_open(void)
{
	kf_hooks.event = on_event;
	kf_tracing = true;
}

static void clear(u64 word, u64 bits)
{
	for (; bits; bits &= bits - 1)
		memset(kf_frame_virt(word * 64 + (u64)__builtin_ctzll(bits)), 0, KF_PAGE_SIZE);
}

void frames_restore(void)
{
	for (u64 i = 0; i < WORDS; i++) {
		if (!given[i])
			continue;
		clear(i, given[i]);
		ever[i] |= given[i];
		given[i] = 0;
	}
}

bool frames_are_clean(void)
{
	for (u64 i = 0; i < WORDS; i++)
		for (u64 bits = ever[i] & ~given[i]; bits; bits &= bits - 1)
			if (!all_bytes(kf_frame_virt(i * 64 + (u64)__builtin_ctzll(bits)), 0,
				       KF_PAGE_SIZE))
				return false;
	return true;
}
