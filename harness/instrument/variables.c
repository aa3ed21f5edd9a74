// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of variables, from what the compiler left beside them (mm/kasan/report_generic.c):
 *
 *	a frame		| 0x41b58ab3 | text | function | F1 redzone | variable | F2 | variable | F3 |
 *	its text	"2 32 4 5 count:12 64 16 6 buf:13": how many; of each offset, size, length of the name, name:line
 *
 * The frame's start is found by its shadow: the first granule behind which F1 begins. Everything is checked before it is
 * followed: the stack may be damaged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define FRAME_MAGIC 0x41b58ab3ul
#define FRAME_MAX   (64ul << 10)

struct frame {
	uint64_t magic;
	const char *text;
	uint64_t function;
};

/* How far an address lies from a variable: 0 inside. */
static uint64_t distance(uint64_t addr, uint64_t start, uint64_t size)
{
	if (addr < start)
		return start - addr;
	return addr < start + size ? 0 : addr - (start + size) + 1;
}

static const struct frame *frame_of(uint64_t addr)
{
	const struct kf_shadow_windows *w = instrumented.windows;
	uint64_t at = addr & ~7ul, low = at > FRAME_MAX ? at - FRAME_MAX : 0;

	while (at > low && kf_shadowed(w, at) &&
	       *(uint8_t *)kf_shadow_of(at) != KF_SHADOW_STACK_LEFT)
		at -= 8;
	while (at > low && kf_shadowed(w, at - 8) &&
	       *(uint8_t *)kf_shadow_of(at - 8) == KF_SHADOW_STACK_LEFT)
		at -= 8;
	if (at <= low || !kf_shadowed(w, at) || ((const struct frame *)at)->magic != FRAME_MAGIC)
		return NULL;
	return (const struct frame *)at;
}

/* One variable of the text: moves *text on; false: that is not one. */
static bool next_variable(const char **text, uint64_t frame, struct variable *out)
{
	char *end;
	uint64_t offset = strtoul(*text, &end, 10), length;

	if (end == *text)
		return false;
	out->start = frame + offset;
	out->size = strtoul(end, &end, 10);
	length = strtoul(end, &end, 10);
	if (*end != ' ' || length > 255 || strnlen(end + 1, length) < length)
		return false;
	snprintf(out->name, sizeof(out->name), "%.*s", (int)strcspn(end + 1, ": "), end + 1);
	*text = end + 1 + length;
	return true;
}

bool variable_on_stack(uint64_t addr, struct variable *out)
{
	const struct frame *frame = frame_of(addr);
	struct variable one;
	const char *text;
	unsigned long count;
	bool found = false;
	char *end;

	if (!frame)
		return false;
	count = strtoul(frame->text, &end, 10);
	for (text = end; count && next_variable(&text, (uint64_t)frame, &one); count--) {
		if (found &&
		    distance(addr, one.start, one.size) >= distance(addr, out->start, out->size))
			continue;
		*out = one;
		found = true;
	}
	return found;
}

bool variable_global(const struct instrumented *world, uint64_t addr, struct variable *out)
{
	for (unsigned i = 0; i < *world->globals_count; i++)
		for (unsigned long k = 0; k < world->globals[i].count; k++) {
			const struct kf_global *global = &world->globals[i].first[k];

			if (addr - global->start >= global->size_with_redzone)
				continue;
			out->start = global->start;
			out->size = global->size;
			snprintf(out->name, sizeof(out->name), "%s", global->name);
			return true;
		}
	return false;
}
