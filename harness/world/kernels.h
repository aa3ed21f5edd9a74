/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between kernels.c (finding) and fetch.c (getting): places and names.
 */
#ifndef KFAIL_WORLD_KERNELS_H
#define KFAIL_WORLD_KERNELS_H

#include "file.h"
#include "kernel.h"

/* Put before the paths of the installed system; "" except in tests. */
extern const char *kernel_system_root;

/* Can it be a version at all? It becomes a part of file and package names. */
bool kernel_version_valid(const char *version);
/* mkdir -p; 0 or -1 (errno). */
int make_directories(const char *path);
/* Is there an unpacked kernel of this version below `root`? Fills what there is. false: no readable
 * image. */
bool kernel_look_in(const char *root, const char *version, struct kernel_paths *out);

/* Make a root that packages were unpacked into work where it is (settle.c). 0 or -1 (err). */
int kernel_settle(const char *root, const char *version, char *err);

#endif
