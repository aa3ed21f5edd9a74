// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workflow commands of GitHub Actions: lines in the output of a job that its web pages show beside the source. A line is
 * "::error file=F,line=N,title=T::MESSAGE"; what would end a property or the line is written as %XX.
 */
#include "report.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "../harness/judge/group.h"
#include "place.h"

/* In properties, colons and commas end a value. */
static void put_escaped(FILE *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text) || strchr(special, *text))
			fprintf(out, "%%%02X", (unsigned char)*text);
		else
			fputc(*text, out);
	}
}

static void put_property(FILE *out, const char *text)
{
	put_escaped(out, text, "%:,");
}

static void put_message(FILE *out, const char *text)
{
	put_escaped(out, text, "%");
}

static void put_place(FILE *out, const struct finding *finding, const char *root)
{
	const struct stack_frame *place = place_of_finding(finding);
	const char *below;

	if (!place || !place->file)
		return;
	below = place_below(place->file, root);
	fputs("file=", out);
	put_property(out, below ? below : place->file);
	if (place->line > 0)
		fprintf(out, ",line=%d", place->line);
	fputc(',', out);
}

static void put_finding(FILE *out, const struct finding *finding, const struct sweep_result *result,
			const char *root)
{
	/* What is accepted is shown, and does not look like an error. */
	fputs(finding->accepted ? "::notice " : "::error ", out);
	put_place(out, finding, root);
	fputs("title=", out);
	put_property(out, result->module);
	fprintf(out, "%%3A %s::", finding_kind_name(finding->kind));
	put_message(out, finding->what ? finding->what : finding_kind_name(finding->kind));
	if (finding->has_point) {
		fprintf(out, "%%0ARefused: request #%u ", finding->point.n);
		put_message(out, finding->point.api ? finding->point.api : "");
	}
	if (finding->accepted) {
		fputs("%0AAccepted ", out);
		put_message(out, finding->accepted);
	}
	if (finding->replay) {
		fputs("%0AReplay: ", out);
		put_message(out, finding->replay);
	}
	fputc('\n', out);
}

static bool reason_is_new(const struct sweep_result *result, unsigned index)
{
	const char *why = result->not_judged[index].why;

	for (unsigned i = 0; i < index; i++)
		if (!strcmp(result->not_judged[i].why ?: "", why ?: ""))
			return false;
	return true;
}

static void put_not_judged(FILE *out, const struct sweep_result *result, unsigned index)
{
	const char *schedule = result->not_judged[index].schedule;
	const char *why = result->not_judged[index].why;

	fputs("::error title=", out);
	put_property(out, result->module);
	fputs("%3A not judged::", out);
	if (schedule && schedule[0]) {
		fputs("schedule ", out);
		put_message(out, schedule);
		fputs(": ", out);
	}
	put_message(out, why ? why : "no reason given");
	fputc('\n', out);
}

static void put_unexpected(FILE *out, const struct sweep_result *result,
			   const struct unexpected_points *u)
{
	fputs("::error title=", out);
	put_property(out, result->module);
	fputs("%3A points::", out);
	put_message(out, u->operation);
	fprintf(out, ": %u points, %u to %u expected\n", u->points, u->low, u->high);
}

void report_annotations(FILE *out, const struct sweep_result *result,
			const struct report_about *about)
{
	for (unsigned i = 0; i < result->finding_count; i++)
		if (!result->findings[i].core && finding_is_first(result, &result->findings[i]))
			put_finding(out, &result->findings[i], result, about->root);
	for (unsigned i = 0; i < result->not_judged_count; i++)
		if (reason_is_new(result, i))
			put_not_judged(out, result, i);
	for (unsigned i = 0; i < result->unexpected_count; i++)
		put_unexpected(out, result, &result->unexpected[i]);
	for (unsigned i = 0; i < result->stale_count; i++) {
		fputs("::warning title=kfail%3A accepted findings::", out);
		put_message(out, result->stale[i]);
		fputc('\n', out);
	}
}
