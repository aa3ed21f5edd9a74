/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who still points to an object? The shortest way to it from a root, in one line (reach.c).
 */
#ifndef KFAIL_KMEMLEAK_REACH_H
#define KFAIL_KMEMLEAK_REACH_H

#include <stddef.h>

/*
 * "foo.ko:dev+0x10 -> kmalloc-96 object 0x7f001240 +0x18 -> this", malloc()ed; at most 12 steps. Only unreferenced objects
 * point to it: the way begins at the nearest of them, which is named so. NULL: nobody points to it, or that cannot be told
 * (kml_unable()). In the midst of a run or at its end, while the world is at rest. The first call looks through all
 * memory; what it found serves the next ones until reach_forget().
 */
char *reach_text(const void *addr, size_t size);

/* The world has changed, or is about to. */
void reach_forget(void);

#endif
