// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings as JSON and back. One form serves two readers: scripts, which want the keys of the
 * command line's contract always there (null or [] when there is nothing), and the supervisor,
 * which wants back exactly what the worker had. Therefore:
 *   - addresses are text ("0xffff888004c3a2c0"): JSON numbers are doubles in most readers;
 *   - sizes are numbers, and text only where they do not fit (a driver may ask for -1 bytes);
 *   - file and line of a frame are left out when unknown; unknown keys are ignored when read.
 *
 * What is read may have been left by a dying process, so every member is checked for its type; only
 * the kind is indispensable.
 */
#include "finding_json.h"

#include <inttypes.h>
#include <string.h>
#include "../trace/util.h"

void json_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		out_of_host_memory(strlen(key));
}

static void push(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		out_of_host_memory(sizeof(value));
}

/* Length of the UTF-8 sequence at p, 0 when it is none. Overlong forms are left to jansson's own
 * check. */
static size_t sequence(const char *p)
{
	json_t *whole;

	for (size_t n = 1; n <= 4 && p[n - 1]; n++) {
		whole = json_stringn(p, n);
		if (whole) {
			json_decref(whole);
			return n;
		}
	}
	return 0;
}

static json_t *repaired(const char *text)
{
	char *clean = xstrdup(text);
	json_t *value;

	for (char *p = clean; *p;) {
		size_t n = sequence(p);

		if (!n)
			*p = '?';
		p += n ? n : 1;
	}
	value = json_string(clean);
	free(clean);
	return value;
}

json_t *json_text(const char *text)
{
	json_t *value;

	if (!text)
		return json_null();
	value = json_string(text);
	return value ? value : repaired(text);
}

static json_t *hex_text(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

json_t *json_u64(uint64_t value)
{
	return value <= INT64_MAX ? json_integer((json_int_t)value) : hex_text(value);
}

static json_t *frame_to_object(const struct stack_frame *frame)
{
	json_t *object = json_object();

	json_put(object, "function", json_text(frame->function));
	json_put(object, "offset", json_u64(frame->offset));
	if (frame->size)
		json_put(object, "size", json_u64(frame->size));
	if (frame->file) {
		json_put(object, "file", json_text(frame->file));
		json_put(object, "line", json_integer(frame->line));
	}
	json_put(object, "module", json_text(frame->module));
	json_put(object, "inlined", json_boolean(frame->inlined));
	return object;
}

static json_t *stack_to_array(const struct stack *stack)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < stack->count; i++)
		push(array, frame_to_object(&stack->frames[i]));
	return array;
}

static json_t *point_to_object(const struct point *point)
{
	json_t *object = json_object();

	json_put(object, "n", json_integer(point->n));
	json_put(object, "api", json_text(point->api));
	json_put(object, "size", json_u64(point->size));
	json_put(object, "gfp", json_text(point->gfp));
	json_put(object, "cache", json_text(point->cache));
	if (point->returns)
		json_put(object, "returns", json_text(point->returns));
	json_put(object, "stack", stack_to_array(&point->stack));
	return object;
}

static json_t *content_text(const struct finding_object *from)
{
	char text[2 * CONTENT_MAX + 1] = "";

	for (unsigned i = 0; i < from->content_size; i++)
		snprintf(text + 2 * i, 3, "%02x", from->content[i]);
	return json_string(text);
}

/* What is known of a leftover only. */
static void put_leftover(json_t *object, const struct finding_object *from)
{
	if (!from->leftover)
		return;
	json_put(object, "content", content_text(from));
	json_put(object, "age", json_integer(from->age));
	if (from->searched)
		json_put(object, "path", json_text(from->path));
	if (from->returned.count)
		json_put(object, "returned", stack_to_array(&from->returned));
}

static json_t *object_to_object(const struct finding_object *from)
{
	json_t *object = json_object();

	json_put(object, "type", json_text(from->type));
	json_put(object, "addr", hex_text(from->addr));
	json_put(object, "size", json_u64(from->size));
	json_put(object, "cache", json_text(from->cache));
	json_put(object, "owner", json_text(from->owner));
	json_put(object, "allocated", stack_to_array(&from->allocated));
	json_put(object, "freed", stack_to_array(&from->freed));
	put_leftover(object, from);
	return object;
}

static json_t *interrupt_to_object(const struct came *interrupt)
{
	json_t *object = json_object();

	json_put(object, "n", json_integer(interrupt->n));
	json_put(object, "what", json_text(interrupt->what));
	json_put(object, "handler", json_text(interrupt->handler));
	json_put(object, "stack", stack_to_array(&interrupt->stack));
	return object;
}

static json_t *lines_to_array(const char *text)
{
	json_t *array = json_array();

	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		push(array, json_stringn(text, (size_t)(end - text)));
	return array;
}

static char *array_to_lines(const json_t *array)
{
	char *text = NULL, *longer;
	const json_t *line;
	size_t i;

	json_array_foreach(array, i, line)
	{
		longer = xasprintf("%s%s\n", text ? text : "",
				   json_is_string(line) ? json_string_value(line) : "");
		free(text);
		text = longer;
	}
	return text;
}

static json_t *objects_to_array(const struct finding *finding)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < finding->object_count; i++)
		push(array, object_to_object(&finding->objects[i]));
	return array;
}

static json_t *lock_to_object(const struct finding_lock *lock)
{
	json_t *object = json_object();

	json_put(object, "name", json_text(lock->name));
	json_put(object, "kind", json_text(lock->kind));
	json_put(object, "role", json_text(lock->role));
	json_put(object, "addr", hex_text(lock->addr));
	json_put(object, "taken", stack_to_array(&lock->taken));
	return object;
}

static json_t *locks_to_array(const struct finding *finding)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < finding->lock_count; i++)
		push(array, lock_to_object(&finding->locks[i]));
	return array;
}

/* true and false say how the second look ended; null: there was none. */
static json_t *confirmation_value(enum confirmation confirmed)
{
	return confirmed == CONFIRM_NOT_TRIED ? json_null()
					      : json_boolean(confirmed == CONFIRM_YES);
}

static void put_text_if(json_t *object, const char *key, const char *text)
{
	if (text)
		json_put(object, key, json_text(text));
}

static json_t *access_to_object(const struct finding_access *access)
{
	json_t *object = json_object();

	json_put(object, "type", json_text(access->type));
	json_put(object, "addr", hex_text(access->addr));
	json_put(object, "size", json_u64(access->size));
	json_put(object, "write", json_boolean(access->write));
	return object;
}

json_t *finding_to_object(const struct finding *finding)
{
	json_t *object = json_object();

	json_put(object, "id", json_text(finding->id));
	json_put(object, "kind", json_text(finding_kind_name(finding->kind)));
	json_put(object, "schedule", json_text(finding->schedule));
	json_put(object, "point",
		 finding->has_point ? point_to_object(&finding->point) : json_null());
	json_put(object, "what", json_text(finding->what));
	json_put(object, "objects", objects_to_array(finding));
	json_put(object, "stack", stack_to_array(&finding->stack));
	json_put(object, "replay", json_text(finding->replay));
	json_put(object, "core", json_boolean(finding->core));
	json_put(object, "reason", json_text(finding->reason));
	json_put(object, "also", json_integer(finding->also));
	json_put(object, "group", json_text(finding->group));
	json_put(object, "confirmed", confirmation_value(finding->confirmed));
	put_text_if(object, "operation", finding->operation);
	if (finding->moving)
		json_put(object, "moving", json_true());
	put_text_if(object, "when", finding->when);
	put_text_if(object, "minimised", finding->minimised);
	json_put(object, "accepted", json_text(finding->accepted));
	put_text_if(object, "kernel_report", finding->kernel_report);
	put_text_if(object, "together", finding->together);
	if (finding->access.type)
		json_put(object, "access", access_to_object(&finding->access));
	if (finding->interrupt.n)
		json_put(object, "interrupt", interrupt_to_object(&finding->interrupt));
	if (finding->trace)
		json_put(object, "trace", lines_to_array(finding->trace));
	if (finding->lock_count)
		json_put(object, "locks", locks_to_array(finding));
	return object;
}

json_t *not_judged_to_object(const struct not_judged *entry)
{
	json_t *object = json_object();

	json_put(object, "schedule", json_text(entry->schedule));
	json_put(object, "why", json_text(entry->why));
	json_put(object, "stack", stack_to_array(&entry->stack));
	if (entry->operation)
		json_put(object, "operation", json_text(entry->operation));
	return object;
}

/* Consumes the object. */
static char *one_line(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);

	json_decref(object);
	if (!text)
		out_of_host_memory(0);
	return text;
}

char *finding_to_json(const struct finding *finding)
{
	return one_line(finding_to_object(finding));
}

char *not_judged_to_json(const struct not_judged *entry)
{
	return one_line(not_judged_to_object(entry));
}

/* The reading half: absent or mistyped members leave NULL or 0. */

char *json_get_text(const json_t *object, const char *key)
{
	return xstrdup_or_null(json_string_value(json_object_get(object, key)));
}

uint64_t json_get_u64(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return strtoull(json_string_value(value), NULL, 0);
	return (uint64_t)json_integer_value(value);
}

bool json_get_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static void get_frame(const json_t *object, struct stack_frame *frame)
{
	frame->function = json_get_text(object, "function");
	if (!frame->function)
		frame->function = xstrdup("?");
	frame->offset = json_get_u64(object, "offset");
	frame->size = json_get_u64(object, "size");
	frame->file = json_get_text(object, "file");
	frame->line = (int)json_get_u64(object, "line");
	frame->module = json_get_text(object, "module");
	frame->inlined = json_get_bool(object, "inlined");
}

static void get_stack(const json_t *object, const char *key, struct stack *stack)
{
	const json_t *array = json_object_get(object, key);
	size_t count = json_array_size(array);

	for (size_t i = 0; i < count && i < STACK_MAX; i++)
		get_frame(json_array_get(array, i), &stack->frames[stack->count++]);
}

static void get_point(const json_t *object, struct point *point)
{
	point->n = (unsigned)json_get_u64(object, "n");
	point->api = json_get_text(object, "api");
	point->size = json_get_u64(object, "size");
	point->gfp = json_get_text(object, "gfp");
	point->cache = json_get_text(object, "cache");
	point->returns = json_get_text(object, "returns");
	get_stack(object, "stack", &point->stack);
}

static void get_content(const char *text, struct finding_object *object)
{
	unsigned byte;

	while (text && object->content_size < CONTENT_MAX && sscanf(text, "%2x", &byte) == 1) {
		object->content[object->content_size++] = (uint8_t)byte;
		text += text[1] ? 2 : 1;
	}
}

static void get_leftover(const json_t *from, struct finding_object *object)
{
	const json_t *age = json_object_get(from, "age");

	object->leftover = age;
	object->age = (unsigned)json_integer_value(age);
	get_content(json_string_value(json_object_get(from, "content")), object);
	object->searched = json_object_get(from, "path");
	object->path = json_get_text(from, "path");
	get_stack(from, "returned", &object->returned);
}

static void get_interrupt(const json_t *object, struct came *interrupt)
{
	interrupt->n = (unsigned)json_get_u64(object, "n");
	interrupt->what = json_get_text(object, "what");
	interrupt->handler = json_get_text(object, "handler");
	get_stack(object, "stack", &interrupt->stack);
}

static void get_object(const json_t *from, struct finding_object *object)
{
	object->type = json_get_text(from, "type");
	object->addr = json_get_u64(from, "addr");
	object->size = json_get_u64(from, "size");
	object->cache = json_get_text(from, "cache");
	object->owner = json_get_text(from, "owner");
	get_stack(from, "allocated", &object->allocated);
	get_stack(from, "freed", &object->freed);
	get_leftover(from, object);
}

static void get_access(const json_t *from, struct finding_access *access)
{
	access->type = json_get_text(from, "type");
	access->addr = json_get_u64(from, "addr");
	access->size = json_get_u64(from, "size");
	access->write = json_get_bool(from, "write");
}

static void get_objects(const json_t *from, struct finding *finding)
{
	const json_t *array = json_object_get(from, "objects");
	size_t count = json_array_size(array);

	if (!count)
		return;
	finding->objects = xcalloc(count, sizeof(*finding->objects));
	finding->object_count = (unsigned)count;
	for (size_t i = 0; i < count; i++)
		get_object(json_array_get(array, i), &finding->objects[i]);
}

static void get_locks(const json_t *from, struct finding *finding)
{
	const json_t *array = json_object_get(from, "locks");
	size_t count = json_array_size(array);

	if (!count)
		return;
	finding->locks = xcalloc(count, sizeof(*finding->locks));
	finding->lock_count = (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		const json_t *object = json_array_get(array, i);
		struct finding_lock *lock = &finding->locks[i];

		lock->name = json_get_text(object, "name");
		lock->kind = json_get_text(object, "kind");
		lock->role = json_get_text(object, "role");
		lock->addr = json_get_u64(object, "addr");
		get_stack(object, "taken", &lock->taken);
	}
}

static enum confirmation get_confirmation(const json_t *object)
{
	const json_t *value = json_object_get(object, "confirmed");

	if (!json_is_boolean(value))
		return CONFIRM_NOT_TRIED;
	return json_is_true(value) ? CONFIRM_YES : CONFIRM_NO;
}

static int get_finding(const json_t *object, struct finding *finding)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *group = json_string_value(json_object_get(object, "group"));
	const json_t *point = json_object_get(object, "point");

	if (!kind || finding_kind_parse(kind) < 0)
		return -1;
	finding->kind = (enum finding_kind)finding_kind_parse(kind);
	snprintf(finding->id, sizeof(finding->id), "%s", id ? id : "");
	finding->schedule = json_get_text(object, "schedule");
	finding->has_point = json_is_object(point);
	if (finding->has_point)
		get_point(point, &finding->point);
	finding->what = json_get_text(object, "what");
	get_objects(object, finding);
	get_stack(object, "stack", &finding->stack);
	finding->replay = json_get_text(object, "replay");
	finding->core = json_get_bool(object, "core");
	finding->moving = json_get_bool(object, "moving");
	finding->reason = json_get_text(object, "reason");
	finding->also = (unsigned)json_get_u64(object, "also");
	snprintf(finding->group, sizeof(finding->group), "%s", group ? group : "");
	finding->confirmed = get_confirmation(object);
	finding->operation = json_get_text(object, "operation");
	finding->when = json_get_text(object, "when");
	finding->minimised = json_get_text(object, "minimised");
	finding->accepted = json_get_text(object, "accepted");
	finding->kernel_report = json_get_text(object, "kernel_report");
	finding->together = json_get_text(object, "together");
	get_access(json_object_get(object, "access"), &finding->access);
	if (json_is_object(json_object_get(object, "interrupt")))
		get_interrupt(json_object_get(object, "interrupt"), &finding->interrupt);
	finding->trace = array_to_lines(json_object_get(object, "trace"));
	get_locks(object, finding);
	return 0;
}

int finding_from_json(const char *text, struct finding *finding)
{
	json_t *object = json_loads(text, 0, NULL);
	int ret;

	memset(finding, 0, sizeof(*finding));
	if (!object)
		return -1;
	ret = get_finding(object, finding);
	json_decref(object);
	return ret;
}

int not_judged_from_json(const char *text, struct not_judged *entry)
{
	json_t *object = json_loads(text, 0, NULL);

	memset(entry, 0, sizeof(*entry));
	if (!object)
		return -1;
	entry->why = json_get_text(object, "why");
	if (entry->why) {
		entry->schedule = json_get_text(object, "schedule");
		get_stack(object, "stack", &entry->stack);
		entry->operation = json_get_text(object, "operation");
	}
	json_decref(object);
	return entry->why ? 0 : -1;
}
