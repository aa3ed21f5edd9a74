/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an instruction does to memory: for a fault of the processor, which tells an address and
 * whether it was a write, but not how many bytes from where.
 */
#ifndef KFAIL_TRACE_INSTRUCTION_H
#define KFAIL_TRACE_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

/* [addr, addr + size): one access; of a string instruction with a repeat prefix, one element. */
struct instruction_access {
	uint64_t addr, size;
};

/*
 * The access of the instruction at regs[REG_RIP] that faulted at `fault`. False: it has no such
 * access, or is none that is known. In any context, signal handlers too: nothing is allocated. The
 * instruction's 15 bytes are read as far as their page reaches.
 */
bool instruction_access(const greg_t *regs, uint64_t fault, bool write,
			struct instruction_access *out);

#endif
