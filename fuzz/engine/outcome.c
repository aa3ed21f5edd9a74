// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an input came to, and the list of targets by name.
 */
#include "target.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"

struct finding *fuzz_found(struct fuzz_outcome *outcome, enum finding_kind kind, const char *format,
			   ...)
{
	struct finding *finding;
	va_list args;

	outcome->findings =
		xreallocarray(outcome->findings, outcome->count + 1, sizeof(*outcome->findings));
	finding = &outcome->findings[outcome->count++];
	*finding = (struct finding){.kind = kind, .schedule = xstrdup("")};
	va_start(args, format);
	if (vasprintf(&finding->what, format, args) < 0)
		out_of_host_memory(strlen(format));
	va_end(args);
	return finding;
}

void fuzz_outcome_clear(struct fuzz_outcome *outcome)
{
	for (unsigned i = 0; i < outcome->count; i++)
		finding_clear(&outcome->findings[i]);
	free(outcome->findings);
	free(outcome->not_judged);
	*outcome = (struct fuzz_outcome){0};
}

const struct fuzz_target *fuzz_target_find(const char *name)
{
	for (unsigned i = 0; fuzz_targets[i]; i++)
		if (!strcmp(fuzz_targets[i]->name, name))
			return fuzz_targets[i];
	return NULL;
}
