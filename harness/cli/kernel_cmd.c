// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail kernel: which kernels are at hand, how to get one, and what happens when one is booted here.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../world/kernel.h"
#include "../world/world.h"

#define KERNELS_MAX 64

static int list(const struct cli *cli)
{
	struct kernel_paths kernels[KERNELS_MAX];
	unsigned n = kernel_list(kernels, KERNELS_MAX);

	if (cli->file_count > 1)
		return cli_complain("kernel list takes no further words");
	for (unsigned i = 0; i < n; i++) {
		printf("%-28s %-10s %s%s\n", kernels[i].version,
		       kernels[i].installed ? "installed" : "cached", kernels[i].image,
		       kernels[i].headers ? "" : "  (no headers)");
		kernel_paths_clear(&kernels[i]);
	}
	if (!n)
		printf("no kernel is at hand; `kfail kernel fetch VERSION` gets one\n");
	return STATUS_CLEAN;
}

static int fetch(const struct cli *cli)
{
	char err[KF_ERR] = "";

	if (cli->file_count < 2)
		return cli_complain("kernel fetch wants a version, as in 6.1.0-56-amd64");
	if (kernel_fetch(cli->files[1], err))
		return cli_complain("%s", err);
	printf("%s is at hand now\n", cli->files[1]);
	return STATUS_CLEAN;
}

/* The newest at hand that the override layer follows, else the newest. 0, or -1: there is none. */
static int find_newest(struct kernel_paths *out)
{
	struct kernel_paths kernels[KERNELS_MAX];
	unsigned n = kernel_list(kernels, KERNELS_MAX), best = 0;

	n = n < KERNELS_MAX ? n : KERNELS_MAX;
	while (best < n && !world_follows(kernels[best].version))
		best++;
	best = best < n ? best : 0;
	for (unsigned i = 0; i < n; i++)
		if (i != best)
			kernel_paths_clear(&kernels[i]);
	if (n)
		*out = kernels[best];
	return n ? 0 : -1;
}

int cli_find_kernel(const char *name, struct kernel_paths *out, char *err)
{
	if (name && strchr(name, '/'))
		return kernel_find_file(name, out, err);
	if (name)
		return kernel_find(name, out, err);
	if (!find_newest(out))
		return 0;
	snprintf(err, KF_ERR, "no kernel is at hand; `kfail kernel fetch VERSION` gets one");
	return -1;
}

static int find(const struct cli *cli, struct kernel_paths *out, char *err)
{
	return cli_find_kernel(cli->file_count > 1 ? cli->files[1] : NULL, out, err);
}

static void print_boot(const struct world_boot_report *r)
{
	if (r->from_cache) {
		printf("%s: mapped the booted world from %s (%ld KiB) in %.2f ms\n", r->version,
		       r->file, r->file_kb, r->map_ms);
		return;
	}
	printf("%s: booted in %.1f ms: %u init functions, %u traps, %u functions replaced\n",
	       r->version, r->boot_ms, r->init_functions, r->traps, r->overrides);
	printf("  image %.1f ms, override layer %.1f ms, saved in %.1f ms to %s (%ld KiB)\n",
	       r->image_ms, r->overlay_ms, r->save_ms, r->file, r->file_kb);
}

static int boot(const struct cli *cli)
{
	const struct world_boot_options options = {.verbose = cli->verbose,
						   .fresh = cli->fresh || cli->verbose};
	struct world_boot_report report;
	struct kernel_paths paths;
	char err[KF_ERR] = "";

	if (find(cli, &paths, err) || world_start(&paths, &options, &report, err))
		return cli_complain("%s", err);
	print_boot(&report);
	kernel_paths_clear(&paths);
	return report.traps ? STATUS_NOT_JUDGED : STATUS_CLEAN;
}

static void print_name(const char *name, void *arg)
{
	puts(name);
}

/* What is replaced in this kernel, taken from the world as it is linked. */
static int overrides(const struct cli *cli)
{
	const struct world_boot_options options = {.verbose = cli->verbose};
	struct world_boot_report report;
	struct kernel_paths paths;
	char err[KF_ERR] = "";

	if (find(cli, &paths, err) || world_start(&paths, &options, &report, err))
		return cli_complain("%s", err);
	world_for_each_override(print_name, NULL);
	kernel_paths_clear(&paths);
	return STATUS_CLEAN;
}

static void print_image(const struct kernel_paths *paths, const struct kernel_image *image)
{
	printf("version      %s\n", image->version);
	printf("image        %s\n", paths->image);
	printf("headers      %s\n", paths->headers ? paths->headers
						   : "none: the override layer cannot "
						     "be built");
	printf("modules      %s\n", paths->modules ? paths->modules : "none");
	printf("relocations  %zu of 32 bits, %zu inverse, %zu of 64 bits\n", image->reloc32_count,
	       image->reloc_inverse32_count, image->reloc64_count);
	printf("symbols      %u\n", image->symbols.count);
}

static int doctor(const struct cli *cli)
{
	struct kernel_image image;
	struct kernel_paths paths;
	char err[KF_ERR] = "";

	if (find(cli, &paths, err) || kernel_image_open(paths.image, &image, err))
		return cli_complain("%s", err);
	print_image(&paths, &image);
	kernel_image_close(&image);
	kernel_paths_clear(&paths);
	return boot(cli);
}

static const struct {
	const char *name;
	int (*run)(const struct cli *cli);
} subcommands[] = {
	{"list", list},	    {"fetch", fetch},	      {"boot", boot},
	{"doctor", doctor}, {"overrides", overrides},
};

int cli_kernel(const struct cli *cli)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
		if (!strcmp(subcommands[i].name, cli->files[0]))
			return subcommands[i].run(cli);
	return cli_complain("kernel: \"%s\" is none of list, fetch, boot, doctor, overrides",
			    cli->files[0]);
}
