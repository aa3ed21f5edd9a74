// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second layer over the snapshot: the world as it is at a checkpoint, in the midst of a run.
 *
 *	base    pristine copies of all hot pages, as they were when the snapshot was taken      (snapshot.c)
 *	layer   copies of the pages that were hot at the mark, as they were at the mark         (here)
 *
 *	mark:    layer[slot] = page,  for each page that is hot
 *	return:  page = layer[slot],  for each page that was hot at the mark
 *	         page = base[slot],   for each page that became hot since: it was cold at the mark, so pristine
 *
 * A page was hot at the mark if its slot is below the number of slots then: pages become cold, and slots change
 * hands, only in a restore of the base, and no mark outlives that.
 */
#include "base.h"

#include <string.h>
#include <sys/mman.h>

static struct {
	uint8_t *chunk[CHUNK_MAX];
	unsigned marked; /* slots below it were hot at the mark */
} layer;

static uint8_t *layer_bytes(uint32_t slot)
{
	return layer.chunk[slot >> CHUNK_SHIFT] + (slot & (CHUNK_PAGES - 1)) * PAGE_BYTES;
}

/* What a hot page held at the mark. */
static const uint8_t *marked_bytes(uint32_t slot)
{
	return slot < layer.marked ? layer_bytes(slot) : slot_bytes(slot);
}

static void make_room(unsigned slots)
{
	for (unsigned i = 0; i << CHUNK_SHIFT < slots; i++) {
		if (layer.chunk[i])
			continue;
		layer.chunk[i] = snapshot_reserve(CHUNK_PAGES * PAGE_BYTES);
		if (!layer.chunk[i])
			snapshot_give_up(
				"kfail: no host memory for the copy of a page at a checkpoint\n");
	}
}

unsigned snapshot_mark(void)
{
	size_t bytes = PAGE_BYTES;
	unsigned n = snap.hot_count;

	__asm__("" : "+r"(bytes)); /* as in snapshot_restore() */
	make_room(n);
	for (unsigned i = 0; i < n; i++)
		if (!leave_alone(&snap.hot[i]))
			memcpy(layer_bytes(snap.hot[i].slot), (const void *)snap.hot[i].page,
			       bytes);
	layer.marked = n;
	return n;
}

unsigned snapshot_return(void)
{
	size_t bytes = PAGE_BYTES;

	__asm__("" : "+r"(bytes));
	for (unsigned i = 0; i < snap.hot_count; i++)
		if (!leave_alone(&snap.hot[i]))
			memcpy((void *)snap.hot[i].page, marked_bytes(snap.hot[i].slot), bytes);
	paranoid_look(PARANOID_RETURN);
	return snap.hot_count;
}

const void *snapshot_layer_copy(uint64_t page)
{
	uint32_t slot = snapshot_slot(page);

	return slot == NO_SLOT ? NULL : marked_bytes(slot);
}

void snapshot_layer_drop(void)
{
	for (unsigned i = 0; i < CHUNK_MAX && layer.chunk[i]; i++) {
		munmap(layer.chunk[i], CHUNK_PAGES * PAGE_BYTES);
		layer.chunk[i] = NULL;
	}
	layer.marked = 0;
}
