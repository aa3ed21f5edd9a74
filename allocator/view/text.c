// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of views (text.h), and the list of views.
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

/* A name as %pS prints it: function, offset, size, module. */
#define NAME_MAX_BYTES 256

static void add(struct kf_text *text, const char *format, va_list args)
{
	size_t room = sizeof(text->line) - text->used;
	int n = vsnprintf(text->line + text->used, room, format, args);

	text->used += (size_t)n < room ? (size_t)n : room - 1;
}

void kf_text_add(struct kf_text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(text, format, args);
	va_end(args);
}

void kf_text_end(const struct kf_view *out, struct kf_text *text)
{
	text->line[text->used] = '\0';
	out->line(text->line, out->arg);
	text->used = 0;
}

void kf_text_line(const struct kf_view *out, const char *format, ...)
{
	struct kf_text text = {0};
	va_list args;

	va_start(args, format);
	add(&text, format, args);
	va_end(args);
	kf_text_end(out, &text);
}

void kf_text_add_function(const struct kf_view *out, struct kf_text *text, const void *addr)
{
	char name[NAME_MAX_BYTES];

	if (!out->function) {
		kf_text_add(text, "%p", addr);
		return;
	}
	out->function(addr, name, sizeof(name), out->arg);
	kf_text_add(text, "%s", name);
}

/* Of the frames that the hook names, the first alone. */
struct first {
	struct kf_text *text;
	bool found;
};

static void add_first(const char *frame, void *arg)
{
	struct first *first = arg;

	if (!first->found)
		kf_text_add(first->text, "%s", frame);
	first->found = true;
}

bool kf_text_add_caller(struct kf_text *text, u32 tag)
{
	struct first first = {.text = text};

	if (tag)
		kf_hooks.describe(tag, add_first, &first);
	return first.found;
}

struct stack {
	const struct kf_view *out;
	const char *indent;
	unsigned frames;
};

static void write_frame(const char *frame, void *arg)
{
	struct stack *stack = arg;

	kf_text_line(stack->out, "%s%s", stack->indent, frame);
	stack->frames++;
}

unsigned kf_text_stack(const struct kf_view *out, const char *indent, u32 tag)
{
	struct stack stack = {out, indent, 0};

	if (tag)
		kf_hooks.describe(tag, write_frame, &stack);
	return stack.frames;
}

const struct kf_view_kind kf_view_kinds[] = {
	{"slabinfo", "/proc/slabinfo", "objects and slabs of each cache", kf_view_slabinfo},
	{"buddyinfo", "/proc/buddyinfo", "free blocks of each order", kf_view_buddyinfo},
	{"pagetypeinfo", "/proc/pagetypeinfo", "the same by migrate type, and page blocks",
	 kf_view_pagetypeinfo},
	{"zoneinfo", "/proc/zoneinfo", "watermarks, reserves, lists of each CPU", kf_view_zoneinfo},
	{"vmallocinfo", "/proc/vmallocinfo", "virtual areas and who made them",
	 kf_view_vmallocinfo},
	{"meminfo", "/proc/meminfo", "memory in all, free, in slabs, per CPU", kf_view_meminfo},
	{"page_owner", "/sys/kernel/debug/page_owner", "who allocated each block of pages",
	 kf_view_page_owner},
	{"memblock/memory", "/sys/kernel/debug/memblock/memory", "memory that there was at boot",
	 kf_view_memblock_memory},
	{"memblock/reserved", "/sys/kernel/debug/memblock/reserved", "what the boot kept of it",
	 kf_view_memblock_reserved},
	{"unreclaimable", NULL, "the caches that an OOM report lists", kf_view_unreclaimable},
	{NULL, NULL, NULL, NULL},
};
