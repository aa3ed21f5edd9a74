/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where user space ends (struct target's by_chance).
 */
#ifndef KFAIL_WORLD_USERSPACE_H
#define KFAIL_WORLD_USERSPACE_H

#include <stdint.h>

/* When all modules are loaded, before the first snapshot, once: user pointers are good below `end` only. 0, or -1 (err, KF_ERR
 * bytes): this kernel keeps that in another way than those that are known. */
int world_set_user_end(uint64_t end, char *err);

#endif
