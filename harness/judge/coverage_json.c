// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sweep covered, as JSON and back: for the report that scripts read, and for the store, where a result is kept
 * whole. As with findings, absent or mistyped members leave NULL or 0.
 */
#include "finding_json.h"

#include <string.h>
#include "../trace/util.h"

static void push(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		out_of_host_memory(0);
}

static json_t *operation_object(const struct operation_result *of)
{
	json_t *object = json_object();

	json_put(object, "name", json_text(of->name));
	json_put(object, "result", json_integer(of->result));
	json_put(object, "points", json_integer(of->points));
	json_put(object, "injected", json_integer(of->injected));
	json_put(object, "absorbed", json_integer(of->absorbed));
	json_put(object, "clean", json_integer(of->clean));
	json_put(object, "same_stack", json_integer(of->same_stack));
	return object;
}

static json_t *unexpected_object(const struct unexpected_points *u)
{
	json_t *object = json_object();

	json_put(object, "operation", json_text(u->operation));
	json_put(object, "points", json_integer(u->points));
	json_put(object, "low", json_integer(u->low));
	json_put(object, "high", json_integer(u->high));
	return object;
}

static json_t *never_refused_object(const struct never_refused *n)
{
	json_t *object = json_object();

	if (n->operation)
		json_put(object, "operation", json_text(n->operation));
	json_put(object, "site", json_text(n->site));
	json_put(object, "points", json_text(n->points));
	json_put(object, "count", json_integer(n->count));
	json_put(object, "why", json_text(n->why));
	return object;
}

static json_t *benign_array(const struct sweep_result *result)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < result->benign_count; i++) {
		const struct benign_site *site = &result->benign[i];
		json_t *object = json_object();

		json_put(object, "site", json_text(site->site));
		json_put(object, "reason", json_text(site->reason));
		json_put(object, "known", json_boolean(site->known));
		json_put(object, "requests", json_integer(site->requests));
		if (json_array_append_new(array, object))
			out_of_host_memory(0);
	}
	return array;
}

void coverage_to_object(json_t *object, const struct sweep_result *result)
{
	json_t *operations = json_array(), *unexpected = json_array(), *never = json_array();

	for (unsigned i = 0; i < result->operation_count; i++)
		push(operations, operation_object(&result->operations[i]));
	for (unsigned i = 0; i < result->unexpected_count; i++)
		push(unexpected, unexpected_object(&result->unexpected[i]));
	for (unsigned i = 0; i < result->never_refused_count; i++)
		push(never, never_refused_object(&result->never_refused[i]));
	json_put(object, "policy", json_text(result->policy ? result->policy : ""));
	json_put(object, "benign", benign_array(result));
	json_put(object, "plan", json_text(result->plan ? result->plan : ""));
	json_put(object, "shard", json_text(result->shard));
	json_put(object, "runs", json_integer(result->runs));
	json_put(object, "not_swept", json_integer(result->not_swept));
	json_put(object, "interrupted", json_boolean(result->interrupted));
	json_put(object, "operations", operations);
	json_put(object, "unexpected_points", unexpected);
	json_put(object, "never_refused", never);
}

/* ---- and back ---- */

/* Room for the elements of an array; NULL when there are none. */
static void *room_for(const json_t *array, size_t size, unsigned *count)
{
	*count = (unsigned)json_array_size(array);
	return *count ? xcalloc(*count, size) : NULL;
}

static void get_operations(const json_t *array, struct sweep_result *result)
{
	result->operations = room_for(array, sizeof(*result->operations), &result->operation_count);
	for (unsigned i = 0; i < result->operation_count; i++) {
		const json_t *from = json_array_get(array, i);

		result->operations[i] = (struct operation_result){
			.name = json_get_text(from, "name"),
			.result = (int64_t)json_get_u64(from, "result"),
			.points = (unsigned)json_get_u64(from, "points"),
			.injected = (unsigned)json_get_u64(from, "injected"),
			.absorbed = (unsigned)json_get_u64(from, "absorbed"),
			.clean = (unsigned)json_get_u64(from, "clean"),
			.same_stack = (unsigned)json_get_u64(from, "same_stack"),
		};
		if (!result->operations[i].name)
			result->operations[i].name = xstrdup("?");
	}
}

static void get_unexpected(const json_t *array, struct sweep_result *result)
{
	result->unexpected =
		room_for(array, sizeof(*result->unexpected), &result->unexpected_count);
	for (unsigned i = 0; i < result->unexpected_count; i++) {
		const json_t *from = json_array_get(array, i);

		result->unexpected[i] = (struct unexpected_points){
			.operation = json_get_text(from, "operation"),
			.points = (unsigned)json_get_u64(from, "points"),
			.low = (unsigned)json_get_u64(from, "low"),
			.high = (unsigned)json_get_u64(from, "high"),
		};
	}
}

static char *text_or_empty(const json_t *object, const char *key)
{
	char *text = json_get_text(object, key);

	return text ? text : xstrdup("");
}

static void get_never_refused(const json_t *array, struct sweep_result *result)
{
	result->never_refused =
		room_for(array, sizeof(*result->never_refused), &result->never_refused_count);
	for (unsigned i = 0; i < result->never_refused_count; i++) {
		const json_t *from = json_array_get(array, i);

		result->never_refused[i] = (struct never_refused){
			.operation = json_get_text(from, "operation"),
			.site = text_or_empty(from, "site"),
			.points = text_or_empty(from, "points"),
			.why = text_or_empty(from, "why"),
			.count = (unsigned)json_get_u64(from, "count"),
		};
	}
}

static void get_benign(const json_t *array, struct sweep_result *result)
{
	result->benign = room_for(array, sizeof(*result->benign), &result->benign_count);
	for (unsigned i = 0; i < result->benign_count; i++) {
		const json_t *from = json_array_get(array, i);

		result->benign[i] = (struct benign_site){
			.site = text_or_empty(from, "site"),
			.reason = text_or_empty(from, "reason"),
			.known = json_get_bool(from, "known"),
			.requests = (unsigned)json_get_u64(from, "requests"),
		};
	}
}

void coverage_from_object(const json_t *object, struct sweep_result *result)
{
	result->policy = json_get_text(object, "policy");
	result->plan = json_get_text(object, "plan");
	result->shard = json_get_text(object, "shard");
	result->runs = (unsigned)json_get_u64(object, "runs");
	result->not_swept = (unsigned)json_get_u64(object, "not_swept");
	get_operations(json_object_get(object, "operations"), result);
	get_unexpected(json_object_get(object, "unexpected_points"), result);
	get_never_refused(json_object_get(object, "never_refused"), result);
	get_benign(json_object_get(object, "benign"), result);
}
