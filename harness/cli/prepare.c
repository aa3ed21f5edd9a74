// SPDX-License-Identifier: GPL-2.0-only
/*
 * From files to a target: modules go into a world with a kernel, a driver's source (or what a compiler made of
 * it) runs in native mode. Wrong input ends here, with one sentence and status 2.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../inject/calls.h"
#include "../inject/interrupts.h"
#include "../native/native.h"
#include "../world/world.h"

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

bool cli_is_native(const char *file)
{
	return ends_with(file, ".c") || ends_with(file, ".so");
}

static int check_files(const struct cli *cli)
{
	for (unsigned i = 0; i < cli->file_count; i++) {
		if (access(cli->files[i], R_OK))
			return cli_complain("%s: %s", cli->files[i], strerror(errno));
		if (cli_is_native(cli->files[i]) && cli->file_count > 1)
			return cli_complain(
				"%s: a driver's source is swept alone, without other files",
				cli->files[i]);
	}
	return 0;
}

/* For a report, or for a fuzzer. */
static bool wants_coverage(const struct cli *cli)
{
	return cli->coverage || cli->command->bit == COMMAND_FUZZ;
}

static int prepare_native(const struct cli *cli, struct target **target)
{
	char err[KF_ERR] = "";

	if (cli->kernel)
		return cli_complain(
			"%s: a driver's source runs without a kernel, so --kernel has no "
			"meaning",
			cli->files[0]);
	if (interrupts_wanted())
		return cli_complain(
			"%s: no interrupt comes in native mode; build it as a module, and "
			"give the .ko",
			cli->files[0]);
	kf_settings_next(&cli->settings);
	native_instrument(&(struct native_instrumentation){.kasan = cli->kasan,
							   .coverage = wants_coverage(cli)});
	if (native_prepare(cli->files[0], cli->params, cli->param_count, target, err))
		return cli_complain("%s", err);
	return 0;
}

static int prepare_world(const struct cli *cli, struct target **target)
{
	const struct world_options options = {
		.kernel = cli->kernel,
		.modules = cli->files,
		.module_count = cli->file_count,
		.params = cli->params,
		.param_count = cli->param_count,
		.settings = &cli->settings,
		.verbose = cli->verbose,
		.coverage = wants_coverage(cli),
	};
	char err[KF_ERR] = "";

	if (cli->kasan)
		return cli_complain(
			"%s: --kasan is of a driver's source; a module is built with `kfail "
			"build --kasan`",
			cli->files[cli->file_count - 1]);
	if (world_prepare(&options, target, err))
		return cli_complain("%s", err);
	return 0;
}

/* A function that was named must be one that the driver calls: else nothing would be refused, and all look well. */
static int check_calls(const struct target *target)
{
	const char *name = calls_unmatched();

	if (!name)
		return 0;
	return cli_complain("%s does not import %s, so it cannot be refused; `kfail symbols "
			    "--points` lists what can",
			    target->module, name);
}

/* All is loaded and waits: what is asked for from now on is fenced. */
static int start_guard(const struct cli *cli, const struct target *target)
{
	int error;

	if (!cli->guard.every)
		return 0;
	target->mark(); /* a snapshot that knows nothing of fenced pages goes first */
	error = kf_fence_start(&cli->guard);
	return error ? (cli_complain("--guard: %s", strerror(-error)), STATUS_FAILED) : 0;
}

int cli_prepare(const struct cli *cli, struct target **target)
{
	int status = check_files(cli);

	if (!status)
		status = cli_coverage_open(cli);
	if (!status && cli_is_native(cli->files[cli->file_count - 1]))
		status = prepare_native(cli, target);
	else if (!status)
		status = prepare_world(cli, target);
	return status ?: check_calls(*target) ?: start_guard(cli, *target) ?: cli_coverage_check(cli, *target) ?: cli_attach_scenario(cli, *target) ?: cli_policy_ready(cli);
}
