// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an instruction does to memory: how many bytes, from where.
 */
#include "suites.h"

#include <string.h>
#include "../../harness/trace/instruction.h"

/* Addresses that the registers hold; no byte there is touched. */
#define OBJECT 0x70000ff0ull
#define SOURCE 0x90000000ull

static const struct {
	const char *what;
	uint8_t code[15];
	bool write;
	uint64_t fault;	     /* the byte that the processor tells */
	uint64_t addr, size; /* expected; size 0: no access */
} cases[] = {
	{"mov (%rdi), %al", {0x8a, 0x07}, false, OBJECT, OBJECT, 1},
	{"mov (%rdi), %eax", {0x8b, 0x07}, false, OBJECT, OBJECT, 4},
	{"mov %rax, (%rdi)", {0x48, 0x89, 0x07}, true, OBJECT, OBJECT, 8},
	{"movw $1, 8(%rdi,%rcx,4)",
	 {0x66, 0xc7, 0x44, 0x8f, 0x08, 0x01, 0x00},
	 true,
	 OBJECT + 8 + 4 * 3,
	 OBJECT + 8 + 4 * 3,
	 2},
	{"movb $1, 0(%rip) behind it", {0xc6, 0x05, 0, 0, 0, 0, 1}, true, 7, 7, 1},
	{"incl (%rdi), read or written", {0xff, 0x07}, true, OBJECT, OBJECT, 4},
	{"movups %xmm0, (%rdi)", {0x0f, 0x11, 0x07}, true, OBJECT, OBJECT, 16},
	/* It begins before the page that cannot be touched. */
	{"mov 12(%rdi), %rax", {0x48, 0x8b, 0x47, 0x0c}, false, 0x70001000, OBJECT + 12, 8},
	/* Two operands: the one that is written, the one that is read; one element each. */
	{"rep movsb, write", {0xf3, 0xa4}, true, OBJECT, OBJECT, 1},
	{"rep movsq, read", {0xf3, 0x48, 0xa5}, false, SOURCE, SOURCE, 8},
	{"rep stosb", {0xf3, 0xaa}, true, OBJECT, OBJECT, 1},
	{"push %rax", {0x50}, true, OBJECT + 0x1000 - 8, OBJECT + 0x1000 - 8, 8},
	/* A segment's base is not known: the byte that faulted is the first. */
	{"mov %gs:8, %eax", {0x65, 0x8b, 0x04, 0x25, 8, 0, 0, 0}, false, 0xabc008, 0xabc008, 4},
	/* None. */
	{"lea (%rdi), %rax", {0x48, 0x8d, 0x07}, false, OBJECT, 0, 0},
	{"mov (%rdi), %eax, but it was a write", {0x8b, 0x07}, true, OBJECT, 0, 0},
	{"ud2", {0x0f, 0x0b}, false, OBJECT, 0, 0},
	{"no instruction", {0x06}, false, OBJECT, 0, 0},
};

/* Expect the size of the operand that faulted, and the address where the access begins. */
static void test_accesses(void)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t here = (uint64_t)cases[i].code;
		bool relative = cases[i].addr == 7;
		gregset_t regs = {[REG_RIP] = (greg_t)here,
				  [REG_RDI] = OBJECT,
				  [REG_RSI] = SOURCE,
				  [REG_RSP] = OBJECT + 0x1000,
				  [REG_RCX] = 3};
		struct instruction_access access = {0, 0};
		bool known = instruction_access(regs, cases[i].fault + (relative ? here : 0),
						cases[i].write, &access);
		bool good = known == (cases[i].size != 0) && access.size == cases[i].size &&
			    access.addr == cases[i].addr + (relative ? here : 0);

		if (!good)
			fprintf(stderr, "%s: %d, %#llx, %llu bytes\n", cases[i].what, known,
				(unsigned long long)access.addr, (unsigned long long)access.size);
		CU_ASSERT(good);
	}
}

CU_TestInfo instruction_tests[] = {
	{"accesses", test_accesses},
	CU_TEST_INFO_NULL,
};
