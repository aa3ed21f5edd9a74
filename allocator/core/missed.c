// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose memory was meant by an access that faulted? Only where memory is inaccessible on purpose can that be said:
 *
 *	fenced memory	the block that the page belongs to, or the nearer of the two beside it (page/fence.c)
 *	vmalloc		the area that was freed there, or the one whose guard page this is
 *
 * Runs in a fault handler: reads tables, takes no lock that it would wait for, touches no page of any object.
 */
#include "objects.h"
#include "state.h"
#include "../vmalloc/vmalloc.h"

/* As far as an overflow is still taken for one: a page on either side, and the block's own. */
#define REACH 2u

static bool classify(u64 addr, const struct kf_object *object, struct kf_missed *out)
{
	u64 start = (u64)(uintptr_t)object->addr, end = start + object->size;

	out->object = *object;
	out->side = addr < start  ? KF_MISSED_LEFT
		    : addr >= end ? KF_MISSED_RIGHT
				  : KF_MISSED_INSIDE;
	out->distance = addr < start ? start - addr : addr >= end ? addr - end : addr - start;
	return true;
}

/* The object in one of the next pages on this side; false: there is none in reach. */
static bool neighbour(u64 addr, s64 step, struct kf_missed *out)
{
	u64 page = addr & KF_PAGE_MASK;
	struct kf_object object;

	for (unsigned i = 1; i <= REACH; i++) {
		u64 at = page + (u64)(step * (s64)(i * KF_PAGE_SIZE));

		if (kf_object_at((void *)at, &object))
			return classify(addr, &object, out);
	}
	return false;
}

static bool near_fence(u64 addr, struct kf_missed *out)
{
	struct kf_missed left, right;
	struct kf_object object;
	bool has_left, has_right;

	if (kf_object_at((void *)addr, &object))
		return classify(addr, &object, out);
	has_left = neighbour(addr, -1, &left);
	has_right = neighbour(addr, 1, &right);
	if (!has_left && !has_right)
		return false;
	if (has_left && has_right)
		has_left = left.distance <= right.distance;
	*out = has_left ? left : right;
	return true;
}

static bool near_area(u64 addr, struct kf_missed *out)
{
	struct kf_object object;

	if (kf_object_at((void *)addr, &object) && !object.live)
		return classify(addr, &object, out);
	/* Right behind an area lies its guard page. */
	return kf_object_at((void *)((addr & KF_PAGE_MASK) - 1), &object) && object.live &&
	       classify(addr, &object, out);
}

bool kf_missed_object(u64 addr, struct kf_missed *out)
{
	if (kf_fence_hidden(addr))
		return near_fence(addr, out);
	return kf_is_vmalloc_addr((void *)addr) && near_area(addr, out);
}
