/* SPDX-License-Identifier: GPL-2.0-only */
/* The target `canary` (canary.c). */
#ifndef KFAIL_FUZZ_CANARY_H
#define KFAIL_FUZZ_CANARY_H

#include "../engine/target.h"

extern const struct fuzz_target canary_target;

#endif
