// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collecting the events of a run. What births and deaths tell comes from the judges' hooks, with the stack that they
 * have walked; all else from the hook `event`.
 *
 * The buffer is a ring of fixed records: when it is full, the oldest go, as in the kernel's default mode. It is
 * shared memory that takes room only as far as it is used:
 *
 *	| written, complete | record 0 | record 1 | ... | record RING_RECORDS - 1 |
 *
 *	record i of the run lies at i % RING_RECORDS; those kept are the last min(written, RING_RECORDS).
 *
 * A record holds facts only. Names are found when the run is over: looking up debug information in the midst
 * of an allocation would take milliseconds of the world's time and much stack. So a record keeps the innermost
 * frames, and find_site() later chooses the one that the kernel calls call_site.
 */
#include "tracing.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/slab/slab.h"
#include "call_site.h"
#include "depot.h"
#include "util.h"

#define RING_RECORDS (1u << 20)

struct ring {
	uint64_t written;
	bool complete, failed; /* delivered, or not */
	struct trace_record records[RING_RECORDS];
};

static struct {
	struct ring *ring; /* NULL: closed */
	bool (*deliver)(void);
	void (*task)(struct trace_task *out);
	bool wanted[NR_TRACE_EVENTS];
} trace;

/* ---- choosing ---- */

/* As the kernel's set_event: "system:event", "system:", or one word that may be either. */
static bool matches(const struct tracepoint *tp, const char *pattern)
{
	const char *colon = strchr(pattern, ':');
	char system[64];

	if (!colon)
		return !fnmatch(pattern, tp->system, 0) || !fnmatch(pattern, tp->name, 0);
	snprintf(system, sizeof(system), "%.*s", (int)(colon - pattern), pattern);
	return !fnmatch(system, tp->system, 0) && (!colon[1] || !fnmatch(colon + 1, tp->name, 0));
}

static void say_unknown(const char *pattern, char *err)
{
	int used = snprintf(err, TRACE_ERR_MAX, "there is no trace event \"%.100s\"; there are",
			    pattern);

	for (unsigned i = 0; i < NR_TRACE_EVENTS && used < TRACE_ERR_MAX; i++)
		used += snprintf(err + used, (size_t)(TRACE_ERR_MAX - used), "%s %s:%s",
				 i ? "," : "", tracepoints[i].system, tracepoints[i].name);
}

static int choose(const char *word, char *err)
{
	bool take = word[0] != '!', any = false;
	const char *pattern = take ? word : word + 1;

	for (unsigned i = 0; i < NR_TRACE_EVENTS; i++) {
		if (!*pattern || !matches(&tracepoints[i], pattern))
			continue;
		trace.wanted[i] = take;
		any = true;
	}
	if (any)
		return 0;
	say_unknown(pattern, err);
	return -1;
}

static int choose_all(const char *events, char *err)
{
	char *list = xstrdup(events), *rest = list, *word = strtok_r(list, ", ", &rest);
	int result = 0;

	/* A list that only takes out begins with all. */
	memset(trace.wanted, word && word[0] == '!', sizeof(trace.wanted));
	if (!word) {
		snprintf(err, TRACE_ERR_MAX, "the list of trace events is empty");
		result = -1;
	}
	for (; word && !result; word = strtok_r(NULL, ", ", &rest))
		result = choose(word, err);
	free(list);
	return result;
}

int trace_open(const char *events, bool (*deliver)(void), char *err)
{
	void *ring;

	if (choose_all(events ? events : "*", err))
		return -1;
	ring = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ring == MAP_FAILED) {
		snprintf(err, TRACE_ERR_MAX, "no memory for a trace: %s", strerror(errno));
		return -1;
	}
	trace.ring = ring;
	trace.deliver = deliver;
	return 0;
}

void trace_close(void)
{
	if (trace.ring)
		munmap(trace.ring, sizeof(struct ring));
	trace.ring = NULL;
}

/* ---- recording ---- */

/* A record to fill in, or NULL: the event is not wanted. Its values are 0, its text is empty. */
static struct trace_record *record(enum trace_event_id event)
{
	struct trace_record *r;

	if (!trace.ring || !trace.wanted[event])
		return NULL;
	r = &trace.ring->records[trace.ring->written++ % RING_RECORDS];
	memset(r, 0, sizeof(*r));
	r->event = (uint16_t)event;
	trace.task(&r->task);
	return r;
}

static void keep_sites(struct trace_record *r, uint32_t stack)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	for (unsigned i = 0; i < n && i < TRACE_SITES_MAX; i++)
		r->sites[i] = pcs[i];
}

static void keep_text(struct trace_record *r, const char *prefix, const char *text)
{
	snprintf(r->text, sizeof(r->text), "%s%s", prefix, text);
}

static bool is_size_class(const struct kf_cache *cache)
{
	for (unsigned type = 0; type < KF_NR_KMALLOC_TYPES; type++)
		for (unsigned i = 0; i < KF_PAGE_SHIFT + 2; i++)
			if (kf_kmalloc_cache((enum kf_kmalloc_type)type, i) == cache)
				return true;
	return false;
}

/* By the cache, not by the function that was called: kfree() of a cache's object is told as kmem_cache_free. */
static bool is_kmalloc(const struct kf_object *object)
{
	return object->kind == KF_KMALLOC_LARGE || is_size_class(object->cache);
}

/* To the memory cgroup: CONFIG_MEMCG_KMEM is Debian's. */
static bool is_accounted(const struct kf_object *object)
{
	return object->gfp & KF_GFP_ACCOUNT ||
	       (object->cache && kf_cache_flags(object->cache) & KF_SLAB_ACCOUNT);
}

static void slab_allocated(const struct kf_object *object, uint32_t stack)
{
	bool kmalloc = is_kmalloc(object);
	struct trace_record *r = record(kmalloc ? TRACE_KMALLOC : TRACE_KMEM_CACHE_ALLOC);

	if (!r)
		return;
	keep_sites(r, stack);
	r->values[1] = (uint64_t)object->addr;
	r->values[2] = object->size;
	r->values[3] = object->usable;
	r->values[4] = object->gfp;
	r->values[5] = UINT64_MAX; /* NUMA_NO_NODE */
	r->values[6] = is_accounted(object);
}

static void slab_freed(const struct kf_object *object, uint32_t stack)
{
	bool kmalloc = is_kmalloc(object);
	struct trace_record *r = record(kmalloc ? TRACE_KFREE : TRACE_KMEM_CACHE_FREE);

	if (!r)
		return;
	keep_sites(r, stack);
	r->values[1] = (uint64_t)object->addr;
	if (!kmalloc)
		keep_text(r, "", kf_cache_name(object->cache));
}

/* base_addr, off, ptr: a chunk, the offset in it, and the cookie. */
static void keep_place(struct trace_record *r, unsigned first, uint64_t cookie)
{
	uint64_t chunk = kf_percpu_chunk(cookie);

	r->values[first] = kf_layout()->percpu + chunk;
	r->values[first + 1] = cookie - chunk;
	r->values[first + 2] = cookie;
}

static void percpu_allocated(const struct kf_object *object, uint32_t stack)
{
	struct trace_record *r = record(TRACE_PERCPU_ALLOC);

	if (!r)
		return;
	keep_sites(r, stack);
	r->values[2] = (object->gfp & KF_GFP_KERNEL) != KF_GFP_KERNEL;
	r->values[3] = object->size;
	r->values[4] = object->align;
	keep_place(r, 5, (uint64_t)object->addr);
	r->values[8] = object->usable * kf_layout()->nr_cpus;
	r->values[9] = object->gfp;
}

static void percpu_freed(const struct kf_object *object)
{
	struct trace_record *r = record(TRACE_PERCPU_FREE);

	if (!r)
		return;
	keep_place(r, 0, (uint64_t)object->addr);
}

/* What 6.1 has no tracepoint for, under our own names. */
static void name_other(struct trace_record *r, const struct kf_object *object)
{
	if (object->kind == KF_CACHE)
		keep_text(r, "kmem_cache:", kf_cache_name(object->addr));
	else
		keep_text(r, "", object->kind == KF_VMAP ? "vmap" : "vmalloc");
}

static void other_allocated(const struct kf_object *object, uint32_t stack)
{
	struct trace_record *r = record(TRACE_KFAIL_ALLOC);

	if (!r)
		return;
	keep_sites(r, stack);
	r->values[1] = (uint64_t)object->addr;
	r->values[2] = object->size;
	r->values[3] = object->usable;
	r->values[4] = object->gfp;
	name_other(r, object);
}

static void other_freed(const struct kf_object *object, uint32_t stack)
{
	struct trace_record *r = record(TRACE_KFAIL_FREE);

	if (!r)
		return;
	keep_sites(r, stack);
	r->values[1] = (uint64_t)object->addr;
	name_other(r, object);
}

void trace_allocated(const struct kf_object *object, uint32_t stack)
{
	switch (object->kind) {
	case KF_SLAB:
	case KF_KMALLOC_LARGE:
		slab_allocated(object, stack);
		break;
	case KF_PERCPU:
		percpu_allocated(object, stack);
		break;
	case KF_PAGES: /* mm_page_alloc comes as an event, as for all who take pages */
		break;
	default:
		other_allocated(object, stack);
	}
}

void trace_freed(const struct kf_object *object, uint32_t stack)
{
	switch (object->kind) {
	case KF_SLAB:
	case KF_KMALLOC_LARGE:
		slab_freed(object, stack);
		break;
	case KF_PERCPU:
		percpu_freed(object);
		break;
	case KF_PAGES:
		break;
	default:
		other_freed(object, stack);
	}
}

void trace_refused(const struct kf_request *request, uint32_t point, uint32_t stack,
		   const char *name)
{
	struct trace_record *r = record(TRACE_KFAIL_REFUSED);

	if (!r)
		return;
	keep_sites(r, stack);
	r->values[1] = point;
	r->values[2] = request->size;
	r->values[3] = request->gfp;
	keep_text(r, "", name);
}

void trace_operation(const char *format, ...)
{
	struct trace_record *r = record(TRACE_KFAIL_OPERATION);
	va_list args;

	if (!r)
		return;
	va_start(args, format);
	vsnprintf(r->text, sizeof(r->text), format, args);
	va_end(args);
}

static uint64_t pfn_of(const struct page *page)
{
	return page ? kf_page_to_pfn(page) : UINT64_MAX;
}

static struct trace_record *page_event(enum trace_event_id id, const struct kf_event *event)
{
	struct trace_record *r = record(id);

	if (!r)
		return NULL;
	r->values[0] = pfn_of(event->page);
	r->values[1] = event->order;
	r->values[2] = event->migratetype;
	return r;
}

/* pcp_allowed_order() and MIGRATE_PCPTYPES of mm/page_alloc.c: such a block goes through the lists of a CPU. */
static bool is_for_cpu_list(const struct kf_event *event)
{
	return (event->order <= 3 || event->order == 9) && event->migratetype < 3;
}

static void page_taken(const struct kf_event *event)
{
	struct trace_record *r = page_event(TRACE_MM_PAGE_ALLOC_ZONE_LOCKED, event);

	if (r)
		r->values[3] = is_for_cpu_list(event);
}

static void page_allocated(const struct kf_event *event)
{
	struct trace_record *r = record(TRACE_MM_PAGE_ALLOC);

	if (!r)
		return;
	r->values[0] = pfn_of(event->page);
	r->values[1] = event->order;
	r->values[2] = event->gfp;
	r->values[3] = event->migratetype;
}

static void page_stolen(const struct kf_event *event)
{
	struct trace_record *r = record(TRACE_MM_PAGE_ALLOC_EXTFRAG);

	if (!r)
		return;
	r->values[0] = pfn_of(event->page);
	r->values[1] = event->order;
	r->values[2] = event->value;
	r->values[3] = event->migratetype;
	r->values[4] = event->fallback_migratetype;
	r->values[5] = event->change_ownership;
}

static void shrink_begins(const struct kf_event *event)
{
	struct trace_record *r = record(TRACE_SHRINK_SLAB_START);

	if (!r)
		return;
	r->values[0] = (uint64_t)event->shrink->shrinker;
	r->values[1] = (uint64_t)event->shrink->scan_objects;
	r->values[3] = (uint64_t)event->shrink->deferred;
	r->values[4] = event->gfp;
	r->values[5] = (uint64_t)event->shrink->freeable;
	r->values[6] = (uint64_t)event->shrink->delta;
	r->values[7] = (uint64_t)event->shrink->total;
	r->values[8] = (uint64_t)event->shrink->priority;
}

static void shrink_ends(const struct kf_event *event)
{
	struct trace_record *r = record(TRACE_SHRINK_SLAB_END);

	if (!r)
		return;
	r->values[0] = (uint64_t)event->shrink->shrinker;
	r->values[2] = (uint64_t)event->shrink->scan_objects;
	r->values[3] = (uint64_t)event->shrink->deferred;
	r->values[4] = (uint64_t)event->shrink->next_deferred;
	r->values[5] = event->value;
	r->values[6] = (uint64_t)event->shrink->total;
}

static void kswapd_woken(const struct kf_event *event)
{
	struct trace_record *r = record(TRACE_KSWAPD_WAKE);

	if (r)
		r->values[2] = event->order;
}

/* The hook. */
static void take_event(const struct kf_event *event)
{
	switch (event->kind) {
	case KF_EVENT_PAGE_ALLOC:
		page_allocated(event);
		break;
	case KF_EVENT_PAGE_FREE:
		page_event(TRACE_MM_PAGE_FREE, event);
		break;
	case KF_EVENT_PAGE_FREE_BATCHED:
		page_event(TRACE_MM_PAGE_FREE_BATCHED, event);
		break;
	case KF_EVENT_PAGE_ALLOC_ZONE_LOCKED:
		page_taken(event);
		break;
	case KF_EVENT_PAGE_PCPU_DRAIN:
		page_event(TRACE_MM_PAGE_PCPU_DRAIN, event);
		break;
	case KF_EVENT_PAGE_ALLOC_EXTFRAG:
		page_stolen(event);
		break;
	case KF_EVENT_SHRINK_SLAB_START:
		shrink_begins(event);
		break;
	case KF_EVENT_SHRINK_SLAB_END:
		shrink_ends(event);
		break;
	case KF_EVENT_KSWAPD_WAKE:
		kswapd_woken(event);
		break;
	case KF_NR_EVENTS:
		break;
	}
}

/* ---- the course of a trace ---- */

void trace_begin(void (*task)(struct trace_task *out))
{
	if (!trace.ring)
		return;
	trace.task = task;
	trace.ring->written = 0;
	trace.ring->complete = false;
	kf_hooks.event = take_event;
	kf_tracing = true;
}

static void deliver(void)
{
	for (uint64_t i = 0; i < trace_count(); i++) {
		struct trace_record *r = (struct trace_record *)trace_record(i);

		if (r->sites[0])
			r->values[0] = call_site(r->sites, TRACE_SITES_MAX);
	}
	trace.ring->complete = true;
	trace.ring->failed = !trace.deliver();
}

void trace_end(void)
{
	if (!kf_tracing)
		return;
	kf_tracing = false;
	deliver();
}

void trace_rescue(void)
{
	if (trace.ring && !trace.ring->complete)
		deliver();
}

bool trace_failed(void)
{
	return trace.ring && trace.ring->failed;
}

uint64_t trace_count(void)
{
	return trace.ring->written < RING_RECORDS ? trace.ring->written : RING_RECORDS;
}

uint64_t trace_lost(void)
{
	return trace.ring->written - trace_count();
}

const struct trace_record *trace_record(uint64_t i)
{
	return &trace.ring->records[(trace_lost() + i) % RING_RECORDS];
}
