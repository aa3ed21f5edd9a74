/* SPDX-License-Identifier: GPL-2.0-only */
/* The target `allocator`: programs of allocator calls, against a reference model. */
#ifndef KFAIL_FUZZ_ALLOCATOR_H
#define KFAIL_FUZZ_ALLOCATOR_H

#include "../engine/target.h"

extern const struct fuzz_target allocator_target;

#endif
