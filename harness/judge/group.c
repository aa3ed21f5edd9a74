// SPDX-License-Identifier: GPL-2.0-only
/*
 * From findings to bugs. Results have some tens of findings, at the worst some thousands, and hardly more than a
 * dozen groups, so every finding is compared with the groups found so far.
 */
#include "group.h"

#include <string.h>
#include "../trace/util.h"

static bool same_group(const struct finding *a, const struct finding *b)
{
	if (a == b)
		return true;
	/* What is held against the driver must not hide behind what is accepted. */
	return a->group[0] && !strcmp(a->group, b->group) && !a->accepted == !b->accepted;
}

static struct finding_group *group_of(struct finding_group *groups, unsigned count,
				      const struct finding *finding)
{
	for (unsigned i = 0; i < count; i++)
		if (same_group(groups[i].first, finding))
			return &groups[i];
	return NULL;
}

unsigned finding_groups(const struct sweep_result *result, struct finding_group **out)
{
	struct finding_group *groups = xcalloc(result->finding_count, sizeof(*groups)), *group;
	unsigned count = 0;

	for (unsigned i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		group = group_of(groups, count, finding);
		if (!group) {
			group = &groups[count++];
			group->first = finding;
		}
		group->findings++;
		group->schedules += 1 + finding->also;
	}
	*out = groups;
	return count;
}

bool finding_is_first(const struct sweep_result *result, const struct finding *finding)
{
	for (const struct finding *f = result->findings; f < finding; f++)
		if (same_group(f, finding))
			return false;
	return true;
}
