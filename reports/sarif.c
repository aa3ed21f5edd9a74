// SPDX-License-Identifier: GPL-2.0-only
/*
 * SARIF 2.1.0 (OASIS), as code scanning services and editors read it: one run, with
 *
 *	tool.driver.rules    every kind of finding, so that a rule's index never changes
 *	invocations[0]       executionSuccessful only when everything was judged; a notification for each reason why not
 *	results              a bug each, by the finding that stands for its group; its codeFlow leads through all places
 *	                     that matter, in the order in which they happened: allocated, freed, refused, locks taken, where it
 *	                     went wrong
 *
 * A result is located in the driver: by file and line below %SRCROOT%, or where there is no debug information by the
 * module's file; always by the function too. The kernel's own issues are of kind "review" and level "note"; accepted
 * findings are suppressed, with their reason. partialFingerprints hold the ids of finding and group, which survive edits
 * elsewhere in the file.
 */
#include "report.h"

#include <inttypes.h>
#include <jansson.h>
#include <libxml/uri.h>
#include <string.h>
#include "../harness/judge/finding_json.h"
#include "../harness/judge/group.h"
#include "../harness/trace/util.h"
#include "kinds.h"
#include "output.h"
#include "place.h"

#define SCHEMA                                                                \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
	"sarif-schema-2.1.0.json"
#define ROOT "%SRCROOT%"

struct sarif {
	const struct sweep_result *result;
	const struct report_about *about;
};

static void push(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		out_of_host_memory(0);
}

/* Takes the text. */
static json_t *owned_text(char *text)
{
	json_t *value = json_text(text);

	free(text);
	return value;
}

static json_t *message(const char *text)
{
	json_t *object = json_object();

	json_put(object, "text", json_text(text ? text : ""));
	return object;
}

static json_t *uri_text(const char *scheme, const char *path)
{
	xmlChar *escaped = xmlURIEscapeStr(BAD_CAST path, BAD_CAST "/");
	json_t *value;

	if (!escaped)
		out_of_host_memory(0);
	value = owned_text(xasprintf("%s%s", scheme, (const char *)escaped));
	xmlFree(escaped);
	return value;
}

/* Relative names are the driver's source tree's, unless a frame is of something else. */
static json_t *artifact(const struct sarif *sarif, const char *file, bool of_driver)
{
	const char *below = place_below(file, sarif->about->root);
	json_t *object = json_object();

	json_put(object, "uri", below ? uri_text("", below) : uri_text("file://", file));
	if (below && (of_driver || file[0] == '/'))
		json_put(object, "uriBaseId", json_string(ROOT));
	return object;
}

static json_t *physical_of_frame(const struct sarif *sarif, const struct stack_frame *frame)
{
	json_t *object = json_object(), *region;

	json_put(object, "artifactLocation",
		 artifact(sarif, frame->file, stack_frame_is_driver(frame)));
	if (frame->line <= 0)
		return object;
	region = json_object();
	json_put(region, "startLine", json_integer(frame->line));
	json_put(object, "region", region);
	return object;
}

/* Without debug information, the module is the artifact. */
static json_t *physical_of_module(const struct sarif *sarif)
{
	json_t *object = json_object(), *location = json_object();
	char *file = xasprintf("%s.ko", sarif->result->module ? sarif->result->module : "module");

	json_put(location, "uri", uri_text("", file));
	json_put(object, "artifactLocation", location);
	free(file);
	return object;
}

static json_t *logical_array(const struct stack_frame *frame)
{
	json_t *array = json_array(), *object = json_object();

	json_put(object, "name", json_text(frame->function));
	json_put(object, "fullyQualifiedName",
		 owned_text(xasprintf("%s!%s", frame->module ? frame->module : "vmlinux",
				      frame->function)));
	json_put(object, "kind", json_string("function"));
	push(array, object);
	return array;
}

/* `text` may be NULL. */
static json_t *location_of_frame(const struct sarif *sarif, const struct stack_frame *frame,
				 const char *text)
{
	json_t *object = json_object();

	if (frame->file)
		json_put(object, "physicalLocation", physical_of_frame(sarif, frame));
	json_put(object, "logicalLocations", logical_array(frame));
	if (text)
		json_put(object, "message", message(text));
	return object;
}

static json_t *location_of_finding(const struct sarif *sarif, const struct finding *finding)
{
	const struct stack_frame *place = place_of_finding(finding);
	json_t *object = place ? location_of_frame(sarif, place, NULL) : json_object();

	if (!place || !place->file)
		json_put(object, "physicalLocation", physical_of_module(sarif));
	return object;
}

static json_t *one(json_t *value)
{
	json_t *array = json_array();

	push(array, value);
	return array;
}

/* A finding's stacks, in the order in which they happened. */
struct sarif_stack {
	const struct stack *stack;
	char *text; /* malloc()ed */
};

#define STACKS_MAX 12

static char *refused_text(const struct point *point)
{
	return xasprintf("request #%u is refused: %s(%" PRIu64 ") %s", point->n,
			 point->api ? point->api : "?", point->size, point->gfp ? point->gfp : "");
}

static char *object_text(const struct finding_object *object, const char *done)
{
	return xasprintf("%" PRIu64 " bytes of %s are %s here", object->size,
			 object->cache	? object->cache
			 : object->type ? object->type
					: "memory",
			 done);
}

static char *lock_text(const struct finding_lock *lock)
{
	return xasprintf("%s%s%s is %s here", lock->kind ? lock->kind : "lock",
			 lock->name ? " " : "", lock->name ? lock->name : "",
			 lock->role ? lock->role : "taken");
}

/* Where the locks were taken of which the finding tells. */
static unsigned lock_stacks(const struct finding *finding, struct sarif_stack *stacks, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < finding->lock_count && n < max; i++)
		if (finding->locks[i].taken.count)
			stacks[n++] = (struct sarif_stack){&finding->locks[i].taken,
							   lock_text(&finding->locks[i])};
	return n;
}

static unsigned stacks_of(const struct finding *finding, struct sarif_stack *stacks)
{
	const struct finding_object *object = finding->object_count ? finding->objects : NULL;
	unsigned n = 0;

	if (object && object->allocated.count)
		stacks[n++] =
			(struct sarif_stack){&object->allocated, object_text(object, "allocated")};
	if (object && object->freed.count)
		stacks[n++] = (struct sarif_stack){&object->freed, object_text(object, "freed")};
	if (finding->has_point && finding->point.stack.count)
		stacks[n++] =
			(struct sarif_stack){&finding->point.stack, refused_text(&finding->point)};
	n += lock_stacks(finding, stacks + n, STACKS_MAX - 1 - n);
	if (finding->stack.count)
		stacks[n++] = (struct sarif_stack){&finding->stack, xstrdup(finding->what ?: "")};
	return n;
}

static json_t *stack_object(const struct sarif *sarif, const struct sarif_stack *from)
{
	json_t *object = json_object(), *frames = json_array();

	for (unsigned i = 0; i < from->stack->count; i++) {
		const struct stack_frame *frame = &from->stack->frames[i];
		json_t *item = json_object();

		json_put(item, "location", location_of_frame(sarif, frame, frame->function));
		json_put(item, "module", json_text(frame->module ? frame->module : "vmlinux"));
		push(frames, item);
	}
	json_put(object, "message", message(from->text));
	json_put(object, "frames", frames);
	return object;
}

static bool has_driver(const struct stack *stack)
{
	for (unsigned i = 0; i < stack->count; i++)
		if (stack_frame_is_driver(&stack->frames[i]))
			return true;
	return false;
}

/* The steps of a stack: calls of the driver from the outside in, and the last one says what happened. */
static void push_steps(json_t *steps, const struct sarif *sarif, const struct sarif_stack *from)
{
	bool only_driver = has_driver(from->stack);
	const struct stack_frame *last = place_on_stack(from->stack);
	unsigned level = 0;

	if (!last)
		last = &from->stack->frames[0];
	for (unsigned i = from->stack->count; i--;) {
		const struct stack_frame *frame = &from->stack->frames[i];
		json_t *step;

		if (only_driver && !stack_frame_is_driver(frame))
			continue;
		step = json_object();
		json_put(step, "location",
			 location_of_frame(sarif, frame,
					   frame == last ? from->text : frame->function));
		json_put(step, "nestingLevel", json_integer(level++));
		json_put(step, "importance",
			 json_string(frame == last ? "essential" : "important"));
		push(steps, step);
	}
}

static json_t *code_flow(const struct sarif *sarif, const struct sarif_stack *stacks,
			 unsigned count)
{
	json_t *flow = json_object(), *thread = json_object(), *steps = json_array();

	for (unsigned i = 0; i < count; i++)
		push_steps(steps, sarif, &stacks[i]);
	json_put(thread, "locations", steps);
	json_put(flow, "threadFlows", one(thread));
	return flow;
}

static void put_stacks(json_t *object, const struct sarif *sarif, const struct finding *finding)
{
	struct sarif_stack stacks[STACKS_MAX];
	unsigned count = stacks_of(finding, stacks);
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		push(array, stack_object(sarif, &stacks[i]));
	json_put(object, "stacks", array);
	if (count)
		json_put(object, "codeFlows", one(code_flow(sarif, stacks, count)));
	for (unsigned i = 0; i < count; i++)
		free(stacks[i].text);
}

static json_t *result_message(const struct finding *finding)
{
	const char *what = finding->what ? finding->what : kind_words(finding->kind)->title;
	char *refused = finding->has_point ? refused_text(&finding->point) : NULL;
	char *text = xasprintf("%s%s%s%s%s", what, refused ? "\n" : "", refused ? refused : "",
			       finding->replay ? "\nReplay: " : "",
			       finding->replay ? finding->replay : "");
	json_t *object = message(text);

	free(refused);
	free(text);
	return object;
}

static json_t *result_properties(const struct finding_group *group)
{
	const struct finding *finding = group->first;
	json_t *object = json_object();

	json_put(object, "schedule", json_text(finding->schedule ? finding->schedule : ""));
	json_put(object, "replay", json_text(finding->replay));
	if (finding->operation)
		json_put(object, "operation", json_text(finding->operation));
	json_put(object, "findings", json_integer(group->findings));
	json_put(object, "core", json_boolean(finding->core));
	if (finding->core)
		json_put(object, "reason", json_text(finding->reason));
	return object;
}

static json_t *suppressions(const struct finding *finding)
{
	json_t *object = json_object();

	json_put(object, "kind", json_string("external"));
	json_put(object, "status", json_string("accepted"));
	json_put(object, "justification", json_text(finding->accepted));
	return one(object);
}

static json_t *fingerprints(const struct finding *finding)
{
	json_t *object = json_object();

	if (finding->id[0])
		json_put(object, "kfailFinding/v1", json_text(finding->id));
	if (finding->group[0])
		json_put(object, "kfailGroup/v1", json_text(finding->group));
	return object;
}

static json_t *group_result(const struct sarif *sarif, const struct finding_group *group)
{
	const struct finding *finding = group->first;
	json_t *object = json_object();

	json_put(object, "ruleId", json_string(finding_kind_name(finding->kind)));
	json_put(object, "ruleIndex", json_integer(finding->kind));
	json_put(object, "kind", json_string(finding->core ? "review" : "fail"));
	/* The standard wants "none" for every kind but "fail". */
	json_put(object, "level", json_string(finding->core ? "none" : "error"));
	json_put(object, "message", result_message(finding));
	json_put(object, "locations", one(location_of_finding(sarif, finding)));
	put_stacks(object, sarif, finding);
	json_put(object, "partialFingerprints", fingerprints(finding));
	json_put(object, "occurrenceCount", json_integer(group->schedules));
	if (finding->accepted)
		json_put(object, "suppressions", suppressions(finding));
	json_put(object, "properties", result_properties(group));
	return object;
}

static json_t *rule(const char *id, const char *title, const char *help)
{
	json_t *object = json_object(), *defaults = json_object();

	json_put(object, "id", json_string(id));
	json_put(object, "shortDescription", message(title));
	json_put(object, "fullDescription", message(help));
	json_put(object, "help", message(help));
	json_put(defaults, "level", json_string("error"));
	json_put(object, "defaultConfiguration", defaults);
	return object;
}

static json_t *tool(const struct sarif *sarif)
{
	json_t *object = json_object(), *driver = json_object();
	json_t *rules = json_array(), *notifications = json_array();

	for (int kind = 0; kind < FINDING_NR_KINDS; kind++)
		push(rules, rule(finding_kind_name(kind), kind_words(kind)->title,
				 kind_words(kind)->help));
	push(notifications, rule("not-judged", "Not judged",
				 "kfail could not carry this run, so nothing is known about it."));
	push(notifications, rule("unexpected-points", "Another number of points than expected",
				 "The baseline of an operation makes more or fewer requests than "
				 "--expect-points says."));
	push(notifications,
	     rule("stale-acceptance", "An accepted finding that no longer holds",
		  "Its day has passed, or it is not found any more: remove the entry."));
	json_put(driver, "name", json_string("kfail"));
	json_put(driver, "version", json_text(sarif->about->version));
	json_put(driver, "rules", rules);
	json_put(driver, "notifications", notifications);
	json_put(object, "driver", driver);
	return object;
}

static json_t *notification(const char *id, const char *level, json_t *text)
{
	json_t *object = json_object(), *descriptor = json_object();

	json_put(descriptor, "id", json_string(id));
	json_put(object, "descriptor", descriptor);
	json_put(object, "level", json_string(level));
	json_put(object, "message", text);
	return object;
}

static json_t *not_judged_notification(const struct sarif *sarif, const struct not_judged *entry)
{
	bool refused = entry->schedule && entry->schedule[0];
	char *text = xasprintf(
		"not judged: %s%s%s%s: %s", entry->operation ? entry->operation : "",
		entry->operation ? ", " : "", refused ? "schedule " : "without a refusal",
		refused ? entry->schedule : "", entry->why ? entry->why : "no reason given");
	json_t *object = notification("not-judged", "error", message(text));

	if (entry->stack.count)
		json_put(object, "locations",
			 one(location_of_frame(sarif, &entry->stack.frames[0], NULL)));
	free(text);
	return object;
}

static json_t *unexpected_notification(const struct unexpected_points *u)
{
	char *text = xasprintf("%s: %u points, %u to %u expected", u->operation, u->points, u->low,
			       u->high);
	json_t *object = notification("unexpected-points", "error", message(text));

	free(text);
	return object;
}

static int exit_code(const struct sweep_result *result)
{
	switch (result->status) {
	case SWEEP_CLEAN:
		return 0;
	case SWEEP_FINDINGS:
		return 1;
	case SWEEP_NOT_JUDGED:
		break;
	}
	return 3;
}

static json_t *invocation(const struct sarif *sarif)
{
	const struct sweep_result *result = sarif->result;
	json_t *object = json_object(), *notifications = json_array();

	for (unsigned i = 0; i < result->not_judged_count; i++)
		push(notifications, not_judged_notification(sarif, &result->not_judged[i]));
	for (unsigned i = 0; i < result->unexpected_count; i++)
		push(notifications, unexpected_notification(&result->unexpected[i]));
	for (unsigned i = 0; i < result->stale_count; i++)
		push(notifications,
		     notification("stale-acceptance", "warning", message(result->stale[i])));
	json_put(object, "executionSuccessful", json_boolean(report_all_judged(result)));
	json_put(object, "exitCode", json_integer(exit_code(result)));
	json_put(object, "exitCodeDescription", json_string(report_status_name(result->status)));
	json_put(object, "toolExecutionNotifications", notifications);
	return object;
}

static json_t *run_properties(const struct sweep_result *result)
{
	json_t *object = json_object();

	json_put(object, "kernel", json_text(result->kernel));
	json_put(object, "module", json_text(result->module));
	json_put(object, "scenario", json_text(result->scenario));
	json_put(object, "settings", json_text(result->settings ? result->settings : ""));
	json_put(object, "points", json_integer(result->points));
	json_put(object, "injected", json_integer(result->injected));
	json_put(object, "absorbed", json_integer(result->absorbed));
	json_put(object, "clean", json_integer(result->clean));
	json_put(object, "not_swept", json_integer(result->not_swept));
	json_put(object, "policy", json_text(result->policy ? result->policy : ""));
	json_put(object, "plan", json_text(result->plan ? result->plan : ""));
	json_put(object, "shard", json_text(result->shard));
	return object;
}

static json_t *base_ids(const struct sarif *sarif)
{
	json_t *object = json_object(), *root = json_object();
	char *path = xasprintf("%s/", sarif->about->root ? sarif->about->root : "");

	json_put(root, "uri", uri_text("file://", path));
	json_put(object, ROOT, root);
	free(path);
	return object;
}

static json_t *automation(const struct sweep_result *result)
{
	json_t *object = json_object();

	/* What the service compares with its earlier results: the same module, scenario and kernel. */
	json_put(object, "id",
		 owned_text(xasprintf("kfail/%s/%s/%s/", result->module ?: "",
				      result->scenario ?: "", result->kernel ?: "")));
	return object;
}

static json_t *run_object(const struct sarif *sarif)
{
	const struct sweep_result *result = sarif->result;
	json_t *object = json_object(), *results = json_array();
	struct finding_group *groups;
	unsigned count = finding_groups(result, &groups);

	for (unsigned i = 0; i < count; i++)
		push(results, group_result(sarif, &groups[i]));
	free(groups);
	json_put(object, "tool", tool(sarif));
	json_put(object, "automationDetails", automation(result));
	json_put(object, "invocations", one(invocation(sarif)));
	json_put(object, "originalUriBaseIds", base_ids(sarif));
	json_put(object, "results", results);
	json_put(object, "properties", run_properties(result));
	return object;
}

int report_sarif(const char *path, const struct sweep_result *result,
		 const struct report_about *about)
{
	const struct sarif sarif = {result, about};
	struct output output;
	json_t *object;
	int ret = output_open(&output, path);

	if (ret)
		return ret;
	object = json_object();
	json_put(object, "$schema", json_string(SCHEMA));
	json_put(object, "version", json_string("2.1.0"));
	json_put(object, "runs", one(run_object(&sarif)));
	/* A failed write leaves its mark on the stream, where output_commit() finds it. */
	json_dumpf(object, output.file, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	fputc('\n', output.file);
	json_decref(object);
	return output_commit(&output);
}
