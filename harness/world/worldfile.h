/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The booted world as a file (worldfile.c).
 */
#ifndef KFAIL_WORLD_WORLDFILE_H
#define KFAIL_WORLD_WORLDFILE_H

#include "world_internal.h"

#define WORLD_REGIONS_MAX 8

/* A range of world memory, and how the host maps it. */
struct world_region {
	uint64_t start, size;
	int prot;
};

/* All of them, without second mappings; returns their number. */
unsigned world_regions(struct world_region *out);

/* Save this process's world. 0 or -1 (err). */
int worldfile_save(const char *path, char *err);

/* Map a saved world into this process, which must not have one. 0; 1 when there is no such file, or
 * it is not a world; -1 (err).
 */
int worldfile_load(const char *path, char *err);

#endif
