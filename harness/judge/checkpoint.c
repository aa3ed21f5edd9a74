// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judges at a checkpoint: what a run knew in its midst, so that several ends of it can be judged from there.
 *
 * The journal and the list of evidence only grow while a run goes on, so their lengths (RUN_STATE) cut them back; what
 * is changed in what stays is undone by hand:
 *
 *	entries that an end told of    listed in `told`: those behind the checkpoint's mark are untold
 *	evidence (its chain grew)      copied, as long as the list is
 *
 * The questions at the end of a run look at each entry of the journal. That is once for a run of its own, but would be once
 * for each checkpoint of a long one. So the journal is sifted whenever it has doubled: entries of objects that
 * are gone, and whose place another object has taken, can never matter again. An end then costs what is alive,
 * not what ever was.
 */
#include "evidence.h"

#include <string.h>

#define SIFT_FROM 256 /* entries that are not worth it */

static struct {
	struct evidence evidence[EVIDENCE_MAX];
	unsigned evidence_count, compactions;
	uint32_t told_count;
} kept;

static void sift(void)
{
	struct journal_entry *entry;
	uint32_t at = 0, n = 0;

	/* `open` is read ahead of where it is written. */
	while ((entry = journal_next(&at)))
		if (journal_is_newest(entry))
			judge.open[n++] = (uint32_t)(entry - judge.journal);
	judge.open_count = n;
	judge.sifted = judge.journal_count;
}

void judge_checkpoint(void)
{
	if (judge.journal_count - judge.sifted > judge.open_count + SIFT_FROM)
		sift();
	memcpy(kept.evidence, judge.evidence, judge.evidence_count * sizeof(*judge.evidence));
	kept.evidence_count = judge.evidence_count;
	kept.told_count = judge.told_count;
	kept.compactions = judge.compactions;
}

void judge_return(void)
{
	while (judge.told_count > kept.told_count) {
		struct journal_entry *entry = &judge.journal[judge.told[--judge.told_count]];

		entry->told = false;
		entry->next = NOTHING;
	}
	memcpy(judge.evidence, kept.evidence, kept.evidence_count * sizeof(*judge.evidence));
	for (unsigned i = 0; i < kept.evidence_count; i++)
		if (judge.evidence[i].count)
			judge.journal[judge.evidence[i].last].next = NOTHING;
}

bool judge_can_return(void)
{
	return judge.compactions == kept.compactions;
}
