/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwinding of kernel stacks by ORC tables: one entry per range of instructions says where the
 * caller's stack pointer and frame pointer are. After arch/x86/kernel/unwind_orc.c and
 * asm/orc_types.h (6.1, and 6.4+ whose type field moved).
 */
#ifndef KFAIL_TRACE_ORC_H
#define KFAIL_TRACE_ORC_H

#include <stdbool.h>
#include <stdint.h>

struct orc_regs {
	uint64_t ip, sp, bp;
};

/* Code [start, end) with its tables: ip[i] is relative to its own address, entry i covers from there. The tables must be sorted and
 * stay where they are. `stop` code ends the walk: its frames are named, its callers not looked for. */
struct orc_table {
	uint64_t start, end;
	const int32_t *ip;
	const void *entries;
	uint32_t count;
	bool new_layout; /* 6.4 and later */
};

/* Register a table; 0, or -1 when there are too many. A table with the same start is replaced. */
int orc_register(const struct orc_table *table);

/*
 * Walk from regs (ip exact: a faulting instruction; else a return address). Writes program counters
 * innermost first; returns their number. Stops at the first frame outside every table, at the end
 * of the stack, or after max. Reads the stack between sp and `limit` only. *crossed, when given, is
 * the index of the first frame whose stack pointer lies above `boundary` (frames that did not ask
 * for what runs now), or the number of frames.
 */
unsigned orc_walk(struct orc_regs regs, bool exact, uint64_t limit, uint64_t boundary,
		  uint64_t *pcs, unsigned max, unsigned *crossed);

#endif
