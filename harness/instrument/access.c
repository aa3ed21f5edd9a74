// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judging an access, as mm/kasan/generic.c and report_generic.c do, with one difference: what the allocators gave out is not
 * copied into a shadow but asked of them. Their records are exact to the byte, restored with the world, and know the object
 * long after it is freed.
 *
 *	[addr, addr+size)	is looked at stretch by stretch, from its first byte:
 *
 *	stack, module memory	its shadow, which the compiler wrote			until the window ends
 *	in a live object	fine until the end of the *requested* size		pages: then go on behind
 *	in a freed one		use after free; not in a SLAB_TYPESAFE_BY_RCU cache
 *	in a slab, in none	out of bounds: nothing was ever there
 *	in a free page		use after free
 *	user memory		not for kernel code
 *	anything else		the kernel's own (image, boot memory, struct page): fine
 *
 * Not told here: an address where nothing is mapped. The instruction itself will fault, and that is told.
 */
#include "access.h"
#include <stdio.h>
#include <string.h>
#include "../../allocator/core/objects.h"
#include "../../allocator/slab/slab.h"
#include "../judge/judge.h"
#include "../judge/kernel_text.h"
#include "internal.h"

#define PAGE 4096ul

/* What is known of the bytes from one address on. */
struct stretch {
	uint64_t end; /* up to here they are fine; nothing is, when it is where it began */
	bool on;      /* what lies behind is another question; else it is bad */
};

static const struct stretch bad_here = {0, false};

/* A constructor runs: its object is nobody's yet. */
static bool constructs;

void access_constructs(bool running)
{
	constructs = running;
}

static struct stretch fine_until(uint64_t end, bool on)
{
	return (struct stretch){end, on};
}

/* ---- the allocators' objects ---- */

static struct stretch bad_object(struct bad_access *bad, bool freed)
{
	bad->kind = freed ? FINDING_USE_AFTER_FREE : FINDING_OUT_OF_BOUNDS;
	bad->type = kernel_text_access_type(&bad->object, freed);
	return bad_here;
}

static bool keeps_type(const struct kf_object *object)
{
	return object->kind == KF_SLAB && object->cache &&
	       kf_cache_flags(object->cache) & KF_SLAB_TYPESAFE_BY_RCU;
}

static struct stretch look_at_object(uint64_t at, struct bad_access *bad)
{
	const struct kf_object *object = &bad->object;
	uint64_t start = (uint64_t)object->addr, end = start + object->size;
	bool whole_pages = object->kind == KF_PAGES || object->kind == KF_VMAP;

	if (!object->live && constructs && object->cache && kf_cache_has_ctor(object->cache))
		return fine_until(end, false);
	if (!object->live && !keeps_type(object))
		return bad_object(bad, true);
	if (at < start || at >= end)
		return bad_object(bad, false);
	bad->kind = FINDING_OUT_OF_BOUNDS;
	bad->type = kernel_text_access_type(object, false);
	return fine_until(end, whole_pages);
}

/* ---- the rest ---- */

static const char *type_of_shadow(uint8_t shadow)
{
	switch (shadow) {
	case KF_SHADOW_GLOBAL:
		return "global-out-of-bounds";
	case KF_SHADOW_STACK_LEFT:
	case KF_SHADOW_STACK_MID:
	case KF_SHADOW_STACK_RIGHT:
	case KF_SHADOW_STACK_PARTIAL:
		return "stack-out-of-bounds";
	case KF_SHADOW_SCOPE:
		return "use-after-scope";
	case KF_SHADOW_ALLOCA_LEFT:
	case KF_SHADOW_ALLOCA_RIGHT:
		return "alloca-out-of-bounds";
	default:
		return "out-of-bounds";
	}
}

/* Of a granule that is open in part, the next one says what it is about. */
static uint8_t telling_shadow(uint64_t at)
{
	uint8_t shadow = *(uint8_t *)kf_shadow_of(at);

	if (shadow < 8 && kf_shadowed(instrumented.windows, at + 8))
		shadow = *(uint8_t *)kf_shadow_of(at + 8);
	return shadow;
}

static uint64_t window_end(uint64_t at)
{
	const struct kf_shadow_windows *w = instrumented.windows;
	unsigned i = at - w->start[0] < w->size[0] ? 0 : 1;

	return w->start[i] + w->size[i];
}

static struct stretch look_at_shadow(uint64_t at, uint64_t end, struct bad_access *bad)
{
	uint64_t limit = window_end(at), first;

	limit = limit < end ? limit : end;
	first = kf_shadow_first_bad(at, limit);
	if (first == limit)
		return fine_until(limit, true);
	bad->type = type_of_shadow(telling_shadow(first));
	bad->kind = !strcmp(bad->type, "use-after-scope") ? FINDING_USE_AFTER_FREE
							  : FINDING_OUT_OF_BOUNDS;
	return fine_until(first, false);
}

static struct stretch look_at_ground(uint64_t at, struct bad_access *bad)
{
	switch (kf_ground_at((void *)at)) {
	case KF_GROUND_SLAB:
		if (constructs)
			break;
		bad->kind = FINDING_OUT_OF_BOUNDS;
		bad->type = "slab-out-of-bounds";
		return bad_here;
	case KF_GROUND_FREE:
		bad->kind = FINDING_USE_AFTER_FREE;
		bad->type = "use-after-free";
		return bad_here;
	case KF_GROUND_KERNEL:
	case KF_GROUND_NONE:
		break;
	}
	/* The last page of all has nothing behind it. */
	return fine_until((at | (PAGE - 1)) + 1 ? (at | (PAGE - 1)) + 1 : UINT64_MAX, true);
}

static struct stretch look(uint64_t at, uint64_t end, struct bad_access *bad)
{
	if (shadow_is_open() && kf_shadowed(instrumented.windows, at))
		return look_at_shadow(at, end, bad);
	if (kf_object_at((void *)at, &bad->object))
		return look_at_object(at, bad);
	bad->object.addr = NULL;
	if (instrumented.is_user && instrumented.is_user(at)) {
		bad->kind = FINDING_WILD_ACCESS;
		bad->type = "user-memory-access";
		return bad_here;
	}
	return look_at_ground(at, bad);
}

/* ---- where it is ---- */

/* "4 bytes behind the end of", "inside", "12 bytes before"; and how far. */
static void say_distance(char *text, size_t size, uint64_t at, uint64_t start, uint64_t length)
{
	uint64_t far = at < start ? start - at : at - start;
	const char *relation = at < start ? "before" : "inside";

	if (at >= start + length) {
		far -= length;
		relation = "behind the end of";
	}
	snprintf(text, size, "%lu byte%s %s", (unsigned long)far, far == 1 ? "" : "s", relation);
}

static void say_variable(struct bad_access *bad, uint64_t at)
{
	bool global = !strcmp(bad->type, "global-out-of-bounds");
	struct variable variable;
	char distance[64];

	if (!strcmp(bad->type, "alloca-out-of-bounds")) {
		snprintf(bad->where, sizeof(bad->where), "beside an alloca()");
		return;
	}
	if (global ? !variable_global(&instrumented, at, &variable)
		   : !variable_on_stack(at, &variable))
		return;
	say_distance(distance, sizeof(distance), at, variable.start, variable.size);
	snprintf(bad->where, sizeof(bad->where), "%s the %s '%s' of %lu bytes", distance,
		 global ? "global variable" : "local variable", variable.name,
		 (unsigned long)variable.size);
}

/* Behind "a". */
static const char *name_of(const struct kf_object *object)
{
	if (object->kind == KF_VMALLOC || object->kind == KF_VMAP)
		return object->live ? " vmalloc area" : " freed vmalloc area";
	if (object->kind == KF_PAGES)
		return object->live ? " block of pages" : " freed block of pages";
	return object->live ? "n object" : " freed object";
}

static void say_object(struct bad_access *bad, uint64_t at)
{
	const struct kf_object *object = &bad->object;
	const char *cache = object->cache ? kf_cache_name(object->cache) : NULL;
	char distance[64];

	say_distance(distance, sizeof(distance), at, (uint64_t)object->addr, object->size);
	snprintf(bad->where, sizeof(bad->where), "%s a%s of %zu bytes%s%s", distance,
		 name_of(object), object->size, cache ? " of " : "", cache ? cache : "");
}

static void say_where(struct bad_access *bad, uint64_t at)
{
	if (bad->object.addr)
		say_object(bad, at);
	else if (shadow_is_open() && kf_shadowed(instrumented.windows, at))
		say_variable(bad, at);
	else if (bad->kind == FINDING_WILD_ACCESS)
		snprintf(bad->where, sizeof(bad->where),
			 "a pointer of user space is followed, which only copy functions may do");
	else
		snprintf(bad->where, sizeof(bad->where), "no object is or was there");
}

/* The first bad byte of [addr, end), and what is known of it; `end`: there is none. */
static uint64_t find_bad(uint64_t addr, uint64_t end, struct bad_access *bad)
{
	uint64_t at = addr;

	while (at < end) {
		struct stretch s = look(at, end, bad);

		if (s.end >= end)
			break;
		if (!s.on)
			return s.end > at ? s.end : at;
		at = s.end;
		bad->object.addr = NULL;
	}
	return end;
}

uint64_t access_first_bad(uint64_t addr, uint64_t size)
{
	struct bad_access bad = {0};

	return find_bad(addr, addr + size, &bad);
}

bool access_check(uint64_t addr, uint64_t size, bool write, uint64_t pc)
{
	struct bad_access bad = {.addr = addr, .size = size, .write = write};
	uint64_t end = addr + size, at;

	if (end < addr) {
		bad.kind = FINDING_OUT_OF_BOUNDS;
		bad.type = "out-of-bounds";
		snprintf(bad.where, sizeof(bad.where), "the size is negative");
	} else {
		at = find_bad(addr, end, &bad);
		if (at == end)
			return true;
		say_where(&bad, at);
	}
	judge_bad_access(&bad, pc);
	return false;
}
