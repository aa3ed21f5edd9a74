// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coverage as lcov's tracefile (geninfo(1)), which genhtml and the coverage services of CI systems read; and in words for
 * people. Counts are 1 or 0: how often a line ran in a sweep says nothing.
 *
 *	TN:
 *	SF:/home/me/foo/foo.c
 *	FN:12,foo_init		a function, by the line of its start
 *	FNDA:1,foo_init		how often it ran
 *	FNF:, FNH:		functions found, hit
 *	DA:14,1			a line
 *	LF:, LH:		lines found, hit
 *	end_of_record
 */
#include "report.h"

#include <string.h>
#include "output.h"
#include "summary.h"

static void put_functions(FILE *out, const struct coverage *coverage, const char *file)
{
	unsigned found = 0, hit = 0;

	for (unsigned i = 0; i < coverage->function_count; i++) {
		const struct coverage_function *f = &coverage->functions[i];

		if (strcmp(f->file, file) != 0)
			continue;
		fprintf(out, "FN:%d,%s\nFNDA:%d,%s\n", f->line, f->name, f->ran, f->name);
		found++;
		hit += f->ran;
	}
	fprintf(out, "FNF:%u\nFNH:%u\n", found, hit);
}

/* The lines of one file; returns where the next one's begin. */
static unsigned put_file(FILE *out, const struct coverage *coverage, unsigned first)
{
	const char *file = coverage->lines[first].file;
	unsigned hit = 0, i;

	fprintf(out, "TN:\nSF:%s\n", file);
	put_functions(out, coverage, file);
	for (i = first; i < coverage->line_count && !strcmp(coverage->lines[i].file, file); i++) {
		fprintf(out, "DA:%d,%d\n", coverage->lines[i].line, coverage->lines[i].ran);
		hit += coverage->lines[i].ran;
	}
	fprintf(out, "LF:%u\nLH:%u\nend_of_record\n", i - first, hit);
	return i;
}

int report_lcov(const char *path, const struct coverage *coverage)
{
	struct output output;
	int error = output_open(&output, path);

	if (error)
		return error;
	for (unsigned i = 0; i < coverage->line_count;)
		i = put_file(output.file, coverage, i);
	return output_commit(&output);
}

/* ---- for people ---- */

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool function_ran(const struct coverage *coverage, const char *name)
{
	for (unsigned i = 0; i < coverage->function_count; i++)
		if (!strcmp(coverage->functions[i].name, name))
			return coverage->functions[i].ran;
	/* A part of one that did, or it would not be known. */
	return true;
}

/* Lines that follow each other, in one function, and did not run; *i is moved behind them. */
static void put_stretch(FILE *out, const struct coverage *coverage, unsigned *i)
{
	const struct coverage_line *first = &coverage->lines[*i], *last = first;

	while (*i + 1 < coverage->line_count) {
		const struct coverage_line *next = &coverage->lines[*i + 1];

		if (next->ran || strcmp(next->file, first->file) != 0 ||
		    strcmp(next->function, first->function) != 0)
			break;
		last = next;
		(*i)++;
	}
	if (first == last)
		fprintf(out, "    %s:%d in %s()\n", base(first->file), first->line,
			first->function);
	else
		fprintf(out, "    %s:%d-%d in %s()\n", base(first->file), first->line, last->line,
			first->function);
}

static void put_unreached(FILE *out, const struct coverage *coverage)
{
	bool any = false;

	for (unsigned i = 0; i < coverage->line_count; i++) {
		if (coverage->lines[i].ran || !function_ran(coverage, coverage->lines[i].function))
			continue;
		if (!any)
			fputs("never reached in functions that ran (error handling that no refusal "
			      "led to, or that is not tried):\n",
			      out);
		any = true;
		put_stretch(out, coverage, &i);
	}
	any = false;
	for (unsigned i = 0; i < coverage->function_count; i++) {
		const struct coverage_function *f = &coverage->functions[i];

		if (f->ran)
			continue;
		if (!any)
			fputs("functions that never ran:\n", out);
		any = true;
		fprintf(out, "    %s() at %s:%d\n", f->name, base(f->file), f->line);
	}
}

void report_coverage_text(FILE *out, const struct coverage *coverage)
{
	fprintf(out, "\ncoverage:   %u of %u lines, %u of %u functions, %u of %u blocks\n",
		coverage->lines_ran, coverage->line_count, coverage->functions_ran,
		coverage->function_count, coverage->blocks_ran, coverage->blocks);
	put_unreached(out, coverage);
}
