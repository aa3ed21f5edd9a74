/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stack depot: stacks as raw program counters, stored once each, named by a 32-bit handle. Host
 * memory, append-only, never restored: handles stay valid as long as the process. Follows the idea of
 * lib/stackdepot.c of 6.1. Handle 0 is "no stack".
 */
#ifndef KFAIL_TRACE_DEPOT_H
#define KFAIL_TRACE_DEPOT_H

#include <stdint.h>

#define DEPOT_FRAMES_MAX 48

/* Store pcs[0..n), innermost first, at most DEPOT_FRAMES_MAX of them. Returns the handle, the same for the
 * same stack; 0 for n == 0 or when the depot is full (then a warning is printed once). Must not be
 * called from two threads at once. */
uint32_t depot_save(const uint64_t *pcs, unsigned n);

/* The handle of a stack that was saved already; 0: it was not. From any thread, while another one saves. */
uint32_t depot_find(const uint64_t *pcs, unsigned n);

/* The frames of a handle; returns their number and points *pcs at them (valid forever). */
unsigned depot_get(uint32_t handle, const uint64_t **pcs);

/* How many stacks were not recorded, because the depot was full. */
uint64_t depot_lost(void);
/* Bytes in use; and an upper bound for them (0: as much as there is, 1 GiB). */
uint64_t depot_bytes(void);
void depot_set_limit(uint64_t bytes);

#endif
