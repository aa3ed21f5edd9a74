/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the override layer exports to modules: exports.def.
 */
#ifndef KFAIL_WORLD_EXPORTS_H
#define KFAIL_WORLD_EXPORTS_H

#include <stdbool.h>

/* Does the layer export this name? Needs no world. */
bool exports_has(const char *name);
/* Call fn for each name, in the order of exports.def. */
void exports_for_each(void (*fn)(const char *name, void *arg), void *arg);
/* The first exported name that the layer that was linked does not define; NULL: it defines all. */
const char *exports_missing(void);

#endif
