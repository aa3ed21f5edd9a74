// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judges at a checkpoint: what a run knew in its midst, so that several ends of it can be judged from there.
 *
 * The journal and the list of evidence only grow while a run goes on, so their lengths (RUN_STATE) cut them back; what
 * is changed in what stays is undone by hand:
 *
 *	entries that an end told of    listed in `left`: those behind the checkpoint's mark are untold
 *	evidence (its chain grew)      copied, as long as the list is
 *
 * The questions at the end of a run look at each entry of the journal. That is once for a run of its own, but would be once
 * for each checkpoint of a long one. So the journal is sifted whenever it has doubled: entries of objects that
 * are gone, and whose place another object has taken, can never matter again. An end then costs what is alive,
 * not what ever was.
 */
#include "evidence.h"

#include <string.h>

static struct {
	struct evidence evidence[EVIDENCE_MAX];
	unsigned evidence_count, compactions;
	uint32_t left_count;
} kept;

void judge_checkpoint(void)
{
	journal_sift();
	memcpy(kept.evidence, judge.evidence, judge.evidence_count * sizeof(*judge.evidence));
	kept.evidence_count = judge.evidence_count;
	kept.left_count = judge.left_count;
	kept.compactions = judge.compactions;
}

void judge_return(void)
{
	while (judge.left_count > kept.left_count)
		journal_untell();
	memcpy(judge.evidence, kept.evidence, kept.evidence_count * sizeof(*judge.evidence));
	for (unsigned i = 0; i < kept.evidence_count; i++)
		if (judge.evidence[i].count)
			judge.left[judge.evidence[i].last].next = NOTHING;
}

bool judge_can_return(void)
{
	return judge.compactions == kept.compactions;
}
