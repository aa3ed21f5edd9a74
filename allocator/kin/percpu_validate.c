// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of per-CPU memory, and its equations recounted from scratch:
 *
 *	areas of a chunk	from its start to its end without a gap; linked both ways; never two free ones in a row
 *	live area		found by its cookie (owner[start / 4]); all its pages have memory
 *	free areas		as many as the list of them is long
 *	live, chunks, empty	as many as are counted
 *
 * A look takes no lock: whoever validates is alone. Follows mm/percpu-stats.c of 6.1 as far as that is one.
 */
#include "percpu_base.h"

void kf_percpu_stat(struct kf_percpu_stat *out)
{
	const struct kf_percpu *pc = pcpu();
	*out = (struct kf_percpu_stat){
		.chunks = pc->chunks,
		.live = pc->live,
		.populated_pages = pc->populated,
		.empty_pages = pc->empty,
		.frames = pc->nr_frames,
	};
}

static const char *validate_area(const struct kf_percpu *pc, u32 id, u32 expected_start,
				 bool *was_free)
{
	const struct kf_percpu_area *a = area(id);

	if (a->start != expected_start || !a->size)
		return "per-CPU areas do not tile their chunk";
	if (!a->live && *was_free)
		return "two free per-CPU areas are not merged";
	if (a->live && pc->owner[a->start / UNIT] != id)
		return "a per-CPU area is not found by its cookie";
	if (a->next && area(a->next)->prev != id)
		return "per-CPU areas are not linked both ways";
	if (a->live && kf_percpu_bare_page(pc, a->start, a->size) != NONE)
		return "a live per-CPU area lies in a page without memory";
	*was_free = !a->live;
	return NULL;
}

static const char *validate_chunk(const struct kf_percpu *pc, u32 chunk, u64 *live, u64 *free)
{
	u32 at = kf_percpu_chunk_start(chunk);
	bool was_free = false;

	for (u32 id = pc->first[chunk]; id; id = area(id)->next) {
		const char *wrong = validate_area(pc, id, at, &was_free);

		if (wrong)
			return wrong;
		at += area(id)->size;
		*live += area(id)->live;
		*free += !area(id)->live;
	}
	return at == kf_percpu_chunk_end(chunk) ? NULL : "per-CPU areas do not fill their chunk";
}

const char *kf_percpu_validate(void)
{
	const struct kf_percpu *pc = pcpu();
	u64 live = 0, free = 0, listed = 0, empty = 0, chunks = 0;

	if (!pc->areas)
		return NULL;
	for (u32 chunk = 0; chunk < pc->nr_chunks; chunk++) {
		const char *wrong =
			pc->first[chunk] ? validate_chunk(pc, chunk, &live, &free) : NULL;

		if (wrong)
			return wrong;
		chunks += pc->first[chunk] != 0;
	}
	for (u32 id = pc->free; id && listed <= free; id = area(id)->free_next)
		listed++;
	for (u32 page = 0; page < kf_layout()->percpu_unit >> KF_PAGE_SHIFT; page++)
		empty += kf_percpu_has_memory(pc, page) && !pc->page_areas[page];
	if (listed != free || live != pc->live || chunks != pc->chunks || empty != pc->empty)
		return "counts of per-CPU areas are wrong";
	return NULL;
}
