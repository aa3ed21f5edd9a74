// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail symbols: what a module imports, which module or the kernel itself exports it, and whether kfail replaces it: what
 * is not replaced is the distribution's own code. With --points: which of the imports can be refused as calls, and how they
 * fail; that needs neither a kernel nor what the module depends on.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../inject/calls.h"
#include "../trace/util.h"
#include "../world/exports.h"
#include "../world/modfile.h"
#include "../world/world.h"

static struct {
	char **names; /* sorted */
	unsigned count;
} overrides;

static void add_override(const char *name, void *arg)
{
	overrides.names =
		xreallocarray(overrides.names, overrides.count + 1, sizeof(*overrides.names));
	overrides.names[overrides.count++] = xstrdup(name);
}

static int compare_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_overridden(const char *name)
{
	return overrides.count && bsearch(&name, overrides.names, overrides.count,
					  sizeof(*overrides.names), compare_name);
}

static bool is_exported(const struct modfile *mod, const char *name)
{
	for (unsigned i = 0; i < mod->export_count; i++)
		if (!strcmp(mod->exports[i], name))
			return true;
	return false;
}

/* The modules before the last are what it depends on. */
static const char *exporter(const struct modfile *mods, unsigned count, const char *name)
{
	for (unsigned i = 0; i + 1 < count; i++)
		if (is_exported(&mods[i], name))
			return mods[i].name;
	return exports_has(name) ? "kfail" : "vmlinux";
}

static void print_imports(const struct modfile *mods, unsigned count)
{
	const struct modfile *mod = &mods[count - 1];
	unsigned replaced = 0;

	for (unsigned i = 0; i < mod->undefined_count; i++) {
		const char *name = mod->undefined[i];
		bool ours = is_overridden(name);

		printf("%-40s %-20s %s\n", name, exporter(mods, count, name),
		       ours ? "replaced by kfail" : "");
		replaced += ours;
	}
	printf("%s: %u imports, %u of them replaced by kfail\n", mod->name, mod->undefined_count,
	       replaced);
}

/* ---- --points ---- */

static void print_point(const struct call_entry *call)
{
	char fails[256];

	printf("%-36s %-13s %s%s%s%s%s\n", call->function, call->group,
	       call_failure_text(call, fails, sizeof(fails)), call->source ? "  (" : "",
	       call->source ? call->source : "", call->source ? ")" : "",
	       call->only & CALL_ON_REQUEST ? "  only by name or group" : "");
}

static void print_points(const struct modfile *mod, bool verbose)
{
	const struct call_entry *call;
	unsigned points = 0;

	for (unsigned i = 0; i < mod->undefined_count; i++) {
		call = calls_lookup(mod->undefined[i]);
		if (!call)
			continue;
		print_point(call);
		points++;
	}
	for (unsigned i = 0; verbose && i < mod->undefined_count; i++)
		if (!calls_lookup(mod->undefined[i]))
			printf("%-36s -\n", mod->undefined[i]);
	printf("%s: %u imports, %u of them calls that can be refused%s\n", mod->name,
	       mod->undefined_count, points,
	       verbose ? "" : "; --verbose names the others, allocations among them");
}

static int list_points(const struct cli *cli)
{
	const char *file = cli->files[cli->file_count - 1];
	struct modfile mod;
	char err[KF_ERR] = "";

	if (modfile_open(file, &mod, err))
		return cli_complain("%s", err);
	print_points(&mod, cli->verbose);
	modfile_close(&mod);
	return STATUS_CLEAN;
}

/* ---- the command ---- */

static int find_kernel(const struct cli *cli, const struct modfile *mod, struct kernel_paths *paths,
		       char *err)
{
	if (!cli->kernel)
		return modfile_find_kernel(mod, paths, err);
	return cli_find_kernel(cli->kernel, paths, err);
}

static int start_world(const struct kernel_paths *paths, char *err)
{
	const struct world_boot_options options = {0};
	struct world_boot_report report;

	if (world_start(paths, &options, &report, err))
		return -1;
	world_for_each_override(add_override, NULL);
	qsort(overrides.names, overrides.count, sizeof(*overrides.names), compare_name);
	return 0;
}

int cli_symbols(const struct cli *cli)
{
	struct modfile mod, *mods;
	struct kernel_paths paths;
	char err[KF_ERR] = "";
	int count;

	if (cli->list_points)
		return list_points(cli);
	if (modfile_open(cli->files[0], &mod, err) || find_kernel(cli, &mod, &paths, err))
		return cli_complain("%s", err);
	modfile_close(&mod);
	count = modfile_order(&paths, cli->files, cli->file_count, &mods, err);
	if (count < 0 || start_world(&paths, err))
		return cli_complain("%s", err);
	print_imports(mods, (unsigned)count);
	for (int i = 0; i < count; i++)
		modfile_close(&mods[i]);
	free(mods);
	kernel_paths_clear(&paths);
	return STATUS_CLEAN;
}
