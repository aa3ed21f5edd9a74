// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail inspect: the memory of a world in the formats of the kernel's own files. A view is printed by the
 * allocators (allocator/view/), in kernel mode and native mode; a path is read in the world, by its kernel, so what is
 * printed is what a program in that machine would read. Both show the moment when the modules are loaded, or when the
 * last one is unloaded again.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../allocator/slab/slab.h"
#include "../../allocator/view/view.h"
#include "../native/native.h"
#include "../trace/depot.h"
#include "../trace/symbols.h"
#include "../world/look.h"

#define NAME_BYTES 256

/* The driver whose frames a stack begins with; NULL: all frames count. */
static const struct target *native;

/* ---- what a view needs ------------------------------------------------------------------------------ */

static void print_line(const char *text, void *arg)
{
	puts(text);
}

static void name_function(const void *addr, char *text, size_t size, void *arg)
{
	symbols_print((uint64_t)addr, true, text, size);
}

static const struct kf_view to_stdout = {.line = print_line, .function = name_function};

/* Native stacks begin in kfail's own functions: with the first frame of the driver, where there is one. */
static unsigned first_frame(const uint64_t *pcs, unsigned n)
{
	for (unsigned i = 0; native && i < n; i++)
		if (native->in_module(pcs[i]))
			return i;
	return 0;
}

static void describe(uint32_t tag, void (*fn)(const char *frame, void *arg), void *arg)
{
	const uint64_t *pcs;
	unsigned n = depot_get(tag, &pcs);
	char name[NAME_BYTES];

	for (unsigned i = first_frame(pcs, n); i < n; i++) {
		symbols_print(pcs[i], false, name, sizeof(name));
		fn(name, arg);
	}
}

/* ---- which view ---------------------------------------------------------------------------------------- */

static const struct kf_view_kind *find_view(const char *name)
{
	for (const struct kf_view_kind *kind = kf_view_kinds; kind->name; kind++)
		if (!strcmp(kind->name, name))
			return kind;
	return NULL;
}

static bool is_path(const char *name)
{
	return name[0] == '/';
}

static bool is_slab(const char *name)
{
	return !strcmp(name, "slab") || !strncmp(name, "slab/", 5);
}

static int list_views(void)
{
	for (const struct kf_view_kind *kind = kf_view_kinds; kind->name; kind++)
		printf("  %-18s %-35s %s\n", kind->name, kind->file ? kind->file : "", kind->what);
	printf("  %-18s %-35s %s\n", "slab", "/sys/kernel/slab", "the names of all caches");
	printf("  %-18s %-35s %s\n", "slab/CACHE", "/sys/kernel/slab/CACHE/*",
	       "the attributes of a cache");
	printf("  %-18s %-35s %s\n", "slab/CACHE/NAME", "/sys/kernel/slab/CACHE/NAME",
	       "one of them; also alloc_traces and free_traces");
	printf("  %-18s %-35s %s\n", "/PATH", "", "any file or directory of the world's kernel");
	return STATUS_CLEAN;
}

static int complain_view(const char *name)
{
	char list[512] = "";

	for (const struct kf_view_kind *kind = kf_view_kinds; kind->name; kind++) {
		strcat(list, kind->name);
		strcat(list, ", ");
	}
	return cli_complain("there is no view \"%s\": it is one of %sslab, slab/CACHE, "
			    "slab/CACHE/ATTRIBUTE or a path that begins with /",
			    name, list);
}

static int check_view(const char *name)
{
	if (cli_is_native(name) || (strlen(name) > 3 && !strcmp(name + strlen(name) - 3, ".ko")))
		return cli_complain("%s: what to look at comes first: kfail inspect VIEW %s", name,
				    name);
	return is_path(name) || is_slab(name) || find_view(name) ? 0 : complain_view(name);
}

/* ---- caches ----------------------------------------------------------------------------------------------- */

static void print_cache_name(struct kf_cache *cache, void *arg)
{
	puts(kf_cache_name(cache));
}

static void print_attribute(const char *text, void *arg)
{
	printf("%-26s %s\n", (const char *)arg, text);
}

static bool is_trace(const char *attribute)
{
	return !strcmp(attribute, "alloc_traces") || !strcmp(attribute, "free_traces");
}

/* All that are a line or none. Counters of events only where they count. */
static void print_attributes(const struct kf_cache *cache)
{
	struct kf_view out = {.line = print_attribute, .function = name_function};
	const char *name;

	for (unsigned i = 0; (name = kf_view_cache_attribute(i)); i++) {
		out.arg = (void *)name;
		if (!is_trace(name))
			kf_view_cache(&out, cache, name);
	}
}

/* Caches whose names begin as the one that was asked for, as far as any does. */
struct near {
	const char *name;
	size_t best, length;
	char list[256];
};

static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

static void find_best(struct kf_cache *cache, void *arg)
{
	struct near *near = arg;
	size_t n = common(near->name, kf_cache_name(cache));

	near->best = n > near->best ? n : near->best;
}

static void add_near(struct kf_cache *cache, void *arg)
{
	struct near *near = arg;
	const char *name = kf_cache_name(cache);

	if (common(near->name, name) < near->best ||
	    near->length + strlen(name) + 3 > sizeof(near->list))
		return;
	near->length +=
		(size_t)sprintf(near->list + near->length, "%s%s", near->length ? ", " : "", name);
}

static int complain_cache(const char *name)
{
	struct near near = {.name = name};

	kf_view_caches(find_best, &near);
	if (near.best)
		kf_view_caches(add_near, &near);
	return cli_complain("there is no cache \"%s\"; %s%s", name,
			    near.length ? "near it: " : "`kfail inspect slab` lists them",
			    near.list);
}

static int complain_attribute(const char *cache, const char *attribute)
{
	char list[1024] = "";
	const char *name;

	for (unsigned i = 0; (name = kf_view_cache_attribute(i)); i++)
		sprintf(list + strlen(list), "%s%s", i ? ", " : "", name);
	return cli_complain("cache %s has no attribute \"%s\": it is one of %s", cache, attribute,
			    list);
}

/* "CACHE" or "CACHE/ATTRIBUTE"; a name with a slash in it is a cache's if there is one. */
static int print_slab(const char *what)
{
	const char *slash = strrchr(what, '/');
	struct kf_cache *cache = kf_view_find_cache(what);
	char name[NAME_BYTES];

	if (cache) {
		print_attributes(cache);
		return STATUS_CLEAN;
	}
	if (!slash)
		return complain_cache(what);
	snprintf(name, sizeof(name), "%.*s", (int)(slash - what), what);
	cache = kf_view_find_cache(name);
	if (!cache)
		return complain_cache(name);
	return kf_view_cache(&to_stdout, cache, slash + 1) ? STATUS_CLEAN
							   : complain_attribute(name, slash + 1);
}

static int print_view(const char *name)
{
	if (!strcmp(name, "slab")) {
		kf_view_caches(print_cache_name, NULL);
		return STATUS_CLEAN;
	}
	if (is_slab(name))
		return print_slab(name + strlen("slab/"));
	find_view(name)->show(&to_stdout);
	return STATUS_CLEAN;
}

/* ---- native mode ------------------------------------------------------------------------------------------- */

static uint32_t save_native_stack(const struct kf_object *object)
{
	return native->caller().stack;
}

/* False: it died, and the world is not fit to be shown. *status: of the command. */
static bool run_native(const struct cli *cli, int *status)
{
	const char *file = cli->files[1];
	struct death death = {0};
	int64_t result, unused;

	*status = STATUS_NOT_JUDGED;
	native->restore();
	kf_hooks.allocated = kf_hooks.freed = save_native_stack;
	kf_hooks.describe = describe;
	if (!native->call(TARGET_INIT, &result, &death, cli->timeout_ms)) {
		cli_complain("%s: its init died: %s", file, death.what);
		return false;
	}
	if (result < 0) {
		cli_complain("%s: its init failed with %ld (%s): shown is what it left", file,
			     (long)result, strerror((int)-result));
		return true;
	}
	if ((cli->after_exit && !native->call(TARGET_EXIT, &unused, &death, cli->timeout_ms)) ||
	    !native->call(TARGET_SETTLE, &unused, &death, cli->timeout_ms)) {
		cli_complain("%s: it died after its init: %s", file, death.what);
		return false;
	}
	*status = STATUS_CLEAN;
	return true;
}

static int inspect_native(const struct cli *cli)
{
	struct cli driver = *cli;
	struct target *target;
	char err[KF_ERR] = "";
	int status, shown;

	if (is_path(cli->files[0]))
		return cli_complain("%s: in native mode there is no kernel whose files could be "
				    "read; `kfail inspect` lists the views",
				    cli->files[0]);
	if (cli->file_count == 1) {
		kf_settings_next(&cli->settings);
		if (native_start(err))
			return cli_complain("%s", err), STATUS_FAILED;
		return print_view(cli->files[0]);
	}
	driver.files++;
	driver.file_count--;
	status = cli_prepare(&driver, &target);
	if (status)
		return status;
	native = target;
	if (!run_native(cli, &status))
		return status;
	shown = print_view(cli->files[0]);
	return shown ? shown : status;
}

/* ---- kernel mode ------------------------------------------------------------------------------------------- */

static void print_bytes(const char *bytes, size_t size, void *arg)
{
	fwrite(bytes, 1, size, stdout);
}

static int print_path(const char *path)
{
	char err[KF_ERR] = "";
	int error = look_read(path, print_bytes, NULL, err);

	if (err[0])
		return cli_complain("%s", err), STATUS_NOT_JUDGED;
	if (error)
		return cli_complain("%s: %s (in the world of the kernel)", path, strerror(-error));
	return STATUS_CLEAN;
}

/* What happened to the module, if it is not what was asked for. */
static int tell(const struct cli *cli, const struct look_result *result)
{
	const char *file = cli->file_count > 1 ? cli->files[cli->file_count - 1] : "";

	if (result->died)
		return cli_complain("%s: %s", file, result->what), STATUS_NOT_JUDGED;
	if (result->what[0])
		cli_complain("%s: %s; `kfail sweep` says more", file, result->what);
	if (!result->init)
		return STATUS_CLEAN;
	return cli_complain("%s: its init failed with %ld (%s): shown is what it left", file,
			    (long)result->init, strerror((int)-result->init)),
	       STATUS_NOT_JUDGED;
}

static int inspect_kernel(const struct cli *cli, const char *version)
{
	const struct world_options options = {
		.kernel = version,
		.modules = cli->files + 1,
		.module_count = cli->file_count - 1,
		.params = cli->params,
		.param_count = cli->param_count,
		.settings = &cli->settings,
		.verbose = cli->verbose,
	};
	struct look_result result;
	char err[KF_ERR] = "";
	int status, shown;

	if (look_prepare(&options, cli->after_exit, cli->timeout_ms, &result, err))
		return cli_complain("%s", err);
	status = tell(cli, &result);
	if (result.died)
		return status;
	kf_hooks.describe = describe;
	shown = is_path(cli->files[0]) ? print_path(cli->files[0]) : print_view(cli->files[0]);
	return shown ? shown : status;
}

/* Without a module: the kernel that was named, or the newest. */
static int inspect_booted(const struct cli *cli)
{
	struct kernel_paths paths;
	char err[KF_ERR] = "";
	int status;

	if (cli->kernel)
		return inspect_kernel(cli, cli->kernel);
	if (cli_find_kernel(NULL, &paths, err))
		return cli_complain("%s", err);
	status = inspect_kernel(cli, paths.version);
	kernel_paths_clear(&paths);
	return status;
}

/* ---- the command ------------------------------------------------------------------------------------------- */

static int check_words(const struct cli *cli)
{
	bool driver = cli->file_count > 1 && cli_is_native(cli->files[cli->file_count - 1]);

	for (unsigned i = 1; i < cli->file_count; i++)
		if (access(cli->files[i], R_OK))
			return cli_complain("%s: %s", cli->files[i], strerror(errno));
	if (cli->native && cli->kernel)
		return cli_complain("--native is a world without a kernel, and --kernel names one");
	if (cli->native && cli->file_count > 1 && !driver)
		return cli_complain("%s: --native takes a driver's source, not a module",
				    cli->files[cli->file_count - 1]);
	if (cli->file_count == 1 && cli->after_exit)
		return cli_complain("--after=exit wants a module");
	if (cli->file_count == 1 && cli->param_count)
		return cli_complain("parameters want a module");
	return 0;
}

int cli_inspect(const struct cli *cli)
{
	int status;

	if (!cli->file_count)
		return list_views();
	status = check_view(cli->files[0]);
	if (!status)
		status = check_words(cli);
	if (status)
		return status;
	if (cli->native || (cli->file_count > 1 && cli_is_native(cli->files[cli->file_count - 1])))
		return inspect_native(cli);
	return cli->file_count > 1 ? inspect_kernel(cli, cli->kernel) : inspect_booted(cli);
}
