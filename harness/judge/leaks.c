// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaks by exact accounting: what a run allocated and did not give back by its end is left over,
 * whether something still points to it or not. No scan, no waiting, no second look.
 *
 * Leftovers are grouped by the call that the driver made, since one forgotten unregister call
 * leaves a dozen objects behind: same return address into the driver, same way there. Those without
 * a frame of the driver are grouped by their whole stack. Leftovers with an excuse (blame.c) have
 * groups of their own. A cache that was destroyed while objects were alive keeps them as part of
 * that one finding.
 *
 * An init that returns 0 although it has given everything back is found by the same journal (judge_unwound()), and so is one
 * that never came to hold anything (judge_holds_something()).
 *
 * Pointers into the module that remain in kernel memory say that something is still registered that
 * cost no allocation: a timer, a notifier, a static struct on a list. They count only where no
 * leftover of the driver explains them.
 */
#include "evidence.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include "../../allocator/core/objects.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"

#define GROUP_SALT    0x67727570u
#define DANGLING_SALT 0x64616e67u

static void chain(struct evidence *e, const struct journal_entry *entry,
		  const struct kf_object *object)
{
	uint32_t index = journal_tell(entry, object);

	if (e->count++)
		judge.left[e->last].next = index;
	else
		e->first = index;
	e->last = index;
}

/* The finding about kmem_cache_destroy() that this leftover belongs to, or NULL. */
static struct evidence *destroyed_cache(const struct kf_object *object)
{
	for (unsigned i = 0; i < judge.evidence_count; i++) {
		struct evidence *e = &judge.evidence[i];

		if (e->form != EVIDENCE_BUG || e->bug.kind != KF_BUG_CACHE_NOT_EMPTY)
			continue;
		if (object->cache == e->bug.cache || object->addr == (const void *)e->bug.cache)
			return e;
	}
	return NULL;
}

/* Left because kmem_cache_destroy() failed, as it did in the baseline. */
static bool explained_by_baseline(const struct kf_object *object)
{
	for (unsigned i = 0; i < judge.known_stuck_count; i++)
		if (object->cache == judge.known_stuck[i] ||
		    object->addr == (const void *)judge.known_stuck[i])
			return true;
	return false;
}

/* A free that was wrong in another way gave nothing back: that it is still there says nothing new. */
static bool free_was_refused(const struct kf_object *object)
{
	for (unsigned i = 0; i < judge.evidence_count; i++) {
		const struct evidence *e = &judge.evidence[i];

		if (e->form == EVIDENCE_BUG && e->bug.kind == KF_BUG_BAD_PAGE &&
		    e->bug.object.addr == object->addr)
			return true;
	}
	return false;
}

static uint64_t group_hash(const struct journal_entry *entry, const char *excuse)
{
	const uint64_t *pcs;
	unsigned n = depot_get(entry->stack, &pcs);
	unsigned driver = blame_driver_frame(pcs, n);
	uint64_t seed = excuse ? XXH64(excuse, strlen(excuse), GROUP_SALT) : GROUP_SALT;

	if (driver == n)
		driver = 0;
	return n ? XXH64(pcs + driver, (n - driver) * sizeof(*pcs), seed) : seed;
}

static struct evidence *group_find(uint64_t key)
{
	for (unsigned i = 0; i < judge.evidence_count; i++)
		if (judge.evidence[i].form == EVIDENCE_LEFTOVER && judge.evidence[i].key == key)
			return &judge.evidence[i];
	return NULL;
}

static struct evidence *group_make(uint64_t hash, const char *when, const char *excuse)
{
	struct evidence *e = evidence_add(EVIDENCE_LEFTOVER, FINDING_LEAK, 0, hash);

	if (!e)
		return NULL;
	e->when = when;
	if (excuse) {
		snprintf(e->reason_text, sizeof(e->reason_text), "%s", excuse);
		e->reason = e->reason_text;
	} else {
		evidence_noted(e);
	}
	return e;
}

static void group_add(const struct journal_entry *entry, const struct kf_object *object,
		      const char *when, bool refused)
{
	struct evidence *group = destroyed_cache(object);
	char text[sizeof(group->reason_text)];
	const char *excuse;
	uint64_t hash;

	if (explained_by_baseline(object) || free_was_refused(object) ||
	    (group && object->kind == KF_CACHE)) {
		/* In the last case the cache is what the finding is about, not one of its objects. */
		journal_tell(entry, object);
		return;
	}
	if (!group) {
		excuse = blame_excuse(entry, refused, text, sizeof(text));
		hash = group_hash(entry, excuse);
		group = group_find(evidence_key(FINDING_LEAK, 0, hash));
		if (!group)
			group = group_make(hash, when, excuse);
	}
	if (group)
		chain(group, entry, object);
}

unsigned judge_check_leftovers(const char *when, bool refused)
{
	struct journal_entry entry;
	unsigned left = 0;
	uint32_t at = 0;

	if (!judge.live)
		return 0;
	while (journal_next(&at, &entry)) {
		struct kf_object object;

		if (!journal_is_live(&entry, &object))
			continue;
		left++;
		if (!entry.told && !evidence_is_known(entry_key(&entry)))
			group_add(&entry, &object, when, refused);
	}
	return left;
}

void judge_unreferenced(uint64_t seq, uint64_t size, uint32_t stack, const char *when)
{
	struct journal_entry entry;
	struct kf_object object;

	if (seq && judge.running && journal_of(seq, &entry) && journal_is_live(&entry, &object) &&
	    !entry.told && !evidence_is_known(entry_key(&entry)))
		group_add(&entry, &object, when, false);
	else if (!seq && judge.running)
		evidence_sentence(FINDING_LEAK, stack, 0,
				  "%llu bytes that were registered with kmemleak_alloc() are not "
				  "freed %s",
				  (unsigned long long)size, when);
}

unsigned judge_alive(uint8_t *alive, unsigned max)
{
	unsigned n = judge.journal_count < max ? judge.journal_count : max;
	struct journal_entry entry;
	struct kf_object object;

	for (unsigned i = 0; i < n; i++)
		alive[i] = journal_at(i, &entry) && entry.on_behalf &&
			   journal_is_live(&entry, &object);
	return n;
}

bool judge_gave_back(const uint8_t *alive, unsigned count)
{
	struct journal_entry entry;
	struct kf_object object;

	for (unsigned i = 0; i < count && i < judge.journal_count; i++)
		if (alive[i] && (!journal_at(i, &entry) || !journal_is_live(&entry, &object)))
			return true;
	return false;
}

bool judge_holds_something(void)
{
	struct journal_entry entry;
	struct kf_object object;
	uint32_t at = 0;

	while (journal_next(&at, &entry)) {
		if (entry.on_behalf && journal_is_live(&entry, &object) &&
		    !evidence_is_known(entry_key(&entry)))
			return true;
	}
	return false;
}

bool judge_unwound(const uint8_t *alive, unsigned count)
{
	unsigned same = count < judge.refused_at ? count : judge.refused_at;
	struct journal_entry entry;

	for (unsigned i = 0; i < same; i++)
		if (alive[i] && journal_at(i, &entry) && !evidence_is_known(entry_key(&entry)))
			return !judge_holds_something();
	return false;
}

static bool explained(uint64_t where)
{
	struct kf_object object;

	for (unsigned i = 0; i < judge.evidence_count; i++)
		if (judge.evidence[i].form == EVIDENCE_LEFTOVER && !judge.evidence[i].reason)
			return true;
	return kf_object_at((const void *)where, &object) && object.live &&
	       object.seq > judge.base_seq;
}

void judge_dangling(uint64_t where, uint64_t value, const char *place)
{
	struct evidence *e;
	struct frame frame;
	char name[96];

	if (explained(where))
		return;
	symbols_resolve(value, true, &frame, 1);
	if (frame.function[0])
		snprintf(name, sizeof(name), "%s", frame.function);
	else
		snprintf(name, sizeof(name), "0x%llx", (unsigned long long)value);
	e = evidence_add(EVIDENCE_SENTENCE, FINDING_RESOURCE_LEAK, 0,
			 XXH64(name, strlen(name), DANGLING_SALT));
	if (!e)
		return;
	snprintf(e->what, sizeof(e->what),
		 "a pointer to %s in module %s remains in %s: something is still "
		 "registered",
		 name, judge.eyes.module, place ? place : "kernel memory");
	evidence_noted(e);
}
