// SPDX-License-Identifier: GPL-2.0-only
/*
 * A world to look at (look.h): boots or maps it, loads modules as insmod does, and reads files in it. There is no
 * snapshot and no judge; the allocators' hooks keep the stack of each allocation, for the views.
 */
#include "look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/hooks.h"
#include "../trace/depot.h"
#include "file.h"
#include "loaded.h"
#include "picture.h"
#include "prepare.h"

static struct {
	void (*out)(const char *bytes, size_t size, void *arg);
	void *arg;
	struct look_result *result; /* while modules are loaded */
} look;

void host_look(const char *bytes, size_t size);

void host_look(const char *bytes, size_t size)
{
	look.out(bytes, size, look.arg);
}

/* ---- hooks ------------------------------------------------------------------------------------------- */

/* The frames of the override layer stand for the kernel's own allocation functions, and for nobody who asked. */
static uint32_t save_stack(const struct kf_object *object)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n = kernel_hook_stack(pcs, DEPOT_FRAMES_MAX, NULL), first = 0;

	while (first < n && in_overlay(pcs[first]))
		first++;
	return depot_save(pcs + first, n - first);
}

static void note_bug(const struct kf_bug *bug)
{
	if (look.result && !look.result->what[0])
		snprintf(look.result->what, sizeof(look.result->what), "%s (at %p)", bug->what,
			 bug->addr);
}

static void keep_stacks(void)
{
	kf_hooks.allocated = save_stack;
	kf_hooks.freed = save_stack;
	kf_hooks.bug = note_bug;
}

/* ---- modules ----------------------------------------------------------------------------------------- */

static bool died(struct look_result *result, enum kernel_how how)
{
	if (how != KERNEL_DIED)
		return false;
	result->died = true;
	snprintf(result->what, sizeof(result->what), "%s", kernel_death()->what);
	return true;
}

static void settle(struct look_result *result)
{
	died(result, kernel_call(overlay_symbol("kf_settle"), 0, 0, 0, NULL));
}

static int unload(const struct modfile *file, struct look_result *result, char *err)
{
	const struct loaded *module = loaded_by_name(file->name);
	uint64_t value = 0;

	if (!module)
		return 0;
	if (!module->info.exit_fn && module->info.init_fn)
		return kf_fail(err, "%s: it has no exit function, so it stays loaded for ever",
			       file->path);
	if (died(result, kernel_call(overlay_symbol("kf_unload"), (uint64_t)module->info.module, 0,
				     0, &value)))
		return 0;
	if (value)
		return kf_fail(err, "%s: it cannot be unloaded: it is in use", file->path);
	result->exited = true;
	return 0;
}

static int load_last(const struct world_options *options, const struct modfile *file,
		     bool unload_again, struct look_result *result, char *err)
{
	enum kernel_how how;

	if (modfile_check_params(file, options->params, options->param_count, err))
		return -1;
	/* As a module that is judged, it waits before its init, and its code is known to stack walks from there on. */
	how = loaded_load(file, options->params, options->param_count, true, &result->init);
	if (how == KERNEL_YIELDED)
		how = kernel_continue(KF_OP_FINISH, &result->init);
	/* load_module() returns an int, and kernel_continue() all of its register. */
	result->init = (int)result->init;
	if (died(result, how))
		return 0;
	settle(result);
	if (!unload_again || result->init || result->died)
		return 0;
	return unload(file, result, err);
}

static int load_all(const struct world_options *options, bool unload_again,
		    struct look_result *result, char *err)
{
	struct modfile *files;
	int failed, count = modfile_order(&world.paths, options->modules, options->module_count,
					  &files, err);

	if (count < 0)
		return -1;
	failed = world_check_version(files, (unsigned)count, err);
	for (int i = 0; i < count - 1 && !failed; i++)
		failed = world_load_dependency(&files[i], err);
	failed = failed ?: load_last(options, &files[count - 1], unload_again, result, err);
	for (int i = 0; i < count; i++)
		modfile_close(&files[i]);
	free(files);
	return failed;
}

int look_prepare(const struct world_options *options, bool unload_again, unsigned timeout_ms,
		 struct look_result *result, char *err)
{
	struct world_boot_options boot = {.settings = options->settings,
					  .verbose = options->verbose};
	struct world_boot_report report;
	struct kernel_paths paths;
	int failed;

	*result = (struct look_result){0};
	if (world_find_kernel(options, &paths, err))
		return -1;
	failed = world_start(&paths, &boot, &report, err);
	kernel_paths_clear(&paths);
	if (failed)
		return -1;
	keep_stacks();
	look.result = result;
	kernel_set_timeout(timeout_ms);
	failed = options->module_count ? load_all(options, unload_again, result, err) : 0;
	kernel_set_timeout(0);
	look.result = NULL;
	return failed;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

int look_read(const char *path, void (*out)(const char *bytes, size_t size, void *arg), void *arg,
	      char *err)
{
	enum kernel_how how;
	uint64_t value = 0;

	look.out = out;
	look.arg = arg;
	picture_hold();
	how = kernel_call(overlay_symbol("kf_look"), (uint64_t)path, 0, 0, &value);
	picture_release();
	if (how == KERNEL_DIED)
		return kf_fail(err, "reading %s in the world: %s", path, kernel_death()->what);
	return (int)value;
}
