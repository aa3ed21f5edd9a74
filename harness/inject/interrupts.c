// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counter of interrupt points (see interrupts.h). A run that is to be interrupted counts only up to its point: what
 * comes behind is another way than the baseline's, and its points have no numbers.
 */
#include "interrupts.h"

#include "../trace/run_state.h"

static bool wanted;

static RUN_STATE struct {
	uint32_t points, at; /* at: IRQ_EVERY, or a point; 0: none */
	bool over;	     /* what was to come has come */
	struct interrupt last;
} interrupts;

void interrupts_want(bool on)
{
	wanted = on;
}

bool interrupts_wanted(void)
{
	return wanted;
}

void interrupts_begin(const struct schedule *schedule)
{
	interrupts.points = 0;
	interrupts.at = schedule->irq;
	interrupts.over = false;
	interrupts.last.n = 0;
}

bool interrupts_active(void)
{
	return wanted && inject_active() && !interrupts.over;
}

bool interrupts_comes(const struct interrupt *candidate, uint32_t (*stack)(void))
{
	uint32_t n = ++interrupts.points;

	if (interrupts.at != n && interrupts.at != IRQ_EVERY)
		return false;
	interrupts.over = interrupts.at == n;
	interrupts.last = *candidate;
	interrupts.last.n = n;
	interrupts.last.stack = stack();
	return true;
}

bool interrupts_every(void)
{
	return interrupts.at == IRQ_EVERY;
}

uint32_t interrupts_points(void)
{
	return interrupts.points;
}

const struct interrupt *interrupts_last(void)
{
	return interrupts.last.n ? &interrupts.last : NULL;
}
