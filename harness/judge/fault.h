/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a fault of the processor means, in the same words for all worlds.
 */
#ifndef KFAIL_JUDGE_FAULT_H
#define KFAIL_JUDGE_FAULT_H

#include <ucontext.h>
#include "judge.h"

struct fault {
	uint64_t address;	   /* of a page fault */
	bool protection;	   /* a general protection fault: the processor tells no address */
	const char *access;	   /* "read", "write", "jump" */
	struct death_access made;  /* by the instruction, where that is known */
	const uint64_t *registers; /* what the code had in its hands */
	unsigned register_count;
};

/* Of a page fault: which bytes the instruction at regs[REG_RIP] wanted, into fault->made. */
void fault_decode(struct fault *fault, const greg_t *regs, bool write);

/* Fill in kind, what, address and object of a death. For signal handlers: reads the allocators'
 * tables, changes nothing. */
void fault_describe(const struct fault *fault, struct death *death);

#endif
