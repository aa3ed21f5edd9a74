// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions about early memory, walks through it, and its texts. Follows mm/memblock.c of 6.1 (memblock_is_*,
 * __next_mem_range and kin, __memblock_dump_all, memblock_debug_show). A walk keeps the address to go on at,
 * not indices, so ranges may be reserved while it goes on.
 */
#include <stdio.h>

#include "../core/state.h"

static const struct kf_memblock *mb(void)
{
	return &kf_state()->memblock;
}

static u64 end_of(const struct kf_region *r)
{
	return r->base + r->size;
}

/* Index of the first region that ends above `phys`. */
static u32 search(const struct kf_region_list *list, u64 phys)
{
	u32 low = 0, high = list->cnt;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (end_of(&list->regions[mid]) <= phys)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct kf_region *region_at(const struct kf_region_list *list, u64 phys)
{
	u32 at = search(list, phys);

	return at < list->cnt && list->regions[at].base <= phys ? &list->regions[at] : NULL;
}

/* ---- questions ----------------------------------------------------------------------------------------- */

u64 kf_memblock_phys_mem_size(void)
{
	return mb()->memory.total;
}

u64 kf_memblock_reserved_size(void)
{
	return mb()->reserved.total;
}

u64 kf_memblock_start_of_DRAM(void)
{
	return mb()->memory.cnt ? mb()->memory.regions[0].base : 0;
}

u64 kf_memblock_end_of_DRAM(void)
{
	return mb()->memory.cnt ? end_of(&mb()->memory.regions[mb()->memory.cnt - 1]) : 0;
}

bool kf_memblock_is_memory(u64 phys)
{
	return region_at(&mb()->memory, phys);
}

bool kf_memblock_is_map_memory(u64 phys)
{
	const struct kf_region *r = region_at(&mb()->memory, phys);

	return r && !(r->flags & KF_MEMBLOCK_NOMAP);
}

bool kf_memblock_is_region_memory(u64 base, u64 size)
{
	const struct kf_region *r = region_at(&mb()->memory, base);

	return r && end_of(r) - base >= size;
}

bool kf_memblock_is_reserved(u64 phys)
{
	return region_at(&mb()->reserved, phys);
}

bool kf_memblock_is_region_reserved(u64 base, u64 size)
{
	u32 at = search(&mb()->reserved, base);

	return size && at < mb()->reserved.cnt && mb()->reserved.regions[at].base < base + size;
}

/* ---- walks ------------------------------------------------------------------------------------------------ */

/* should_skip_region() for `memory`: flags that keep ordinary users away, and a wish for mirrored memory. */
bool kf_memblock_skips(const struct kf_region *r, int nid, u32 flags)
{
	const u32 kept_back = KF_MEMBLOCK_NOMAP | KF_MEMBLOCK_DRIVER_MANAGED;

	if (nid != KF_NUMA_NO_NODE && nid != r->nid)
		return true;
	if (flags & KF_MEMBLOCK_MIRROR && !(r->flags & KF_MEMBLOCK_MIRROR))
		return true;
	return r->flags & kept_back & ~flags;
}

static bool found(struct kf_region *out, const struct kf_region *in, u64 base, u64 end)
{
	*out = (struct kf_region){base, end - base, in->flags, in->nid};
	return true;
}

bool kf_memblock_next_free(u64 *cursor, int nid, u32 flags, struct kf_region *out)
{
	const struct kf_region_list *memory = &mb()->memory, *reserved = &mb()->reserved;

	for (u32 m = search(memory, *cursor); m < memory->cnt; m++) {
		const struct kf_region *r = &memory->regions[m];
		u64 base = r->base < *cursor ? *cursor : r->base, end = end_of(r);
		u32 i = search(reserved, base);

		if (kf_memblock_skips(r, nid, flags))
			continue;
		for (; i < reserved->cnt && reserved->regions[i].base <= base; i++)
			base = end_of(&reserved->regions[i]);
		if (base >= end)
			continue;
		if (i < reserved->cnt && reserved->regions[i].base < end)
			end = reserved->regions[i].base;
		*cursor = end;
		return found(out, r, base, end);
	}
	return false;
}

bool kf_memblock_prev_free(u64 *cursor, int nid, u32 flags, struct kf_region *out)
{
	const struct kf_region_list *memory = &mb()->memory, *reserved = &mb()->reserved;

	for (u32 m = memory->cnt; m-- > 0;) {
		const struct kf_region *r = &memory->regions[m];
		u64 base = r->base, end = end_of(r) > *cursor ? *cursor : end_of(r);
		u32 i;

		if (base >= end || kf_memblock_skips(r, nid, flags))
			continue;
		/* Reserved regions below index i begin below the end. */
		i = search(reserved, end - 1);
		i += i < reserved->cnt && reserved->regions[i].base < end;
		for (; i && end_of(&reserved->regions[i - 1]) >= end; i--)
			end = reserved->regions[i - 1].base;
		if (end <= base)
			continue;
		if (i && end_of(&reserved->regions[i - 1]) > base)
			base = end_of(&reserved->regions[i - 1]);
		*cursor = base;
		return found(out, r, base, end);
	}
	return false;
}

static bool next_region(const struct kf_region_list *list, u64 *cursor, struct kf_region *out)
{
	u32 at = search(list, *cursor);

	if (at >= list->cnt)
		return false;
	*out = list->regions[at];
	*cursor = end_of(out);
	return true;
}

bool kf_memblock_next_memory(u64 *cursor, struct kf_region *out)
{
	while (next_region(&mb()->memory, cursor, out))
		if (!kf_memblock_skips(out, KF_NUMA_NO_NODE,
				       KF_MEMBLOCK_HOTPLUG | KF_MEMBLOCK_DRIVER_MANAGED))
			return true;
	return false;
}

bool kf_memblock_next_reserved(u64 *cursor, struct kf_region *out)
{
	return next_region(&mb()->reserved, cursor, out);
}

bool kf_memblock_next_pfn_range(u64 *cursor, int nid, u64 *start, u64 *end)
{
	struct kf_region r;

	while (next_region(&mb()->memory, cursor, &r)) {
		*start = kf_pages_of(r.base);
		*end = end_of(&r) >> KF_PAGE_SHIFT;
		if (*start < *end && (nid == KF_NUMA_NO_NODE || nid == r.nid))
			return true;
	}
	return false;
}

/* ---- texts ------------------------------------------------------------------------------------------------- */

typedef void line_fn(const char *text, void *arg);

/* %pa of the kernel: eighteen characters. */
#define PA "0x%016llx"

static void dump_list(const struct kf_region_list *list, const char *name, line_fn *line, void *arg)
{
	char text[192], node[24];

	snprintf(text, sizeof(text), " %s.cnt  = 0x%lx", name, (unsigned long)list->cnt);
	line(text, arg);
	for (u32 i = 0; i < list->cnt; i++) {
		const struct kf_region *r = &list->regions[i];

		node[0] = '\0';
		if (r->nid != KF_NUMA_NO_NODE)
			snprintf(node, sizeof(node), " on node %d", r->nid);
		snprintf(text, sizeof(text), " %s[%#x]\t[" PA "-" PA "], " PA " bytes%s flags: %#x",
			 name, i, (unsigned long long)r->base, (unsigned long long)end_of(r) - 1,
			 (unsigned long long)r->size, node, r->flags);
		line(text, arg);
	}
}

void kf_memblock_dump(line_fn *line, void *arg)
{
	char text[128];

	line("MEMBLOCK configuration:", arg);
	snprintf(text, sizeof(text), " memory size = " PA " reserved size = " PA,
		 (unsigned long long)mb()->memory.total, (unsigned long long)mb()->reserved.total);
	line(text, arg);
	dump_list(&mb()->memory, "memory", line, arg);
	dump_list(&mb()->reserved, "reserved", line, arg);
}

void kf_memblock_show(bool reserved, line_fn *line, void *arg)
{
	const struct kf_region_list *list = reserved ? &mb()->reserved : &mb()->memory;
	char text[64];

	for (u32 i = 0; i < list->cnt; i++) {
		snprintf(text, sizeof(text), "%4d: " PA ".." PA, (int)i,
			 (unsigned long long)list->regions[i].base,
			 (unsigned long long)end_of(&list->regions[i]) - 1);
		line(text, arg);
	}
}
