// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program has not freed when it ends. The allocators know every live object and the stack that made it, so
 * nothing is recorded while the program runs: the world is walked once, and objects that the same
 * stack made are told together, the one with most bytes first.
 */
#include "library.h"

#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"

struct group {
	uint32_t stack;
	uint64_t objects, bytes;
	struct kf_object first;
};

static struct {
	uint64_t first_seq;
	struct group *groups;
	size_t count, room;
} found;

static struct group *group_of(const struct kf_object *object)
{
	struct group *more;

	for (size_t i = 0; i < found.count; i++)
		if (found.groups[i].stack == object->alloc_tag &&
		    found.groups[i].first.kind == object->kind)
			return &found.groups[i];
	if (found.count == found.room) {
		found.room = found.room * 2 + 64;
		more = realloc(found.groups, found.room * sizeof(*more));
		if (!more)
			abort();
		found.groups = more;
	}
	more = &found.groups[found.count++];
	*more = (struct group){.stack = object->alloc_tag, .first = *object};
	return more;
}

static void note(const struct kf_object *object)
{
	struct group *group;

	if (!object->live || object->seq <= found.first_seq)
		return;
	group = group_of(object);
	group->objects++;
	group->bytes += object->size;
}

/* ---- the walk ---- */

static bool is_slab(const struct page *page)
{
	return page->flags >> kf_layout()->pg_slab & 1;
}

/* Objects that begin in this page. */
static void walk_page(char *page, bool slab)
{
	struct kf_object object;
	char *at = page;

	while (at < page + KF_PAGE_SIZE) {
		bool there = kf_object_at(at, &object);

		if (there && (char *)object.addr == at)
			note(&object);
		if (!slab)
			return;
		at += 8;
	}
}

static void walk_zone(enum kf_zone_id zone)
{
	const struct kf_layout *layout = kf_layout();

	for (u64 phys = layout->zone[zone].start; phys < layout->zone[zone].end;
	     phys += KF_PAGE_SIZE) {
		const struct page *page = kf_pfn_to_page(phys >> KF_PAGE_SHIFT);

		if (page->refcount || is_slab(page))
			walk_page(kf_phys_to_virt(phys), is_slab(page));
	}
}

static void note_area(const struct kf_object *area, void *arg)
{
	note(area);
}

static void note_cache(struct kf_cache *cache, void *arg)
{
	struct kf_object object;

	if (kf_cache_object(cache, &object))
		note(&object);
}

static void walk_percpu(void)
{
	struct kf_object object;

	for (u64 cookie = 0; cookie < kf_layout()->percpu_unit; cookie += KF_PCPU_MIN_ALLOC_SIZE)
		if (kf_percpu_object(cookie, &object) && object.addr == (void *)(uintptr_t)cookie)
			note(&object);
}

/* ---- the report ---- */

static int most_bytes_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->first.seq < y->first.seq ? -1 : x->first.seq > y->first.seq;
}

static const char *kind_name(const struct kf_object *object)
{
	static const char *const names[] = {
		[KF_KMALLOC_LARGE] = "kmalloc", [KF_PAGES] = "pages",
		[KF_VMALLOC] = "vmalloc",	[KF_VMAP] = "vmap",
		[KF_PERCPU] = "percpu",		[KF_CACHE] = "kmem_cache",
	};

	if (object->kind == KF_SLAB)
		return kf_cache_name(object->cache);
	return object->kind < sizeof(names) / sizeof(names[0]) ? names[object->kind] : "memory";
}

static void print_group(const struct group *group)
{
	if (group->objects == 1)
		report_line("kfail: leak: %zu bytes of %s at %p are not freed; allocated at",
			    group->first.size, kind_name(&group->first), group->first.addr);
	else
		report_line("kfail: leak: %llu bytes of %s in %llu objects, the first at %p, are "
			    "not freed; allocated at",
			    (unsigned long long)group->bytes, kind_name(&group->first),
			    (unsigned long long)group->objects, group->first.addr);
	report_print_stack(group->stack);
}

uint64_t leaks_report(uint64_t first_seq)
{
	uint64_t objects = 0, bytes = 0;

	found.first_seq = first_seq;
	for (int zone = 0; zone < KF_NR_ZONES; zone++)
		walk_zone((enum kf_zone_id)zone);
	kf_vmalloc_for_each(note_area, NULL);
	kf_cache_for_each(note_cache, NULL);
	walk_percpu();
	if (!found.count)
		return 0;
	qsort(found.groups, found.count, sizeof(*found.groups), most_bytes_first);
	for (size_t i = 0; i < found.count; i++) {
		print_group(&found.groups[i]);
		objects += found.groups[i].objects;
		bytes += found.groups[i].bytes;
	}
	report_line("kfail: %llu object%s with %llu bytes %s left", (unsigned long long)objects,
		    objects == 1 ? "" : "s", (unsigned long long)bytes,
		    objects == 1 ? "is" : "are");
	return objects;
}
