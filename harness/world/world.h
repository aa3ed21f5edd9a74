/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel mode, as the command line and the sweep engine see it.
 */
#ifndef KFAIL_WORLD_WORLD_H
#define KFAIL_WORLD_WORLD_H

#include <stdbool.h>
#include "../../allocator/core/settings.h"
#include "../sweep/target.h"
#include "kernel.h"

struct world_options {
	const char *
		kernel; /* --kernel: an image file or a version; NULL: what the module was built for */
	char *const *modules; /* files; the last one is judged */
	unsigned module_count;
	char *const *params; /* "name=value" for the judged module */
	unsigned param_count;
	/* Of the allocators; NULL: the defaults. The kernel boots under all of them but the profile, whose limits
	 * begin when everything is loaded. */
	const struct kf_settings *settings;
	bool verbose;  /* the kernel's log to standard error */
	bool coverage; /* collect where instrumented modules were (trace/coverage.h) */
	bool poison;   /* boot with everything that is overridden made unusable; for the tests */
};

/*
 * Make this process a world in which everything is ready to run the judged module's init: kernel
 * booted (or its saved world mapped), dependencies loaded, the module loaded by the kernel's loader
 * up to the call of its init function. 0; or -1 (err, KF_ERR bytes): wrong input or a missing
 * piece. Once per process.
 */
int world_prepare(const struct world_options *options, struct target **out, char *err);

struct world_boot_report {
	char version[128];
	bool from_cache;
	unsigned init_functions, traps, overrides;
	double image_ms, overlay_ms, boot_ms, map_ms, save_ms;
	char file[512]; /* the saved world */
	long file_kb;	/* on disk */
};

struct world_boot_options {
	const struct kf_settings *settings; /* NULL: the defaults */
	bool verbose; /* every step that is slow or unhappy, and the kernel's log */
	bool fresh;   /* boot although a saved world is there */
	bool poison;  /* overwrite what is overridden, and its internals, with ud2; not saved */
};

/* Boot (or map) the world of a kernel, and nothing else. 0 or -1 (err). */
int world_start(const struct kernel_paths *paths, const struct world_boot_options *options,
		struct world_boot_report *report, char *err);

/* Is this a version of the series that the override layer's sources follow? */
bool world_follows(const char *version);

/* After world_start(): call fn(name) for each overridden function. */
void world_for_each_override(void (*fn)(const char *name, void *arg), void *arg);

#endif
