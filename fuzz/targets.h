/* SPDX-License-Identifier: GPL-2.0-only */
/* The targets that there are; each is defined in the folder of its name. */
#ifndef KFAIL_FUZZ_TARGETS_H
#define KFAIL_FUZZ_TARGETS_H

#include "engine/target.h"

extern const struct fuzz_target nothing_target;

#endif
