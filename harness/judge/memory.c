// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damage that the allocators tell: what kind of finding it is, and the look at guards and poison
 * when a run is at rest.
 *
 * The check at the end covers the objects that this run allocated, live (guards) and freed
 * (poison): its cost follows use, not the size of the world. Objects that were there before are
 * checked by the allocators when they are freed or handed out again.
 *
 * An object that is freed must hold nothing that the kernel will come back to: a pending timer, work or RCU head. The world
 * looks, since it knows the structures (CONFIG_DEBUG_OBJECTS_FREE).
 */
#include "evidence.h"

#include <stdio.h>
#include <string.h>
#include "../../allocator/core/objects.h"
#include "../../allocator/slab/slab.h"

/* kf_check_object() tells through the same hook, but then nobody's stack is to blame. */
static bool at_rest;

static enum finding_kind kind_of(const struct kf_bug *bug)
{
	switch (bug->kind) {
	case KF_BUG_DOUBLE_FREE:
		return FINDING_DOUBLE_FREE;
	case KF_BUG_INVALID_FREE:
	case KF_BUG_WRONG_CACHE:
	case KF_BUG_WRONG_FAMILY:
		return FINDING_INVALID_FREE;
	case KF_BUG_REDZONE:
	case KF_BUG_USERCOPY:
		return FINDING_OUT_OF_BOUNDS;
	case KF_BUG_WRITE_AFTER_FREE:
		return FINDING_USE_AFTER_FREE;
	case KF_BUG_CACHE_NOT_EMPTY:
	case KF_BUG_POOL_BUSY:
		return FINDING_LEAK;
	case KF_BUG_BAD_PAGE:
		return FINDING_CORRUPTION;
	case KF_BUG_CONTEXT:
		return FINDING_CONTEXT;
	case KF_BUG_WARN:
		break;
	}
	return FINDING_WARNING;
}

static void remember_stuck(const struct kf_cache *cache)
{
	const unsigned max = sizeof(judge.known_stuck) / sizeof(judge.known_stuck[0]);

	if (judge.known_stuck_count < max)
		judge.known_stuck[judge.known_stuck_count++] = cache;
}

void memory_bug(const struct kf_bug *bug)
{
	enum finding_kind kind = kind_of(bug);
	const struct kf_cache *cache = bug->object.cache ? bug->object.cache : bug->cache;
	uint64_t salt = evidence_key(kind, bug->object.addr ? bug->object.alloc_tag : 0, bug->kind);
	struct evidence *e;

	if ((bug->kind == KF_BUG_REDZONE || bug->kind == KF_BUG_WRITE_AFTER_FREE) &&
	    access_explains(&bug->object))
		return;
	e = evidence_add(EVIDENCE_BUG, kind, at_rest ? 0 : judge.eyes.caller().stack, salt);
	if (!e && bug->kind == KF_BUG_CACHE_NOT_EMPTY)
		remember_stuck(bug->cache);
	if (!e)
		return;
	e->bug = *bug;
	snprintf(e->cache, sizeof(e->cache), "%s", cache ? kf_cache_name(cache) : "");
	evidence_noted(e);
}

static bool holds_data(const struct kf_object *object)
{
	return object->kind == KF_SLAB || object->kind == KF_KMALLOC_LARGE ||
	       object->kind == KF_PAGES || object->kind == KF_VMALLOC;
}

void memory_freed(const struct kf_object *object, uint32_t stack)
{
	struct active_inside active;
	struct evidence *e;

	if (!judge.eyes.active || !holds_data(object) ||
	    !judge.eyes.active((uint64_t)object->addr, object->size, &active))
		return;
	e = evidence_add(EVIDENCE_ACTIVE, FINDING_USE_AFTER_FREE, stack, active.offset);
	if (!e)
		return;
	e->active = active;
	e->bug.object = *object;
	e->bug.object.free_tag = stack;
	snprintf(e->cache, sizeof(e->cache), "%s",
		 object->cache ? kf_cache_name(object->cache) : "");
	evidence_noted(e);
}

/* Only the newest tenant of a slot answers for it. */
static bool find_tenant(const struct journal_entry *entry, struct kf_object *out)
{
	switch (entry->kind) {
	case KF_SLAB:
	case KF_KMALLOC_LARGE:
	case KF_PAGES:
		return kf_object_at((const void *)entry->addr, out) && out->seq == entry->seq;
	case KF_PERCPU:
		return kf_percpu_record(entry->addr, entry->seq, out);
	default:
		return false;
	}
}

void judge_check_memory(void)
{
	struct journal_entry entry;
	struct kf_object object;
	uint32_t at = 0;

	at_rest = true;
	while (journal_next(&at, &entry))
		if (find_tenant(&entry, &object))
			kf_check_object(&object);
	at_rest = false;
}
