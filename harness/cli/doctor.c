// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail doctor: does this machine have what kfail needs? Each line is one thing, what it is for, and what to do
 * where it is missing.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../snapshot/means.h"
#include "../world/kernel.h"
#include "../world/world.h"

static const struct tool {
	const char *name, *purpose;
	bool needed; /* for kernel mode */
} tools[] = {
	{"gcc", "builds the override layer and native drivers", true},
	{"make", "builds the override layer", true},
	{"dpkg", "unpacks kernel packages", false},
	{"apt-get", "fetches kernel packages", false},
	{"gdb", "kfail replay --gdb", false},
};

static bool in_path(const char *name)
{
	const char *path = getenv("PATH");
	char file[4096];

	while (path && *path) {
		size_t n = strcspn(path, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)n, path, name);
		if (!access(file, X_OK))
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

static bool check_tool(const struct tool *tool)
{
	bool there = in_path(tool->name);

	printf("%-8s %-8s %s\n", there ? "ok" : "missing", tool->name, tool->purpose);
	return there || !tool->needed;
}

/* Kernels that the override layer follows are those that can be used. */
static bool check_kernels(void)
{
	struct kernel_paths newest;
	unsigned n = kernel_list(&newest, 1);
	char err[KF_ERR] = "";

	if (!n) {
		printf("missing  kernel   no image is at hand; `kfail kernel fetch VERSION` gets "
		       "one "
		       "(native mode works without)\n");
		return false;
	}
	kernel_paths_clear(&newest);
	if (cli_find_kernel(NULL, &newest, err) || !world_follows(newest.version)) {
		printf("missing  kernel   %u at hand, none that the override layer follows\n", n);
		return false;
	}
	printf("ok       kernel   %u at hand, the newest that can be used is %s\n", n,
	       newest.version);
	kernel_paths_clear(&newest);
	return true;
}

static bool check_cache(void)
{
	char err[KF_ERR] = "";
	const char *dir = kernel_cache_dir(err);
	bool ok = dir && !access(dir, W_OK);

	printf("%-8s cache    %s\n", ok ? "ok" : "missing", dir ? dir : err);
	return ok;
}

/* Nothing that could be missing: the choice, for those who wonder where the time of a restore goes. */
static void show_restore(void)
{
	char text[192];

	printf("ok       restore  %s\n", means_describe(text, sizeof(text)));
}

int cli_doctor(const struct cli *cli)
{
	bool ok = check_cache();

	ok &= check_kernels();
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		ok &= check_tool(&tools[i]);
	show_restore();
	printf("%s\n",
	       ok ? "kernel mode and native mode can be used" : "something is missing: see above");
	return ok ? STATUS_CLEAN : STATUS_NOT_JUDGED;
}
