// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt points of kernel mode: moments at which the module under test could be interrupted.
 *
 *	calls	   it calls a function, or is called					(trace/fentry.h)
 *	accesses   right before each of its instructions that reads or writes memory	(trace/steps.h)
 *
 * So what the module keeps in memory is seen by an interrupt in every state that it goes through.
 *
 * override/interrupts.c says which interrupts could come at such a moment, and makes one.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ucontext.h>
#include "../inject/interrupts.h"
#include "../trace/depot.h"
#include "../trace/fentry.h"
#include "../trace/graph.h"
#include "../snapshot/snapshot.h"
#include "../trace/orc.h"
#include "../trace/steps.h"
#include "entries.h"
#include "judged.h"

#define SOURCES_MAX 32

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

void interrupts_run_begins(void)
{
	if (interrupts_wanted())
		steps_begin(true);
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
	struct interrupt out = {
		.kind = kinds[from->kind], .irq = (uint32_t)from->irq, .handler = from->handler};

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

static bool is_ours(const struct fentry_call *call)
{
	return world_in_judged(call->caller) || world_in_judged(call->function);
}

/* Returns show themselves: a step waits there. */
static bool entered(const struct fentry_call *call)
{
	return false;
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

/* The module goes on behind its call, or behind the site of its own function: step from there. */
static void step_on(const struct fentry_call *call)
{
	if (interrupts_every())
		return;
	if (world_in_judged(call->caller))
		steps_from(call->caller);
	if (world_in_judged(call->function))
		steps_from(call->function + FENTRY_SITE_SIZE);
}

static uint64_t interrupt(const struct fentry_call *call, bool on_return, bool once_more)
{
	if (on_return || !interrupts_active() || !is_ours(call))
		return 0;
	if (!once_more) {
		look_for_sources();
		step_on(call);
		if (sources.count && interrupts_is_repetition(call->caller))
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

static bool at_access(greg_t *regs)
{
	look_for_sources();
	if (!sources.count || interrupts_is_repetition((uint64_t)regs[REG_RIP]))
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
	static const struct steps_world steps = {world_in_judged, interrupts_active, at_access,
						 snapshot_touch};
	const struct kf_module_info *info = &judged.module->info;

	if (!interrupts_wanted())
		return;
	layer.list = overlay_symbol("kf_interrupts");
	layer.come = overlay_symbol("kf_interrupt");
	layer.next = (struct kf_interrupt *)overlay_symbol("kf_interrupt_next");
	layer.code[0] = (struct kf_range){info->core, info->core_size};
	layer.code[1] = (struct kf_range){info->init, info->init_size};
	fentry_listen(&listener);
	steps_open(&steps);
}

uint64_t interrupts_function(void)
{
	return layer.come;
}
