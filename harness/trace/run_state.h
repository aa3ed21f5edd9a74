/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host memory whose content belongs to the run that goes on: counters, flags, what was seen so far. Variables that are
 * marked with RUN_STATE lie together in one section, so that a checkpoint (sweep/checkpoint.h) saves all rooms' state
 * with one copy and puts it back with another; no room has to be asked.
 *
 *	static RUN_STATE struct { uint32_t points, refused; } inject;
 *
 * What must not be marked: a pointer to memory that a run may free or move (the run that is gone has moved it), and
 * tables that only grow (the depot of stacks, names): they stay true.
 */
#ifndef KFAIL_TRACE_RUN_STATE_H
#define KFAIL_TRACE_RUN_STATE_H

#define RUN_STATE __attribute__((section("kf_run_state")))

#endif
