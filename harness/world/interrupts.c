// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt points of kernel mode: the moments at which the module under test calls a function or is called, and those at
 * which such a call returns to it. What the module keeps in memory between two calls is thus seen by an interrupt as it
 * is before and behind each of them; between two calls, where nothing but loads and stores lies, none comes.
 *
 * override/interrupts.c says which interrupts could come at such a moment, and makes one.
 */
#include <stdio.h>
#include <string.h>
#include "../inject/interrupts.h"
#include "../trace/depot.h"
#include "../trace/fentry.h"
#include "../trace/graph.h"
#include "entries.h"
#include "judged.h"

#define SOURCES_MAX 32

static struct {
	uint64_t list, come; /* functions of the layer */
	struct kf_interrupt *next;
	struct kf_range code[2]; /* of the module under test */
} layer;

/* Called by the module, or the module's own. */
static bool entered(const struct fentry_call *call)
{
	return interrupts_active() && world_in_judged(call->caller);
}

static void returned(const struct fentry_call *call)
{
}

static uint32_t stack_here(void)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned crossed;

	kernel_hook_stack(pcs, DEPOT_FRAMES_MAX, &crossed);
	return depot_save(pcs, crossed);
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

/* The interrupt that comes now, as the function that makes it; 0: none. */
static uint64_t interrupt(const struct fentry_call *call, bool on_return)
{
	struct kf_interrupt sources[SOURCES_MAX];
	uint64_t count;

	if (!interrupts_active() ||
	    !(world_in_judged(call->caller) || (!on_return && world_in_judged(call->function))))
		return 0;
	count = kernel_function(layer.list, (uint64_t)layer.code, (uint64_t)sources, SOURCES_MAX);
	for (uint64_t i = 0; i < count; i++) {
		struct interrupt candidate = describe(&sources[i]);

		if (!interrupts_comes(&candidate, stack_here))
			continue;
		*layer.next = sources[i];
		graph_mark("interrupt point %u: an interrupt comes", interrupts_points());
		return layer.come;
	}
	return 0;
}

void interrupts_listen(void)
{
	static const struct fentry_listener listener = {entered, returned, interrupt};
	const struct kf_module_info *info = &judged.module->info;

	if (!interrupts_wanted())
		return;
	layer.list = overlay_symbol("kf_interrupts");
	layer.come = overlay_symbol("kf_interrupt");
	layer.next = (struct kf_interrupt *)overlay_symbol("kf_interrupt_next");
	layer.code[0] = (struct kf_range){info->core, info->core_size};
	layer.code[1] = (struct kf_range){info->init, info->init_size};
	fentry_listen(&listener);
}
