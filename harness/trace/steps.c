// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stepping: the trap flag makes each instruction end in SIGTRAP. Steps begin where a breakpoint (int3) has been planted, at an
 * instruction of the module that will run next, and end where the module calls somebody else: there a breakpoint waits at the
 * return address. So the kernel's own code runs at full speed.
 *
 *	hook: a call returns to A, or A is entered --plant A--> ... A: SIGTRAP, byte put back --step--> ... --step-->
 *		call of the kernel: plant its return address, no more steps
 *
 * An instruction counts when it reads or writes memory that is not the stack: what an interrupt sees differs only behind such a
 * one.
 */
#include "steps.h"

#include <string.h>
#include <ucontext.h>

#define TRAP_FLAG	0x100
#define INT3		0xcc
#define INSTRUCTION_MAX 15
#define BREAKPOINTS_MAX 64
/* Instructions outside the module before its end is believed: the return thunk takes less. */
#define OUTSIDE_MAX 4

static const struct steps_world *world;

static struct {
	struct {
		uint64_t at; /* 0: free */
		uint8_t byte;
	} breakpoints[BREAKPOINTS_MAX];
	uint64_t ip, sp; /* of the newest step inside the module; 0: not stepping */
	unsigned outside;
} steps;

/* ---- which instructions count ---- */

/* One-byte opcodes with a ModRM byte; lea is told apart below. */
static bool has_modrm(uint8_t op)
{
	return (op < 0x40 && (op & 7) < 4) || op == 0x63 || op == 0x69 || op == 0x6b ||
	       (op & 0xf0) == 0x80 || op == 0xc0 || op == 0xc1 || op == 0xc6 || op == 0xc7 ||
	       (op >= 0xd0 && op <= 0xd3) || op == 0xf6 || op == 0xf7 || op == 0xfe || op == 0xff;
}

/* The same behind 0x0f: jumps on condition, bswap, and what has no operands have none; no-ops have one for nothing. */
static bool has_modrm_behind_0f(uint8_t op)
{
	return op >= 0x10 && op != 0x1e && op != 0x1f && !(op >= 0x30 && op <= 0x37) &&
	       op != 0x77 && (op & 0xf0) != 0x80 && op != 0xa0 && op != 0xa1 && op != 0xa2 &&
	       op != 0xa8 && op != 0xa9 && op != 0xaa && (op & 0xf8) != 0xc8;
}

/* Memory, and not by the stack pointer. */
static bool is_memory_operand(const uint8_t *modrm)
{
	bool sib = (modrm[0] & 7) == 4;

	if (modrm[0] >> 6 == 3)
		return false;
	return !sib || (modrm[1] & 7) != 4;
}

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 ||
	       byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 ||
	       byte == 0x65 || (byte & 0xf0) == 0x40;
}

static bool touches_memory(const uint8_t *p)
{
	while (is_prefix(*p))
		p++;
	if (*p == 0x0f && (p[1] == 0x38 || p[1] == 0x3a))
		return is_memory_operand(p + 3);
	if (*p == 0x0f)
		return has_modrm_behind_0f(p[1]) && is_memory_operand(p + 2);
	if ((*p >= 0xa0 && *p <= 0xa7) || (*p >= 0xaa && *p <= 0xaf))
		return true; /* fixed addresses, strings */
	return *p != 0x8d && has_modrm(*p) && is_memory_operand(p + 1);
}

/* ---- breakpoints ---- */

static void write_byte(uint64_t at, uint8_t byte)
{
	if (world->touch)
		world->touch((void *)at, 1);
	*(volatile uint8_t *)at = byte;
}

void steps_from(uint64_t address)
{
	unsigned i, unused = BREAKPOINTS_MAX;

	for (i = 0; i < BREAKPOINTS_MAX; i++) {
		if (steps.breakpoints[i].at == address)
			return;
		if (!steps.breakpoints[i].at)
			unused = i;
	}
	if (unused == BREAKPOINTS_MAX)
		return;
	steps.breakpoints[unused].at = address;
	steps.breakpoints[unused].byte = *(uint8_t *)address;
	write_byte(address, INT3);
}

static bool take_breakpoint(uint64_t at)
{
	for (unsigned i = 0; i < BREAKPOINTS_MAX; i++) {
		if (steps.breakpoints[i].at != at)
			continue;
		write_byte(at, steps.breakpoints[i].byte);
		steps.breakpoints[i].at = 0;
		return true;
	}
	return false;
}

void steps_open(const struct steps_world *of)
{
	world = of;
}

void steps_begin(bool restored)
{
	for (unsigned i = 0; i < BREAKPOINTS_MAX && !restored; i++)
		if (steps.breakpoints[i].at)
			write_byte(steps.breakpoints[i].at, steps.breakpoints[i].byte);
	memset(&steps, 0, sizeof(steps));
}

/* ---- steps ---- */

/* What was the last instruction in the module has just called somebody. */
static bool has_called(uint64_t sp)
{
	return steps.outside == 1 && sp == steps.sp - 8 &&
	       *(uint64_t *)sp - steps.ip <= INSTRUCTION_MAX;
}

/* Go on with steps? */
static bool step_outside(uint64_t sp)
{
	if (++steps.outside > OUTSIDE_MAX)
		return false;
	if (!has_called(sp))
		return true;
	steps_from(*(uint64_t *)sp);
	return false;
}

static bool step_inside(ucontext_t *uc, uint64_t ip, uint64_t sp)
{
	steps.ip = ip;
	steps.sp = sp;
	steps.outside = 0;
	if (!touches_memory((const uint8_t *)ip))
		return true;
	return !world->access(uc->uc_mcontext.gregs);
}

bool steps_trap(void *context)
{
	ucontext_t *uc = context;
	greg_t *regs = uc->uc_mcontext.gregs;
	bool stepping = steps.ip;

	if (regs[REG_TRAPNO] == 3) {
		if (!take_breakpoint((uint64_t)regs[REG_RIP] - 1))
			return false;
		regs[REG_RIP]--;
	} else if (!stepping) {
		return false;
	}
	regs[REG_EFL] &= ~TRAP_FLAG;
	if (world->active() &&
	    (world->in_module((uint64_t)regs[REG_RIP])
		     ? step_inside(uc, (uint64_t)regs[REG_RIP], (uint64_t)regs[REG_RSP])
		     : step_outside((uint64_t)regs[REG_RSP])))
		regs[REG_EFL] |= TRAP_FLAG;
	else
		steps.ip = 0;
	return true;
}
