// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ladder of should_fail_ex(), from its second row on (lib/fault-inject.c of 6.1; the first row, fail-nth, is
 * inject.c's), and the filters of mm/failslab.c and mm/page_alloc.c that stand before it. Quirks are kept:
 *
 *	times	counts down behind the message, not below 0; a refusal by fail-nth counts it down too
 *	space	is never brought to 0: what fits into more than its own size is served, then refusals begin
 *	count	of `interval` counts only requests that task-filter, times and space let pass
 *	stack	reject is looked at before require in each frame; the default range needs no frame at all
 *
 * The rate limit is lib/ratelimit.c's.
 */
#include "attr.h"

#include "../../allocator/slab/slab.h"

void attr_default(struct fault_attr *attr, enum capability capability, bool compat)
{
	*attr = (struct fault_attr){
		.interval = 1,
		.times = 1,
		.verbose = 2,
		.verbose_ratelimit_burst = 10,
		.stacktrace_depth = STACKTRACE_DEPTH_MAX,
		.require_end = UINT64_MAX,
		.ignore_gfp_wait = compat,
		.ignore_gfp_highmem = compat,
		.min_order = compat ? 1 : 0,
	};
}

static bool stack_allows(const struct fault_attr *attr, const uint64_t *pcs, unsigned frames)
{
	bool found = !attr->require_start && attr->require_end == UINT64_MAX;

	for (unsigned i = 0; i < frames && i < attr->stacktrace_depth; i++) {
		if (pcs[i] >= attr->reject_start && pcs[i] < attr->reject_end)
			return false;
		if (pcs[i] >= attr->require_start && pcs[i] < attr->require_end)
			found = true;
	}
	return found;
}

static bool space_is_left(struct fault_attr *attr, uint64_t size)
{
	if (attr->space <= 0 || (uint64_t)attr->space <= size)
		return false;
	attr->space -= (int32_t)size;
	return true;
}

bool attr_should_fail(struct fault_attr *attr, const struct attr_ask *ask)
{
	if (!attr->probability)
		return false;
	if (attr->task_filter && !ask->task)
		return false;
	if (!attr->times)
		return false;
	if (space_is_left(attr, ask->size))
		return false;
	if (attr->interval > 1 && ++attr->count % attr->interval)
		return false;
	if (attr->probability <= (uint64_t)ask->random() * 100 >> 32)
		return false;
	return stack_allows(attr, ask->pcs, ask->frames);
}

void attr_spend(struct fault_attr *attr)
{
	if (attr->times > 0)
		attr->times--;
}

static bool slab_ignores(const struct fault_attr *attr, const struct kf_request *request)
{
	if (attr->ignore_gfp_wait && request->gfp & KF_GFP_DIRECT_RECLAIM)
		return true;
	if (!attr->cache_filter)
		return false;
	return !request->cache || !(kf_cache_flags(request->cache) & KF_SLAB_FAILSLAB);
}

static bool pages_ignore(const struct fault_attr *attr, const struct kf_request *request)
{
	if (request->order < attr->min_order)
		return true;
	if (attr->ignore_gfp_highmem && request->gfp & KF_GFP_HIGHMEM)
		return true;
	return attr->ignore_gfp_wait && request->gfp & KF_GFP_DIRECT_RECLAIM;
}

bool attr_ignores(const struct fault_attr *attr, enum capability capability,
		  const struct kf_request *request)
{
	switch (capability) {
	case FAILSLAB:
		return slab_ignores(attr, request);
	case FAIL_PAGE_ALLOC:
		return pages_ignore(attr, request);
	case FAIL_VMALLOC:
	case FAIL_PERCPU:
		return attr->ignore_gfp_wait && request->gfp & KF_GFP_DIRECT_RECLAIM;
	default:
		return false;
	}
}

bool attr_may_print(struct fault_attr *attr, uint64_t now, uint32_t *missed)
{
	*missed = 0;
	if (!attr->verbose_ratelimit_interval_ms)
		return true;
	if (!attr->ratelimit.begin)
		attr->ratelimit.begin = now;
	if (attr->ratelimit.begin + attr->verbose_ratelimit_interval_ms < now) {
		*missed = attr->ratelimit.missed;
		attr->ratelimit.begin = now;
		attr->ratelimit.printed = attr->ratelimit.missed = 0;
	}
	if (attr->ratelimit.printed < attr->verbose_ratelimit_burst) {
		attr->ratelimit.printed++;
		return true;
	}
	attr->ratelimit.missed++;
	return false;
}
