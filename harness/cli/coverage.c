// SPDX-License-Identifier: GPL-2.0-only
/*
 * --coverage: the lines of the driver's sources that a sweep ran, in a file of lcov's form, and those that it did not, in
 * words.
 */
#include "cli.h"

#include <string.h>
#include "../../reports/report.h"
#include "../trace/coverage.h"

int cli_coverage_open(const struct cli *cli)
{
	int error = cli->coverage ? report_check(cli->coverage) : 0;

	return error ? cli_complain("the coverage cannot be written to %s: %s", cli->coverage,
				    strerror(-error))
		     : 0;
}

static void ignore(uint64_t pc, void *arg)
{
}

int cli_coverage_check(const struct cli *cli, const struct target *target)
{
	struct coverage_code code;
	unsigned blocks = 0;

	if (!cli->coverage)
		return 0;
	target->code(&code);
	for (unsigned i = 0; i < code.count; i++)
		blocks += coverage_each_block(code.ranges[i].start, code.ranges[i].end,
					      code.collector, ignore, NULL);
	return blocks ? 0
		      : cli_complain("%s does not say where it is: build it with `kfail build "
				     "--coverage`",
				     target->module);
}

int cli_coverage_write(const struct cli *cli, const struct target *target, FILE *out)
{
	struct coverage_code code;
	struct coverage coverage;
	int error = 0;

	if (!cli->coverage)
		return 0;
	target->code(&code);
	coverage_collect(target->module, &code, &coverage);
	if (!coverage.line_count)
		fprintf(out,
			"\ncoverage:   %u of %u blocks; lines are not known: %s has no debug "
			"information\n",
			coverage.blocks_ran, coverage.blocks, target->module);
	else
		report_coverage_text(out, &coverage);
	error = report_lcov(cli->coverage, &coverage);
	coverage_clear(&coverage);
	if (!error)
		return 0;
	cli_complain("the coverage cannot be written to %s: %s", cli->coverage, strerror(-error));
	return STATUS_FAILED;
}
