// SPDX-License-Identifier: GPL-2.0-only
/*
 * From blocks to lines of source. A block reaches from the call at its start to that of the next one in its function, the first one
 * from the function's entry; the line table says which pieces of code each line has.
 *
 *	function   |entry .. call|......|call|.........|call|......|
 *	blocks	   |------ first -------|-- second ----|-- third --|
 *	lines	      |10 |11    |11  |12     |13 |12       |14 |	a line ran if a block did that has a piece of it
 *
 * Lines of the compiler's own making (line 0), and those of the kernel's headers, are left out.
 */
#include "coverage.h"
#include <stdlib.h>
#include <string.h>
#include "symbols.h"
#include "util.h"

struct block {
	uint64_t start, end, pc;
	const char *function;
	uint64_t entry; /* of the function */
	bool ran;
};

struct collection {
	struct block *blocks; /* by address */
	unsigned count, room;
	struct coverage *out;
	unsigned line_room;
};

/* ---- blocks ---- */

static void add_block(uint64_t pc, void *arg)
{
	struct collection *c = arg;
	struct frame frame;

	symbols_resolve(pc, false, &frame, 1);
	if (!strncmp(frame.function, "_sub_", 5)) /* the sanitizer's own */
		return;
	if (c->count == c->room) {
		c->room = c->room * 2 + 64;
		c->blocks = xreallocarray(c->blocks, c->room, sizeof(*c->blocks));
	}
	c->blocks[c->count++] = (struct block){
		.start = coverage_call(pc),
		.end = pc - frame.offset + frame.size,
		.pc = pc,
		.function = frame.function,
		.entry = pc - frame.offset,
		.ran = coverage_ran(pc),
	};
}

static int by_pc(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return x->pc < y->pc ? -1 : x->pc > y->pc;
}

static void set_extents(struct collection *c)
{
	qsort(c->blocks, c->count, sizeof(*c->blocks), by_pc);
	for (unsigned i = 0; i < c->count; i++) {
		struct block *b = &c->blocks[i], *before = i ? b - 1 : NULL;

		if (before && before->entry == b->entry)
			before->end = b->start;
		else
			b->start = b->entry;
	}
}

/* The first block that ends behind an address. */
static unsigned find_block(const struct collection *c, uint64_t at)
{
	unsigned low = 0, high = c->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (c->blocks[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- lines ---- */

static void add_line(struct collection *c, const char *file, int line, const struct block *block,
		     bool ran)
{
	struct coverage *out = c->out;

	if (out->line_count == c->line_room) {
		c->line_room = c->line_room * 2 + 256;
		out->lines = xreallocarray(out->lines, c->line_room, sizeof(*out->lines));
	}
	out->lines[out->line_count++] = (struct coverage_line){file, line, ran, block->function};
}

/* The kernel's are named relative to its build directory, or lie among its headers. */
static bool is_own_source(const char *file)
{
	return !strstr(file, "/linux-headers-") && !strstr(file, "/./include/") &&
	       !strstr(file, "/./arch/") && !strstr(file, "/native/include/");
}

static void take_piece(uint64_t start, uint64_t end, const char *file, int line, void *arg)
{
	struct collection *c = arg;
	unsigned first = find_block(c, start), i;
	bool ran = false;

	if (!is_own_source(file))
		return;
	for (i = first; i < c->count && c->blocks[i].start < end; i++)
		ran |= c->blocks[i].ran;
	if (i > first)
		add_line(c, file, line, &c->blocks[first], ran);
}

static int by_place(const void *a, const void *b)
{
	const struct coverage_line *x = a, *y = b;
	int file = strcmp(x->file, y->file);

	if (file)
		return file;
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : (int)y->ran - (int)x->ran;
}

/* Of the pieces of a line one that ran comes first, and stands for it. */
static void unite_lines(struct coverage *out)
{
	unsigned n = 0;

	if (out->line_count)
		qsort(out->lines, out->line_count, sizeof(*out->lines), by_place);
	for (unsigned i = 0; i < out->line_count; i++) {
		const struct coverage_line *line = &out->lines[i];

		if (n && out->lines[n - 1].line == line->line &&
		    !strcmp(out->lines[n - 1].file, line->file))
			continue;
		out->lines_ran += line->ran;
		out->lines[n++] = *line;
	}
	out->line_count = n;
}

/* ---- functions ---- */

/* Where its entry is: the file of its lines, and the line of its first instruction. */
static bool place_of(const struct coverage *out, uint64_t entry, struct coverage_function *function)
{
	struct frame frames[16];
	unsigned n = symbols_resolve(entry, true, frames, 16);

	function->line = frames[n - 1].line;
	for (unsigned i = 0; i < out->line_count && function->line; i++)
		if (out->lines[i].function == function->name) {
			function->file = out->lines[i].file;
			return true;
		}
	return false;
}

/* A part that the compiler moved away (foo.cold) is no function of its own. */
static bool is_part(const char *name)
{
	return strstr(name, ".cold");
}

static void add_functions(struct collection *c)
{
	struct coverage *out = c->out;

	out->functions = xcalloc(c->count ? c->count : 1, sizeof(*out->functions));
	for (unsigned i = 0; i < c->count; i++) {
		const struct block *b = &c->blocks[i];
		struct coverage_function function = {.name = b->function, .ran = b->ran};

		if ((i && c->blocks[i - 1].entry == b->entry) || is_part(b->function) ||
		    !place_of(out, b->entry, &function))
			continue;
		out->functions[out->function_count++] = function;
		out->functions_ran += b->ran;
	}
}

/* ---- all ---- */

int coverage_collect(const char *module, const struct coverage_code *code, struct coverage *out)
{
	struct collection c = {.out = out};

	*out = (struct coverage){0};
	for (unsigned i = 0; i < code->count; i++)
		coverage_each_block(code->ranges[i].start, code->ranges[i].end, code->collector,
				    add_block, &c);
	set_extents(&c);
	out->blocks = c.count;
	for (unsigned i = 0; i < c.count; i++)
		out->blocks_ran += c.blocks[i].ran;
	symbols_each_line(module, take_piece, &c);
	unite_lines(out);
	add_functions(&c);
	free(c.blocks);
	return out->blocks ? 0 : -1;
}

void coverage_clear(struct coverage *coverage)
{
	free(coverage->lines);
	free(coverage->functions);
	*coverage = (struct coverage){0};
}
