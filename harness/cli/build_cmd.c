// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail build: a module from source, instrumented: every load and store checked (--kasan), every place noted where it was
 * (--coverage). The result is swept as any module is.
 */
#include "cli.h"

#include "../world/module_build.h"

static void print_module(const char *path)
{
	puts(path);
}

int cli_build(const struct cli *cli)
{
	const struct module_build build = {
		.sources = cli->files,
		.source_count = cli->file_count,
		.output = cli->output,
		.subdir = cli->subdir,
		.args = cli->params,
		.arg_count = cli->param_count,
		.kasan = cli->kasan,
		.coverage = cli->coverage_build,
		.verbose = cli->verbose,
	};
	struct kernel_paths paths;
	char err[KF_ERR] = "";
	int result;

	if (cli_find_kernel(cli->kernel, &paths, err))
		return cli_complain("%s", err);
	result = module_build(&paths, &build, print_module, err);
	kernel_paths_clear(&paths);
	return result ? cli_complain("%s", err) : STATUS_CLEAN;
}
