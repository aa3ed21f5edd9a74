// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which slots have changed since a mark, and what they were then. There are two marks, one inside the other: the
 * snapshot's, and that of a checkpoint in the midst of a run.
 *
 *	wanted	of each slot: what it was at the mark, with TOUCHED, once it has changed since
 *	log	runs of slots that have changed since, first slot and number
 *
 * Only the first change of a slot after a mark is logged, so a log cannot outgrow the ranges, however long a
 * run lasts. Before the first mark nothing is logged. What a rollback to the inner mark changes back stays in the outer
 * log: there it is one that finds nothing to do. No lock: callers have mapping.c's, or are alone.
 */
#include "mapping_base.h"

#define TOUCHED (1ull << 63)

static struct mark {
	u64 *wanted;
	struct change {
		u64 slot, n;
	} * log;
	u64 len; /* of the log */
	bool logging;
} marks[KF_MARKS];

static u64 wanted_bytes(void)
{
	return (kf_slots.nr + 1) * 8;
}

static u64 log_bytes(void)
{
	return (kf_slots.nr + 1) * sizeof(struct change);
}

bool kf_mapping_log_init(void)
{
	for (struct mark *m = marks; m < marks + KF_MARKS; m++) {
		*m = (struct mark){.wanted = kf_host_table(wanted_bytes()),
				   .log = kf_host_table(log_bytes())};
		if (!m->wanted || !m->log)
			return false;
	}
	return true;
}

void kf_mapping_log_exit(void)
{
	for (struct mark *m = marks; m < marks + KF_MARKS; m++) {
		kf_host_table_drop(m->wanted, wanted_bytes());
		kf_host_table_drop(m->log, log_bytes());
	}
	memset(marks, 0, sizeof(marks));
}

static void log_change(struct mark *m, u64 slot, u64 n)
{
	bool fresh = false;

	for (u64 i = slot; i < slot + n; i++) {
		if (m->wanted[i] & TOUCHED)
			continue;
		m->wanted[i] = kf_slots.values[i] | TOUCHED;
		fresh = true;
	}
	if (fresh)
		m->log[m->len++] = (struct change){slot, n};
}

void kf_mapping_log(u64 slot, u64 n)
{
	for (struct mark *m = marks; m < marks + KF_MARKS; m++)
		if (m->logging)
			log_change(m, slot, n);
}

/* From now on the slots of that change count as not changed. */
const u64 *kf_mapping_unlog(enum kf_mark which, u64 *slot, u64 *n)
{
	struct mark *m = &marks[which];
	const struct change *change;
	u64 *old;

	if (!m->len)
		return NULL;
	change = &m->log[--m->len];
	old = m->wanted + change->slot;
	for (u64 i = 0; i < change->n; i++)
		old[i] &= ~TOUCHED;
	*slot = change->slot;
	*n = change->n;
	return old;
}

static void forget(enum kf_mark which)
{
	u64 slot, n;

	while (kf_mapping_unlog(which, &slot, &n))
		;
}

void kf_mapping_mark(void)
{
	kf_mapping_unmark_inner();
	forget(KF_MARK_OUTER);
	marks[KF_MARK_OUTER].logging = true;
	kf_fence_mark(KF_MARK_OUTER);
}

void kf_mapping_mark_inner(void)
{
	forget(KF_MARK_INNER);
	marks[KF_MARK_INNER].logging = true;
	kf_fence_mark(KF_MARK_INNER);
}

void kf_mapping_unmark_inner(void)
{
	forget(KF_MARK_INNER);
	marks[KF_MARK_INNER].logging = false;
}
