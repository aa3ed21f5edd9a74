// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guards and poison of per-CPU areas, which mm/percpu.c has not: as the slab's (slab/guarded.c), while the setting
 * `guard` is on.
 *
 *	unit of each CPU	| area, as asked for |0xcc, 8 to 11|  next area  |..
 *	after its free		|0x6b                              |
 *
 * A guard is looked at when its area is freed. Freed areas melt into their neighbours, so what is known of the newest of them
 * is kept in a ring of graves: a grave is looked at when an area is made on it, and when a run is at rest; when its place
 * in the ring goes to another one it is forgotten. Bytes of an area whose chunk was dropped are still there: units are at fixed addresses.
 *
 * Whoever uses a unit directly while its area is not there hits another area or poison, so both are told with the object of
 * that CPU's address. Lock: percpu->lock for the ring; bytes are looked at, and the hooks called, without it.
 */
#include <string.h>

#include "percpu_base.h"

u32 kf_percpu_guard_size(void)
{
	return kf_settings()->guard ? KF_PERCPU_GUARD : 0;
}

void kf_percpu_guard_put(const struct kf_percpu_area *a)
{
	for (unsigned cpu = 0; kf_settings()->guard && cpu < kf_layout()->nr_cpus; cpu++)
		memset((char *)kf_per_cpu_ptr(a->start, cpu) + a->requested, KF_BYTE_GUARD,
		       a->size - a->requested);
}

static bool check_cpu(const struct kf_object *area, unsigned cpu)
{
	u64 cookie = (u64)(uintptr_t)area->addr;
	char *p = kf_per_cpu_ptr(cookie, cpu);
	struct kf_object here = *area;

	here.addr = p;
	if (area->live)
		return kf_check_bytes(KF_BUG_REDZONE, p + area->size, KF_BYTE_GUARD,
				      area->usable - area->size, &here,
				      "bytes after the requested size were overwritten");
	return kf_check_bytes(KF_BUG_WRITE_AFTER_FREE, p, KF_BYTE_FREE, area->usable, &here,
			      "a freed per-CPU area was written to");
}

unsigned kf_percpu_check_object(const struct kf_object *area)
{
	unsigned damaged = 0;

	for (unsigned cpu = 0; kf_settings()->guard && cpu < kf_layout()->nr_cpus; cpu++)
		damaged += check_cpu(area, cpu);
	return damaged;
}

/* ---- graves ------------------------------------------------------------------------------------------------ */

static bool overlaps(const struct kf_object *grave, u32 start, u32 size)
{
	u64 at = (u64)(uintptr_t)grave->addr;

	return grave->usable && at < (u64)start + size && start < at + grave->usable;
}

void kf_percpu_bury(const struct kf_object *area)
{
	struct kf_percpu *pc = pcpu();
	struct kf_object *grave;

	if (!kf_settings()->guard)
		return;
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++)
		memset(kf_per_cpu_ptr((u64)(uintptr_t)area->addr, cpu), KF_BYTE_FREE, area->usable);
	kf_lock(&pc->lock);
	grave = &pc->graves[pc->next_grave++ % KF_PERCPU_GRAVES];
	*grave = *area;
	grave->live = false;
	kf_unlock(&pc->lock);
}

/* The next grave that the area lies on, taken out of the ring. */
static bool dig_up(struct kf_percpu *pc, const struct kf_percpu_area *a, struct kf_object *out)
{
	for (unsigned i = 0; i < KF_PERCPU_GRAVES; i++) {
		if (!overlaps(&pc->graves[i], a->start, a->size))
			continue;
		*out = pc->graves[i];
		pc->graves[i].usable = 0;
		return true;
	}
	return false;
}

/* Where other threads are, what of the grave is not in this area may be another one's by now. */
static void check_part(const struct kf_object *grave, const struct kf_percpu_area *a)
{
	u64 start = (u64)(uintptr_t)grave->addr, end = start + grave->usable;
	u64 area_end = (u64)a->start + a->size;

	start = start < a->start ? a->start : start;
	end = end > area_end ? area_end : end;
	for (unsigned cpu = 0; cpu < kf_layout()->nr_cpus; cpu++) {
		struct kf_object here = *grave;

		here.addr = kf_per_cpu_ptr((u64)(uintptr_t)grave->addr, cpu);
		kf_check_bytes(KF_BUG_WRITE_AFTER_FREE, kf_per_cpu_ptr(start, cpu), KF_BYTE_FREE,
			       end - start, &here, "a freed per-CPU area was written to");
	}
}

void kf_percpu_check_graves(const struct kf_percpu_area *a)
{
	struct kf_percpu *pc = pcpu();
	struct kf_object grave;
	bool found = true;

	while (found) {
		kf_lock(&pc->lock);
		found = dig_up(pc, a, &grave);
		kf_unlock(&pc->lock);
		if (found && __libc_single_threaded)
			kf_percpu_check_object(&grave);
		else if (found)
			check_part(&grave, a);
	}
}

bool kf_percpu_record(u64 cookie, u64 seq, struct kf_object *out)
{
	const struct kf_percpu *pc = pcpu();

	if (kf_percpu_object(cookie, out) && out->seq == seq)
		return true;
	for (unsigned i = 0; i < KF_PERCPU_GRAVES; i++) {
		*out = pc->graves[i];
		if (out->usable && out->seq == seq)
			return true;
	}
	return false;
}
