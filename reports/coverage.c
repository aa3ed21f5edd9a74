// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sweep covered. "Clean" is said of what was run; whatever was planned otherwise, left out, or not reached
 * is said beside it, so that nobody takes a part for the whole.
 */
#include "report.h"

#include "summary.h"

static void put_operation(struct line *line, const struct operation_result *of)
{
	line_start(line, VALUES, VALUES + 4);
	line_piece(line, 0, "%s: returned %lld,", of->name, (long long)of->result);
	line_piece(line, 1, "%u point%s,", of->points, plural(of->points));
	line_piece(line, 1, "injected %u, absorbed %u, clean %u", of->injected, of->absorbed,
		   of->clean);
	line_end(line);
}

static void put_operations(struct line *line, const struct sweep_result *result)
{
	if (result->operation_count < 2)
		return;
	summary_label(line, "operations:");
	line_piece(line, 0, "%u", result->operation_count);
	line_end(line);
	for (unsigned i = 0; i < result->operation_count; i++)
		put_operation(line, &result->operations[i]);
}

void coverage_plan(struct line *line, const struct sweep_result *result)
{
	bool plan = result->plan && result->plan[0];

	if (plan || result->shard) {
		summary_label(line, "plan:");
		line_words(line, plan ? result->plan : "every point");
		if (result->shard)
			line_piece(line, plan ? 1 : 0, "%sshard %s", plan ? "" : ", ",
				   result->shard);
		line_end(line);
	}
	put_operations(line, result);
}

static unsigned same_stack(const struct sweep_result *result)
{
	unsigned count = 0;

	for (unsigned i = 0; i < result->operation_count; i++)
		count += result->operations[i].same_stack;
	return count;
}

static void put_same_stack(struct line *line, const struct sweep_result *result)
{
	unsigned count = same_stack(result);

	if (!count)
		return;
	summary_label(line, "left out:");
	line_piece(line, 0, "%u point%s,", count, plural(count));
	line_words(line, " because another one with the same call stack of the driver stands for "
			 "them (--all refuses every point)");
	line_end(line);
}

static void put_not_swept(struct line *line, const struct sweep_result *result)
{
	if (!result->not_swept)
		return;
	summary_label(line, "not swept:");
	line_piece(line, 0, "%u planned run%s,", result->not_swept, plural(result->not_swept));
	line_words(line, result->interrupted ? " because the sweep was interrupted"
					     : " because the budget was used up");
	line_end(line);
}

static void put_unexpected(struct line *line, const struct unexpected_points *u)
{
	char range[32];

	if (u->low == u->high)
		snprintf(range, sizeof(range), "%u", u->low);
	else
		snprintf(range, sizeof(range), "%u to %u", u->low, u->high);
	summary_label(line, "expected:");
	line_piece(line, 0, "%s: %u point%s, %s expected: %s", u->operation, u->points,
		   plural(u->points), range, u->points > u->high ? "growth" : "fewer");
	line_end(line);
}

static void put_never_refused(struct line *line, const struct sweep_result *result)
{
	unsigned requests = 0;

	for (unsigned i = 0; i < result->never_refused_count; i++)
		requests += result->never_refused[i].count;
	if (!requests)
		return;
	summary_label(line, "unrefused:");
	line_piece(line, 0, "%u request%s at %u site%s (--verbose lists them)", requests,
		   plural(requests), result->never_refused_count,
		   plural(result->never_refused_count));
	line_end(line);
}

void coverage_left_out(struct line *line, const struct sweep_result *result)
{
	put_same_stack(line, result);
	put_not_swept(line, result);
	put_never_refused(line, result);
	for (unsigned i = 0; i < result->unexpected_count; i++)
		put_unexpected(line, &result->unexpected[i]);
}

void report_never_refused_text(FILE *out, const struct sweep_result *result, bool colour)
{
	struct line line = {.out = out, .colour = colour};

	if (!result->never_refused_count)
		return;
	line_start(&line, 0, 0);
	line_label(&line, "never refused:");
	line_end(&line);
	for (unsigned i = 0; i < result->never_refused_count; i++) {
		const struct never_refused *n = &result->never_refused[i];

		line_start(&line, 4, 8);
		if (n->operation)
			line_piece(&line, 0, "%s: ", n->operation);
		line_piece(&line, 0, "%s", n->site);
		if (n->points[0])
			line_piece(&line, 2, "(point%s %s)", plural(n->count), n->points);
		line_text(&line, ": ");
		line_words(&line, n->why);
		line_end(&line);
	}
	fputc('\n', out);
}
