/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel with its debug options would have printed: the same lines in the same order, for parsers and eyes that know
 * them. kfail's own sentence stands above it.
 */
#ifndef KFAIL_JUDGE_SPLAT_H
#define KFAIL_JUDGE_SPLAT_H

struct evidence;
struct finding;

enum splat {
	SPLAT_NONE,
	SPLAT_SLEEP,	   /* BUG: sleeping function called from invalid context */
	SPLAT_SCHEDULE,	   /* BUG: scheduling while atomic */
	SPLAT_NOT_RUNNING, /* do not call blocking ops when !TASK_RUNNING */
	SPLAT_UNLOCK,	   /* WARNING: bad unlock balance detected! */
	SPLAT_AT_END,	   /* WARNING: still has locks held! */
	SPLAT_RECURSIVE,   /* WARNING: possible recursive locking detected */
	SPLAT_FREED,	   /* WARNING: held lock freed! */
	SPLAT_ORDER,	   /* WARNING: possible circular locking dependency detected, and its kin */
};

/* Fill f->kernel_report from evidence whose splat is set, and the stacks that f has already. Not for hooks. */
void splat_fill(struct finding *f, const struct evidence *e);

/* sleep_sites.c: "kernel/locking/mutex.c:283", or NULL: not known. */
const char *sleep_site(const char *function);

#endif
