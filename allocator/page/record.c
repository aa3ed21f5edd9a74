// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each frame's record says of the object that starts there: who got it, how large, and after its free who gave
 * it back. Records stay when a block is freed, so that a later question about the address can still be answered.
 * The hooks are told of an object's birth and death here.
 */
#include "base.h"

void kf_frame_fill_object(u64 pfn, const struct kf_frame *frame, struct kf_object *out)
{
	*out = (struct kf_object){
		.kind = frame->kind,
		.live = frame->flags & KF_FRAME_LIVE,
		.addr = kf_frame_virt(pfn),
		.size = frame->size,
		.usable = (size_t)frame->frames << KF_PAGE_SHIFT,
		.gfp = frame->gfp,
		.order = frame->frames > 1 ? 32 - (u32)__builtin_clz(frame->frames - 1) : 0,
		.seq = frame->seq,
		.alloc_tag = frame->alloc_tag,
		.free_tag = frame->flags & KF_FRAME_LIVE ? 0 : frame->free_tag,
	};
}

/* The head of the allocated block around pfn, or KF_NO_PFN. */
static u64 block_head(u64 pfn)
{
	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		u64 head = pfn & ~((1ull << order) - 1);
		const struct kf_frame *frame = kf_frame_at(head);

		if (frame->state == KF_FRAME_BLOCK && frame->order >= order)
			return head;
	}
	return KF_NO_PFN;
}

static bool covers(u64 head, u64 pfn, u8 live)
{
	const struct kf_frame *frame = kf_frame_at(head);

	return frame->state != KF_FRAME_SLAB && (frame->flags & KF_FRAME_KNOWN) && frame->size &&
	       (frame->flags & KF_FRAME_LIVE) == live && pfn < head + frame->frames;
}

/* Records of former blocks stay where they were: among those that reach over pfn the newest is right. */
static u64 newest_record(u64 pfn, u8 live)
{
	u64 best = KF_NO_PFN;

	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		u64 head = pfn & ~((1ull << order) - 1);

		if (covers(head, pfn, live) &&
		    (best == KF_NO_PFN || kf_frame_at(head)->seq > kf_frame_at(best)->seq))
			best = head;
	}
	return best;
}

bool kf_frame_is_free(u64 pfn)
{
	for (unsigned order = 0; order < KF_MAX_ORDER; order++) {
		const struct kf_frame *frame = kf_frame_at(pfn & ~((1ull << order) - 1));

		if ((frame->state == KF_FRAME_FREE || frame->state == KF_FRAME_PCP) &&
		    frame->order >= order)
			return true;
	}
	return false;
}

bool kf_frame_object(u64 pfn, struct kf_object *out)
{
	u64 head = block_head(pfn);

	if (head == KF_NO_PFN)
		head = newest_record(pfn, 0);
	else if (!(kf_frame_at(head)->flags & KF_FRAME_KNOWN))
		return false;
	else if (!kf_frame_at(head)->size) /* part of an exact block */
		head = newest_record(pfn, KF_FRAME_LIVE);
	if (head == KF_NO_PFN)
		return false;
	kf_frame_fill_object(head, kf_frame_at(head), out);
	return true;
}

void kf_record(u64 pfn, u64 frames, size_t size, u32 gfp, enum kf_kind kind, u8 flags)
{
	struct kf_frame *frame = kf_frame_at(pfn);

	frame->flags = flags;
	frame->kind = (u8)kind;
	frame->gfp = gfp;
	frame->size = (u32)size;
	frame->frames = (u32)frames;
	frame->free_tag = 0;
	frame->alloc_tag = 0;
}

/* An object of the public interface is born at pfn. Without hooks nobody will ask who it was. */
void kf_announce(u64 pfn, u64 frames, size_t size, u32 gfp, enum kf_kind kind)
{
	struct kf_frame *frame = kf_frame_at(pfn);
	struct kf_object obj;

	if (!kf_settings()->hooks)
		return;
	kf_record(pfn, frames, size, gfp, kind, KF_FRAME_TOLD | KF_FRAME_LIVE | KF_FRAME_KNOWN);
	frame->seq = kf_next_seq();
	kf_frame_fill_object(pfn, frame, &obj);
	frame->alloc_tag = kf_hooks.allocated(&obj);
}

/* It dies; nothing happens for blocks that the hooks do not know. */
void kf_renounce(u64 pfn)
{
	struct kf_frame *frame = kf_frame_at(pfn);
	struct kf_object obj;

	if (!(frame->flags & KF_FRAME_TOLD) || !(frame->flags & KF_FRAME_LIVE))
		return;
	kf_frame_fill_object(pfn, frame, &obj);
	frame->free_tag = kf_hooks.freed(&obj);
	frame->flags &= (u8)~KF_FRAME_LIVE;
}
