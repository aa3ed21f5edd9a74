// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit XML, as Jenkins, GitLab and GitHub's actions read it. A sweep is a test suite:
 *
 *	testsuite "vpoll init-exit"
 *	  properties                what was swept, and the counts of points
 *	  testcase "sweep"          always there; an <error> when anything was not judged, a <failure> when an operation has
 *	                            another number of points than was expected
 *	  testcase "leak in f ..."  one for each bug (group of findings), a <failure>; <skipped> when it is not held against
 *	                            the driver
 *	  system-out                the summary
 *
 * A test case for each of some thousand points that are fine would bury the rest; how many there were is among the
 * properties. A bug's name holds its group's id and no numbers that change with every edit, so that a CI server knows a
 * failure of yesterday again. `file` and `line` of a test case are not in the oldest schemas, but what annotates a
 * change reads them.
 *
 * XML 1.0 has no place for most control characters and for bytes that are not UTF-8: they become '?'.
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <libxml/chvalid.h>
#include <libxml/xmlwriter.h>
#include <string.h>
#include "../harness/judge/group.h"
#include "../harness/trace/util.h"
#include "output.h"
#include "place.h"

struct junit {
	xmlTextWriter *writer;
	const struct sweep_result *result;
	const struct report_about *about;
	char *class; /* "vpoll.init-exit" */
	struct finding_group *groups;
	unsigned group_count;
};

/* The libxml2 functions fail only without host memory. */
static void must(int ret)
{
	if (ret < 0)
		out_of_host_memory(0);
}

static char *xml_clean(const char *text)
{
	char *clean = xstrdup(text);

	for (char *p = clean; *p;) {
		int length = 4;
		int c = xmlGetUTF8Char((xmlChar *)p, &length);

		if (c < 0 || !xmlIsCharQ((unsigned)c)) {
			*p = '?';
			length = 1;
		}
		p += length;
	}
	return clean;
}

static void put_attribute(struct junit *junit, const char *name, const char *value)
{
	char *clean = xml_clean(value ? value : "");

	must(xmlTextWriterWriteAttribute(junit->writer, BAD_CAST name, BAD_CAST clean));
	free(clean);
}

static void put_number(struct junit *junit, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_attribute(junit, name, text);
}

static void put_seconds(struct junit *junit, double seconds)
{
	char text[40];

	snprintf(text, sizeof(text), "%.3f", seconds > 0 && seconds < 1e9 ? seconds : 0.0);
	put_attribute(junit, "time", text);
}

static void put_text(struct junit *junit, const char *text)
{
	char *clean = xml_clean(text);

	must(xmlTextWriterWriteString(junit->writer, BAD_CAST clean));
	free(clean);
}

static void start(struct junit *junit, const char *element)
{
	must(xmlTextWriterStartElement(junit->writer, BAD_CAST element));
}

static void end(struct junit *junit)
{
	must(xmlTextWriterEndElement(junit->writer));
}

static void put_property(struct junit *junit, const char *name, const char *value)
{
	if (!value || !value[0])
		return;
	start(junit, "property");
	put_attribute(junit, "name", name);
	put_attribute(junit, "value", value);
	end(junit);
}

static void put_count(struct junit *junit, const char *name, unsigned count)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", count);
	put_property(junit, name, text);
}

static void put_properties(struct junit *junit)
{
	const struct sweep_result *result = junit->result;

	start(junit, "properties");
	put_property(junit, "kfail", junit->about->version);
	put_property(junit, "kernel", result->kernel);
	put_property(junit, "module", result->module);
	put_property(junit, "scenario", result->scenario);
	put_property(junit, "settings", result->settings);
	put_property(junit, "policy", result->policy);
	put_property(junit, "plan", result->plan);
	put_property(junit, "shard", result->shard);
	put_property(junit, "status", report_status_name(result->status));
	put_count(junit, "points", result->points);
	put_count(junit, "injected", result->injected);
	put_count(junit, "absorbed", result->absorbed);
	put_count(junit, "clean", result->clean);
	put_count(junit, "not_judged", result->not_judged_count);
	put_count(junit, "not_swept", result->not_swept);
	put_count(junit, "findings", result->finding_count);
	end(junit);
}

/* `operation`: of the scenario; NULL: none. */
static void start_case(struct junit *junit, const char *operation, const char *name, double seconds)
{
	char *class =
		xasprintf("%s%s%s", junit->class, operation ? "." : "", operation ? operation : "");

	start(junit, "testcase");
	put_attribute(junit, "classname", class);
	free(class);
	put_attribute(junit, "name", name);
	put_seconds(junit, seconds);
}

/* The reasons, with their schedules. */
static char *not_judged_text(const struct sweep_result *result)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		out_of_host_memory(0);
	for (unsigned i = 0; i < result->not_judged_count; i++) {
		const struct not_judged *entry = &result->not_judged[i];
		bool refused = entry->schedule && entry->schedule[0];

		fprintf(out, "%s%s%s%s: %s\n", entry->operation ? entry->operation : "",
			entry->operation ? ", " : "", refused ? "schedule " : "without a refusal",
			refused ? entry->schedule : "",
			entry->why ? entry->why : "no reason given");
	}
	fclose(out);
	return text;
}

static void put_not_judged(struct junit *junit)
{
	unsigned count = junit->result->not_judged_count;
	char message[64], *text = not_judged_text(junit->result);

	snprintf(message, sizeof(message), "%u schedule%s not judged", count,
		 count == 1 ? "" : "s");
	start(junit, "error");
	put_attribute(junit, "type", "not-judged");
	put_attribute(junit, "message",
		      junit->result->interrupted ? "the sweep was interrupted"
		      : count			 ? message
						 : "not judged");
	put_text(junit, text);
	free(text);
	end(junit);
}

static void put_unexpected(struct junit *junit)
{
	const struct unexpected_points *u = &junit->result->unexpected[0];
	char *message = xasprintf("%s: %u points, %u to %u expected", u->operation, u->points,
				  u->low, u->high);

	start(junit, "failure");
	put_attribute(junit, "type", "unexpected-points");
	put_attribute(junit, "message", message);
	end(junit);
	free(message);
}

/* A test case has one outcome: what is not known comes first. */
static void put_sweep_case(struct junit *junit)
{
	start_case(junit, NULL, "sweep", junit->result->seconds);
	if (!report_all_judged(junit->result))
		put_not_judged(junit);
	else if (junit->result->unexpected_count)
		put_unexpected(junit);
	end(junit);
}

/* "leak in add_slot (95904d5fef597711)": what stays the same from one build to the next. The bug's group, unless a part
 * of that group is accepted and has a test case of its own. */
static char *case_name(const struct finding *finding)
{
	const struct stack_frame *place = place_of_finding(finding);
	const char *id = finding->group[0] && !finding->accepted ? finding->group : finding->id;

	return xasprintf("%s%s%s (%s)", finding_kind_name(finding->kind), place ? " in " : "",
			 place ? place->function : "", id[0] ? id : "no id");
}

static void put_place(struct junit *junit, const struct finding *finding)
{
	const struct stack_frame *place = place_of_finding(finding);
	const char *below;

	if (!place || !place->file)
		return;
	below = place_below(place->file, junit->about->root);
	put_attribute(junit, "file", below ? below : place->file);
	if (place->line > 0)
		put_number(junit, "line", (uint64_t)place->line);
}

static char *finding_text(const struct finding *finding, unsigned number)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		out_of_host_memory(0);
	report_finding_text(out, finding, number, false, true);
	fclose(out);
	return text;
}

static void put_skipped(struct junit *junit, const struct finding *finding)
{
	const char *reason = finding->core ? finding->reason : finding->accepted;
	char *message = xasprintf("%s%s", finding->core ? "the kernel's own issue: " : "accepted ",
				  reason ? reason : "no reason given");

	start(junit, "skipped");
	put_attribute(junit, "message", message);
	end(junit);
	free(message);
}

static void put_failure(struct junit *junit, const struct finding *finding, const char *text)
{
	start(junit, "failure");
	put_attribute(junit, "type", finding_kind_name(finding->kind));
	put_attribute(junit, "message", finding->what);
	put_text(junit, text);
	end(junit);
}

static void put_finding(struct junit *junit, const struct finding *finding, unsigned number)
{
	char *name = case_name(finding), *text = finding_text(finding, number);

	start_case(junit, finding->operation, name, 0);
	put_place(junit, finding);
	if (report_is_accused(finding)) {
		put_failure(junit, finding, text);
	} else {
		put_skipped(junit, finding);
		start(junit, "system-out");
		put_text(junit, text);
		end(junit);
	}
	end(junit);
	free(name);
	free(text);
}

static void put_system_out(struct junit *junit)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		out_of_host_memory(0);
	report_summary_text(out, junit->result, false);
	fclose(out);
	start(junit, "system-out");
	put_text(junit, text);
	end(junit);
	free(text);
}

static void put_totals(struct junit *junit, bool suite)
{
	const struct sweep_result *result = junit->result;
	bool judged = report_all_judged(result);
	unsigned accused = 0;

	for (unsigned i = 0; i < junit->group_count; i++)
		accused += report_is_accused(junit->groups[i].first);
	put_number(junit, "tests", 1 + junit->group_count);
	put_number(junit, "failures", accused + (judged && result->unexpected_count));
	put_number(junit, "errors", !judged);
	if (suite)
		put_number(junit, "skipped", junit->group_count - accused);
	put_seconds(junit, result->seconds);
}

static void put_suite(struct junit *junit)
{
	const struct sweep_result *result = junit->result;
	char *name = xasprintf("%s %s", result->module, result->scenario);
	unsigned number = 0;

	start(junit, "testsuite");
	put_attribute(junit, "name", name);
	put_totals(junit, true);
	put_properties(junit);
	put_sweep_case(junit);
	/* Numbered as on the terminal: those held against the driver. */
	for (unsigned i = 0; i < junit->group_count; i++)
		put_finding(junit, junit->groups[i].first,
			    number += report_is_accused(junit->groups[i].first));
	put_system_out(junit);
	end(junit);
	free(name);
}

static void put_document(struct junit *junit)
{
	must(xmlTextWriterSetIndent(junit->writer, 1));
	must(xmlTextWriterStartDocument(junit->writer, NULL, "UTF-8", NULL));
	start(junit, "testsuites");
	put_attribute(junit, "name", "kfail");
	put_totals(junit, false);
	put_suite(junit);
	end(junit);
	must(xmlTextWriterEndDocument(junit->writer));
}

int report_junit(const char *path, const struct sweep_result *result,
		 const struct report_about *about)
{
	struct junit junit = {.result = result, .about = about};
	struct output output;
	xmlBuffer *buffer;
	int ret = output_open(&output, path);

	if (ret)
		return ret;
	buffer = xmlBufferCreate();
	junit.writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	if (!junit.writer)
		out_of_host_memory(0);
	junit.class = xasprintf("%s.%s", result->module, result->scenario);
	junit.group_count = finding_groups(result, &junit.groups);
	put_document(&junit);
	xmlFreeTextWriter(junit.writer);
	/* A failed write leaves its mark on the stream, where output_commit() finds it. */
	fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), output.file);
	xmlBufferFree(buffer);
	free(junit.class);
	free(junit.groups);
	return output_commit(&output);
}
