// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings: their kinds, what they own, and what makes two of them the same.
 *
 * Two findings are the same when they are of the same kind, the same request was refused, and they
 * show at the same place; that is what the id hashes. Only what stays the same from run to run,
 * from machine to machine and between schedules counts: functions of the driver and offsets in
 * them, never addresses, sizes of stacks outside the driver, or schedule numbers. Of the kernel's
 * frames only the driver's callers would differ (a different path into the same bug), so the
 * driver's own frames are the site; a stack without any stands for itself as a whole.
 *
 *	id = xxh64(kind, api and site of the refused request, place)
 *	place = driver frames of `stack`, else those that allocated the first object,
 *		else all of `stack`, else the sentence without its numbers
 */
#include "finding.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>
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
	stack_clear(&point->stack);
}

static void object_clear(struct finding_object *object)
{
	free(object->type);
	free(object->cache);
	free(object->owner);
	stack_clear(&object->allocated);
	stack_clear(&object->freed);
}

void finding_clear(struct finding *finding)
{
	for (unsigned i = 0; i < finding->object_count; i++)
		object_clear(&finding->objects[i]);
	free(finding->objects);
	point_clear(&finding->point);
	stack_clear(&finding->stack);
	free(finding->schedule);
	free(finding->what);
	free(finding->replay);
	free(finding->reason);
	memset(finding, 0, sizeof(*finding));
}

void not_judged_clear(struct not_judged *entry)
{
	free(entry->schedule);
	free(entry->why);
	stack_clear(&entry->stack);
	memset(entry, 0, sizeof(*entry));
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
	memset(result, 0, sizeof(*result));
}

/* Each piece seeds the hash of the next. */
static void hash_bytes(uint64_t *hash, const void *bytes, size_t size)
{
	*hash = XXH64(bytes, size, *hash);
}

/* The NUL goes into the hash too: it keeps "a","bc" apart from "ab","c". */
static void hash_text(uint64_t *hash, const char *text)
{
	if (!text)
		text = "";
	hash_bytes(hash, text, strlen(text) + 1);
}

static void hash_frame(uint64_t *hash, const struct stack_frame *frame)
{
	char offset[24];
	bool nameless = !strncmp(frame->function, "0x", 2);

	snprintf(offset, sizeof(offset), "%" PRIx64, nameless ? 0 : frame->offset);
	hash_text(hash, frame->module);
	hash_text(hash, nameless ? "?" : frame->function);
	hash_text(hash, offset);
}

static unsigned hash_driver_frames(uint64_t *hash, const struct stack *stack)
{
	unsigned count = 0;

	for (unsigned i = 0; i < stack->count; i++) {
		if (!stack_frame_is_driver(&stack->frames[i]))
			continue;
		hash_frame(hash, &stack->frames[i]);
		count++;
	}
	return count;
}

static unsigned hash_all_frames(uint64_t *hash, const struct stack *stack)
{
	for (unsigned i = 0; i < stack->count; i++)
		hash_frame(hash, &stack->frames[i]);
	return stack->count;
}

/* A number, in any base, or an address printed without 0x. */
static bool is_number(const char *word, size_t length)
{
	size_t hex = 0;

	while (hex < length && isxdigit((unsigned char)word[hex]))
		hex++;
	return isdigit((unsigned char)word[0]) || (hex == length && length >= 8);
}

/* The sentence, with '#' for each number in it. */
static void hash_sentence(uint64_t *hash, const char *text)
{
	while (text && *text) {
		size_t length = 0;

		while (isalnum((unsigned char)text[length]))
			length++;
		if (length && is_number(text, length))
			hash_bytes(hash, "#", 1);
		else
			hash_bytes(hash, text, length ? length : 1);
		text += length ? length : 1;
	}
}

static void hash_site(uint64_t *hash, const struct finding *finding)
{
	if (!finding->has_point) {
		hash_text(hash, "no refusal");
		return;
	}
	hash_text(hash, finding->point.api);
	if (!hash_driver_frames(hash, &finding->point.stack))
		hash_all_frames(hash, &finding->point.stack);
}

static void hash_place(uint64_t *hash, const struct finding *finding)
{
	if (hash_driver_frames(hash, &finding->stack))
		return;
	if (finding->object_count && hash_driver_frames(hash, &finding->objects[0].allocated))
		return;
	if (hash_all_frames(hash, &finding->stack))
		return;
	hash_sentence(hash, finding->what);
}

void finding_set_id(struct finding *finding)
{
	uint64_t hash = 0;

	hash_text(&hash, finding_kind_name(finding->kind));
	hash_site(&hash, finding);
	hash_text(&hash, "place");
	hash_place(&hash, finding);
	if (finding->core)
		hash_text(&hash, finding->reason ? finding->reason : "core");
	snprintf(finding->id, sizeof(finding->id), "%016" PRIx64, hash);
}
