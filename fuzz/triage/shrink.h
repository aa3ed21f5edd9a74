/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inputs with the same coverage, and smaller.
 */
#ifndef KFAIL_FUZZ_SHRINK_H
#define KFAIL_FUZZ_SHRINK_H

#include "../engine/engine.h"

/* Does this program count coverage? Only one that AFL++'s compiler made does. */
bool shrink_can(void);

/*
 * Write each file into a folder, as bytes: the smallest input that reaches every edge that it
 * reaches and is clean. One that is not clean, or dies, is left out. `told` is called for each with
 * its sizes in bytes, the new one 0 when it was left out. 0, or -1 with a sentence in err (FUZZ_ERR
 * bytes).
 */
int shrink_files(const struct fuzz_target *target, char *const *files, unsigned count,
		 const char *folder, void (*told)(const char *file, size_t before, size_t after),
		 char *err);

#endif
