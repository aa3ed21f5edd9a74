// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who called the code that valgrind reports an error in. Valgrind walks stacks by frame pointers and unwind tables of the
 * host's kind, and a stock kernel has neither: of an error it knows the instruction, no more. When it is told to us, the code
 * has gone on. So under valgrind, and only there, calls are followed:
 *
 *	function:	call __fentry__		(the site; a no-op in a stock kernel) becomes
 *			call world_entered	enter.S:
 *	    has the number of errors changed since the last time? then judge_accesses(): they are told by the stack as it was
 *	    note the call: on which stack, where the return address lies, what it is
 *
 * For each kernel stack there is a list of the calls that have not returned: who enters a function at a stack address knows
 * that all calls noted at that address or below it are over. So between two notes, the code that runs is in the newest
 * function of the list or in one of its callers; for an address in it, the innermost of these that contains it.
 * What has no site (assembly, mostly leaves as memcpy()) has its return address on top of the stack, which is what valgrind
 * takes for the next frame.
 *
 * Patched before a snapshot is taken, so every restore keeps it.
 */
#include <stdlib.h>
#include <string.h>
#include "../memcheck/client.h"
#include "../memcheck/memcheck.h"
#include "../trace/depot.h"
#include "file.h"
#include "layout.h"
#include "loaded.h"
#include "world_internal.h"

#define SITE_SIZE 5
#define DEPTH_MAX 128 /* calls on one stack that are known; deeper ones are not */

struct call {
	uint64_t slot; /* where the return address lies */
	uint64_t site, caller;
};

static struct call_list {
	struct call calls[DEPTH_MAX];
	unsigned depth;
} stacks[KF_STACKS], *current = stacks;

static struct {
	uint64_t *at; /* sorted */
	unsigned count, room;
} sites;

static unsigned errors;

/* ---- for enter.S: on the kernel's stack ---- */

bool follow_changed(void);
void follow_note(const uint64_t *frame);

/* Errors since the last call. */
bool follow_changed(void)
{
	unsigned now = VALGRIND_COUNT_ERRORS;
	bool changed = now != errors;

	errors = now;
	return changed;
}

/* frame: the address behind the site, the address that its function returns to. */
void follow_note(const uint64_t *frame)
{
	uint64_t slot = (uint64_t)(frame + 1);

	if (!on_kernel_stacks(slot))
		return;
	current = &stacks[(slot - KF_STACK_BASE) / KF_STACK_SLOT];
	while (current->depth && current->calls[current->depth - 1].slot <= slot)
		current->depth--;
	if (current->depth < DEPTH_MAX)
		current->calls[current->depth++] =
			(struct call){slot, frame[0] - SITE_SIZE, frame[1]};
}

/* ---- sites ---- */

static bool is_site(const uint8_t *at, uint64_t fentry)
{
	static const uint8_t no_op[SITE_SIZE] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	int32_t to;

	if (!memcmp(at, no_op, SITE_SIZE))
		return true;
	memcpy(&to, at + 1, sizeof(to));
	return at[0] == 0xe8 && (uint64_t)at + SITE_SIZE + (uint64_t)(int64_t)to == fentry;
}

static void lead(uint64_t site, uint64_t target)
{
	int32_t to = (int32_t)(target - (site + SITE_SIZE));

	*(uint8_t *)site = 0xe8;
	memcpy((void *)(site + 1), &to, sizeof(to));
}

static void add_site(uint64_t site, uint64_t fentry, uint64_t target)
{
	if (!is_site((const uint8_t *)site, fentry))
		return;
	if (sites.count == sites.room) {
		sites.room = sites.room * 2 + 8192;
		sites.at = kf_array(sites.at, sites.room, sizeof(*sites.at));
	}
	sites.at[sites.count++] = site;
	lead(site, target);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool in_module(const struct loaded *mod, uint64_t addr)
{
	return addr - mod->info.core < mod->info.core_size ||
	       addr - mod->info.init < mod->info.init_size;
}

/* The section has no length at hand: it ends with the first word that is no address of the module. */
static void add_module(const struct loaded *mod, uint64_t fentry, uint64_t target)
{
	for (unsigned i = 0; i < mod->section_count; i++) {
		const uint64_t *site = (const uint64_t *)mod->sections[i].addr;

		if (strcmp(mod->sections[i].name, "__mcount_loc") != 0)
			continue;
		while (in_module(mod, (uint64_t)site) && in_module(mod, *site))
			add_site(*site++, fentry, target);
	}
}

void follow_calls(void)
{
	const uint64_t *site = (const uint64_t *)image_symbol("__start_mcount_loc");
	const uint64_t *stop = (const uint64_t *)image_symbol("__stop_mcount_loc");
	uint64_t fentry = image_symbol("__fentry__"), target = overlay_import("world_entered");
	const struct loaded *mod;

	if (!memcheck_on)
		return;
	for (; site && site < stop; site++)
		if (in_image(*site))
			add_site(*site, fentry, target);
	for (unsigned i = 0; (mod = loaded_get(i)); i++)
		add_module(mod, fentry, target);
	qsort(sites.at, sites.count, sizeof(*sites.at), compare);
	VALGRIND_DISCARD_TRANSLATIONS(IMAGE_BASE, IMAGE_END - IMAGE_BASE);
	VALGRIND_DISCARD_TRANSLATIONS(MODULE_BASE, MODULE_END - MODULE_BASE);
}

/* The site of the function that contains an address, if it has one; 0: none. */
static uint64_t site_of(uint64_t pc)
{
	unsigned low = 0, high = sites.count;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (sites.at[mid] <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? sites.at[low - 1] : 0;
}

/* ---- stacks ---- */

/* The callers of the innermost call of the function that contains pc; false: none is known. */
static bool add_callers(uint64_t pc, uint64_t *pcs, unsigned *n)
{
	uint64_t site = site_of(pc);
	unsigned i = current->depth;

	while (i && current->calls[i - 1].site != site)
		i--;
	if (!i)
		return false;
	while (i && *n < DEPOT_FRAMES_MAX)
		pcs[(*n)++] = current->calls[--i].caller;
	return true;
}

uint32_t world_access_stack(const uint64_t *frames, unsigned count)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n = 0;

	if (!count || !(in_image(frames[0]) || in_module_range(frames[0])))
		return 0;
	pcs[n++] = frames[0];
	if (add_callers(frames[0], pcs, &n) || count < 2)
		return depot_save(pcs, n);
	pcs[n++] = frames[1];
	if (!add_callers(frames[1] - 1, pcs, &n))
		n = 1;
	return depot_save(pcs, n);
}
