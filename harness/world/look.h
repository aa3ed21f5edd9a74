/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A world to look at: a kernel, booted, with modules loaded by its own loader, without a sweep (look.c).
 */
#ifndef KFAIL_WORLD_LOOK_H
#define KFAIL_WORLD_LOOK_H

#include "world.h"

/* How the last module fared. */
struct look_result {
	int64_t init;	   /* what load_module() returned: 0, or a negative errno */
	bool died, exited; /* exited: it was unloaded again */
	char what
		[256]; /* died: how; bug: the first thing that the allocators found wrong, else "" */
};

/*
 * Make this process a world of options->kernel (NULL: of the last module, or the newest at hand when there are none)
 * and load the modules; with `unload` the last one is unloaded again. `options->module_count` may be 0. Every allocation
 * from then on has a stack. 0, or -1 (err): wrong input or a missing piece. Once per process.
 */
int look_prepare(const struct world_options *options, bool unload, unsigned timeout_ms,
		 struct look_result *result, char *err);

/*
 * Read a path of the world's file system, a file's bytes or a directory's names (those of directories end in a slash), through
 * the kernel. The files that show memory show the moment before the call. 0, or a negative errno; -1 with err when the
 * kernel died of it.
 */
int look_read(const char *path, void (*out)(const char *bytes, size_t size, void *arg), void *arg,
	      char *err);

#endif
