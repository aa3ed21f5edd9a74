// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live things by handle: what is put into one is claimed and filled, what is taken out is looked at and released (model.h).
 */
#include "oracle.h"

#include <string.h>

/* Nothing that a small request needs runs out below these: Normal has 32 MiB, DMA32 6, DMA 2. */
#define PLENTY	     (12ull << 20)
#define PLENTY_DMA32 (1ull << 20)
#define PLENTY_DMA   (128ull << 10)
/* In one piece it may not be there, although there is enough. */
#define LARGE_PIECE (512ull << 10)

struct handle handles[THINGS];
void *roots[THINGS];
u64 things_bytes;

bool all_bytes(const void *p, u8 value, u64 n)
{
	const u8 *bytes = p;

	return !n || (bytes[0] == value && !memcmp(bytes, bytes + 1, n - 1));
}

static bool is_scarce(u64 bytes, u32 gfp)
{
	if (gfp & KF_GFP_DMA)
		return things_bytes + bytes > PLENTY_DMA;
	if (gfp & KF_GFP_DMA32)
		return things_bytes + bytes > PLENTY_DMA32;
	return things_bytes + bytes > PLENTY || bytes > LARGE_PIECE;
}

bool result_is_right(bool got, u64 bytes, u32 gfp, bool may_fail, bool parts)
{
	if (got)
		return sound(parts || !told.refusals, "a refused request was served") &&
		       sound(!oracle_hooks || told.asks || gfp & KF_GFP_NOFAIL || parts,
			     "a request was served without a question");
	sound(may_fail || told.refusals || is_scarce(bytes, gfp),
	      "a request failed although there is memory");
	sound(parts || told.born == told.died,
	      "the hooks were told of an object that there is not");
	return false;
}

void things_fill(struct thing *t)
{
	model_fill(t, 0x9e3779b97f4a7c15ull * (call_number + 1) >> 32);
}

void things_look(const struct thing *t)
{
	if (!model_intact(t))
		wrong(FINDING_CORRUPTION, "the content of a live object changed (%s)",
		      t->family->name);
}

void things_add(u32 handle, const struct thing *t)
{
	struct handle *h = &handles[handle % THINGS];

	*h = (struct handle){.thing = *t};
	if (!t->family->unclaimed)
		model_claim(t);
	if (t->gfp & KF_GFP_ZERO)
		sound(all_bytes(model_bytes(t), 0, t->size), "memory is not zero");
	things_fill(&h->thing);
	things_bytes += t->size;
	roots[handle % THINGS] = t->p;
}

struct thing things_take(u32 handle)
{
	struct handle *h = &handles[handle % THINGS];
	struct thing t = h->thing;

	things_look(&t);
	if (!t.family->unclaimed)
		model_release(&t);
	things_bytes -= t.size;
	h->thing.family = NULL;
	roots[handle % THINGS] = NULL;
	return t;
}

void things_give(struct thing *t)
{
	const struct told before = told;

	t->family->put(t);
	if (t->family->dies && oracle_hooks)
		sound(told.died == before.died + 1 && told.born == before.born,
		      "the hooks were told wrong of a free");
	/* The call that runs may go on, and what it is told is what counts. */
	told.born = before.born;
	told.died = before.died;
}

void things_free(u32 handle)
{
	struct thing t;

	if (!thing_at(handle))
		return;
	t = things_take(handle);
	things_give(&t);
}
