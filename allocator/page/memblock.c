// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early memory: the two lists of regions. Follows mm/memblock.c of 6.1 (memblock_add_range, memblock_isolate_range,
 * memblock_double_array): overlapping ranges keep the flags of the region that was there first, touching ones with
 * the same flags and node merge, and a full list doubles its array, which it takes out of the memory that it
 * describes.
 *
 *	memory    |####mem####|        |####mem, NOMAP####|###mem###|
 *	reserved     |rrr|   |rr|                            |r|
 *	free      |##|   |##|                             |##| |####|
 *
 * A change is all or nothing: whatever could fail (a longer array) comes before the first change. Two differences:
 * memory can only be added where the direct map of the world has some, and both lists close for good when
 * the buddy allocator takes over, where the kernel throws them away or keeps them to be read.
 *
 * Files: memblock.c lists · memblock_alloc.c allocation, hand-over · memblock_view.c questions, texts.
 */
#include <errno.h>
#include <string.h>

#include "../core/state.h"

static struct kf_memblock *mb(void)
{
	return &kf_state()->memblock;
}

static u64 end_of(const struct kf_region *r)
{
	return r->base + r->size;
}

/* ---- one list ---------------------------------------------------------------------------------------- */

static void list_init(struct kf_region_list *list)
{
	list->regions = list->first;
	list->max = KF_INIT_MEMBLOCK_REGIONS;
}

static void remove_region(struct kf_region_list *list, u32 at)
{
	list->total -= list->regions[at].size;
	list->cnt--;
	memmove(list->regions + at, list->regions + at + 1,
		(list->cnt - at) * sizeof(*list->regions));
}

static void insert_region(struct kf_region_list *list, u32 at, struct kf_region region)
{
	memmove(list->regions + at + 1, list->regions + at,
		(list->cnt - at) * sizeof(*list->regions));
	list->regions[at] = region;
	list->cnt++;
	list->total += region.size;
}

static void merge_neighbours(struct kf_region_list *list)
{
	for (u32 i = 0; i + 1 < list->cnt;) {
		struct kf_region *a = &list->regions[i], *b = a + 1;

		if (end_of(a) != b->base || a->flags != b->flags || a->nid != b->nid) {
			i++;
			continue;
		}
		a->size += b->size;
		list->total += b->size;
		remove_region(list, i + 1);
	}
}

/* ---- longer arrays --------------------------------------------------------------------------------- */

static const char *list_name(const struct kf_region_list *list)
{
	return list == &mb()->memory ? "memory" : "reserved";
}

static int no_longer_array(const struct kf_region_list *list)
{
	kf_log(KF_LOG_ERR, "memblock: Failed to double %s array from %ld to %ld entries !",
	       list_name(list), (long)list->max, (long)list->max * 2);
	return -ENOMEM;
}

/*
 * A place for the new array that stays clear of [base, base+size), which is about to be reserved: above it if
 * possible, else below.
 */
static u64 place_for_array(u64 bytes, u64 base, u64 size)
{
	u64 at = kf_memblock_find(base + size, KF_MEMBLOCK_ACCESSIBLE, bytes, KF_PAGE_SIZE,
				  KF_NUMA_NO_NODE, KF_MEMBLOCK_NONE);

	if (base > mb()->current_limit)
		base = mb()->current_limit;
	return at || !base ? at
			   : kf_memblock_find(0, base, bytes, KF_PAGE_SIZE, KF_NUMA_NO_NODE,
					      KF_MEMBLOCK_NONE);
}

static int double_array(struct kf_region_list *list, u64 base, u64 size)
{
	u64 old_bytes = kf_align_up(list->max * sizeof(struct kf_region), KF_PAGE_SIZE);
	u64 bytes = kf_align_up(2ull * list->max * sizeof(struct kf_region), KF_PAGE_SIZE);
	struct kf_region *old = list->regions;
	u64 at = mb()->can_resize ? place_for_array(bytes, base, size) : 0;

	if (!at)
		return no_longer_array(list);
	list->regions = kf_phys_to_virt(at);
	memcpy(list->regions, old, list->cnt * sizeof(*old));
	list->max *= 2;
	if (old != list->first)
		kf_memblock_phys_free(kf_virt_to_phys(old), old_bytes);
	return kf_memblock_reserve(at, bytes);
}

/* Make room for `more` regions. */
static int make_room(struct kf_region_list *list, u32 more, u64 base, u64 size)
{
	int err = 0;

	while (!err && list->cnt + more > list->max)
		err = double_array(list, base, size);
	return err;
}

/* ---- adding, cutting ------------------------------------------------------------------------------- */

/*
 * The parts of [base, end) that no region covers yet. Without `insert` they are only counted. Doubling the
 * array of `reserved` changes that list itself, so the count is repeated until it fits.
 */
static u32 fill_gaps(struct kf_region_list *list, struct kf_region range, bool insert)
{
	u64 base = range.base, end = end_of(&range);
	u32 parts = 0;

	for (u32 i = 0; i < list->cnt && base < end; i++) {
		u64 start = list->regions[i].base, stop = end_of(&list->regions[i]);

		if (start >= end)
			break;
		if (stop <= base)
			continue;
		if (start > base) {
			parts++;
			if (insert)
				insert_region(list, i++,
					      (struct kf_region){base, start - base, range.flags,
								 range.nid});
		}
		base = stop;
	}
	if (base < end) {
		u32 at = 0;

		parts++;
		while (at < list->cnt && list->regions[at].base < base)
			at++;
		if (insert)
			insert_region(list, at,
				      (struct kf_region){base, end - base, range.flags, range.nid});
	}
	return parts;
}

static int add_range(struct kf_region_list *list, struct kf_region range)
{
	u32 parts;
	int err;

	do {
		parts = fill_gaps(list, range, false);
		err = make_room(list, parts, range.base, range.size);
		if (err)
			return err;
	} while (fill_gaps(list, range, false) > parts);
	fill_gaps(list, range, true);
	merge_neighbours(list);
	return 0;
}

/* Split regions at both ends of [base, end): those in between are [*first, *last). */
static int isolate(struct kf_region_list *list, u64 base, u64 end, u32 *first, u32 *last)
{
	int err = make_room(list, 2, base, end - base);

	if (err)
		return err;
	*first = *last = 0;
	for (u32 i = 0; i < list->cnt; i++) {
		struct kf_region *r = &list->regions[i], rest = *r;
		u64 cut = r->base < base ? base : end;

		if (r->base >= end || end_of(r) <= base)
			continue;
		if (r->base < cut && cut < end_of(r)) {
			rest.size = end_of(r) - cut;
			rest.base = cut;
			list->total -= rest.size;
			r->size -= rest.size;
			insert_region(list, i + 1, rest);
			r = &list->regions[i];
		}
		if (r->base < base)
			continue;
		if (*first == *last)
			*first = i;
		*last = i + 1;
	}
	return 0;
}

static int remove_range(struct kf_region_list *list, u64 base, u64 size)
{
	u32 first, last;
	int err = isolate(list, base, base + size, &first, &last);

	while (!err && last > first)
		remove_region(list, --last);
	return err;
}

/* ---- the public changes ------------------------------------------------------------------------------- */

/* Is it a change at all (1), none (0), or nonsense? memblock_cap_size() cuts at the end of all addresses. */
static int check_range(u64 base, u64 size)
{
	if (mb()->closed || base + size < base)
		return -EINVAL;
	return size != 0;
}

static bool in_direct_map(u64 base, u64 size)
{
	return kf_virt_addr_valid(kf_phys_to_virt(base)) &&
	       kf_virt_addr_valid(kf_phys_to_virt(base + size - 1));
}

int kf_memblock_add_node(u64 base, u64 size, int nid, u32 flags)
{
	int change = check_range(base, size);

	if (change <= 0)
		return change;
	if (!in_direct_map(base, size))
		return -EINVAL;
	return add_range(&mb()->memory, (struct kf_region){base, size, flags, nid});
}

int kf_memblock_add(u64 base, u64 size)
{
	return kf_memblock_add_node(base, size, 0, KF_MEMBLOCK_NONE);
}

int kf_memblock_remove(u64 base, u64 size)
{
	int change = check_range(base, size);

	return change <= 0 ? change : remove_range(&mb()->memory, base, size);
}

int kf_memblock_reserve(u64 base, u64 size)
{
	int change = check_range(base, size);

	if (change <= 0)
		return change;
	return add_range(&mb()->reserved,
			 (struct kf_region){base, size, KF_MEMBLOCK_NONE, KF_NUMA_NO_NODE});
}

int kf_memblock_phys_free(u64 base, u64 size)
{
	int change = check_range(base, size);

	return change <= 0 ? change : remove_range(&mb()->reserved, base, size);
}

int kf_memblock_free(void *addr, u64 size)
{
	return addr ? kf_memblock_phys_free(kf_virt_to_phys(addr), size) : 0;
}

/* Set and clear flags of memory (memblock_setclr_flag). */
static int change_flags(u64 base, u64 size, u32 set, u32 clear)
{
	struct kf_region_list *list = &mb()->memory;
	int change = check_range(base, size), err;
	u32 first, last;

	if (change <= 0)
		return change;
	err = isolate(list, base, base + size, &first, &last);
	if (err)
		return err;
	for (u32 i = first; i < last; i++)
		list->regions[i].flags = (list->regions[i].flags | set) & ~clear;
	merge_neighbours(list);
	return 0;
}

int kf_memblock_mark_hotplug(u64 base, u64 size)
{
	return change_flags(base, size, KF_MEMBLOCK_HOTPLUG, 0);
}

int kf_memblock_clear_hotplug(u64 base, u64 size)
{
	return change_flags(base, size, 0, KF_MEMBLOCK_HOTPLUG);
}

int kf_memblock_mark_mirror(u64 base, u64 size)
{
	mb()->has_mirror = true;
	return change_flags(base, size, KF_MEMBLOCK_MIRROR, 0);
}

int kf_memblock_mark_nomap(u64 base, u64 size)
{
	return change_flags(base, size, KF_MEMBLOCK_NOMAP, 0);
}

int kf_memblock_clear_nomap(u64 base, u64 size)
{
	return change_flags(base, size, 0, KF_MEMBLOCK_NOMAP);
}

int kf_memblock_set_node(u64 base, u64 size, int nid)
{
	struct kf_region_list *list = &mb()->memory;
	int change = check_range(base, size), err;
	u32 first, last;

	if (change <= 0)
		return change;
	err = isolate(list, base, base + size, &first, &last);
	if (err)
		return err;
	for (u32 i = first; i < last; i++)
		list->regions[i].nid = nid;
	merge_neighbours(list);
	return 0;
}

void kf_memblock_allow_resize(void)
{
	mb()->can_resize = true;
}

void kf_memblock_cap_memory_range(u64 base, u64 size)
{
	struct kf_region_list *list = &mb()->memory;
	u32 first, last;

	if (check_range(base, size) <= 0 || isolate(list, base, base + size, &first, &last))
		return;
	for (u32 i = list->cnt; i-- > 0;)
		if ((i < first || i >= last) && !(list->regions[i].flags & KF_MEMBLOCK_NOMAP))
			remove_region(list, i);
	remove_range(&mb()->reserved, 0, base);
	remove_range(&mb()->reserved, base + size, ~0ull - (base + size));
}

void kf_memblock_enforce_memory_limit(u64 limit)
{
	struct kf_region_list *list = &mb()->memory;
	u64 end = 0, left = limit;

	for (u32 i = 0; i < list->cnt && !end; i++) {
		if (left <= list->regions[i].size)
			end = list->regions[i].base + left;
		else
			left -= list->regions[i].size;
	}
	if (!limit || !end || mb()->closed)
		return; /* no limit, or more than there is */
	remove_range(&mb()->memory, end, ~0ull - end);
	remove_range(&mb()->reserved, end, ~0ull - end);
}

/* ---- start --------------------------------------------------------------------------------------------- */

void kf_early_init(void)
{
	const struct kf_layout *layout = kf_layout();

	list_init(&mb()->memory);
	list_init(&mb()->reserved);
	mb()->current_limit = KF_MEMBLOCK_ANYWHERE;
	for (int z = 0; z <= KF_ZONE_NORMAL; z++) /* what lies above is not for early use */
		if (layout->zone[z].start < layout->zone[z].end)
			kf_memblock_add(layout->zone[z].start,
					layout->zone[z].end - layout->zone[z].start);
	kf_memblock_allow_resize();
	/* The page at physical 0 would be mistaken for NULL; every x86 kernel keeps it back. */
	if (kf_virt_addr_valid(kf_phys_to_virt(0)))
		kf_memblock_reserve(0, KF_PAGE_SIZE);
}

static const char *list_validate(const struct kf_region_list *list)
{
	u64 total = 0;

	for (u32 i = 0; i < list->cnt; i++) {
		const struct kf_region *r = &list->regions[i];

		total += r->size;
		if (!r->size)
			return "a region of early memory is empty";
		if (i && end_of(r - 1) > r->base)
			return "two regions of early memory overlap, or are not in order";
		if (i && end_of(r - 1) == r->base && r[-1].flags == r->flags && r[-1].nid == r->nid)
			return "two regions of early memory are not merged";
	}
	return total == list->total && list->cnt <= list->max
		       ? NULL
		       : "a list of early memory is not what its sum says";
}

const char *kf_memblock_validate(void)
{
	const char *wrong = list_validate(&mb()->memory);

	return wrong ? wrong : list_validate(&mb()->reserved);
}
