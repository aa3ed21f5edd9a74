// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all exporters must agree on: which findings count, what a result is called, whether it is complete.
 */
#include "report.h"

#include "output.h"

const char *report_status_name(enum sweep_status status)
{
	switch (status) {
	case SWEEP_CLEAN:
		return "clean";
	case SWEEP_FINDINGS:
		return "findings";
	case SWEEP_NOT_JUDGED:
		break;
	}
	return "not-judged";
}

bool report_is_accused(const struct finding *finding)
{
	return !finding->core && !finding->accepted;
}

bool report_all_judged(const struct sweep_result *result)
{
	return !result->not_judged_count && !result->interrupted &&
	       result->status != SWEEP_NOT_JUDGED;
}

int report_check(const char *path)
{
	return output_check(path);
}
