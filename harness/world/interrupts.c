// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt points of kernel mode: moments at which the module under test could be interrupted.
 *
 *	calls	   it calls a function, or is called; and the call returns to it		(trace/fentry.h)
 *	accesses   right before each of its instructions that reads or writes memory	(steps.c)
 *
 * So what the module keeps in memory is seen by an interrupt in every state that it goes through. A place that is come to again
 * and again, in a loop, counts the first REPEATS_MAX times: the number of points is about the module's code, not about how
 * often it runs.
 *
 * override/interrupts.c says which interrupts could come at such a moment, and makes one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ucontext.h>
#include "../inject/interrupts.h"
#include "../trace/depot.h"
#include "../trace/fentry.h"
#include "../trace/graph.h"
#include "../trace/orc.h"
#include "../trace/util.h"
#include "entries.h"
#include "judged.h"
#include "steps.h"

#define SOURCES_MAX 32
#define REPEATS_MAX 4
#define PLACES_MAX  (1u << 15) /* a power of two; of more places none is left out as a repetition */

static struct {
	uint64_t list, come; /* functions of the layer */
	struct kf_interrupt *next;
	struct kf_range code[2]; /* of the module under test */
} layer;

/* What could come at the newest moment, and which of it has not been asked about yet. */
static struct {
	struct kf_interrupt list[SOURCES_MAX];
	uint64_t count, next;
} sources;

/* How often each place has been come to: a hash table by its address, emptied by the run's number. */
static struct {
	struct {
		uint64_t address;
		uint32_t run, count;
	} *list; /* PLACES_MAX */
	uint32_t run;
} places;

/* ---- places ---- */

static bool is_repetition(uint64_t address)
{
	uint32_t i = (uint32_t)(address * 0x9e3779b97f4a7c15ull >> 49) & (PLACES_MAX - 1);

	for (unsigned tries = 0; tries < 16; tries++, i = (i + 1) & (PLACES_MAX - 1)) {
		if (places.list[i].run != places.run) {
			places.list[i].address = address;
			places.list[i].run = places.run;
			places.list[i].count = 0;
		}
		if (places.list[i].address == address)
			return places.list[i].count++ >= REPEATS_MAX;
	}
	return false;
}

void interrupts_run_begins(void)
{
	places.run++;
	steps_begin();
}

/* ---- points ---- */

static void look_for_sources(void)
{
	sources.next = 0;
	sources.count = kernel_function(layer.list, (uint64_t)layer.code, (uint64_t)sources.list,
					SOURCES_MAX);
}

static struct interrupt describe(const struct kf_interrupt *from)
{
	static const enum interrupt_kind kinds[] = {
		[KF_INTERRUPT_LINE] = INTERRUPT_LINE,
		[KF_INTERRUPT_TIMER] = INTERRUPT_TIMER,
		[KF_INTERRUPT_HRTIMER] = INTERRUPT_HRTIMER,
		[KF_INTERRUPT_TASKLET] = INTERRUPT_TASKLET,
	};
	struct interrupt out = {.kind = kinds[from->kind],
				.irq = (uint32_t)from->irq,
				.handler = from->handler};

	if (from->name)
		snprintf(out.name, sizeof(out.name), "%s", from->name);
	return out;
}

/* One of the sources comes: true, and the layer knows which. */
static bool comes(uint32_t (*stack)(void))
{
	while (sources.next < sources.count) {
		const struct kf_interrupt *source = &sources.list[sources.next++];
		struct interrupt candidate = describe(source);

		if (!interrupts_comes(&candidate, stack))
			continue;
		*layer.next = *source;
		graph_mark("interrupt point %u: an interrupt comes", interrupts_points());
		return true;
	}
	return false;
}

/* ---- calls ---- */

/* Where the module goes on, for its callees' returns; its own functions begin behind their site. */
static bool is_ours(const struct fentry_call *call, bool on_return)
{
	return world_in_judged(call->caller) || (!on_return && world_in_judged(call->function));
}

static bool entered(const struct fentry_call *call)
{
	return interrupts_active() && world_in_judged(call->caller);
}

static void returned(const struct fentry_call *call)
{
}

static uint32_t stack_of_hook(void)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned crossed, first = 0;

	kernel_hook_stack(pcs, DEPOT_FRAMES_MAX, &crossed);
	/* The trampoline is no function of anybody. */
	while (first < crossed && pcs[first] - fentry_code()->entry < FENTRY_CODE_SIZE)
		first++;
	return depot_save(pcs + first, crossed - first);
}

/* The module is about to go on here: step through it as long as anything could come. */
static void step_on(const struct fentry_call *call, bool on_return)
{
	if (!sources.count || interrupts_every())
		return;
	if (on_return)
		steps_from(call->caller);
	else if (world_in_judged(call->function))
		steps_from(call->function + FENTRY_SITE_SIZE);
}

static uint64_t interrupt(const struct fentry_call *call, bool on_return, bool once_more)
{
	if (!interrupts_active() || !is_ours(call, on_return))
		return 0;
	if (!once_more) {
		look_for_sources();
		step_on(call, on_return);
		/* Both ends of a call are places of their own. */
		if (sources.count && is_repetition(call->caller ^ (uint64_t)on_return << 63))
			sources.count = 0;
	}
	return comes(stack_of_hook) ? layer.come : 0;
}

/* ---- accesses ---- */

static greg_t *stopped;

static uint32_t stack_of_step(void)
{
	struct orc_regs at = {(uint64_t)stopped[REG_RIP], (uint64_t)stopped[REG_RSP],
			      (uint64_t)stopped[REG_RBP]};
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n = orc_walk(at, true, stack_limit(at.sp), 0, pcs, DEPOT_FRAMES_MAX, NULL);

	/* Named as the address behind a call: the instruction itself counts. */
	pcs[0]++;
	return depot_save(pcs, n);
}

bool interrupts_step(greg_t *regs)
{
	look_for_sources();
	if (!sources.count || is_repetition((uint64_t)regs[REG_RIP]))
		return false;
	stopped = regs;
	if (!comes(stack_of_step))
		return false;
	regs[REG_RSP] -= 8;
	*(uint64_t *)regs[REG_RSP] = (uint64_t)regs[REG_RIP];
	regs[REG_RIP] = (greg_t)fentry_code()->interrupt;
	return true;
}

void interrupts_listen(void)
{
	static const struct fentry_listener listener = {entered, returned, interrupt};
	const struct kf_module_info *info = &judged.module->info;

	if (!interrupts_wanted())
		return;
	places.list = xcalloc(PLACES_MAX, sizeof(*places.list));
	layer.list = overlay_symbol("kf_interrupts");
	layer.come = overlay_symbol("kf_interrupt");
	layer.next = (struct kf_interrupt *)overlay_symbol("kf_interrupt_next");
	layer.code[0] = (struct kf_range){info->core, info->core_size};
	layer.code[1] = (struct kf_range){info->init, info->init_size};
	fentry_listen(&listener);
}

uint64_t interrupts_function(void)
{
	return layer.come;
}
