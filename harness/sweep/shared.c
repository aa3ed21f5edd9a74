// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared block: slots change hands here, and nowhere else.
 */
#include "shared.h"

#include <sys/mman.h>

struct shared *shared_new(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (shared == MAP_FAILED)
		return NULL;
	if (sem_init(&shared->work, 1, 0)) {
		munmap(shared, sizeof(*shared));
		return NULL;
	}
	return shared;
}

void shared_free(struct shared *shared)
{
	if (!shared)
		return;
	sem_destroy(&shared->work);
	munmap(shared, sizeof(*shared));
}

void shared_expect(const struct shared *shared, unsigned operation, struct run_expect *out)
{
	const struct baseline *base = &shared->baselines[operation];

	*out = (struct run_expect){
		.known = base->returned,
		.result = base->result,
		.points = base->points,
		.exit_dies = base->died && !base->in_init,
		.sites = shared->sites + base->first_site,
		.site_count = base->site_count,
		.alive = base->alive,
		.alive_count = base->alive_count,
		.gives_back = base->gives_back,
		.results = base->results,
	};
}

unsigned slot_operation(const struct shared *shared, uint32_t slot)
{
	return is_baseline(slot) ? slot - BASELINE : shared->slots[slot].operation;
}

/* Points come last first, since a slot knows only its parent; ranges are ascending, and neighbours share one. */
static void prepend(struct schedule *schedule, uint32_t n)
{
	struct schedule_range *first = &schedule->ranges[0];

	if (schedule->count && first->first == n + 1) {
		first->first = n;
		return;
	}
	for (unsigned i = schedule->count++; i; i--)
		schedule->ranges[i] = schedule->ranges[i - 1];
	*first = (struct schedule_range){n, n};
}

void slot_schedule(const struct sweep_options *options, const struct shared *shared, uint32_t slot,
		   struct schedule *out)
{
	const struct slot *s;

	*out = (struct schedule){0};
	if (is_baseline(slot))
		return;
	s = &shared->slots[slot];
	if (s->form == SLOT_GIVEN) {
		*out = options->schedules[s->point];
		return;
	}
	if (s->form == SLOT_INTERRUPT) {
		if (s->parent != NO_SLOT)
			slot_schedule(options, shared, s->parent, out);
		out->irq = s->point;
		return;
	}
	if (s->form == SLOT_ONWARD) {
		out->ranges[out->count++] = (struct schedule_range){s->point, UINT32_MAX};
		return;
	}
	for (; slot != NO_SLOT; slot = shared->slots[slot].parent)
		prepend(out, shared->slots[slot].point);
}

uint32_t slot_next(const struct shared *shared)
{
	return (uint32_t)atomic_load(&shared->next);
}

/* Does this slot refuse one point alone, the one behind that of the slot before it? */
static bool continues_row(const struct shared *shared, uint32_t slot)
{
	const struct slot *before = &shared->slots[slot - 1], *s = &shared->slots[slot];

	return s->form == SLOT_POINT && before->form == SLOT_POINT && s->parent == NO_SLOT &&
	       before->parent == NO_SLOT && s->operation == before->operation &&
	       s->point == before->point + 1;
}

static bool is_free(const struct slot *slot)
{
	return !atomic_load_explicit(&slot->owner, memory_order_relaxed) &&
	       atomic_load_explicit(&slot->state, memory_order_acquire) != SLOT_DONE;
}

static bool claim(struct slot *slot, unsigned worker)
{
	uint16_t nobody = 0;

	return atomic_compare_exchange_strong(&slot->owner, &nobody, (uint16_t)(worker + 1));
}

enum take slot_take(struct shared *shared, unsigned worker, unsigned operation, unsigned row,
		    uint32_t *first, uint32_t *last)
{
	struct worker_cell *cell = &shared->workers[worker];
	uint64_t hint = atomic_load(&shared->next);
	uint32_t count = atomic_load_explicit(&shared->count, memory_order_acquire);
	uint32_t slot = (uint32_t)hint;

	if (atomic_load(&shared->stopped))
		return TAKE_NONE;
	for (;; slot++) {
		if (slot >= count)
			return TAKE_NONE;
		if (!is_free(&shared->slots[slot]))
			continue;
		if (shared->slots[slot].operation < operation)
			return TAKE_BEHIND;
		/* Said before it is taken: the supervisor looks there for what this worker has taken. */
		atomic_store(&cell->row_end, slot + row);
		atomic_store(&cell->current, slot);
		if (claim(&shared->slots[slot], worker))
			break;
	}
	*first = *last = slot;
	while (--row && *last + 1 < count && continues_row(shared, *last + 1) &&
	       is_free(&shared->slots[*last + 1]) && claim(&shared->slots[*last + 1], worker))
		++*last;
	atomic_compare_exchange_strong(&shared->next, &hint,
				       (hint & ~(uint64_t)UINT32_MAX) | (*last + 1));
	return TAKE_SOME;
}

void slot_give_back(struct shared *shared, uint32_t slot)
{
	uint64_t now = atomic_load(&shared->next), then;

	atomic_store(&shared->slots[slot].owner, 0);
	do
		then = ((now >> 32) + 1) << 32 | ((uint32_t)now < slot ? (uint32_t)now : slot);
	while (!atomic_compare_exchange_weak(&shared->next, &now, then));
}
