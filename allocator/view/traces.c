// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who allocated the objects of a cache, and who freed what was in their place before: alloc_traces and
 * free_traces of /sys/kernel/debug/slab/CACHE/ (slab_debugfs_show(), process_slab(), add_location() of
 * mm/slub.c). Live objects with the same stack and the same waste are one entry; the largest come first, equal
 * ones in the order of their first object.
 *
 * The kernel has these files for caches with slub_debug=U only. The tags that the hooks gave are kept for every
 * object here, so every cache has them; age and process are known with U only, and left out without.
 */
#include <stdlib.h>

#include "../slab/slab.h"
#include "text.h"

/* struct location of mm/slub.c. */
struct location {
	u64 count, waste;
	u32 tag;
	u64 sum_time, min_time, max_time;
	s32 min_pid, max_pid;
	size_t first; /* number of the object that it was made for */
};

struct tracing {
	bool alloc; /* else free */
	size_t object_size;
	u64 now;
	bool tracked;
	struct location *locations;
	size_t count, room, objects;
};

static bool is_at(const struct location *l, u32 tag, u64 waste)
{
	return l->tag == tag && l->waste == waste;
}

static bool grow(struct tracing *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	struct location *larger = realloc(t->locations, room * sizeof(*larger));

	if (!larger)
		return false;
	t->locations = larger;
	t->room = room;
	return true;
}

static struct location *find(struct tracing *t, u32 tag, u64 waste)
{
	for (size_t i = 0; i < t->count; i++)
		if (is_at(&t->locations[i], tag, waste))
			return &t->locations[i];
	if (t->count == t->room && !grow(t))
		return NULL;
	t->locations[t->count] = (struct location){
		.tag = tag, .waste = waste, .min_time = ~0ull, .min_pid = INT32_MAX};
	t->locations[t->count].first = t->objects;
	return &t->locations[t->count++];
}

static void add_time(struct location *l, u64 age, s32 pid)
{
	l->sum_time += age;
	l->min_time = age < l->min_time ? age : l->min_time;
	l->max_time = age > l->max_time ? age : l->max_time;
	l->min_pid = pid < l->min_pid ? pid : l->min_pid;
	l->max_pid = pid > l->max_pid ? pid : l->max_pid;
}

static void add_object(const struct kf_object *object, const struct kf_track *tracks, void *arg)
{
	struct tracing *t = arg;
	const struct kf_track *track =
		tracks ? &tracks[t->alloc ? KF_TRACK_ALLOC : KF_TRACK_FREE] : NULL;
	u32 tag = track ? track->handle : t->alloc ? object->alloc_tag : object->free_tag;
	u64 waste = t->alloc && object->size < t->object_size ? t->object_size - object->size : 0;
	struct location *l;

	if (!object->live)
		return;
	l = find(t, track && !track->addr ? 0 : tag, waste);
	if (!l)
		return;
	l->count++;
	t->objects++;
	t->tracked |= track != NULL;
	add_time(l, track && track->addr ? t->now - track->when : 0, track ? track->pid : 0);
}

static int larger_first(const void *a, const void *b)
{
	const struct location *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

static void add_times(struct kf_text *text, const struct location *l)
{
	if (l->sum_time != l->min_time)
		kf_text_add(text, " age=%ld/%lu/%ld", l->min_time, l->sum_time / l->count,
			    l->max_time);
	else
		kf_text_add(text, " age=%ld", l->min_time);
	if (l->min_pid != l->max_pid)
		kf_text_add(text, " pid=%d-%d", l->min_pid, l->max_pid);
	else
		kf_text_add(text, " pid=%d", l->min_pid);
}

static void show_location(const struct kf_view *out, const struct tracing *t,
			  const struct location *l)
{
	struct kf_text text = {0};

	kf_text_add(&text, "%7ld ", l->count);
	if (!kf_text_add_caller(&text, l->tag))
		kf_text_add(&text, "<not-available>");
	if (l->waste)
		kf_text_add(&text, " waste=%lu/%lu", l->count * l->waste, l->waste);
	if (t->tracked)
		add_times(&text, l);
	kf_text_end(out, &text);
	if (kf_text_stack(out, "        ", l->tag))
		kf_text_end(out, &text);
}

void kf_view_traces(const struct kf_view *out, const struct kf_cache *cache, bool alloc)
{
	struct kf_cache_stat stat;
	struct kf_whence whence;
	struct tracing t = {.alloc = alloc};

	kf_cache_stat(cache, &stat);
	kf_hooks.whence(&whence);
	t.object_size = stat.object_size;
	t.now = whence.jiffies;
	kf_cache_for_each_object(cache, add_object, &t);
	if (t.count)
		qsort(t.locations, t.count, sizeof(t.locations[0]), larger_first);
	else
		kf_text_line(out, "No data");
	for (size_t i = 0; i < t.count; i++)
		show_location(out, &t, &t.locations[i]);
	free(t.locations);
}
