// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad accesses that instrumented code told of before it made them (harness/instrument). The stack begins at the access
 * itself: what stands above it is the check.
 *
 * A loop that runs through an object's end is told once: by its place, before its stack is walked. A write that was told
 * goes on, as in the kernel, and damages a guard; who finds that later finds nothing new.
 */
#include "evidence.h"

#include <stdio.h>
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"

bool judge_told_access(uint64_t addr)
{
	bool told = addr - judge.announced.addr < judge.announced.size;

	judge.announced.size = 0;
	return told;
}

static bool is_told(uint64_t pc, enum finding_kind kind)
{
	for (unsigned i = 0; i < judge.evidence_count; i++) {
		const struct evidence *e = &judge.evidence[i];

		if (e->form == EVIDENCE_ACCESS && e->access.pc == pc && e->kind == kind)
			return true;
	}
	return false;
}

/* Without the frames of the check. */
static uint32_t stack_from(uint64_t pc)
{
	uint32_t stack = judge.eyes.caller().stack;
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	for (unsigned i = 0; i < n; i++)
		if (pcs[i] == pc)
			return i ? depot_save(pcs + i, n - i) : stack;
	return stack;
}

static void remember_hurt(const struct kf_object *object)
{
	if (!object->addr || access_explains(object) || judge.hurt_count == EVIDENCE_MAX)
		return;
	judge.hurt[judge.hurt_count++] = object->seq;
}

bool access_explains(const struct kf_object *object)
{
	for (unsigned i = 0; i < judge.hurt_count; i++)
		if (judge.hurt[i] == object->seq)
			return true;
	return false;
}

void judge_bad_access(const struct bad_access *access, uint64_t pc)
{
	struct evidence *e;
	char size[32] = "";

	if (!judge.running)
		return;
	if (!access->exact)
		judge.announced =
			(struct evidence_access){.addr = access->addr, .size = access->size};
	if (access->write)
		remember_hurt(&access->object);
	if (is_told(pc, access->kind))
		return;
	e = evidence_add(EVIDENCE_ACCESS, access->kind, access->stack ?: stack_from(pc),
			 access->write);
	if (!e)
		return;
	if (access->size)
		snprintf(size, sizeof(size), " of %llu byte%s", (unsigned long long)access->size,
			 access->size == 1 ? "" : "s");
	snprintf(e->what, sizeof(e->what), "%s, %s%s%s%s", access->type,
		 access->write ? "write" : "read", size, access->where[0] ? ": " : "",
		 access->where);
	e->exact = access->exact;
	e->bug = (struct kf_bug){.object = access->object};
	snprintf(e->cache, sizeof(e->cache), "%s",
		 access->object.cache ? kf_cache_name(access->object.cache) : "");
	e->access = (struct evidence_access){pc, access->addr, access->size, access->type,
					     access->write};
	evidence_noted(e);
}
