// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks' no-op defaults, and the two ways in which the allocators tell a bug: a sentence about an
 * object, or bytes that should have held a known value. Damaged bytes are put back after they were told,
 * so that one damage is told once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "state.h"

static void default_might_alloc(const struct kf_request *req)
{
}

static bool default_should_fail(const struct kf_request *req)
{
	return false;
}

static u32 default_object(const struct kf_object *obj)
{
	return 0;
}

static void default_bug(const struct kf_bug *bug)
{
}

static void default_construct(void (*ctor)(void *), void *object)
{
	ctor(object);
}

static void default_describe(u32 tag, void (*fn)(const char *frame, void *arg), void *arg)
{
}

static void default_whence(struct kf_whence *out)
{
	*out = (struct kf_whence){.comm = "swapper"};
}

static u32 default_task(void)
{
	return 0;
}

static void default_wait(const char *what, unsigned attempt)
{
	sched_yield();
}

static void default_defer(void (*fn)(void *), void *arg)
{
	fn(arg);
}

static u64 default_reclaim(u32 gfp, unsigned order, int priority)
{
	return 0;
}

static u64 default_oom(u32 gfp, unsigned order)
{
	return 0;
}

static bool default_kswapd(unsigned zone, unsigned order)
{
	return false;
}

static u64 default_vmap_purge(void)
{
	return 0;
}

void kf_log_nowhere(int level, const char *line)
{
}

static void default_event(const struct kf_event *event)
{
}

static void default_exposed(void *addr, size_t size)
{
}

static void default_bytes(const void *addr, size_t size, enum kf_bytes state)
{
}

static void default_shown(const void *addr, size_t size)
{
}

static void default_remapped(void *addr, size_t size, bool mapped)
{
}

#define DEFAULTS                                                                                 \
	{                                                                                        \
		.might_alloc = default_might_alloc, .should_fail = default_should_fail,          \
		.allocated = default_object, .freed = default_object, .bug = default_bug,        \
		.construct = default_construct, .task = default_task, .defer = default_defer,    \
		.reclaim = default_reclaim, .oom = default_oom, .kswapd = default_kswapd,        \
		.vmap_purge = default_vmap_purge, .log = kf_log_nowhere, .event = default_event, \
		.exposed = default_exposed, .remapped = default_remapped,                        \
		.describe = default_describe, .whence = default_whence, .wait = default_wait,    \
		.bytes = default_bytes, .shown = default_shown,                                  \
	}

struct kf_hooks kf_hooks = DEFAULTS;
bool kf_tracing, kf_watched;

void kf_hooks_reset(void)
{
	kf_hooks = (struct kf_hooks)DEFAULTS;
}

void kf_tell(enum kf_bug_kind kind, const void *addr, const struct kf_object *object,
	     const struct kf_cache *cache, const char *what)
{
	struct kf_bug bug = {.kind = kind, .addr = addr, .cache = cache, .what = what};

	if (object)
		bug.object = *object;
	kf_hooks.bug(&bug);
}

bool kf_logging(void)
{
	return kf_hooks.log != kf_log_nowhere;
}

const u8 *kf_first_other_byte(const void *start, u8 value, size_t n)
{
	const u8 *p = start, *end = p + n;

	while (p < end && *p == value)
		p++;
	return p < end ? p : NULL;
}

static size_t damage_length(const u8 *first, const u8 *end, u8 value)
{
	while (end > first && end[-1] == value)
		end--;
	return (size_t)(end - first);
}

bool kf_check_bytes(enum kf_bug_kind kind, void *p, u8 value, size_t n,
		    const struct kf_object *object, const char *what)
{
	const u8 *bad = kf_first_other(p, value, n);
	struct kf_bug bug = {.kind = kind, .addr = bad, .expected = value, .what = what};

	if (!bad)
		return false;
	bug.found = *bad;
	bug.damaged = damage_length(bad, (u8 *)p + n, value);
	if (object) {
		bug.object = *object;
		bug.cache = object->cache;
	}
	kf_hooks.bug(&bug);
	memset((void *)bad, value, bug.damaged);
	return true;
}
