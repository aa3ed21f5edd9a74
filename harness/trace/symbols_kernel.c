// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names from sorted symbol tables: the kernel image's kallsyms, and tables of the same form for the
 * override layer and for modules. Follows kallsyms_lookup() of kernel/kallsyms.c (6.1): the symbol
 * with the greatest address that is not above the one asked for, and a size that reaches to the
 * next higher address.
 *
 * Where it differs, on purpose: of several names for one address the kernel takes the first, which
 * may be an alias that tells nobody anything. Here the best one is taken (see worth()). And a data
 * symbol between two functions does not hide the function it lies in.
 *
 * Tables are not copied: they have to live as long as names are asked for. Addresses are looked up
 * by binary search; names by a hash table that is built at the first question.
 */
#include "symbols.h"

#include <string.h>
#include <xxhash.h>
#include "symbols_internal.h"
#include "util.h"

static struct ksym_table kernel;

/* Name -> index + 1 into kernel.syms; open addressing, at most half full. */
static struct {
	uint32_t *slots;
	uint32_t mask;
} by_name;

static const char *name_of(const struct ksym_table *table, int64_t i)
{
	return table->strings + table->syms[i].name;
}

static bool is_text(const struct ksym *sym)
{
	return sym->type == 'T' || sym->type == 't' || sym->type == 'W' || sym->type == 'w';
}

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool ksym_tells_nothing(const char *name)
{
	return starts_with(name, "__pfx_") || starts_with(name, "__cfi_") ||
	       !strcmp(name, "init_module") || !strcmp(name, "cleanup_module");
}

/* Of symbols at the same address, the worthiest names it. */
static int worth(const struct ksym_table *table, int64_t i)
{
	const struct ksym *sym = &table->syms[i];
	const char *name = name_of(table, i);
	int worth = 0;

	if (is_text(sym))
		worth += 1000;
	if (!ksym_tells_nothing(name))
		worth += 100;
	if (sym->type == 'T')
		worth += 20;
	if (sym->type == 'W')
		worth += 10;
	return worth - (int)strspn(name, "_.");
}

/* Index of the last symbol at or below the address, or -1. */
static int64_t last_not_above(const struct ksym_table *table, uint64_t at)
{
	int64_t low = 0, high = table->count;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (table->syms[middle].addr <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

/* The best of the symbols that share the address of `last`, the last of them. */
static int64_t best_of_group(const struct ksym_table *table, int64_t last)
{
	int64_t best = last;

	for (int64_t i = last - 1; i >= 0 && table->syms[i].addr == table->syms[last].addr; i--)
		if (worth(table, i) >= worth(table, best))
			best = i;
	return best;
}

/* Index of the first symbol above the address of symbol i; table->count when there is none. */
static int64_t next_address(const struct ksym_table *table, int64_t i)
{
	uint64_t addr = table->syms[i].addr;

	while (i < table->count && table->syms[i].addr == addr)
		i++;
	return i;
}

/* Data in the midst of code: code on, say, a jump table is the function before it. */
static int64_t function_around(const struct ksym_table *table, int64_t data)
{
	int64_t next = next_address(table, data);
	int64_t i = data;

	if (next >= table->count || !is_text(&table->syms[next]))
		return data;
	while (i >= 0 && table->syms[i].addr == table->syms[data].addr)
		i--;
	if (i < 0)
		return data;
	i = best_of_group(table, i);
	return is_text(&table->syms[i]) ? i : data;
}

int64_t ksym_find(const struct ksym_table *table, uint64_t at)
{
	int64_t i;

	if (at < table->start || at >= table->end)
		return -1;
	i = last_not_above(table, at);
	if (i < 0)
		return -1;
	i = best_of_group(table, i);
	return is_text(&table->syms[i]) ? i : function_around(table, i);
}

static uint64_t size_of(const struct ksym_table *table, int64_t i)
{
	int64_t next = next_address(table, i);
	uint64_t end = next < table->count ? table->syms[next].addr : table->end;

	return (end < table->end ? end : table->end) - table->syms[i].addr;
}

unsigned table_resolve(const struct ksym_table *table, const char *module, uint64_t pc, uint64_t at,
		       struct frame *frame)
{
	int64_t i = ksym_find(table, at);

	if (i < 0)
		return 0;
	*frame = (struct frame){
		.pc = pc,
		.function = symbols_intern(name_of(table, i)),
		.offset = pc - table->syms[i].addr,
		.size = size_of(table, i),
		.module = module,
	};
	return 1;
}

unsigned symbols_in_table(const struct ksym_table *table, const char *name,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg)
{
	unsigned n = 0;

	for (int64_t i = 0; i < table->count; i++) {
		if (!is_text(&table->syms[i]) || strcmp(name_of(table, i), name) != 0)
			continue;
		fn(table->syms[i].addr, table->syms[i].addr + size_of(table, i), arg);
		n++;
	}
	return n;
}

unsigned symbols_in_kernel(const char *name, void (*fn)(uint64_t start, uint64_t end, void *arg),
			   void *arg)
{
	return symbols_in_table(&kernel, name, fn, arg);
}

unsigned kernel_resolve(uint64_t pc, uint64_t at, struct frame *frame)
{
	return table_resolve(&kernel, NULL, pc, at, frame);
}

void symbols_set_kernel(const struct ksym_table *table)
{
	kernel = *table;
	free(by_name.slots);
	by_name.slots = NULL;
}

const char *symbols_kernel_name(uint64_t pc, uint64_t *offset)
{
	int64_t i = ksym_find(&kernel, pc);

	if (i < 0)
		return NULL;
	if (offset)
		*offset = pc - kernel.syms[i].addr;
	return name_of(&kernel, i);
}

/* The slot that holds the name, or the empty one where it belongs. */
static uint32_t *name_slot(const char *name)
{
	uint32_t i = (uint32_t)XXH3_64bits(name, strlen(name)) & by_name.mask;

	while (by_name.slots[i] && strcmp(name_of(&kernel, by_name.slots[i] - 1), name) != 0)
		i = (i + 1) & by_name.mask;
	return &by_name.slots[i];
}

static bool is_global(const struct ksym *sym)
{
	return sym->type >= 'A' && sym->type <= 'Z';
}

/* Static functions of different files share names: a global one wins, else the lowest address. */
static void index_names(void)
{
	uint32_t size = 16;

	while (size / 2 < kernel.count)
		size *= 2;
	by_name.slots = xcalloc(size, sizeof(*by_name.slots));
	by_name.mask = size - 1;
	for (uint32_t i = 0; i < kernel.count; i++) {
		uint32_t *slot = name_slot(name_of(&kernel, i));

		if (!*slot || (is_global(&kernel.syms[i]) && !is_global(&kernel.syms[*slot - 1])))
			*slot = i + 1;
	}
}

uint64_t symbols_kernel_addr(const char *name)
{
	uint32_t slot;

	if (!kernel.count)
		return 0;
	if (!by_name.slots)
		index_names();
	slot = *name_slot(name);
	return slot ? kernel.syms[slot - 1].addr : 0;
}
