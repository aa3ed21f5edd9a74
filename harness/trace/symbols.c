// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for program counters: who is asked, in which order. The override layer's and other tables
 * come first (they may lie inside the range of the image), then modules, the kernel image, and the
 * process's own code. The first that knows the address answers; when nobody does, there is one
 * frame without a name, so that a stack in a report is never shorter than the stack was.
 *
 * A return address points behind the call, perhaps into the next line or, when the callee does not
 * return, into the next function. So what is looked up is the byte before, as the kernel's %pB
 * does; the offset shown still counts to the return address itself.
 *
 * All strings handed out are interned: they stay valid, and no two copies of a name exist.
 */
#include "symbols.h"

#include <assert.h>
#include <stdio.h>
#include <xxhash.h>
#include "symbols_internal.h"
#include "util.h"

#define TABLES_MAX 16

static struct extra_table {
	const char *module;
	struct ksym_table table;
} extra_tables[TABLES_MAX];
static unsigned extra_count;

/* The interned strings: an open hash table, at most half full. */
static struct {
	const char **slots;
	size_t size, used; /* size is a power of two */
} strings;

static const char **slot_of(const char **slots, size_t size, const char *text)
{
	size_t i = XXH3_64bits(text, strlen(text)) & (size - 1);

	while (slots[i] && strcmp(slots[i], text) != 0)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static void grow_strings(void)
{
	size_t size = strings.size ? strings.size * 2 : 256;
	const char **slots = xcalloc(size, sizeof(*slots));

	for (size_t i = 0; i < strings.size; i++)
		if (strings.slots[i])
			*slot_of(slots, size, strings.slots[i]) = strings.slots[i];
	free(strings.slots);
	strings.slots = slots;
	strings.size = size;
}

const char *symbols_intern(const char *text)
{
	const char **slot;

	if (strings.used * 2 >= strings.size)
		grow_strings();
	slot = slot_of(strings.slots, strings.size, text);
	if (!*slot) {
		*slot = xstrdup(text);
		strings.used++;
	}
	return *slot;
}

/* The same memory named anew, by another world in this process, replaces what was known of it. */
static struct extra_table *extra_at(uint64_t start)
{
	for (unsigned i = 0; i < extra_count; i++)
		if (extra_tables[i].table.start == start)
			return &extra_tables[i];
	return extra_count < TABLES_MAX ? &extra_tables[extra_count++] : NULL;
}

void symbols_add_table(const char *module, const struct ksym_table *table)
{
	struct extra_table *extra = extra_at(table->start);

	if (!extra) {
		fprintf(stderr, "kfail: more than %u symbol tables: %s has no names\n", TABLES_MAX,
			module ? module : "one");
		return;
	}
	*extra = (struct extra_table){
		.module = module ? symbols_intern(module) : NULL,
		.table = *table,
	};
}

static unsigned extra_resolve(uint64_t pc, uint64_t at, struct frame *frame)
{
	for (unsigned i = 0; i < extra_count; i++) {
		const struct extra_table *extra = &extra_tables[i];

		if (table_resolve(&extra->table, extra->module, pc, at, frame))
			return 1;
	}
	return 0;
}

unsigned symbols_in_tables(const char *name, void (*fn)(uint64_t start, uint64_t end, void *arg),
			   void *arg)
{
	unsigned n = 0;

	for (unsigned i = 0; i < extra_count; i++)
		n += symbols_in_table(&extra_tables[i].table, name, fn, arg);
	return n;
}

static unsigned nobody_knows(uint64_t pc, struct frame *frame)
{
	*frame = (struct frame){.pc = pc, .function = ""};
	return 1;
}

unsigned symbols_resolve(uint64_t pc, bool exact, struct frame *frames, unsigned max)
{
	uint64_t at = exact || !pc ? pc : pc - 1;
	unsigned n;

	assert(max > 0);
	n = extra_resolve(pc, at, frames);
	if (!n)
		n = module_resolve(pc, at, frames, max);
	if (!n)
		n = kernel_resolve(pc, at, frames);
	if (!n)
		n = native_resolve(pc, at, frames, max);
	return n ? n : nobody_knows(pc, frames);
}

void symbols_print(uint64_t pc, bool exact, char *text, size_t size)
{
	struct frame frame;

	symbols_resolve(pc, exact, &frame, 1);
	if (!frame.function[0])
		snprintf(text, size, "0x%lx", pc);
	else
		snprintf(text, size, "%s+0x%lx/0x%lx%s%s%s", frame.function, frame.offset,
			 frame.size, frame.module ? " [" : "", frame.module ?: "",
			 frame.module ? "]" : "");
}
