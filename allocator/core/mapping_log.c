// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which slots have changed since kf_mapping_mark(), and what they were then.
 *
 *	wanted	of each slot: what it was at the mark, with TOUCHED, once it has changed since
 *	log	runs of slots that have changed since, first slot and number
 *
 * Only the first change of a slot after a mark is logged, so the log cannot outgrow the ranges, however long a
 * run lasts. Before the first mark nothing is logged. No lock: callers have mapping.c's, or are alone.
 */
#include "mapping_base.h"

#define TOUCHED (1ull << 63)

static struct {
	u64 *wanted;
	struct change {
		u64 slot, n;
	} * log;
	u64 len; /* of the log */
	bool logging;
} marked;

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
	marked.len = 0;
	marked.logging = false;
	marked.wanted = kf_host_table(wanted_bytes());
	marked.log = kf_host_table(log_bytes());
	return marked.wanted && marked.log;
}

void kf_mapping_log_exit(void)
{
	kf_host_table_drop(marked.wanted, wanted_bytes());
	kf_host_table_drop(marked.log, log_bytes());
	memset(&marked, 0, sizeof(marked));
}

void kf_mapping_log(u64 slot, u64 n)
{
	bool fresh = false;

	for (u64 i = slot; marked.logging && i < slot + n; i++) {
		if (marked.wanted[i] & TOUCHED)
			continue;
		marked.wanted[i] = kf_slots.values[i] | TOUCHED;
		fresh = true;
	}
	if (fresh)
		marked.log[marked.len++] = (struct change){slot, n};
}

/* From now on the slots of that change count as not changed. */
const u64 *kf_mapping_unlog(u64 *slot, u64 *n)
{
	const struct change *change;
	u64 *old;

	if (!marked.len)
		return NULL;
	change = &marked.log[--marked.len];
	old = marked.wanted + change->slot;
	for (u64 i = 0; i < change->n; i++)
		old[i] &= ~TOUCHED;
	*slot = change->slot;
	*n = change->n;
	return old;
}

void kf_mapping_mark(void)
{
	u64 slot, n;

	while (kf_mapping_unlog(&slot, &n))
		;
	marked.logging = true;
}
