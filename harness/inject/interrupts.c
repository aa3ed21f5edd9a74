// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counter of interrupt points (see interrupts.h). A run that is to be interrupted counts only up to its point: what
 * comes behind is another way than the baseline's, and its points have no numbers.
 */
#include "interrupts.h"

#include "../trace/run_state.h"

#define REPEATS_MAX 4
#define PLACES_MAX  (1u << 15) /* a power of two; of more places none is left out as a repetition */
#define TRIES_MAX   16

static bool wanted;

static RUN_STATE struct {
	uint32_t points, at; /* at: IRQ_EVERY, or a point; 0: none */
	bool over;	     /* what was to come has come */
	struct interrupt last;
} interrupts;

/* How often each place has been come to: a hash table by its address, emptied by the run's number. */
static struct {
	struct {
		uint64_t place;
		uint32_t run, count;
	} list[PLACES_MAX];
	uint32_t run;
} places;

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
	places.run++;
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

bool interrupts_is_repetition(uint64_t place)
{
	uint32_t i = (uint32_t)(place * 0x9e3779b97f4a7c15ull >> 49);

	for (unsigned tries = 0; tries < TRIES_MAX; tries++, i++) {
		i &= PLACES_MAX - 1;
		if (places.list[i].run != places.run) {
			places.list[i].place = place;
			places.list[i].run = places.run;
			places.list[i].count = 0;
		}
		if (places.list[i].place == place)
			return places.list[i].count++ >= REPEATS_MAX;
	}
	return false;
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
