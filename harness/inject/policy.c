// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is a point, in the order of questions: does a capability stand there, on whose behalf is it, do the filters let it pass,
 * do the capability's own filters (attr.c), is its site a benign one?
 *
 * With `compat`, requests are counted as a kernel with CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC counts them:
 *
 *	a slab object, or several in one call	failslab, once, with the size of the cache's objects
 *	kmalloc() above 8 KiB, alloc_pages()	fail_page_alloc, once, with the number of pages
 *	vmalloc(), vmap()			failslab, for their struct vm_struct (its pages are of order 0 and may
 *						sleep: the kernel's defaults pass them over)
 *	alloc_percpu(), kmem_cache_create()	never: they are served from chunks, and from the cache of caches
 */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "../trace/util.h"

#define PAGE_SHIFT     12
#define VM_STRUCT_SIZE 64 /* object_size of the cache that a struct vm_struct of 6.1 comes from */

void policy_init(struct policy *policy)
{
	*policy = (struct policy){0};
	for (int i = 0; i < CAPABILITIES; i++)
		attr_default(&policy->attrs[i], (enum capability)i, false);
}

static void clear_filters(struct filter *filters, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		filter_clear(&filters[i]);
	free(filters);
}

void policy_clear(struct policy *policy)
{
	clear_filters(policy->only, policy->only_count);
	clear_filters(policy->skip, policy->skip_count);
	for (unsigned i = 0; i < policy->setting_count; i++) {
		free(policy->settings[i].name);
		free(policy->settings[i].value);
	}
	free(policy->settings);
	benign_clear(&policy->benign);
	places_clear(&policy->wrappers);
	policy_init(policy);
}

/* ---- options ---- */

void policy_set_attr(struct policy *policy, const char *option, enum capability capability,
		     const char *name, const char *value)
{
	policy->settings = xreallocarray(policy->settings, policy->setting_count + 1,
					 sizeof(*policy->settings));
	policy->settings[policy->setting_count++] =
		(struct policy_setting){option, capability, xstrdup_or_null(name), xstrdup(value)};
}

int policy_set(struct policy *policy, const char *text, char *err)
{
	const char *slash = strchr(text, '/'), *equals = strchr(text, '=');
	char *capability, *name;
	int which;

	if (!slash || !equals || equals < slash) {
		snprintf(err, POLICY_ERR,
			 "\"%.64s\": an attribute is set as capability/attribute=value, as in "
			 "failslab/probability=10",
			 text);
		return -1;
	}
	capability = strndup(text, (size_t)(slash - text));
	name = strndup(slash + 1, (size_t)(equals - slash - 1));
	which = capability_parse(capability);
	if (which >= 0)
		policy_set_attr(policy, "set", (enum capability)which, name, equals + 1);
	else
		snprintf(err, POLICY_ERR,
			 "there is no capability \"%.64s\"; there are failslab, fail_page_alloc, "
			 "fail_vmalloc, fail_percpu, fail_usercopy and fail_function",
			 capability);
	free(capability);
	free(name);
	return which < 0 ? -1 : 0;
}

int policy_add_filter(struct policy *policy, bool skip, const char *text, char *err)
{
	struct filter **filters = skip ? &policy->skip : &policy->only;
	unsigned *count = skip ? &policy->skip_count : &policy->only_count;

	*filters = xreallocarray(*filters, *count + 1, sizeof(**filters));
	if (filter_parse(text, &(*filters)[*count], err))
		return -1;
	++*count;
	return 0;
}

void policy_add_wrapper(struct policy *policy, const char *function)
{
	places_add_function(&policy->wrappers, function);
}

/* ---- when all code is loaded ---- */

static int apply_setting(struct policy *policy, const struct policy_setting *setting, char *err)
{
	struct fault_attr *attr = &policy->attrs[setting->capability];
	char why[ATTR_ERR];
	int result;

	if (setting->name)
		result = attr_set(attr, setting->capability, setting->name, setting->value, why);
	else
		result = attr_setup(attr, setting->capability, setting->value, why);
	if (result)
		snprintf(err, POLICY_ERR, "--%s: %s", setting->option, why);
	return result;
}

static int resolve_filters(struct filter *filters, unsigned count, const char *option, char *err)
{
	char why[FILTER_ERR];

	for (unsigned i = 0; i < count; i++) {
		if (!filter_resolve(&filters[i], why))
			continue;
		snprintf(err, POLICY_ERR, "--%s %s", option, why);
		return -1;
	}
	return 0;
}

static bool passes_over(const struct fault_attr *attr)
{
	return attr->ignore_gfp_wait || attr->ignore_gfp_highmem || attr->cache_filter ||
	       attr->min_order;
}

static bool is_special(const struct policy *policy)
{
	if (policy->compat || policy->scope != SCOPE_MODULE || policy->only_count ||
	    policy->skip_count || policy->benign.count)
		return true;
	for (int i = 0; i < CAPABILITIES; i++)
		if (passes_over(&policy->attrs[i]) || policy->attrs[i].verbose_given)
			return true;
	return false;
}

int policy_ready(struct policy *policy, char *err)
{
	for (int i = 0; i < CAPABILITIES; i++)
		attr_default(&policy->attrs[i], (enum capability)i, policy->compat);
	for (unsigned i = 0; i < policy->setting_count; i++)
		if (apply_setting(policy, &policy->settings[i], err))
			return -1;
	if (resolve_filters(policy->only, policy->only_count, "only", err) ||
	    resolve_filters(policy->skip, policy->skip_count, "skip", err) ||
	    benign_resolve(&policy->benign, err))
		return -1;
	policy->special = is_special(policy);
	return 0;
}

/* ---- in hooks ---- */

bool policy_has_chance(const struct policy *policy)
{
	for (int i = 0; i < CAPABILITIES; i++)
		if (policy->attrs[i].probability)
			return true;
	return false;
}

static bool kernel_capability(const struct kf_request *request, enum capability *capability,
			      uint64_t *size)
{
	switch (request->kind) {
	case KF_SLAB:
		*capability = FAILSLAB;
		*size = request->cache ? kf_cache_object_size(request->cache) : request->size;
		return true;
	case KF_VMALLOC:
	case KF_VMAP:
		*capability = FAILSLAB;
		*size = VM_STRUCT_SIZE;
		return true;
	case KF_KMALLOC_LARGE:
	case KF_PAGES:
		*capability = FAIL_PAGE_ALLOC;
		*size = 1ull << request->order;
		return true;
	default:
		return false;
	}
}

bool policy_capability(const struct policy *policy, const struct kf_request *request,
		       enum capability *capability, uint64_t *size)
{
	if (policy->compat)
		return kernel_capability(request, capability, size);
	*capability = inject_capability_of(request->kind);
	switch (*capability) {
	case FAIL_PAGE_ALLOC:
		*size = 1ull << request->order;
		return true;
	case FAIL_VMALLOC:
		*size = (request->size + (1ull << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
		return true;
	default:
		*size = request->size;
		return true;
	}
}

static bool in_scope(const struct policy *policy, const struct inject_ask *ask, const uint64_t *pcs,
		     unsigned frames, bool (*in_module)(uint64_t pc))
{
	unsigned i = 0;

	if (policy->scope == SCOPE_ANY)
		return true;
	if (!ask->caller.on_behalf)
		return false;
	/* Calls are points where the module itself makes them, and nowhere else. */
	if (policy->scope == SCOPE_MODULE || ask->call)
		return true;
	while (i < frames && places_contain(&policy->wrappers, pcs[i]))
		i++;
	return i < frames && in_module && in_module(pcs[i]);
}

static bool filters_let_pass(const struct policy *policy, const struct inject_ask *ask,
			     const uint64_t *pcs, unsigned frames)
{
	for (unsigned i = 0; i < policy->only_count; i++)
		if (!filter_match(&policy->only[i], ask->request, pcs, frames))
			return false;
	for (unsigned i = 0; i < policy->skip_count; i++)
		if (filter_match(&policy->skip[i], ask->request, pcs, frames))
			return false;
	return true;
}

/* The place in the module's code that asked. */
static bool is_benign(struct policy *policy, const uint64_t *pcs, unsigned frames,
		      bool (*in_module)(uint64_t pc))
{
	for (unsigned i = 0; policy->benign.count && in_module && i < frames; i++)
		if (in_module(pcs[i]))
			return benign_covers(&policy->benign, pcs[i]);
	return false;
}

bool policy_counts(struct policy *policy, const struct inject_ask *ask,
		   bool (*in_module)(uint64_t pc))
{
	const uint64_t *pcs = NULL;
	unsigned frames = depot_get(ask->caller.stack, &pcs);

	if (!in_scope(policy, ask, pcs, frames, in_module) ||
	    !filters_let_pass(policy, ask, pcs, frames))
		return false;
	if (ask->request &&
	    attr_ignores(&policy->attrs[ask->capability], ask->capability, ask->request))
		return false;
	return !is_benign(policy, pcs, frames, in_module);
}
