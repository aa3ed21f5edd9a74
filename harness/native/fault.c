// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of a driver in native mode: what the signal says goes to the judges' words for it (judge/fault.h). Runs in the
 * signal handler.
 */
#include "host.h"

#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include "../judge/fault.h"

#define FAULT_WRITE 2 /* in a page fault's error code */
#define FAULT_FETCH 16

static const int registers[] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI,
				REG_RBP, REG_RIP, REG_R8,  REG_R9,  REG_R10, REG_R11,
				REG_R12, REG_R13, REG_R14, REG_R15};
#define REGISTERS (sizeof(registers) / sizeof(registers[0]))

void native_describe_fault(int signal, const siginfo_t *info, const greg_t *regs,
			   struct death *death)
{
	uint64_t values[REGISTERS];
	struct fault fault = {
		.address = (uint64_t)info->si_addr,
		.protection = info->si_code == SI_KERNEL,
		.access = regs[REG_ERR] & FAULT_FETCH	? "jump"
			  : regs[REG_ERR] & FAULT_WRITE ? "write"
							: "read",
		.registers = values,
		.register_count = REGISTERS,
	};

	for (unsigned i = 0; i < REGISTERS; i++)
		values[i] = (uint64_t)regs[registers[i]];
	if (signal == SIGFPE || signal == SIGILL) {
		death->address = fault.address;
		death->kind = DEATH_BUG;
		snprintf(death->what, sizeof(death->what), "%s",
			 signal == SIGFPE ? "divide error" : "invalid opcode");
		return;
	}
	if (!fault.protection && !(regs[REG_ERR] & FAULT_FETCH))
		fault_decode(&fault, regs, regs[REG_ERR] & FAULT_WRITE);
	fault_describe(&fault, death);
}
