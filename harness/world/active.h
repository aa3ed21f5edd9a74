/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is freed while the kernel still knows of something inside it: target.active of kernel mode.
 */
#ifndef KFAIL_WORLD_ACTIVE_H
#define KFAIL_WORLD_ACTIVE_H

#include "../judge/judge.h"

/* As in struct judge_eyes. `addr`, `size`: a live object. Reads memory of the world, changes nothing. */
bool world_active_inside(uint64_t addr, uint64_t size, struct active_inside *out);
/* The function of the first pending RCU callback inside [low, high); 0: there is none. */
uint64_t world_pending_callback(uint64_t low, uint64_t high);
/* From now on the override layer can be asked. */
void active_world_ready(void);

#endif
