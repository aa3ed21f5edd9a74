// SPDX-License-Identifier: GPL-2.0-only
/*
 * AFL++'s map. Its runtime, if this program has it, says where the map is; a program without it counts into a map of its own,
 * so that what is covered can be asked all the same. Between runs all is counted where nobody looks: restoring a world and
 * preparing one are no part of an input.
 */
#include "edges.h"

#include <stdint.h>
#include <string.h>
#include "../../harness/trace/coverage.h"
#include "../../harness/trace/fentry.h"

#define MAP_SIZE 65536u /* AFL++'s default, and what its runtime has before it is told otherwise */

extern unsigned char *__afl_area_ptr __attribute__((weak));

static unsigned char nobodys[MAP_SIZE], own[MAP_SIZE];
static struct kf_edges edges = {.map = nobodys, .mask = MAP_SIZE - 1};

static unsigned char *map(void)
{
	return &__afl_area_ptr && __afl_area_ptr ? __afl_area_ptr : own;
}

void edges_open(void)
{
	coverage_count_edges(&edges);
	fentry_count(&edges);
}

void edges_begin(void)
{
	if (map() == own)
		memset(own, 0, sizeof(own));
	edges.map = map();
	edges.last = 0;
}

void edges_end(void)
{
	edges.map = nobodys;
}

/* Behind all addresses of code. */
static void note(unsigned number)
{
	unsigned last = edges.last;

	edges.last = 0;
	kf_edges_note(&edges, number | 0x80000000u);
	edges.last = last;
}

void edges_note_result(unsigned call, int64_t result)
{
	note(call << 13 | (result < 0 ? (unsigned)-result & 0xfff : 0x1000 + (result > 0)));
}

void edges_note_refusal(uint64_t site)
{
	note((unsigned)(site ^ site >> 32));
}

unsigned edges_count(void)
{
	const unsigned char *at = map();
	unsigned count = 0;

	for (unsigned i = 0; i < MAP_SIZE; i++)
		count += at[i] != 0;
	return count;
}
