// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings for people. A finding answers, in this order: which request was refused, what went
 * wrong, where, what is left of which allocation, and how to see it again. The refused request
 * stands first because nobody understands what follows without knowing that a failure was injected.
 * What is not known is left out.
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>
#include "line.h"

#define OBJECTS_SHOWN 8
#define ROW	      16u /* bytes of a hex dump */

static void put_head(struct line *line, const struct finding *finding, unsigned number)
{
	line_start(line, 0, 4);
	line_paint(line, finding->core ? YELLOW : RED);
	line_piece(line, 0, "FINDING %u", number);
	line_piece(line, 2, "%s", finding_kind_name(finding->kind));
	line_paint(line, PLAIN);
	line_schedule(line, finding);
	if (finding->operation)
		line_piece(line, 2, "operation %s", finding->operation);
	if (finding->id[0])
		line_piece(line, 2, "id %s", finding->id);
	if (finding->confirmed == CONFIRM_YES)
		line_piece(line, 2, "confirmed");
	if (finding->confirmed == CONFIRM_NO)
		line_piece(line, 2, "NOT REPRODUCED");
	line_end(line);
}

static void put_point(struct line *line, const struct point *point)
{
	line_start(line, 4, 13);
	line_label(line, "refused: ");
	line_piece(line, 0, "request #%u", point->n);
	if (point->returns)
		line_piece(line, 2, "%s() returns %s", point->api, point->returns);
	else if (point->api)
		line_piece(line, 2, "%s(%" PRIu64 ")", point->api, point->size);
	if (point->gfp && point->gfp[0])
		line_piece(line, 2, "%s", point->gfp);
	if (point->cache)
		line_piece(line, 2, "cache %s", point->cache);
	line_end(line);
	line_stack(line, 8, &point->stack);
}

static void put_interrupt(struct line *line, const struct came *interrupt)
{
	if (!interrupt->n)
		return;
	line_start(line, 4, 15);
	line_label(line, "interrupt: ");
	line_piece(line, 0, "point %u", interrupt->n);
	line_piece(line, 2, "%s", interrupt->what);
	line_piece(line, 2, "%s() is run", interrupt->handler);
	line_end(line);
	line_stack(line, 8, &interrupt->stack);
}

static void put_sentence(struct line *line, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	line_start(line, 4, 4 + (unsigned)strlen(label));
	line_label(line, label);
	line_words(line, text);
	line_end(line);
}

static void put_place(struct line *line, const struct stack *stack)
{
	if (!stack->count)
		return;
	line_start(line, 4, 8);
	line_label(line, "where:");
	line_end(line);
	line_stack(line, 8, stack);
}

static void put_object_stack(struct line *line, const char *label, const struct stack *stack)
{
	if (!stack->count)
		return;
	line_start(line, 6, 8);
	line_text(line, label);
	line_end(line);
	line_stack(line, 8, stack);
}

/* A row as the kernel's hex dumps have it: 16 bytes, and their characters. */
static void put_row(struct line *line, const uint8_t *bytes, unsigned count)
{
	char hex[3 * ROW + 1] = "", text[ROW + 1] = "";

	for (unsigned i = 0; i < count; i++) {
		snprintf(hex + 3 * i, 4, "%02x ", bytes[i]);
		text[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? (char)bytes[i] : '.';
	}
	line_start(line, 8, 8);
	line_piece(line, 0, "%-*s %s", 3 * ROW, hex, text);
	line_end(line);
}

static void put_content(struct line *line, const struct finding_object *object)
{
	if (!object->content_size)
		return;
	line_start(line, 6, 8);
	line_piece(line, 0, "content (first %u bytes)", object->content_size);
	line_end(line);
	for (unsigned i = 0; i < object->content_size; i += ROW)
		put_row(line, object->content + i,
			object->content_size - i < ROW ? object->content_size - i : ROW);
}

static void put_path(struct line *line, const struct finding_object *object)
{
	if (!object->searched)
		return;
	line_start(line, 6, 8);
	if (object->path)
		line_piece(line, 0, "reached by %s", object->path);
	else
		line_text(line, "nothing points to it");
	line_end(line);
}

static void put_leftover(struct line *line, const struct finding_object *object)
{
	put_content(line, object);
	put_path(line, object);
	put_object_stack(line, "without the refusal it is freed at", &object->returned);
}

static void put_object(struct line *line, const char *label, const struct finding_object *object)
{
	const char *name = object->cache ? object->cache : object->type;

	line_start(line, 4, 8);
	line_label(line, label);
	if (object->size)
		line_piece(line, 0, "%" PRIu64 " byte%s ", object->size, plural(object->size));
	line_text(line, name ? name : "object");
	if (object->addr)
		line_piece(line, 1, "at 0x%" PRIx64, object->addr);
	if (object->owner) {
		line_text(line, ",");
		line_piece(line, 1, "owner %s", object->owner);
	}
	if (object->leftover) {
		line_text(line, ",");
		line_piece(line, 1, "%u point%s old", object->age, plural(object->age));
	}
	if (object->allocated.count)
		line_text(line, "; allocated at");
	line_end(line);
	line_stack(line, 8, &object->allocated);
	put_object_stack(line, "freed at", &object->freed);
	if (object->leftover)
		put_leftover(line, object);
}

static void put_objects(struct line *line, const struct finding *finding)
{
	bool leaked = finding->kind == FINDING_LEAK || finding->kind == FINDING_RESOURCE_LEAK;
	const char *label = leaked ? "leaked: " : "object: ";
	unsigned count = finding->object_count;
	unsigned shown = count > OBJECTS_SHOWN + 1 ? OBJECTS_SHOWN : count;

	for (unsigned i = 0; i < shown; i++)
		put_object(line, label, &finding->objects[i]);
	if (shown == count)
		return;
	line_start(line, 4, 8);
	line_label(line, label);
	line_piece(line, 0, "and %u more", count - shown);
	line_end(line);
}

/* As it is: its indentation is what it says. */
static void put_trace(struct line *line, const char *text)
{
	if (!text)
		return;
	line_start(line, 4, 8);
	line_label(line, "the way there:");
	line_end(line);
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		fprintf(line->out, "        %.*s\n", (int)(end - text), text);
}

/* Each with where it was taken: what is held when something goes wrong, or whose order is broken. */
static void put_locks(struct line *line, const struct finding *finding)
{
	for (unsigned i = 0; i < finding->lock_count; i++) {
		const struct finding_lock *lock = &finding->locks[i];

		line_start(line, 4, 8);
		line_label(line, "lock: ");
		line_piece(line, 0, "%s", lock->kind ? lock->kind : "lock");
		if (lock->name)
			line_piece(line, 1, "%s", lock->name);
		if (lock->addr)
			line_piece(line, 1, "at 0x%" PRIx64, lock->addr);
		if (lock->role) {
			line_text(line, ",");
			line_piece(line, 1, "%s", lock->role);
		}
		line_end(line);
		line_stack(line, 8, &lock->taken);
	}
}

static void put_also(struct line *line, unsigned also)
{
	if (!also)
		return;
	line_start(line, 4, 8);
	line_piece(line, 0, "also found with %u other schedule%s", also, plural(also));
	line_end(line);
}

/* Not broken: it is there to be copied. */
static void put_replay(struct line *line, const char *replay)
{
	if (!replay || !replay[0])
		return;
	line_start(line, 4, 4);
	line_label(line, "replay: ");
	line_text(line, replay);
	line_end(line);
}

/* As it is, line by line: it is for parsers of the kernel's log. */
static void put_kernel_report(struct line *line, const char *report, bool wanted)
{
	if (!report || !wanted)
		return;
	line_start(line, 4, 4);
	line_label(line, "in the kernel's words:");
	line_end(line);
	fprintf(line->out, "%s\n", report);
}

void report_finding_text(FILE *out, const struct finding *finding, unsigned number, bool colour,
			 bool kernel_words)
{
	struct line line = {.out = out, .colour = colour};

	put_head(&line, finding, number);
	if (finding->has_point)
		put_point(&line, &finding->point);
	put_interrupt(&line, &finding->interrupt);
	put_sentence(&line, "what: ", finding->what);
	if (finding->core)
		put_sentence(&line, "core: ",
			     finding->reason ? finding->reason : "the kernel's own issue");
	put_sentence(&line, "accepted: ", finding->accepted);
	put_place(&line, &finding->stack);
	put_objects(&line, finding);
	put_locks(&line, finding);
	put_trace(&line, finding->trace);
	put_also(&line, finding->also);
	put_replay(&line, finding->replay);
	put_kernel_report(&line, finding->kernel_report, kernel_words);
	fputc('\n', out);
}
