/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the target share: the module under test, and where it stands (world.c, operate.c).
 */
#ifndef KFAIL_WORLD_JUDGED_H
#define KFAIL_WORLD_JUDGED_H

#include "loaded.h"

struct judged {
	const struct loaded *module; /* under test */
	uint64_t agent_frame;	     /* of the snapshot */
	uint64_t running; /* the module's function that the operation calls; 0: none is running */
	bool snapshot_taken;
	bool gone;	/* init has failed, or exit is over */
	bool has_stubs; /* calls are points */
	enum target_kunit kunit;
	struct target target;
	/* Of the override layer; asked after every operation. */
	struct {
		uint64_t task;
	} fn;
};

extern struct judged judged;

/* Is the address in the module under test? */
bool world_in_judged(uint64_t pc);
/* The module's data as the loader made them; struct module itself belongs to the loader and stays. */
void world_reload_module(void);

/* locks.c: from now on the locks of this module are watched: once, before the snapshot. */
void world_locks_watch(const struct kf_module_info *info);

/* dangling.c: target.dangling. */
void world_dangling(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
		    void *arg);

/* operate.c: target.call and target.syscall. */
bool world_operate(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms);
bool world_syscall(struct target_syscall *call, int64_t *result, struct death *death,
		   unsigned timeout_ms);

#endif
