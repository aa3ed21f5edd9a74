// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose leftover is it?
 *
 * What was allocated on behalf of the module under test is its own, whoever called the allocator: a
 *driver that calls register_chrdev() answers for what that made. Three excuses turn a leftover into
 *somebody else's issue, which is reported apart:
 *
 *  1. The list of known core issues says so (known_core.c).
 *  2. It was not made on behalf of the driver: kernel core, or another module.
 *  3. It was made inside the very call that failed because of the refusal. The driver was told
 *"no", got nothing, and has nothing to give back; the callee did not undo its own work. Unless the
 *     callee's contract says that the caller must drop the object even then (device_register(),
 *kobject_add(): struct resource.keeps).
 *
 * For the third, one execution of a call must be told from an earlier one of the same line, or a
 * driver's loop that forgets to unwind would be excused. All that happened at one call site, up to
 *the refusal and without another site in between, are the candidates; each execution of a function
 *begins with the same first allocation, so the last repetition of the oldest candidate's stack
 *begins the last execution:
 *
 *	journal:  A B C   A B C   A B (C refused)        A, B, C: stacks below one call site
 *	                          ^ this execution; the six before are the driver's
 */
#include "evidence.h"

#include <stdio.h>
#include <string.h>
#include "../trace/depot.h"
#include "../trace/symbols.h"

#define INLINE_MAX 16

unsigned blame_driver_frame(const uint64_t *pcs, unsigned n)
{
	unsigned i = 0;

	while (i < n && !judge.eyes.in_module(pcs[i]))
		i++;
	return i;
}

const char *blame_function(uint64_t pc)
{
	struct frame frames[INLINE_MAX];
	unsigned n = symbols_resolve(pc, false, frames, INLINE_MAX);

	/* The outermost is the function that was called; the others were inlined into it. */
	return frames[n - 1].function[0] ? frames[n - 1].function : NULL;
}

const char *blame_owner(const struct journal_entry *entry)
{
	const uint64_t *pcs;
	unsigned n = depot_get(entry->stack, &pcs);

	if (entry->on_behalf)
		return judge.eyes.module;
	for (unsigned i = 0; i < n; i++) {
		const char *module = judge.eyes.module_of(pcs[i]);

		if (module)
			return module;
	}
	return NULL;
}

/* The same call in the driver, reached in the same way? */
static bool same_site(uint32_t a, uint32_t b)
{
	const uint64_t *x, *y;
	unsigned n = depot_get(a, &x), m = depot_get(b, &y);
	unsigned i = blame_driver_frame(x, n), j = blame_driver_frame(y, m);

	return i < n && n - i == m - j && !memcmp(x + i, y + j, (n - i) * sizeof(*x));
}

/* The journal's entries [*first, *end) that the refused call's own execution made. */
static void refused_execution(uint32_t refused_stack, uint32_t *first, uint32_t *end)
{
	uint32_t start = judge.refused_at, oldest;

	*first = *end = judge.refused_at;
	while (start && same_site(journal_stack(start - 1), refused_stack))
		start--;
	oldest = start < judge.refused_at ? journal_stack(start) : refused_stack;
	if (oldest != refused_stack)
		do
			--*first;
		while (*first > start && journal_stack(*first) != oldest);
	while (*end < judge.journal_count && journal_stack(*end) != oldest &&
	       same_site(journal_stack(*end), refused_stack))
		++*end;
}

static bool inside_refused_call(const struct journal_entry *entry, char *text, size_t size)
{
	const struct refusal *last = inject_last();
	uint32_t index = entry->index, first, end;
	const struct resource *resource;
	const char *callee;
	const uint64_t *pcs;
	unsigned n, driver;

	/* A call that is refused as a whole has made nothing; what its stub had to do allocates nothing. */
	if (!last || last->call || !same_site(entry->stack, last->stack))
		return false;
	n = depot_get(last->stack, &pcs);
	driver = blame_driver_frame(pcs, n);
	callee = driver ? blame_function(pcs[driver - 1]) : NULL;
	resource = callee ? resource_find(callee) : NULL;
	if (!callee || (resource && resource->keeps))
		return false;
	refused_execution(last->stack, &first, &end);
	if (index < first || index >= end)
		return false;
	snprintf(text, size, "%s() itself failed and left it behind", callee);
	return true;
}

const char *blame_excuse(const struct journal_entry *entry, bool refused, char *text, size_t size)
{
	const char *known = known_core_reason(judge.eyes.kernel, entry->stack);
	const char *owner;

	if (known)
		return known;
	owner = blame_owner(entry);
	if (!owner)
		return "the kernel core allocated it for itself";
	if (strcmp(owner, judge.eyes.module) != 0) {
		snprintf(text, size, "module %s allocated it for itself", owner);
		return text;
	}
	if (refused && inside_refused_call(entry, text, size))
		return text;
	return NULL;
}
