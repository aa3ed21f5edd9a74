/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings of one bug: those with the same finding->group (identity.c says what that is made of), one of which stands for
 * all.
 */
#ifndef KFAIL_JUDGE_GROUP_H
#define KFAIL_JUDGE_GROUP_H

#include "finding.h"

struct finding_group {
	const struct finding *
		first; /* stands for the others: the first that was told, with the smallest schedule */
	unsigned findings;  /* how many, with it */
	unsigned schedules; /* how many schedules show one of them */
};

/* The groups of a result, in the order of their first findings: malloc()ed array in *out, returns its length. */
unsigned finding_groups(const struct sweep_result *result, struct finding_group **out);
/* Does this finding (one of result->findings) stand for its group? One without a group stands for itself. */
bool finding_is_first(const struct sweep_result *result, const struct finding *finding);

#endif
