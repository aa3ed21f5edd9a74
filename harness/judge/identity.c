// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes two findings the same, and what makes them findings of one bug.
 *
 * Two findings are the same when they are of the same kind, the same request was refused, and they
 * show at the same place; that is what the id hashes. Only what stays the same from run to run,
 * from machine to machine and between schedules counts: functions of the driver and offsets in
 * them, never addresses, sizes of stacks outside the driver, or schedule numbers. Of the kernel's
 * frames only the driver's callers would differ (a different path into the same bug), so the
 * driver's own frames are the site; a stack without any stands for itself as a whole.
 *
 *	id = xxh64(kind, api and site of the refused request, handler and interrupted function, place)
 *	place = driver frames of `stack` (of an endless loop, which the clock finds elsewhere each time,
 *		only the outermost function; of an interrupt that the schedule made come, up to where it came), else those that allocated the first object, else all of
 *		`stack`, else the sentence without its numbers
 *
 * One missing line in an error path shows once for each request that leads there: the id tells these apart (which request
 * was refused: the injection site), the group puts them together (where it went wrong: the failure site).
 *
 *	group = xxh64(kind, failure site)
 *	failure site =
 *		place, where the object was freed, and for leftovers also when it was looked and which
 *		function had to undo: the innermost of the driver's that the allocation and the refused request
 *		have in common. The same object forgotten by two functions is two bugs.
 *		Without a place or an object (a wrong return value, a retry that failed), and for endless loops: the refused
 *		request, since each call whose failure is not passed on is a bug of its own; but nondeterminism is one.
 */
#include "finding.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>
#include "../trace/util.h"

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

/* Behind this one are those of whoever was interrupted (world/override/interrupts.c). */
static bool is_boundary(const struct stack_frame *frame)
{
	return !frame->module && !strcmp(frame->function, "kf_interrupt");
}

static unsigned hash_driver_frames(uint64_t *hash, const struct stack *stack)
{
	unsigned count = 0;

	for (unsigned i = 0; i < stack->count && !is_boundary(&stack->frames[i]); i++) {
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

/* Which function was interrupted, not where in it: a critical section has many points. */
static void hash_interrupt(uint64_t *hash, const struct came *interrupt)
{
	const struct stack *stack = &interrupt->stack;
	unsigned i = 0;

	if (!interrupt->n)
		return;
	hash_text(hash, "interrupt");
	hash_text(hash, interrupt->handler);
	while (i < stack->count &&
	       (!stack_frame_is_driver(&stack->frames[i]) || stack->frames[i].inlined))
		i++;
	hash_text(hash, i < stack->count ? stack->frames[i].function : NULL);
}

static void hash_site(uint64_t *hash, const struct finding *finding)
{
	hash_interrupt(hash, &finding->interrupt);
	if (!finding->has_point) {
		hash_text(hash, "no refusal");
		return;
	}
	hash_text(hash, finding->point.api);
	if (!hash_driver_frames(hash, &finding->point.stack))
		hash_all_frames(hash, &finding->point.stack);
}

/* False: the driver has none. */
static bool hash_outermost(uint64_t *hash, const struct stack *stack)
{
	for (unsigned i = stack->count; i--;) {
		if (!stack_frame_is_driver(&stack->frames[i]))
			continue;
		hash_text(hash, stack->frames[i].module);
		hash_text(hash, stack->frames[i].function);
		return true;
	}
	return false;
}

static void hash_place(uint64_t *hash, const struct finding *finding)
{
	if (finding->moving) {
		if (!hash_outermost(hash, &finding->stack))
			hash_sentence(hash, finding->what);
		return;
	}
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

/* ---- groups ---- */

static bool same_function(const struct stack_frame *a, const struct stack_frame *b)
{
	return !strcmp(a->function, b->function) && a->module && b->module &&
	       !strcmp(a->module, b->module);
}

/* The driver's frames of a stack, outermost first. */
static unsigned driver_frames(const struct stack *stack, const struct stack_frame *out[STACK_MAX])
{
	unsigned count = 0;

	for (unsigned i = stack->count; i--;)
		if (stack_frame_is_driver(&stack->frames[i]))
			out[count++] = &stack->frames[i];
	return count;
}

/* The function that made both calls, itself or through others: it is the one that had to undo the first when the second
 * failed. NULL: there is none. */
static const struct stack_frame *common_function(const struct stack *a, const struct stack *b)
{
	const struct stack_frame *in_a[STACK_MAX], *in_b[STACK_MAX], *common = NULL;
	unsigned count_a = driver_frames(a, in_a), count_b = driver_frames(b, in_b);

	for (unsigned i = 0; i < count_a && i < count_b; i++) {
		if (!same_function(in_a[i], in_b[i]))
			break;
		common = in_a[i];
		/* From one line of it both calls were made: deeper is the one that counts. */
		if (in_a[i]->offset != in_b[i]->offset)
			break;
	}
	return common;
}

static bool is_leftover(const struct finding *finding)
{
	return finding->kind == FINDING_LEAK || finding->kind == FINDING_RESOURCE_LEAK;
}

static void hash_duty(uint64_t *hash, const struct finding *finding)
{
	const struct stack_frame *common =
		finding->has_point && finding->object_count
			? common_function(&finding->objects[0].allocated, &finding->point.stack)
			: NULL;

	hash_text(hash, finding->when);
	hash_text(hash, common ? common->function : "");
}

static bool has_place(const struct finding *finding)
{
	return finding->stack.count || finding->object_count;
}

void finding_set_group(struct finding *finding)
{
	uint64_t hash = 0;

	hash_text(&hash, finding_kind_name(finding->kind));
	hash_place(&hash, finding);
	if (finding->object_count)
		hash_driver_frames(&hash, &finding->objects[0].freed);
	if (is_leftover(finding))
		hash_duty(&hash, finding);
	if ((!has_place(finding) || finding->moving) && finding->kind != FINDING_NONDETERMINISM)
		hash_site(&hash, finding);
	hash_text(&hash, finding->operation);
	if (finding->core)
		hash_text(&hash, finding->reason ? finding->reason : "core");
	snprintf(finding->group, sizeof(finding->group), "%016" PRIx64, hash);
}
