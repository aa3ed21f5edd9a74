/* SPDX-License-Identifier: GPL-2.0-only */
/* Reference counts with a part for each CPU until they are killed. */
#ifndef KFAIL_LINUX_PERCPU_REFCOUNT_H
#define KFAIL_LINUX_PERCPU_REFCOUNT_H

#include "percpu.h"
#include "atomic.h"

struct percpu_ref;
typedef void(percpu_ref_func_t)(struct percpu_ref *);

enum {
	PERCPU_REF_INIT_ATOMIC = 1 << 0,
	PERCPU_REF_INIT_DEAD = 1 << 1,
	PERCPU_REF_ALLOW_REINIT = 1 << 2,
};

struct percpu_ref {
	unsigned long percpu_count_ptr;
	struct percpu_ref_data *data;
};

int __must_check percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release,
				 unsigned int flags, gfp_t gfp);
void percpu_ref_exit(struct percpu_ref *ref);
void percpu_ref_kill(struct percpu_ref *ref);
void percpu_ref_kill_and_confirm(struct percpu_ref *ref, percpu_ref_func_t *confirm_kill);
void percpu_ref_reinit(struct percpu_ref *ref);
void percpu_ref_get_many(struct percpu_ref *ref, unsigned long nr);
void percpu_ref_put_many(struct percpu_ref *ref, unsigned long nr);
bool percpu_ref_tryget(struct percpu_ref *ref);
bool percpu_ref_tryget_live(struct percpu_ref *ref);
bool percpu_ref_is_dying(struct percpu_ref *ref);
bool percpu_ref_is_zero(struct percpu_ref *ref);
#define percpu_ref_get(ref) percpu_ref_get_many(ref, 1)
#define percpu_ref_put(ref) percpu_ref_put_many(ref, 1)

#endif
