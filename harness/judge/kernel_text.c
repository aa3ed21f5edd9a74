// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's reports, line by line: kernel_text.h says whose.
 *
 * What a guarded cache knows is more than a slab of slub_debug (guards begin at the requested size, and lie around each
 * object), and no shadow memory is there for KASAN. The texts are the same nonetheless: "Redzone" rows are the guards;
 * shadow bytes are made from the allocators' records, eight bytes of memory at a time.
 */
#include "kernel_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../allocator/page/fence.h"
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/slab/slab.h"
#include "../trace/depot.h"
#include "../trace/host_code.h"
#include "../trace/symbols.h"
#include "../trace/util.h"

#define LEAK_FRAMES   16 /* MAX_TRACE of mm/kmemleak.c */
#define LEAK_BYTES    32 /* HEX_MAX_LINES rows */
#define HEX_ROW	      16u
#define OBJECT_BYTES  256u /* the kernel shows up to a page */
#define GUARD_BYTES   16u
#define SHADOW_GRAIN  8u
#define SHADOW_ROW    (16 * SHADOW_GRAIN)
#define SHADOW_ROWS   2 /* before and behind the row of the address */
#define SHADOW_MIDDLE (SHADOW_ROWS + 1)

/* Shadow bytes, mm/kasan/kasan.h. */
enum {
	KASAN_PAGE_FREE = 0xff,
	KASAN_PAGE_REDZONE = 0xfe,
	KASAN_SLAB_REDZONE = 0xfc,
	KASAN_SLAB_FREE = 0xfb,
	KASAN_SLAB_FREETRACK = 0xfa,
	KASAN_VMALLOC_INVALID = 0xf8,
};

struct text {
	FILE *out;
	char *bytes;
	size_t size;
};

static void text_open(struct text *text)
{
	*text = (struct text){0};
	text->out = open_memstream(&text->bytes, &text->size);
	if (!text->out)
		out_of_host_memory(0);
}

static char *text_close(struct text *text)
{
	fclose(text->out);
	if (text->size && text->bytes[text->size - 1] == '\n')
		text->bytes[text->size - 1] = '\0';
	return text->bytes;
}

static __attribute__((format(printf, 2, 3))) void say(struct text *text, const char *form, ...)
{
	va_list args;

	va_start(args, form);
	vfprintf(text->out, form, args);
	va_end(args);
	fputc('\n', text->out);
}

/* ---- pieces ---- */

static void frames(struct text *text, const char *before, uint32_t stack, bool exact)
{
	char name[256];
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	for (unsigned i = 0; i < n; i++) {
		symbols_print(pcs[i], exact && !i, name, sizeof(name));
		say(text, "%s%s", before, name);
	}
}

static void first_frame(uint32_t stack, bool exact, char *name, size_t size)
{
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	snprintf(name, size, "0x0");
	if (n)
		symbols_print(pcs[0], exact, name, size);
}

/* dump_stack() */
static void call_trace(struct text *text, uint32_t stack, bool exact, const char *taint)
{
	struct kf_whence whence;

	kf_hooks.whence(&whence);
	say(text, "CPU: 0 PID: %d Comm: %.16s %s", whence.pid, whence.comm, taint);
	say(text, "Call Trace:");
	say(text, " <TASK>");
	frames(text, "  ", stack, exact);
	say(text, " </TASK>");
}

static void hex_row(struct text *text, const char *before, const uint8_t *p, size_t n,
		    bool addressed)
{
	fputs(before, text->out);
	if (addressed)
		fprintf(text->out, "%016" PRIx64 ": ", (uint64_t)p);
	for (size_t i = 0; i < HEX_ROW; i++) {
		if (i < n)
			fprintf(text->out, "%02x ", p[i]);
		else
			fputs("   ", text->out);
	}
	fputc(' ', text->out);
	for (size_t i = 0; i < n; i++)
		fputc(p[i] >= ' ' && p[i] <= '~' ? p[i] : '.', text->out);
	fputc('\n', text->out);
}

/* How many of n bytes at p (a row at most) can be read: beside a fenced object lie pages that cannot. */
static size_t readable(const uint8_t *p, size_t n)
{
	size_t rest = KF_PAGE_SIZE - (uint64_t)p % KF_PAGE_SIZE;

	if (kf_fence_hidden((uint64_t)p))
		return 0;
	return rest < n && kf_fence_hidden((uint64_t)p + rest) ? rest : n;
}

static void hex_dump(struct text *text, const char *before, const uint8_t *p, size_t size,
		     bool addressed)
{
	for (size_t i = 0; i < size; i += HEX_ROW) {
		size_t n = readable(p + i, size - i < HEX_ROW ? size - i : HEX_ROW);

		if (n)
			hex_row(text, before, p + i, n, addressed);
	}
}

static const char *cache_name(const struct kf_object *object)
{
	return object->cache ? kf_cache_name(object->cache) : "";
}

/* ---- slub ---- */

static void track(struct text *text, const char *what, uint32_t stack)
{
	struct kf_whence whence;
	char name[256];

	if (!stack)
		return;
	kf_hooks.whence(&whence);
	first_frame(stack, false, name, sizeof(name));
	say(text, "%s in %s age=0 cpu=0 pid=%d", what, name, whence.pid);
	frames(text, " ", stack, false);
}

/* The bytes around an object are guards, unless it begins or ends its slab. */
static void dump_object(struct text *text, const struct kf_object *object)
{
	const uint8_t *p = object->addr;
	size_t shown = object->size < OBJECT_BYTES ? object->size : OBJECT_BYTES;
	size_t behind = object->usable - object->size + GUARD_BYTES;

	hex_dump(text, "Redzone  ", p - GUARD_BYTES, GUARD_BYTES, true);
	hex_dump(text, "Object   ", p, shown, true);
	hex_dump(text, "Redzone  ", p + object->size,
		 behind < 4 * GUARD_BYTES ? behind : 4 * GUARD_BYTES, true);
}

static const char *what_was_overwritten(const struct kf_bug *bug)
{
	uint64_t at = (uint64_t)bug->addr, start = (uint64_t)bug->object.addr;

	if (bug->kind == KF_BUG_WRITE_AFTER_FREE)
		return "Poison";
	return at < start ? "Left Redzone" : "Right Redzone";
}

char *kernel_text_slub(const struct kf_bug *bug, uint32_t stack)
{
	const struct kf_object *object = &bug->object;
	uint64_t at = (uint64_t)bug->addr, page = (uint64_t)object->addr & KF_PAGE_MASK;
	struct text text;

	if (object->kind != KF_SLAB || !object->addr || !object->cache ||
	    (bug->kind != KF_BUG_REDZONE && bug->kind != KF_BUG_WRITE_AFTER_FREE))
		return NULL;
	text_open(&text);
	say(&text, "=============================================================================");
	say(&text, "BUG %s (%s): %s overwritten", cache_name(object), "Not tainted",
	    what_was_overwritten(bug));
	say(&text, "-----------------------------------------------------------------------------");
	say(&text, "%s", "");
	say(&text,
	    "0x%016" PRIx64 "-0x%016" PRIx64 " @offset=%" PRIu64
	    ". First byte 0x%x instead of 0x%x",
	    at, at + bug->damaged - 1, at - page, bug->found, bug->expected);
	track(&text, "Allocated", object->alloc_tag);
	track(&text, "Freed", object->free_tag);
	say(&text, "Object 0x%016" PRIx64 " @offset=%" PRIu64 " fp=0x%016x", (uint64_t)object->addr,
	    (uint64_t)object->addr - page, 0);
	say(&text, "%s", "");
	dump_object(&text, object);
	call_trace(&text, stack, false, "Tainted: G    B             ");
	return text_close(&text);
}

/* ---- kmemleak ---- */

static void leak_frames(struct text *text, uint32_t stack)
{
	char name[256];
	const uint64_t *pcs;
	unsigned n = depot_get(stack, &pcs);

	for (unsigned i = 0; i < n && i < LEAK_FRAMES; i++) {
		symbols_print(pcs[i], false, name, sizeof(name));
		say(text, "    [<%016" PRIx64 ">] %s", host_code_settled(pcs[i]), name);
	}
}

char *kernel_text_leak(const void *addr, uint64_t size, uint32_t stack)
{
	uint64_t shown = size < LEAK_BYTES ? size : LEAK_BYTES;
	struct kf_whence whence;
	struct text text;

	kf_hooks.whence(&whence);
	text_open(&text);
	say(&text, "unreferenced object 0x%08" PRIx64 " (size %" PRIu64 "):", (uint64_t)addr, size);
	say(&text, "  comm \"%.16s\", pid %d, jiffies %llu", whence.comm, whence.pid,
	    (unsigned long long)whence.jiffies);
	say(&text, "  hex dump (first %" PRIu64 " bytes):", shown);
	hex_dump(&text, "    ", addr, shown, false);
	say(&text, "  backtrace:");
	leak_frames(&text, stack);
	return text_close(&text);
}

/* ---- KASAN ---- */

const char *kernel_text_access_type(const struct kf_object *object, bool freed)
{
	switch (object->kind) {
	case KF_VMALLOC:
	case KF_VMAP:
		return "vmalloc-out-of-bounds";
	case KF_SLAB:
	case KF_KMALLOC_LARGE:
		return freed ? "use-after-free" : "slab-out-of-bounds";
	default:
		return freed ? "use-after-free" : "out-of-bounds";
	}
}

static void headline(struct text *text, const struct kasan_access *access)
{
	struct kf_whence whence;
	char name[256];

	kf_hooks.whence(&whence);
	first_frame(access->stack, access->exact, name, sizeof(name));
	say(text, "==================================================================");
	say(text, "BUG: KASAN: %s in %s", access->type, name);
	if (access->size)
		say(text, "%s of size %" PRIu64 " at addr %016" PRIx64 " by task %.16s/%d",
		    access->write ? "Write" : "Read", access->size, access->addr, whence.comm,
		    whence.pid);
	else
		say(text, "Free of addr %016" PRIx64 " by task %.16s/%d", access->addr, whence.comm,
		    whence.pid);
	say(text, "%s", "");
	call_trace(text, access->stack, access->exact, "Not tainted");
	say(text, "%s", "");
}

static void kasan_track(struct text *text, const char *what, uint32_t stack)
{
	struct kf_whence whence;

	if (!stack)
		return;
	kf_hooks.whence(&whence);
	say(text, "%s by task %d:", what, whence.pid);
	frames(text, " ", stack, false);
	say(text, "%s", "");
}

/* describe_object_addr() */
static void describe_object(struct text *text, uint64_t addr, const struct kf_object *object)
{
	uint64_t start = (uint64_t)object->addr, size = object->usable, offset;
	const char *relation = "inside";

	if (object->kind != KF_SLAB || !object->cache) {
		start = (uint64_t)object->addr;
		size = object->size;
	}
	if (addr < start) {
		relation = "to the left";
		offset = start - addr;
	} else if (addr >= start + size) {
		relation = "to the right";
		offset = addr - (start + size);
	} else {
		offset = addr - start;
	}
	say(text, "The buggy address belongs to the object at %016" PRIx64, start);
	if (object->kind == KF_SLAB && object->cache)
		say(text, " which belongs to the cache %s of size %zu", cache_name(object),
		    object->usable);
	say(text, "The buggy address is located %" PRIu64 " bytes %s of", offset, relation);
	say(text, " %" PRIu64 "-byte region [%016" PRIx64 ", %016" PRIx64 ")", size, start,
	    start + size);
	say(text, "%s", "");
}

static uint8_t redzone_byte(const struct kf_object *object)
{
	switch (object->kind) {
	case KF_VMALLOC:
	case KF_VMAP:
		return KASAN_VMALLOC_INVALID;
	case KF_SLAB:
		return KASAN_SLAB_REDZONE;
	default:
		return KASAN_PAGE_REDZONE;
	}
}

/* Of the eight bytes at addr: how many may be touched, or why none. */
static uint8_t shadow_byte(uint64_t addr)
{
	struct kf_object object;
	uint64_t start, end;

	if (!kf_object_at((const void *)addr, &object))
		return KASAN_PAGE_FREE;
	start = (uint64_t)object.addr;
	end = start + object.size;
	if (addr + SHADOW_GRAIN <= start || addr >= end)
		return redzone_byte(&object);
	if (!object.live && object.kind != KF_SLAB)
		return KASAN_PAGE_FREE;
	if (!object.live)
		return addr == start ? KASAN_SLAB_FREETRACK : KASAN_SLAB_FREE;
	return end - addr < SHADOW_GRAIN ? (uint8_t)(end - addr) : 0;
}

static void shadow_row(struct text *text, uint64_t row, uint64_t addr)
{
	bool here = addr >= row && addr < row + SHADOW_ROW;

	fprintf(text->out, "%c%016" PRIx64 ":", here ? '>' : ' ', row);
	for (unsigned i = 0; i < SHADOW_ROW; i += SHADOW_GRAIN)
		fprintf(text->out, " %02x", shadow_byte(row + i));
	fputc('\n', text->out);
	if (here)
		say(text, "%*s^", (int)(18 + 3 * ((addr - row) / SHADOW_GRAIN) + 1), "");
}

static void memory_state(struct text *text, uint64_t addr)
{
	uint64_t middle = addr & ~(uint64_t)(SHADOW_ROW - 1);

	say(text, "Memory state around the buggy address:");
	for (int i = -SHADOW_ROWS; i < SHADOW_MIDDLE; i++)
		shadow_row(text, middle + (uint64_t)(i * (int)SHADOW_ROW), addr);
}

char *kernel_text_kasan(const struct kasan_access *access)
{
	const struct kf_object *object = access->object;
	struct text text;

	text_open(&text);
	headline(&text, access);
	if (object && object->addr) {
		kasan_track(&text, "Allocated", object->alloc_tag);
		kasan_track(&text, "Freed", object->free_tag);
		describe_object(&text, access->addr, object);
		memory_state(&text, access->addr);
	}
	say(&text, "==================================================================");
	return text_close(&text);
}
