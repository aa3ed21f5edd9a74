// SPDX-License-Identifier: GPL-2.0-only
/*
 * The closing summary of a sweep, for people: one line for each count, a line for each issue of the
 * kernel's own and for each reason why something was not judged, and the verdict as the last line,
 * which says the same as the exit status.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include "../harness/judge/group.h"
#include "summary.h"

#define SCHEDULES_SHOWN 8

void summary_label(struct line *line, const char *label)
{
	line_start(line, 0, VALUES);
	line_label(line, label);
	fprintf(line->out, "%*s", VALUES - (int)strlen(label), "");
	line->column = VALUES;
}

static void summary_text(struct line *line, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	summary_label(line, label);
	line_words(line, text);
	line_end(line);
}

static void summary_counts(struct line *line, const struct sweep_result *result)
{
	int init = result->baseline.result;
	const char *name = init < 0 ? strerrorname_np(-init) : NULL;

	summary_label(line, "baseline:");
	line_piece(line, 0, "returned %d", init);
	if (name)
		line_piece(line, 1, "(-%s)", name);
	line_text(line, ",");
	line_piece(line, 1, "%u point%s", result->baseline.points, plural(result->baseline.points));
	if (result->baseline.interrupts)
		line_piece(line, 0, ", %u interrupt point%s", result->baseline.interrupts,
			   plural(result->baseline.interrupts));
	line_end(line);
	summary_label(line, "points:");
	line_piece(line, 0, "%u", result->points);
	if (result->runs > result->points)
		line_piece(line, 1, "in %u runs", result->runs);
	line_piece(line, 0, ", injected %u, absorbed %u, clean %u", result->injected,
		   result->absorbed, result->clean);
	if (result->injected > result->absorbed + result->clean)
		line_piece(line, 0, ", with findings or not judged %u",
			   result->injected - result->absorbed - result->clean);
	line_end(line);
}

/* Those held against the driver; kind -1: of any. */
static unsigned count_accused(const struct sweep_result *result, int kind)
{
	unsigned count = 0;

	for (unsigned i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (report_is_accused(finding) && (kind < 0 || (int)finding->kind == kind))
			count++;
	}
	return count;
}

static unsigned count_core(const struct sweep_result *result)
{
	unsigned count = 0;

	for (unsigned i = 0; i < result->finding_count; i++)
		count += result->findings[i].core;
	return count;
}

static void summary_findings(struct line *line, const struct sweep_result *result)
{
	unsigned total = count_accused(result, -1);
	const char *before = ":";

	summary_label(line, "findings:");
	line_piece(line, 0, "%u", total);
	for (int kind = 0; kind < FINDING_NR_KINDS; kind++) {
		unsigned count = count_accused(result, kind);

		if (!count)
			continue;
		line_text(line, before);
		line_piece(line, 1, "%u %s", count, finding_kind_name(kind));
		before = ",";
	}
	line_end(line);
}

static bool same_group(const struct finding *a, const struct finding *b)
{
	return !strcmp(a->group, b->group) && !a->accepted == !b->accepted;
}

static void put_others(struct line *line, const struct sweep_result *result,
		       const struct finding_group *group)
{
	const struct finding *f = group->first + 1, *end = result->findings + result->finding_count;
	unsigned more = group->findings - 1, shown = 0;

	line_piece(line, 1, "and with %u more refused request%s:", more, plural(more));
	for (; f < end && shown < SCHEDULES_SHOWN; f++) {
		if (!same_group(f, group->first))
			continue;
		line_text(line, shown++ ? "," : "");
		line_piece(line, 1, "%s", f->schedule ? f->schedule : "");
	}
	if (more > shown)
		line_piece(line, 1, "and %u more", more - shown);
}

/* "use-after-free  (schedule 3) and with 11 more refused requests: 4, 5, 6 and 8 more". */
static void put_group(struct line *line, const struct sweep_result *result,
		      const struct finding_group *group)
{
	line_start(line, VALUES, VALUES + 4);
	line_piece(line, 0, "%s", finding_kind_name(group->first->kind));
	line_schedule(line, group->first);
	if (group->findings > 1)
		put_others(line, result, group);
	line_end(line);
}

/* Said only where there is something to put together. */
static void summary_groups(struct line *line, const struct sweep_result *result)
{
	struct finding_group *groups;
	unsigned count = finding_groups(result, &groups), bugs = 0;

	for (unsigned i = 0; i < count; i++)
		bugs += report_is_accused(groups[i].first);
	if (bugs < count_accused(result, -1)) {
		summary_label(line, "groups:");
		line_piece(line, 0, "%u, by where it went wrong", bugs);
		line_end(line);
		for (unsigned i = 0; i < count; i++)
			if (report_is_accused(groups[i].first))
				put_group(line, result, &groups[i]);
	}
	free(groups);
}

static bool same_core_issue(const struct finding *a, const struct finding *b)
{
	return a->core && b->core &&
	       !strcmp(a->reason ? a->reason : "", b->reason ? b->reason : "");
}

/* One line for each reason, with the first schedule and how many more there are. */
static void put_core_issue(struct line *line, const struct sweep_result *result, unsigned first)
{
	const struct finding *finding = &result->findings[first];
	unsigned more = 0;

	for (unsigned i = 0; i < first; i++)
		if (same_core_issue(&result->findings[i], finding))
			return;
	for (unsigned i = first + 1; i < result->finding_count; i++)
		more += same_core_issue(&result->findings[i], finding);
	line_start(line, VALUES, VALUES + 4);
	line_piece(line, 0, "%s", finding_kind_name(finding->kind));
	line_schedule(line, finding);
	if (more)
		line_piece(line, 1, "and %u more", more);
	line_text(line, ": ");
	line_words(line, finding->reason ? finding->reason : "no reason given");
	line_end(line);
}

static void summary_core(struct line *line, const struct sweep_result *result)
{
	unsigned total = count_core(result);

	if (!total)
		return;
	summary_label(line, "core:");
	line_piece(line, 0, "%u issue%s of the kernel itself, not held against the module", total,
		   plural(total));
	line_end(line);
	for (unsigned i = 0; i < result->finding_count; i++)
		if (result->findings[i].core)
			put_core_issue(line, result, i);
}

static const char *benign_use(const struct benign_site *site)
{
	if (!site->known)
		return "matches no code that is loaded";
	return site->requests ? "" : "matches no request";
}

/* What was let pass, and why; and entries that have become useless. */
static void summary_benign(struct line *line, const struct sweep_result *result)
{
	if (!result->benign_count)
		return;
	summary_label(line, "benign:");
	line_piece(line, 0, "%u site%s", result->benign_count, plural(result->benign_count));
	line_end(line);
	for (unsigned i = 0; i < result->benign_count; i++) {
		const struct benign_site *site = &result->benign[i];

		line_start(line, VALUES, VALUES + 4);
		line_piece(line, 0, "%s: ", site->site);
		if (site->requests)
			line_piece(line, 0, "%u request%s not refused", site->requests,
				   plural(site->requests));
		line_words(line, benign_use(site));
		line_text(line, ": ");
		line_words(line, site->reason);
		line_end(line);
	}
}

static void summary_accepted(struct line *line, const struct sweep_result *result)
{
	for (unsigned i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (finding->core || !finding->accepted)
			continue;
		summary_label(line, "accepted:");
		line_piece(line, 0, "%s", finding_kind_name(finding->kind));
		line_schedule(line, finding);
		line_piece(line, 2, "id %s", finding->id);
		line_text(line, ", ");
		line_words(line, finding->accepted);
		line_end(line);
	}
	for (unsigned i = 0; i < result->stale_count; i++)
		summary_text(line, "stale:", result->stale[i]);
}

static bool same_reason(const struct not_judged *a, const struct not_judged *b)
{
	return !strcmp(a->why ? a->why : "", b->why ? b->why : "");
}

static bool reason_is_new(const struct sweep_result *result, unsigned index)
{
	for (unsigned i = 0; i < index; i++)
		if (same_reason(&result->not_judged[i], &result->not_judged[index]))
			return false;
	return true;
}

/* All schedules with the reason of entry `first`: "9, 10 and 3 more: why". */
static void put_not_judged(struct line *line, const struct sweep_result *result, unsigned first)
{
	const struct not_judged *entry = &result->not_judged[first];
	unsigned count = 0;

	line_start(line, VALUES, VALUES + 4);
	for (unsigned i = first; i < result->not_judged_count; i++) {
		const char *schedule = result->not_judged[i].schedule;

		if (!same_reason(&result->not_judged[i], entry))
			continue;
		if (!schedule || !schedule[0])
			schedule = "baseline";
		if (count++ >= SCHEDULES_SHOWN)
			continue;
		line_text(line, count > 1 ? "," : "");
		line_piece(line, count > 1 ? 1 : 0, "%s", schedule);
	}
	if (count > SCHEDULES_SHOWN)
		line_piece(line, 1, "and %u more", count - SCHEDULES_SHOWN);
	line_text(line, ": ");
	line_words(line, entry->why ? entry->why : "no reason given");
	line_end(line);
	if (entry->stack.count)
		line_stack(line, VALUES + 4, &entry->stack);
}

static void summary_not_judged(struct line *line, const struct sweep_result *result)
{
	unsigned total = result->not_judged_count;

	if (!total)
		return;
	summary_label(line, "not judged:");
	line_piece(line, 0, "%u schedule%s", total, plural(total));
	line_end(line);
	for (unsigned i = 0; i < total; i++)
		if (reason_is_new(result, i))
			put_not_judged(line, result, i);
}

static void summary_speed(struct line *line, const struct sweep_result *result)
{
	summary_label(line, "speed:");
	line_piece(line, 0, "%.0f runs/s, %.2f seconds", result->runs_per_second, result->seconds);
	line_end(line);
}

static void summary_verdict(struct line *line, enum sweep_status status)
{
	static const struct {
		const char *name;
		enum paint paint;
	} verdicts[] = {
		[SWEEP_CLEAN] = {"clean", GREEN},
		[SWEEP_FINDINGS] = {"findings", RED},
		[SWEEP_NOT_JUDGED] = {"not judged", YELLOW},
	};

	line_start(line, 0, 0);
	line_text(line, "verdict: ");
	line_paint(line, verdicts[status].paint);
	line_text(line, verdicts[status].name);
	line_paint(line, PLAIN);
	line_end(line);
}

/* A line of its own for each of the policy's. */
void report_policy_text(FILE *out, const char *policy, bool colour)
{
	struct line line = {.out = out, .colour = colour};
	const char *label = "policy:";

	while (*policy) {
		size_t length = strcspn(policy, "\n");
		char one[length + 1];

		memcpy(one, policy, length);
		one[length] = '\0';
		summary_text(&line, label, one);
		policy += length + (policy[length] == '\n');
		label = "";
	}
	fputc('\n', out);
}

void report_summary_text(FILE *out, const struct sweep_result *result, bool colour)
{
	struct line line = {.out = out, .colour = colour};

	summary_text(&line, "module:", result->module);
	summary_text(&line, "kernel:", result->kernel);
	summary_text(&line, "scenario:", result->scenario);
	summary_text(&line, "settings:", result->settings);
	coverage_plan(&line, result);
	summary_counts(&line, result);
	summary_findings(&line, result);
	summary_groups(&line, result);
	summary_core(&line, result);
	summary_benign(&line, result);
	summary_accepted(&line, result);
	if (result->canary)
		summary_text(&line,
			     "canary:", result->canary == CANARY_FOUND ? "found" : "not found");
	summary_not_judged(&line, result);
	coverage_left_out(&line, result);
	summary_speed(&line, result);
	summary_verdict(&line, result->status);
}
