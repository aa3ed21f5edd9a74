// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings: the names of their kinds, and what they own.
 */
#include "finding.h"

#include <string.h>
#include "../trace/util.h"

static const char *const kind_names[FINDING_NR_KINDS] = {
	[FINDING_NULL_DEREFERENCE] = "null-dereference",
	[FINDING_WILD_ACCESS] = "wild-access",
	[FINDING_BUG] = "bug",
	[FINDING_HANG] = "hang",
	[FINDING_LEAK] = "leak",
	[FINDING_RESOURCE_LEAK] = "resource-leak",
	[FINDING_DOUBLE_FREE] = "double-free",
	[FINDING_INVALID_FREE] = "invalid-free",
	[FINDING_USE_AFTER_FREE] = "use-after-free",
	[FINDING_OUT_OF_BOUNDS] = "out-of-bounds",
	[FINDING_CORRUPTION] = "corruption",
	[FINDING_SLEEP_IN_ATOMIC] = "sleep-in-atomic",
	[FINDING_LOCK_IMBALANCE] = "lock-imbalance",
	[FINDING_CONTEXT] = "context",
	[FINDING_WRONG_RETURN] = "wrong-return",
	[FINDING_RETRY_FAILED] = "retry-failed",
	[FINDING_NONDETERMINISM] = "nondeterminism",
	[FINDING_WARNING] = "warning",
	[FINDING_STACK_OVERFLOW] = "stack-overflow",
	[FINDING_CHECK] = "check",
	[FINDING_UNINITIALISED_VALUE] = "uninitialised-value",
	[FINDING_LOCK_ORDER] = "lock-order",
};

const char *finding_kind_name(enum finding_kind kind)
{
	return (unsigned)kind < FINDING_NR_KINDS ? kind_names[kind] : "unknown";
}

int finding_kind_parse(const char *name)
{
	for (int kind = 0; kind < FINDING_NR_KINDS; kind++)
		if (!strcmp(kind_names[kind], name))
			return kind;
	return -1;
}

static void point_clear(struct point *point)
{
	free(point->api);
	free(point->gfp);
	free(point->cache);
	free(point->returns);
	stack_clear(&point->stack);
}

static void object_clear(struct finding_object *object)
{
	free(object->type);
	free(object->cache);
	free(object->owner);
	stack_clear(&object->allocated);
	stack_clear(&object->freed);
	free(object->path);
	stack_clear(&object->returned);
}

static void lock_clear(struct finding_lock *lock)
{
	free(lock->name);
	free(lock->kind);
	free(lock->role);
	stack_clear(&lock->taken);
}

void finding_clear(struct finding *finding)
{
	for (unsigned i = 0; i < finding->object_count; i++)
		object_clear(&finding->objects[i]);
	free(finding->objects);
	for (unsigned i = 0; i < finding->lock_count; i++)
		lock_clear(&finding->locks[i]);
	free(finding->locks);
	point_clear(&finding->point);
	stack_clear(&finding->stack);
	free(finding->schedule);
	free(finding->what);
	free(finding->replay);
	free(finding->reason);
	free(finding->operation);
	free(finding->when);
	free(finding->minimised);
	free(finding->accepted);
	free(finding->kernel_report);
	free(finding->together);
	free(finding->access.type);
	free(finding->trace);
	free(finding->interrupt.what);
	free(finding->interrupt.handler);
	stack_clear(&finding->interrupt.stack);
	memset(finding, 0, sizeof(*finding));
}

void not_judged_clear(struct not_judged *entry)
{
	free(entry->schedule);
	free(entry->why);
	free(entry->operation);
	stack_clear(&entry->stack);
	memset(entry, 0, sizeof(*entry));
}

static void coverage_clear(struct sweep_result *result)
{
	for (unsigned i = 0; i < result->operation_count; i++)
		free(result->operations[i].name);
	for (unsigned i = 0; i < result->unexpected_count; i++)
		free(result->unexpected[i].operation);
	for (unsigned i = 0; i < result->never_refused_count; i++) {
		free(result->never_refused[i].operation);
		free(result->never_refused[i].site);
		free(result->never_refused[i].points);
		free(result->never_refused[i].why);
	}
	free(result->operations);
	free(result->unexpected);
	free(result->never_refused);
}

void sweep_result_clear(struct sweep_result *result)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		finding_clear(&result->findings[i]);
	for (unsigned i = 0; i < result->not_judged_count; i++)
		not_judged_clear(&result->not_judged[i]);
	free(result->findings);
	free(result->not_judged);
	free(result->kernel);
	free(result->module);
	free(result->scenario);
	free(result->settings);
	free(result->policy);
	for (unsigned i = 0; i < result->benign_count; i++) {
		free(result->benign[i].site);
		free(result->benign[i].reason);
	}
	free(result->benign);
	free(result->plan);
	free(result->shard);
	coverage_clear(result);
	for (unsigned i = 0; i < result->stale_count; i++)
		free(result->stale[i]);
	free(result->stale);
	memset(result, 0, sizeof(*result));
}
