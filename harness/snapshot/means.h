/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * By what means a restore finds the pages that a run has written, on this host.
 */
#ifndef KFAIL_SWEEP_MEANS_H
#define KFAIL_SWEEP_MEANS_H

#include <stddef.h>

/* One line for `kfail doctor`: what is used, what else this host has, and why that is not used. Returns `text`. */
const char *means_describe(char *text, size_t size);

#endif
