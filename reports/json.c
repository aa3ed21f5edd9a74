// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON report: the one object that `--json FILE` writes. Its keys are a contract with scripts:
 * new ones may be added, none is renamed or leaves, and they come in this order. How findings look
 * is decided in harness/judge/finding_json.c, which also reads them back.
 */
#include "report.h"

#include <errno.h>
#include <math.h>
#include "../harness/judge/finding_json.h"
#include "../harness/judge/group.h"
#include "../harness/trace/util.h"
#include "output.h"

/* JSON has no infinity: a rate over no time at all is 0. */
static json_t *finite_real(double value)
{
	return json_real(isfinite(value) ? value : 0);
}

static json_t *baseline_object(const struct sweep_result *result)
{
	json_t *object = json_object();

	json_put(object, "result", json_integer(result->baseline.result));
	json_put(object, "points", json_integer(result->baseline.points));
	return object;
}

static json_t *findings_array(const struct sweep_result *result)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < result->finding_count; i++)
		if (json_array_append_new(array, finding_to_object(&result->findings[i])))
			out_of_host_memory(0);
	return array;
}

static json_t *group_object(const struct finding_group *group)
{
	json_t *object = json_object();

	json_put(object, "id", json_text(group->first->group));
	json_put(object, "kind", json_text(finding_kind_name(group->first->kind)));
	json_put(object, "finding", json_text(group->first->id));
	json_put(object, "schedule", json_text(group->first->schedule));
	json_put(object, "core", json_boolean(group->first->core));
	json_put(object, "findings", json_integer(group->findings));
	json_put(object, "schedules", json_integer(group->schedules));
	return object;
}

/* One entry for each bug; "finding" is the one that stands for it. */
static json_t *groups_array(const struct sweep_result *result)
{
	json_t *array = json_array();
	struct finding_group *groups;
	unsigned count = finding_groups(result, &groups);

	for (unsigned i = 0; i < count; i++)
		if (json_array_append_new(array, group_object(&groups[i])))
			out_of_host_memory(0);
	free(groups);
	return array;
}

static json_t *not_judged_array(const struct sweep_result *result)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < result->not_judged_count; i++)
		if (json_array_append_new(array, not_judged_to_object(&result->not_judged[i])))
			out_of_host_memory(0);
	return array;
}

static json_t *stale_array(const struct sweep_result *result)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < result->stale_count; i++)
		if (json_array_append_new(array, json_text(result->stale[i])))
			out_of_host_memory(0);
	return array;
}

static json_t *result_object(const struct sweep_result *result, const char *version)
{
	json_t *object = json_object();

	json_put(object, "kfail", json_text(version));
	json_put(object, "kernel", json_text(result->kernel));
	json_put(object, "module", json_text(result->module));
	json_put(object, "scenario", json_text(result->scenario));
	json_put(object, "settings", json_text(result->settings ? result->settings : ""));
	json_put(object, "status", json_text(report_status_name(result->status)));
	json_put(object, "baseline", baseline_object(result));
	json_put(object, "points", json_integer(result->points));
	json_put(object, "injected", json_integer(result->injected));
	json_put(object, "absorbed", json_integer(result->absorbed));
	json_put(object, "clean", json_integer(result->clean));
	json_put(object, "seconds", finite_real(result->seconds));
	json_put(object, "runs_per_second", finite_real(result->runs_per_second));
	json_put(object, "findings", findings_array(result));
	json_put(object, "not_judged", not_judged_array(result));
	json_put(object, "groups", groups_array(result));
	coverage_to_object(object, result);
	json_put(object, "stale_accepted", stale_array(result));
	if (result->canary)
		json_put(object, "canary",
			 json_text(result->canary == CANARY_FOUND ? "found" : "missed"));
	return object;
}

int report_json(const char *path, const struct sweep_result *result, const char *version)
{
	struct output output;
	json_t *object;
	int ret;

	ret = output_open(&output, path);
	if (ret)
		return ret;
	object = result_object(result, version);
	/* A failed write leaves its mark on the stream, where output_commit() finds it. */
	json_dumpf(object, output.file,
		   JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
	fputc('\n', output.file);
	json_decref(object);
	return output_commit(&output);
}
