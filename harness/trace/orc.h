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

/* A return address of this value stands for another one, which is asked for by where it lies on the stack (fentry.h). */
void orc_hook_returns(uint64_t address, uint64_t (*true_return)(uint64_t slot));

/* Tables for code that is written at run time: rows[i] holds from ip[i] on. */
struct orc_writer {
	int32_t *ip;
	struct orc_row {
		int16_t sp_offset, bp_offset;
		uint16_t bits;
	} __attribute__((packed)) * rows;
	unsigned count;
	bool new_layout;
};
enum orc_base { ORC_BASE_BP = 4, ORC_BASE_SP = 5 };
/* From addr on, in ascending order: the caller's stack pointer is base + offset; `framed`: its rbp is 16 bytes below;
 * `interrupts`: the address there is that of the next instruction, not one behind a call. */
void orc_put_interrupt(struct orc_writer *w, uint64_t addr, enum orc_base base, int offset,
		       bool framed);
void orc_put(struct orc_writer *w, uint64_t addr, enum orc_base base, int offset, bool framed);

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
