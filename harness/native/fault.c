// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a fault means. An address below 64 KiB is a NULL pointer with an offset; poison in a
 * register tells that a pointer was read from freed memory; an address in a vmalloc area that is
 * freed, or right behind a live one, says so. Everything else is a wild access. Runs in the signal
 * handler: reads the allocators' tables, changes nothing.
 */
#include "host.h"

#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define NULL_LIMIT  0x10000ul
#define FAULT_WRITE 2 /* in a page fault's error code */
#define FAULT_FETCH 16

static const int registers[] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI,
				REG_RBP, REG_RIP, REG_R8,  REG_R9,  REG_R10, REG_R11,
				REG_R12, REG_R13, REG_R14, REG_R15};

/* ---- addresses that no page table can hold ---- */

static bool is_canonical(uint64_t address)
{
	int64_t top = (int64_t)address >> 47;

	return top == 0 || top == -1;
}

/* The processor does not tell which it was: look for one in the registers. */
static uint64_t find_non_canonical(const greg_t *regs)
{
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (!is_canonical((uint64_t)regs[registers[i]]))
			return (uint64_t)regs[registers[i]];
	return 0;
}

static const char *poison_name(uint64_t address)
{
	if (address >> 16 == 0x6b6b6b6b6b6bul)
		return "slab poison 0x6b";
	if (address >> 16 == 0xaaaaaaaaaaaaul)
		return "page poison 0xaa";
	return NULL;
}

static void describe_protection_fault(const greg_t *regs, struct death *death)
{
	uint64_t address = find_non_canonical(regs);
	const char *poison = poison_name(address);

	death->address = address;
	death->kind = poison ? DEATH_USE_AFTER_FREE : DEATH_WILD_ACCESS;
	if (poison)
		snprintf(death->what, sizeof(death->what),
			 "general protection fault, through a pointer that was read from freed "
			 "memory: %s",
			 poison);
	else
		snprintf(death->what, sizeof(death->what),
			 "general protection fault, for the non-canonical address %#lx%s", address,
			 address >> 48 == 0xdead ? ", which list_del() left" : "");
}

/* ---- page faults ---- */

static bool describe_area(uint64_t address, const char *access, struct death *death)
{
	struct kf_object area;

	if (!kf_is_vmalloc_addr((void *)address))
		return false;
	if (kf_object_at((void *)address, &area) && !area.live) {
		death->kind = DEATH_USE_AFTER_FREE;
		snprintf(death->what, sizeof(death->what),
			 "%s in a vmalloc area that is freed, of %zu bytes", access, area.size);
		return true;
	}
	if (!kf_object_at((void *)((address & KF_PAGE_MASK) - 1), &area) || !area.live)
		return false;
	death->kind = DEATH_OUT_OF_BOUNDS;
	snprintf(death->what, sizeof(death->what),
		 "%s out of bounds: %lu bytes behind the end of a vmalloc area of %zu bytes",
		 access, address - (uint64_t)area.addr - area.size, area.size);
	return true;
}

static void describe_page_fault(uint64_t address, const char *access, struct death *death)
{
	bool null = address < NULL_LIMIT;
	char error[48] = "";

	if (describe_area(address, access, death))
		return;
	if (address >= (uint64_t)-4095)
		snprintf(error, sizeof(error), " (the error pointer %d)", (int)address);
	death->kind = null ? DEATH_NULL_DEREFERENCE : DEATH_WILD_ACCESS;
	snprintf(death->what, sizeof(death->what), "%s, %s at %#lx%s",
		 null ? "NULL pointer dereference" : "page fault", access, address, error);
}

void native_describe_fault(int signal, const siginfo_t *info, const greg_t *regs,
			   struct death *death)
{
	const char *access = regs[REG_ERR] & FAULT_FETCH   ? "jump"
			     : regs[REG_ERR] & FAULT_WRITE ? "write"
							   : "read";

	death->address = (uint64_t)info->si_addr;
	if (signal == SIGFPE || signal == SIGILL) {
		death->kind = DEATH_BUG;
		snprintf(death->what, sizeof(death->what), "%s",
			 signal == SIGFPE ? "divide error" : "invalid opcode");
	} else if (info->si_code != SI_KERNEL) {
		describe_page_fault(death->address, access, death);
	} else {
		describe_protection_fault(regs, death);
	}
}
