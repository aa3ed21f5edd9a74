/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps from options to a world with modules, which a world that is swept (world.c) and one that is looked at (look.c)
 * share. Each returns 0 or -1 (err).
 */
#ifndef KFAIL_WORLD_PREPARE_H
#define KFAIL_WORLD_PREPARE_H

#include "modfile.h"
#include "world.h"

/* The kernel of options->kernel, or the one that the last module was built for. */
int world_find_kernel(const struct world_options *options, struct kernel_paths *paths, char *err);
/* All files are built for the kernel of this world. */
int world_check_version(const struct modfile *files, unsigned count, char *err);
/* Load what the module under test needs, unless it is loaded. */
int world_load_dependency(const struct modfile *file, char *err);

/* callpoints.c: before the module under test is loaded, make room for stubs; when it is, let its stacks be walked and
 * named through them. Only when calls are points. */
void callpoints_open(void);
void callpoints_ready(void);

#endif
