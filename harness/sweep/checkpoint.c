// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a run consists of at a point in its midst, and where a checkpoint keeps it:
 *
 *	world memory               a second layer over the snapshot (../snapshot/layer.c)
 *	second mappings            a second mark in their log (allocator/core/mapping_log.c)
 *	counters, flags            the section of RUN_STATE variables (trace/run_state.h), copied
 *	journal and evidence       cut back, and undone (judge/checkpoint.c)
 *	countdowns, counts         copied (inject_checkpoint())
 *	host stacks                the part that is in use, copied:
 *
 *	course stack:  top | run_schedule() | operate() | target's call |      left at target_stacks.host
 *	hook stack:    top | thunk | allocator | judge's hook | pass's question | here
 *
 * The driver's own stack is world memory. Registers are the caller's business. What grows and stays true (the depot of stacks,
 * names of symbols, promoted frames, the host's heap) is left as it is.
 *
 * Nothing here allocates once the copies are large enough, and nothing is a system call.
 */
#include "checkpoint.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../inject/inject.h"
#include "../program/program.h"
#include "../trace/util.h"
#include "../snapshot/snapshot.h"

#define KEEP_MAX 8
#define RED_ZONE 128 /* bytes below the stack pointer that a function may use */

extern char __start_kf_run_state[], __stop_kf_run_state[];

/* A range of host memory and its copy. */
struct saved {
	char *start;
	size_t size, room;
	char *copy;
};

static struct {
	struct saved state, course, hook;
	struct saved kept[KEEP_MAX];
	unsigned kept_count;
} checkpoint;

static void save(struct saved *s, void *start, size_t size)
{
	if (size > s->room) {
		s->room = size * 2;
		s->copy = xrealloc(s->copy, s->room);
	}
	s->start = start;
	s->size = size;
	memcpy(s->copy, start, size);
}

static void put_back(const struct saved *s)
{
	memcpy(s->start, s->copy, s->size);
}

static void save_stack(struct saved *s, uint64_t from, uint64_t top)
{
	save(s, (void *)from, top - from);
}

/*
 * How far down the course's stack is in use: it was left for a scenario's program (whose stack is in the snapshot, and was
 * left for the world's in turn), or for the world's; or it is the one that this runs on.
 */
static uint64_t course_bottom(const struct target_stacks *at, uint64_t here)
{
	uint64_t program = program_host_stack();

	if (program)
		return program;
	return at->host ? at->host : here;
}

/* The stack that this runs on is one of the two, or in the snapshot. */
static void save_stacks(const struct target *target, uint64_t course_top)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0) - RED_ZONE;
	struct target_stacks at;

	target->stacks(&at);
	checkpoint.hook.size = 0;
	save_stack(&checkpoint.course, course_bottom(&at, here), course_top);
	if (here - at.hook_low < at.hook_high - at.hook_low)
		save_stack(&checkpoint.hook, here, at.hook_high);
}

void checkpoint_keep(void *start, size_t size)
{
	if (checkpoint.kept_count == KEEP_MAX) {
		fprintf(stderr, "kfail: more than %d ranges to keep for a checkpoint\n", KEEP_MAX);
		_exit(4);
	}
	checkpoint.kept[checkpoint.kept_count++] = (struct saved){.start = start, .size = size};
}

static void save_state(void)
{
	judge_checkpoint();
	inject_checkpoint();
	for (unsigned i = 0; i < checkpoint.kept_count; i++)
		save(&checkpoint.kept[i], checkpoint.kept[i].start, checkpoint.kept[i].size);
	save(&checkpoint.state, __start_kf_run_state,
	     (size_t)(__stop_kf_run_state - __start_kf_run_state));
}

void checkpoint_take(const struct target *target, uint64_t course_top)
{
	save_state();
	save_stacks(target, course_top);
	kf_mapping_mark_inner();
	snapshot_mark();
}

void checkpoint_try(void)
{
	save_state();
	checkpoint.course.size = checkpoint.hook.size = 0;
	kf_mapping_mark_inner();
	snapshot_mark();
	checkpoint_return();
}

void checkpoint_return(void)
{
	kf_mapping_rollback_inner();
	snapshot_return();
	judge_return();
	inject_return();
	put_back(&checkpoint.state);
	for (unsigned i = 0; i < checkpoint.kept_count; i++)
		put_back(&checkpoint.kept[i]);
	put_back(&checkpoint.course);
	put_back(&checkpoint.hook);
}

bool checkpoint_valid(void)
{
	return judge_can_return();
}
