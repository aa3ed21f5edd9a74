// SPDX-License-Identifier: GPL-2.0-only
/*
 * ORC unwinding (see orc.h). Hot: every allocation walks a stack. Tables are few (image, override
 * layer, one per module), kept sorted by address; within one, a binary search. The last table that
 * matched is tried first.
 */
#include "orc.h"
#include <stddef.h>
#include <string.h>

#define TABLES_MAX 512

/* asm/orc_types.h: where a register is found. */
enum { REG_UNDEFINED = 0, REG_PREV_SP = 1, REG_BP = 4, REG_SP = 5, REG_BP_INDIRECT = 8 };

/* Of rows that are written here: no kernel uses this bit. */
#define INTERRUPTS 0x8000

struct orc_entry {
	int16_t sp_offset, bp_offset;
	uint16_t bits; /* sp_reg:4 bp_reg:4 type:2 (old) or type:3 (new) ... */
} __attribute__((packed));
_Static_assert(sizeof(struct orc_entry) == 6, "the kernel's size");

static struct orc_table tables[TABLES_MAX];
static unsigned table_count;

static uint64_t hooked_return;
static uint64_t (*true_return)(uint64_t slot);

void orc_hook_returns(uint64_t address, uint64_t (*fn)(uint64_t slot))
{
	hooked_return = address;
	true_return = fn;
}

void orc_put(struct orc_writer *w, uint64_t addr, enum orc_base base, int offset, bool framed)
{
	unsigned call_type = w->new_layout ? 2 : 0;

	w->ip[w->count] = (int32_t)(addr - (uint64_t)&w->ip[w->count]);
	w->rows[w->count] = (struct orc_row){
		.sp_offset = (int16_t)offset,
		.bp_offset = framed ? -16 : 0,
		.bits = (uint16_t)(base | (framed ? REG_PREV_SP << 4 : 0) | call_type << 8),
	};
	w->count++;
}

void orc_put_interrupt(struct orc_writer *w, uint64_t addr, enum orc_base base, int offset,
		       bool framed)
{
	orc_put(w, addr, base, offset, framed);
	w->rows[w->count - 1].bits |= INTERRUPTS;
}

static unsigned position(uint64_t start)
{
	unsigned i = 0;

	while (i < table_count && tables[i].start < start)
		i++;
	return i;
}

int orc_register(const struct orc_table *table)
{
	unsigned i = position(table->start);

	if (i < table_count && tables[i].start == table->start) {
		tables[i] = *table;
		return 0;
	}
	if (table_count == TABLES_MAX)
		return -1;
	memmove(&tables[i + 1], &tables[i], (table_count - i) * sizeof(tables[0]));
	tables[i] = *table;
	table_count++;
	return 0;
}

static inline uint64_t return_address(uint64_t slot)
{
	uint64_t ip = *(uint64_t *)slot;

	return __builtin_expect(hooked_return && ip == hooked_return, 0) ? true_return(slot) : ip;
}

static const struct orc_table *find_table(uint64_t ip)
{
	unsigned low = 0, high = table_count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (tables[middle].end <= ip)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table_count && tables[low].start <= ip ? &tables[low] : NULL;
}

static uint64_t entry_start(const struct orc_table *table, uint32_t i)
{
	return (uint64_t)&table->ip[i] + (int64_t)table->ip[i];
}

static const struct orc_entry *find_entry(const struct orc_table *table, uint64_t ip)
{
	uint32_t low = 0, high = table->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (entry_start(table, middle) <= ip)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? (const struct orc_entry *)table->entries + low - 1 : NULL;
}

static bool is_call_frame(const struct orc_table *table, const struct orc_entry *entry)
{
	unsigned type = entry->bits >> 8;

	/* Old: ORC_TYPE_CALL is 0 in two bits. New: ORC_TYPE_CALL is 2 in three. */
	return table->new_layout ? (type & 7) == 2 : (type & 3) == 0;
}

/* One step outwards. False: the end, or a frame that ORC does not describe. */
static bool step(const struct orc_table *table, const struct orc_entry *entry,
		 struct orc_regs *regs, uint64_t limit)
{
	unsigned sp_reg = entry->bits & 15, bp_reg = (entry->bits >> 4) & 15;
	uint64_t low = regs->sp, caller_sp;

	if (!is_call_frame(table, entry))
		return false;
	if (sp_reg == REG_SP)
		caller_sp = regs->sp + entry->sp_offset;
	else if (sp_reg == REG_BP)
		caller_sp = regs->bp + entry->sp_offset;
	else if (sp_reg == REG_BP_INDIRECT && regs->bp >= low && regs->bp < limit)
		caller_sp = *(uint64_t *)(regs->bp + entry->sp_offset);
	else
		return false;
	if (caller_sp - 8 < low || caller_sp > limit || caller_sp % 8)
		return false;
	if (bp_reg == REG_PREV_SP)
		regs->bp = *(uint64_t *)(caller_sp + entry->bp_offset);
	else if (bp_reg == REG_BP)
		regs->bp = *(uint64_t *)(regs->bp + entry->bp_offset);
	regs->ip = return_address(caller_sp - 8);
	regs->sp = caller_sp;
	return true;
}

unsigned orc_walk(struct orc_regs regs, bool exact, uint64_t limit, uint64_t boundary,
		  uint64_t *pcs, unsigned max, unsigned *crossed)
{
	const struct orc_table *table = NULL;
	const struct orc_entry *entry;
	unsigned n = 0, outside = ~0u;

	/* A function that ended in the call which the walk begins behind. */
	if (!exact && regs.ip == hooked_return && hooked_return)
		regs.ip = return_address(regs.sp - 8);
	while (n < max) {
		if (!table || regs.ip < table->start || regs.ip >= table->end)
			table = find_table(regs.ip);
		if (!table)
			break;
		if (boundary && regs.sp > boundary && outside == ~0u)
			outside = n;
		pcs[n] = regs.ip;
		/* A return address may be the first byte of the next function. */
		entry = find_entry(table, exact ? regs.ip : regs.ip - 1);
		n++;
		if (!entry || !step(table, entry, &regs, limit))
			break;
		exact = entry->bits & INTERRUPTS;
	}
	if (crossed)
		*crossed = outside < n ? outside : n;
	return n;
}
