/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coverage of instrumented code (-fsanitize-coverage=trace-pc): collected by all processes of a sweep in one shared map, and
 * turned into lines of source by debug information.
 *
 * A block is a straight piece of code, at whose start the compiler put a call of __sanitizer_cov_trace_pc(); the return
 * address of that call names it.
 */
#ifndef KFAIL_TRACE_COVERAGE_H
#define KFAIL_TRACE_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>
#include "../world/override/coverage.h"

/* Collect from now on, in this process and its children, for code in [start, start+size): before it is loaded. Once. 0 or
 * -errno. */
int coverage_open(uint64_t start, uint64_t size);
/* Edges are counted, too: before coverage_open(). */
void coverage_count_edges(struct kf_edges *edges);
/* What instrumented code is given to write to; size 0: nothing is collected. */
const struct kf_coverage *coverage_map(void);
/* Was the block with this return address run since the map was opened or forgotten? */
bool coverage_ran(uint64_t pc);
/* No block was run: for who wants to know of one run. */
void coverage_forget(void);
/* Call fn for each block in loaded code, by address; `collector` is where the calls lead. Returns how many there are. */
unsigned coverage_each_block(uint64_t start, uint64_t end, uint64_t collector,
			     void (*fn)(uint64_t pc, void *arg), void *arg);

/* Where the call begins that names a block. */
uint64_t coverage_call(uint64_t pc);

/* ---- lines ---- */

struct coverage_line {
	const char *file; /* absolute; lives as long as the process */
	int line;
	bool ran;
	const char *function; /* that it is in */
};

struct coverage_function {
	const char *file, *name;
	int line;
	bool ran;
};

struct coverage {
	struct coverage_line *lines; /* by file and line, each once */
	unsigned line_count, lines_ran;
	struct coverage_function *functions; /* by file and line */
	unsigned function_count, functions_ran;
	unsigned blocks, blocks_ran;
};

/* Where a module's code lies, and where it calls to say that it was there. */
struct coverage_code {
	struct {
		uint64_t start, end;
	} ranges[4];
	unsigned count;
	uint64_t collector;
};

/* What of a module (or the native driver) was run, by lines of its own sources: headers of the kernel do not count. -1: it has
 * no blocks; else 0. Either way the result is cleared with coverage_clear(). */
int coverage_collect(const char *module, const struct coverage_code *code, struct coverage *out);
void coverage_clear(struct coverage *coverage);

#endif
